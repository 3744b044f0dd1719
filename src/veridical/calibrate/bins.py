"""States of files for which a table is fitted apart, by kind of file: a bin that has too few files falls to "any"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..evidence.calibration import Ends, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A state of files: which numbers of the quality vector lie where, ends included; None: not there at all."""

    name: str
    words: str
    when: Mapping[str, Ends | None] = field(default_factory=dict)

    def holds(self, quality: Mapping[str, float]) -> bool:
        """Return whether a file of this quality is in the bin."""
        return within(quality, self.when)


ANY = Bin(name="any", words="files of any quality in the calibration set")
BINS: Mapping[str, tuple[Bin, ...]] = {
    "image": (
        Bin(name="JPEG below 80", words="JPEG files of quality below 80", when={"jpeg_quality": (None, 79.5)}),
        Bin(name="JPEG 80 to 92", words="JPEG files of quality 80 to 92", when={"jpeg_quality": (79.5, 92.5)}),
        Bin(name="JPEG above 92", words="JPEG files of quality above 92", when={"jpeg_quality": (92.5, None)}),
        Bin(name="not JPEG", words="pictures that are not JPEG", when={"jpeg_quality": None}),
    ),
    "video": (
        Bin(name="below 480 lines", words="clips of less than 480 lines", when={"short_side_px": (None, 479.5)}),
        Bin(name="480 lines or more", words="clips of 480 lines or more", when={"short_side_px": (479.5, None)}),
    ),
    "audio": (
        Bin(name="narrow band", words="recordings whose sound ends below 5 kHz", when={"bandwidth_hz": (None, 5000.0)}),
        Bin(name="wide band", words="recordings whose sound goes beyond 5 kHz", when={"bandwidth_hz": (5000.0, None)}),
    ),
}  # fmt: skip
