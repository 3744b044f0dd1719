"""What all weights together say: one bounded log10 LR with its band of the verbal scale, or the reason why there is none.

Multiplying the likelihood ratios of findings that share a cause overstates the evidence, so a conclusion carries one only if a
fused model, fitted on held-out media, gives it. Then, in this order: outside the calibrated range there is no LR; the bounds of
the table and the caps of the groups hold; more than one family can carry needs two families that speak for the same side; a
laundered file carries less; what re-encoding this file moves is not claimed; and if re-encoding it changes sides, the
conclusion is "inconclusive".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .calibration import Weight
from .fusion import Cap, Fused, Reason
from .scale import Scale, Step

INCONCLUSIVE = "inconclusive"
UNSUITABLE = "unsuitable for examination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """The combined weight, or a band without one.

    Parameters
    ----------
    why
        "weighed"; "uncalibrated", "unfused" (no fused model for this kind of file), "refused" (there is one, but it says
        nothing of this file), "flipped", "unsuitable" (everything that was asked does not apply to this file) or "nothing
        measured" (for another reason: a fault, a missing model, an interruption, nothing asked).
    step
        The band of the verbal scale; None without a weight.
    side
        1 if the first proposition is supported, -1 if the second is, 0 if neither.
    caps
        What lowered the claim, in the order in which it was applied.
    """

    log10_lr: float | None
    interval: tuple[float, float] | None
    why: str
    step: Step | None = None
    side: int = 0
    caps: tuple[Cap, ...] = ()

    @property
    def band(self) -> str:
        """The band: "inconclusive", "unsuitable for examination", or the words of the scale with the side that they are for."""
        if self.step is None:
            return UNSUITABLE if self.why == "unsuitable" else INCONCLUSIVE
        if self.side == 0:
            return self.step.words
        return f"{self.step.words} support for the {'first' if self.side > 0 else 'second'} proposition"


def conclude(
    measured: int, weights: Sequence[Weight], *, refused_all: bool = False, fused: Fused | str | None = None,
    scale: Scale | None = None, laundered: bool = False, stability: float | None = None, flipped: bool = False,
) -> Combined:  # fmt: skip
    """Combine what was weighed.

    Parameters
    ----------
    measured
        Number of findings with a measurement.
    weights
        The weights of those that have one.
    refused_all
        True if something was asked, and all of it does not apply because of what the file is.
    fused
        What the fused model says, the reason why it says nothing, or None if there is none for this kind of file.
    scale
        The verbal scale; needed where there is a fused weight.
    laundered
        True if traces of laundering were seen in the file.
    stability
        Largest |log10 LR| that may be claimed after benign re-encoding of the file; None if it limits nothing.
    flipped
        True if benign re-encoding changes the side that is supported.
    """
    if not measured:
        return Combined(log10_lr=None, interval=None, why="unsuitable" if refused_all else "nothing measured")
    if not isinstance(fused, Fused) or scale is None:
        why = "refused" if fused is not None else "unfused" if weights else "uncalibrated"
        return Combined(log10_lr=None, interval=None, why=why)
    limits: list[tuple[Reason, float | None]] = [
        ("corroboration", None if corroborated(fused, scale) else math.log10(scale.alone)),
        ("laundering", math.log10(scale.laundered) if laundered else None),
        ("stability", None if flipped else stability),
    ]
    ratio, caps = fused.log10_lr, list(fused.caps)
    for reason, limit in limits:
        if limit is not None and abs(ratio) > limit:
            caps.append(Cap(reason=reason, at=limit, before=ratio))
            ratio = math.copysign(limit, ratio)
    if flipped:
        return Combined(log10_lr=None, interval=None, why="flipped", caps=tuple(caps))
    most = min((limit for _, limit in limits if limit is not None), default=math.inf)
    low, high = (max(-most, min(most, end)) for end in fused.interval)
    step = scale.band(ratio)
    side = 0 if step == scale.steps[0] else 1 if ratio > 0 else -1
    return Combined(log10_lr=ratio, interval=(low, high), why="weighed", step=step, side=side, caps=tuple(caps))


def corroborated(fused: Fused, scale: Scale) -> bool:
    """Tell whether two families of findings each support the side that all support together."""
    side = math.copysign(1, fused.log10_lr)
    return sum(part.log10_lr * side > scale.least for part in fused.groups) >= 2
