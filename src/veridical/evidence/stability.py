"""What benign re-encodings of an exhibit do to its evidence: arithmetic on what was measured in each of them.

A file that was saved once more, scaled a little or cut at its edges still holds the same content; the file that reached the
examiner might have been any of these. So no more is claimed than all of them support: the cap is the smallest weight, in the
direction of the exhibit's own, over the exhibit and those re-encodings that can be weighed as it is (one outside the
calibrated range, or with a finding outside it, says nothing). Where the exhibit speaks for one proposition and a re-encoding
for the other, there is nothing left to claim. A weight below the first band of the verbal scale is no support, so it turns
nothing over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NEUTRAL = math.log10(2)
"""|log10 LR| below which there is no support either way: the end of the first band of the verbal scale."""
FEWEST = 3
"""Re-encodings with a weight below which no cap is given: too few to say what the content can bear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was measured in one encoding of the exhibit.

    Parameters
    ----------
    name
        Which encoding.
    values
        Raw statistic by id of examination; None where it could not be measured.
    weights
        log10 LR of the findings one by one; those that nothing weighs are absent.
    log10_lr
        log10 LR of all of them together, before any cap; None if there is none.
    note
        Why there is nothing, or not all; empty otherwise.
    """

    name: str
    values: Mapping[str, float | None] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    log10_lr: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a row of log10 LR, the exhibit's own first, amounts to.

    ``weighed`` counts the re-encodings that have one. ``spread`` is the largest less the smallest, None without a
    re-encoding to compare with; ``cap`` the largest |log10 LR| that may be claimed, None if there are too few; ``flipped``
    is True if some speak for one proposition and some for the other.
    """

    weighed: int
    spread: float | None
    cap: float | None
    flipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A stability certificate.

    Parameters
    ----------
    trials
        The exhibit itself first, then its re-encodings in the order in which they were tried.
    together
        What the weights of all findings together amount to.
    findings
        The same for each finding that is weighed, by id.
    unfinished
        Names of the encodings that were not tried: there was no time, or the test was ``interrupted``.
    left_out
        Ids of findings that carry weight but were not asked again, for want of time.
    part_s
        How many seconds, from the start, the re-encodings hold; None if all.
    seconds, budget_s
        Time that it took, and that was allowed.
    """

    trials: tuple[Trial, ...]
    together: Judged
    findings: Mapping[str, Judged]
    unfinished: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    part_s: float | None = None
    seconds: float = 0.0
    budget_s: float | None = None
    interrupted: bool = False


def judge(ratios: Sequence[float | None], *, neutral: float = NEUTRAL, fewest: int = FEWEST) -> Judged:
    """Judge one row of log10 LR.

    Parameters
    ----------
    ratios
        The exhibit's own first; None where nothing is weighed.
    neutral
        |log10 LR| below which there is no support either way.
    fewest
        Weighed re-encodings below which no cap is given.
    """
    own = ratios[0] if ratios else None
    others = [one for one in ratios[1:] if one is not None]
    if own is None or not others:
        return Judged(weighed=len(others), spread=None, cap=None, flipped=False)
    every = [own, *others]
    high, low = max(every), min(every)
    side = math.copysign(1.0, own)
    return Judged(
        weighed=len(others), spread=high - low, flipped=high >= neutral and low <= -neutral,
        cap=max(0.0, min(side * one for one in every)) if len(others) >= fewest else None,
    )  # fmt: skip


def certify(
    trials: Sequence[Trial], *, unfinished: Iterable[str] = (), left_out: Iterable[str] = (), part_s: float | None = None,
    seconds: float = 0.0, budget_s: float | None = None, interrupted: bool = False, neutral: float = NEUTRAL,
) -> Certificate:  # fmt: skip
    """Make the certificate of an exhibit from its trials, the exhibit itself first."""
    ids = trials[0].weights if trials else {}
    return Certificate(
        trials=tuple(trials), together=judge([one.log10_lr for one in trials], neutral=neutral),
        findings={id: judge([one.weights.get(id) for one in trials], neutral=neutral) for id in ids},
        unfinished=tuple(unfinished), left_out=tuple(left_out), part_s=part_s, seconds=seconds, budget_s=budget_s,
        interrupted=interrupted,
    )  # fmt: skip
