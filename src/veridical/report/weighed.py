"""The weighed part of a report as data: evidence, stability and conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A finding weighed by a calibration table.

    Parameters
    ----------
    log10_lr, interval
        log10 of the likelihood ratio, with its 90 % interval.
    bound
        Largest log10 LR that the calibration set supports.
    lowest
        Smallest log10 LR that it supports; 0 where a low value never speaks for the second proposition; None in reports
        of schema versions before 1.4, where it is ``-bound``.
    condition
        The state of files for which it holds, in words.
    table
        Id of the examination and version of its table.
    group
        The dependence group to which the finding belongs in the fused model; empty if to none.
    fakes, reals
        Files of each label on which the table was fitted.
    cllr
        What the table is worth on sources left out, in bits; None if it is not known.
    """

    log10_lr: float
    interval: tuple[float, float]
    bound: float
    condition: str
    table: str
    lowest: float | None = None
    group: str = ""
    fakes: int = 0
    reals: int = 0
    cllr: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWeight:
    """What one dependence group adds to the conclusion: findings that may share a cause are weighed together, once."""

    group: str
    members: tuple[str, ...]
    log10_lr: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One band of the verbal scale: its words hold from ``low`` up to ``high`` (LR; None for no upper end)."""

    low: float
    high: float | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The verbal scale that was used, with the edition that it is taken from."""

    edition: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One benign re-encoding of the exhibit and what was measured in it.

    ``values`` and ``weights`` are statistics and log10 LR by id of examination, before any cap (None where nothing was
    measured, absent where nothing weighs it), ``log10_lr`` that of all of them together; ``note`` says why there is nothing.
    """

    name: str
    values: Mapping[str, float | None]
    log10_lr: float | None
    weights: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What becomes of the findings when the exhibit itself is re-encoded in benign ways.

    Parameters
    ----------
    variants
        The re-encodings, the untouched exhibit first.
    spread
        Largest less smallest log10 LR over them; None if nothing was weighed.
    cap
        Largest |log10 LR| that the conclusion may still claim; None if the spread limits nothing.
    flipped
        True if the support changes sides between them.
    statement
        The same in a sentence.
    unfinished
        Names of re-encodings that were not tried: no time was left, or the test was ``interrupted``.
    left_out
        Ids of findings that carry weight but were not asked again, for want of time.
    part_s
        How many seconds, from the start, the re-encodings hold; None if all.
    seconds, budget_s
        Time that it took, and that was allowed.
    """

    variants: tuple[Variant, ...]
    spread: float | None
    cap: float | None
    flipped: bool
    statement: str
    unfinished: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    part_s: float | None = None
    seconds: float = 0.0
    budget_s: float | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What all evidence together says.

    ``band`` is one of the bands of the verbal scale, "inconclusive" or "unsuitable for examination".
    ``declarations`` repeat what the file itself states about its making: shown beside the conclusion, never weighed.
    ``category`` is the attack category that the findings are most like, or "none of these"; None if it was not asked.
    ``groups`` are the parts of the fused weight, ``bound`` and ``lowest`` its limits, ``table`` the fused model. ``caps``
    say, in the order in which they were applied, what lowered the claim; ``missing`` are findings that the fused model weighs
    but that add nothing here, with the reason; ``changes`` is what would change the conclusion; ``scale`` is None in older
    reports.
    """

    log10_lr: float | None
    interval: tuple[float, float] | None
    band: str
    category: str | None
    propositions: tuple[str, str]
    statement: str
    declarations: tuple[str, ...]
    limits: tuple[str, ...]
    stability: Stability | None
    bound: float | None = None
    lowest: float | None = None
    table: str = ""
    groups: tuple[GroupWeight, ...] = ()
    caps: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    category_note: str = ""
    scale: Scale | None = None
