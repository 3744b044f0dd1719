"""The pictures of a video: what the container claims, and frames that are decoded lazily, from the start, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .decoder import Decoder


@dataclass(frozen=True)
class Frame:
    """One decoded frame.

    Parameters
    ----------
    index
        Position in decoding-for-display order, from 0.
    time_s
        Presentation time in seconds from the first frame: the file's own, never index / fps.
    key
        True for a key frame.
    kind
        "I", "P", "B" or "?".
    pixels
        shape (height, width, 3), uint8, RGB, as stored.
    rotation
        Degrees by which a player turns the picture, counter-clockwise: 0, 90, 180 or 270.
    """

    index: int
    time_s: float
    key: bool
    kind: str
    pixels: np.ndarray
    rotation: int

    @cached_property
    def display(self) -> np.ndarray:
        """The picture as a player shows it."""
        return np.ascontiguousarray(np.rot90(self.pixels, self.rotation // 90)) if self.rotation else self.pixels


@dataclass(frozen=True)
class Video:
    """The first picture stream of a video file, as the container describes it.

    ``claimed_*`` come from the header and may be wrong; the frames tell the truth.
    """

    width: int
    height: int
    codec: str
    pixel_format: str
    rotation: int
    claimed_fps: float
    claimed_duration_s: float
    claimed_frames: int
    bit_rate: int
    _decoder: Decoder
    passes: list[str] = field(default_factory=list)

    def frames(self, *, why: str = "examination") -> Iterator[Frame]:
        """Decode from the start; each call is one more pass, noted in ``passes``.

        Raises
        ------
        DamagedMedia
            If no frame can be decoded, or the stream breaks off before its end.
        """
        self.passes.append(why)
        for message in self._decoder.stream("video"):
            head = message.head
            yield Frame(
                index=head["index"], time_s=head["time_s"], key=head["key"], kind=head["kind"],
                pixels=message.arrays["pixels"], rotation=self.rotation,
            )  # fmt: skip


def read_video(decoder: Decoder) -> Video:
    """Read what the container claims of its first picture stream; raises MediaError."""
    head = decoder.ask("video", describe=True).head
    return Video(
        width=head["width"], height=head["height"], codec=head["codec"], pixel_format=head["pixel_format"],
        rotation=head["rotation"], claimed_fps=head["fps"], claimed_duration_s=head["duration_s"],
        claimed_frames=head["frames"], bit_rate=head["bit_rate"], _decoder=decoder,
    )  # fmt: skip
