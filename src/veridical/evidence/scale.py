"""The verbal scale: which words go with which likelihood ratio. A data file that cites its edition; a setting names another.

Scales disagree, so the whole scale and its edition are printed with every conclusion. A ratio on the border of two bands takes
the weaker words. For the second proposition the reciprocal ratio takes the same words.

References
----------
Willis and others, ENFSI Guideline for Evaluative Reporting in Forensic Science, 2015.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DeclarationError, UsageError
from ..settings import text

FILE = Path(__file__).parent / "scales/enfsi_2015.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One band: its words hold above the LR ``low``, up to and with ``high`` (None for no upper end)."""

    low: float
    high: float | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A verbal scale.

    Parameters
    ----------
    edition
        What it is taken from.
    steps
        Its bands from LR 1 upwards; the first one says that there is no support either way.
    alone
        Largest LR that one family of findings may claim by itself.
    laundered
        Largest LR that may be claimed for a file that was laundered.
    """

    edition: str
    steps: tuple[Step, ...]
    alone: float
    laundered: float

    @property
    def least(self) -> float:
        """The log10 LR up to which there is no support either way."""
        return math.log10(self.steps[0].high or math.inf)

    def band(self, log10_lr: float) -> Step:
        """Return the band of a log10 LR, for either side."""
        size = abs(log10_lr) - 1e-9  # what a border capped is within it, however it is rounded
        return next(one for one in self.steps if one.high is None or size <= math.log10(one.high))


def load(path: Path | None = None) -> Scale:
    """Return a scale: of a file, else the one that the setting ``scale`` names, else the one that comes with the program.

    Raises
    ------
    UsageError
        If the named file is no scale.
    """
    named = text("scale")
    if path is None and not named:
        return read(FILE)
    chosen = path or Path(named)
    try:
        return read(chosen)
    except (DeclarationError, OSError) as error:
        raise UsageError(
            f"{chosen} cannot be used as a verbal scale: {error}. Compare it with the file {FILE.name} of the program, or "
            "unset VERIDICAL_SCALE."
        ) from error


def read(path: Path) -> Scale:
    """Read a file; raises DeclarationError if its bands do not join from LR 1 to no upper end, or lack words."""
    try:
        plain: dict[str, Any] = json.loads(path.read_text("utf-8"))
        steps = tuple(
            Step(
                low=float(one["low"]), high=None if one["high"] is None else float(one["high"]), words=str(one["words"])
            )
            for one in plain["steps"]
        )
        found = Scale(
            edition=str(plain["edition"]), steps=steps, alone=float(plain["alone"]), laundered=float(plain["laundered"])
        )
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']}")
        _check(found)
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{path} is no verbal scale: {error!r}") from error
    return found


def _check(scale: Scale) -> None:
    ends = [one.high for one in scale.steps]
    if len(ends) < 2 or scale.steps[0].low != 1 or ends[-1] is not None or None in ends[:-1]:
        raise ValueError("the bands start at 1, and the last one alone has no upper end")
    for one, after in zip(scale.steps, scale.steps[1:], strict=False):
        if one.high is None or not one.low < one.high == after.low:
            raise ValueError(f"the bands {one.words!r} and {after.words!r} do not join")
    if not (scale.edition and all(one.words.strip() for one in scale.steps)):
        raise ValueError("the edition and the words of every band are needed")
    if not 1 <= scale.laundered <= scale.alone < math.inf:
        raise ValueError("1 ≤ laundered ≤ alone is needed")
