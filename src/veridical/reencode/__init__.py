"""Ways to encode an exhibit again: what benchmarks launder labelled files by, and what stability certificates try.

Every step reads what the decoder process gave and writes one new file without metadata; the same exhibit gives the same
bits. ``STEPS`` are the steps that chains of benchmarks are made of, ``benign`` those that change no meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import audio, images, video
from ._step import Step

STEPS: Mapping[str, Mapping[str, Step]] = {"image": images.STEPS, "audio": audio.STEPS, "video": video.STEPS}
"""By kind of file and name."""

__all__ = ["STEPS", "Step"]
