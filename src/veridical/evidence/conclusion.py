"""What all weights together say. Without a fused model nothing is combined: findings may share a cause.

Multiplying the likelihood ratios of findings that share a cause (compression moves many of them at once) overstates the
evidence, so a conclusion carries a likelihood ratio only if a fusion model fitted on held-out media gives one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .calibration import Weight

INCONCLUSIVE = "inconclusive"
UNSUITABLE = "unsuitable for examination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """The combined weight, or a band without one.

    ``why`` is "uncalibrated", "unfused", "unsuitable" (everything that was asked does not apply to this file) or
    "nothing measured" (for another reason: a fault, a missing model, an interruption, nothing asked).
    """

    log10_lr: float | None
    interval: tuple[float, float] | None
    band: str
    why: str


def conclude(measured: int, weights: Sequence[Weight], *, refused_all: bool = False) -> Combined:
    """Combine what was weighed.

    Parameters
    ----------
    measured
        Number of findings with a measurement.
    weights
        The weights of those that have one.
    refused_all
        True if something was asked, and all of it does not apply because of what the file is.
    """
    if measured:
        return Combined(log10_lr=None, interval=None, band=INCONCLUSIVE, why="unfused" if weights else "uncalibrated")
    if refused_all:
        return Combined(log10_lr=None, interval=None, band=UNSUITABLE, why="unsuitable")
    return Combined(log10_lr=None, interval=None, band=INCONCLUSIVE, why="nothing measured")
