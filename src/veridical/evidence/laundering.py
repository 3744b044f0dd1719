"""What a file went through that hides what would speak for either proposition: traces of it, in words.

A trace says nothing for or against a forgery: what is shared is recompressed and resized. It lowers what may be claimed
(``Scale.laundered``), because tables are fitted on files whose history is less rough than that of a file that was passed on
several times. Only what has a measured sign is named. Filming a screen has none here: moiré and the grid of a screen are seen
in close-ups alone, and fabric or blinds look the same. Nor is a second lossy codec of sound told from the first, and a lossy
codec in a file without loss only if it cut the band off: Opus at 16 kbit/s keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..finding import Finding, Scalar
from ..knowledge.software import TRANSCODERS
from ..media.container import Container
from ..media.metadata import Metadata

Name = Literal["recompressed", "converted", "cropped", "resized", "network", "messenger", "transcoded", "sound cut"]
RESAMPLING = "spatial.resampling"
RESIZED_LN = 2.5
"""Rhythm of the whole picture, ln, from which it is called resized.

Parts of 768 pixels of 16 photographs of six cameras, left as they are or saved as JPEG of quality 75 or 90, have 0.9 at most.
Scaled by 0.63 to 1.5, nine in ten have more than 2.5 before they are saved again, and few afterwards. Saving as WebP makes such
rhythms too, in seven of them.
"""
SHARED_SIDES = frozenset({960, 1080, 1280, 1600, 2048})
"""Long sides to which messengers and networks are known to scale pictures; they change, so it is only a likeness."""
SHARED_QUALITY = 90
_OWN_GRID = frozenset({"jpeg", "png", "tiff", "gif"})
"""Formats whose blocks are none, or known to ``spatial.resampling``: those of WebP make rhythms as resizing does."""
_FACEBOOK = "FBMD"
_LOSSLESS = ("pcm_", "flac", "alac", "wavpack", "ape", "tta")
_CUT = 0.8
_LOWEST_RATE = 16000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One trace of what a file went through: its name, and the same in words."""

    name: Name
    says: str


def traces(
    quality: Mapping[str, Scalar], *, metadata: Metadata | None = None, container: Container | None = None,
    findings: Sequence[Finding] = (),
) -> tuple[Trace, ...]:  # fmt: skip
    """Find the traces of laundering in what is known of a file.

    Parameters
    ----------
    quality
        The quality vector as the report shows it (``Quality.plain``).
    metadata, container
        What the file says of itself and how it is built; None where that is not known.
    findings
        What was measured; the traces of resizing are read from ``spatial.resampling``.
    """
    found = [*_saved(quality), *_resized(quality, findings), *_software(container)]
    if metadata is not None:
        found += _shared(quality, metadata)
    return (*found, *_sound(quality))


def said(found: Iterable[Trace]) -> str:
    """Return all traces in words, for a conclusion; empty if there are none."""
    return "; ".join(dict.fromkeys(one.says for one in found))


def _saved(quality: Mapping[str, Scalar]) -> Iterator[Trace]:
    saves, shifted = quality.get("jpeg_saves"), quality.get("jpeg_grid_shifted") is True
    if not isinstance(saves, int):
        return
    if quality.get("jpeg_quality") is None:
        if saves:
            yield Trace(name="converted", says=f"saved as JPEG before it became a {quality.get('codec')} file")
            if shifted:
                yield Trace(name="cropped", says="cropped after it was saved as JPEG")
    elif shifted:
        yield Trace(name="cropped", says="cropped between two saves as JPEG")
    elif saves > 1:
        yield Trace(name="recompressed", says="saved as JPEG at least twice")


def _resized(quality: Mapping[str, Scalar], findings: Sequence[Finding]) -> Iterator[Trace]:
    if quality.get("codec") not in _OWN_GRID:
        return
    for one in findings:
        if one.id != RESAMPLING or one.measurement is None:
            continue
        strength, factor = (one.measurement.facts.get(key) for key in ("whole picture, ln", "whole picture"))
        if isinstance(strength, float) and strength >= RESIZED_LN:
            says = f"resized as a whole, or taken from another lossy format than JPEG (possible factors: {factor})"
            yield Trace(name="resized", says=says)


def _shared(quality: Mapping[str, Scalar], metadata: Metadata) -> Iterator[Trace]:
    if quality.get("kind") != "image":
        return
    if any(_FACEBOOK in text for text in metadata.iptc.values()):
        yield Trace(
            name="network", says=f"marked by a social network when it was uploaded ({_FACEBOOK} in its IPTC data)"
        )
        return
    sides = [side for side in (quality.get("width"), quality.get("height")) if isinstance(side, int)]
    level = quality.get("jpeg_quality")
    if metadata.empty and isinstance(level, int) and level <= SHARED_QUALITY and max(sides, default=0) in SHARED_SIDES:
        yield Trace(
            name="messenger",
            says=f"brought to a long side of {max(sides)} pixels and JPEG quality {level} without any metadata, like what "
            "messengers and networks pass on",
        )  # fmt: skip


def _software(container: Container | None) -> Iterator[Trace]:
    named = [text for text in container.encoders.values() if TRANSCODERS.search(text)] if container else []
    if named:
        yield Trace(name="transcoded", says=f"encoded again by software, not by a camera or recorder ({named[0]})")


def _sound(quality: Mapping[str, Scalar]) -> Iterator[Trace]:
    """Find sound that ends far below what its file, which loses nothing, could hold."""
    codec, rate, end = (quality.get(name) for name in ("sound_codec", "sample_rate_hz", "bandwidth_hz"))
    if not isinstance(codec, str) or not isinstance(rate, int) or not isinstance(end, int | float):
        return
    if rate > _LOWEST_RATE and codec.startswith(_LOSSLESS) and end < _CUT * rate / 2:
        yield Trace(
            name="sound cut",
            says=f"sound that ends at {end / 1000:.1f} of {rate / 2000:.1f} kHz, as a lossy codec, a telephone or a "
            "lower sampling rate leaves it",
        )  # fmt: skip
