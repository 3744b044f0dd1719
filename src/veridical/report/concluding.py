"""The conclusion in words: every sentence of it that is kept in a report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import MediaError
from ..evidence import category as categories
from ..evidence import scale as scales
from ..evidence.calibration import Weight
from ..evidence.category import NONE, Named
from ..evidence.conclusion import UNSUITABLE, Combined, conclude
from ..evidence.fusion import Cap, Fused, FusionTable
from ..evidence.weighing import Weighing
from .markup import number
from .weighed import Conclusion, GroupWeight, Scale, Stability, Step
from .wording import Words

PROPOSITIONS = (
    "The exhibit, or a part of it, was made or altered by synthesis, replacement, reenactment or editing.",
    "The exhibit is a recording of what was before the camera or microphone, with no more than ordinary processing "
    "(development, scaling, compression, sharing).",
)
LIMITS = (
    "What the exhibit claims, who or what it shows, and whether anyone meant to deceive are not examined.",
    "A cue that was not observed, or could not be examined, does not speak for the second proposition.",
)
APART = 0.1
"""The |log10 LR| from which a group takes a side in a disagreement, be it too little for support."""
_WORDS = Words("en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a conclusion is drawn from.

    Parameters
    ----------
    weighing, model
        The findings weighed one by one and together, and the fused model if there is one.
    refused_all
        True if something was asked, and all of it does not apply because of what the file is.
    declarations
        What the file itself states about its making.
    stability
        What benign re-encodings did; None if that was not tested.
    laundered
        Traces of laundering in words; empty if none were seen.
    error
        What ended the examination early.
    """

    weighing: Weighing
    model: FusionTable | None
    scale: scales.Scale
    refused_all: bool = False
    declarations: tuple[str, ...] = ()
    stability: Stability | None = None
    laundered: str = ""
    error: MediaError | None = None
    interrupted: bool = False


def concluded(given: Given) -> Conclusion:
    """Draw the conclusion and put it into words."""
    weighing, stability = given.weighing, given.stability
    combined = conclude(
        len(weighing.values), weighing.each, refused_all=given.refused_all, fused=weighing.fused, scale=given.scale,
        laundered=bool(given.laundered), stability=stability.cap if stability else None,
        flipped=bool(stability and stability.flipped),
    )  # fmt: skip
    fused = weighing.fused if isinstance(weighing.fused, Fused) and not given.error else None
    named = _named(given, combined)
    claimed = fused is not None and combined.log10_lr is not None
    return Conclusion(
        log10_lr=combined.log10_lr if claimed else None, interval=combined.interval if claimed else None,
        band=UNSUITABLE if given.error else combined.band, category=named.category if named else None,
        category_note=category_note(named) if named else "", propositions=PROPOSITIONS,
        statement=" ".join(_statement(given, combined)), declarations=given.declarations,
        limits=(*_limits(given, fused), *LIMITS), stability=stability,
        bound=fused.upper if fused else None, lowest=fused.lowest if fused else None, table=fused.table if fused else "",
        groups=tuple(GroupWeight(group=one.words, members=one.members, log10_lr=one.log10_lr) for one in fused.groups)
        if fused else (),
        caps=tuple(_caps(given, combined)), missing=dict(fused.missing) if fused else {},
        changes=tuple(_changes(given, combined)), scale=_scale(given.scale),
    )  # fmt: skip


def band_of(scale: Scale, log10_lr: float | None) -> Step | None:
    """Return the band of a log10 LR, for either side; on a border the weaker one."""
    if log10_lr is None:
        return None
    size = abs(log10_lr) - 1e-9
    return next(one for one in scale.steps if one.high is None or size <= math.log10(one.high))


def _scale(scale: scales.Scale) -> Scale:
    steps = tuple(Step(low=one.low, high=one.high, words=one.words) for one in scale.steps)
    return Scale(edition=scale.edition, steps=steps)


def _named(given: Given, combined: Combined) -> Named | None:
    if given.model is None or combined.why != "weighed" or given.error:
        return None
    weights = given.weighing.weights
    weighed = {id: one for id, one in given.weighing.values.items() if isinstance(weights.get(id), Weight)}
    return categories.named(weighed, combined.side > 0, given.model)


def _statement(given: Given, combined: Combined) -> Iterator[str]:
    count, weighed = len(given.weighing.values), len(given.weighing.each)
    measured = _WORDS("said.measured", n=count)
    if given.error:
        yield _WORDS("said.error", problem=given.error.problem, remedy=given.error.remedy)
        if count:
            yield _WORDS("said.before", measured=measured)
        return
    fused = given.weighing.fused
    if combined.why == "weighed" and isinstance(fused, Fused):
        yield _claim(combined)
        if apart := disagreement(_parts(fused), _WORDS):
            yield apart
        yield _WORDS("said.entered", n=sum(len(one.members) for one in fused.groups), measured=count)
    else:
        why = "unmeasured" if _unmeasured(given, combined) else combined.why
        yield _WORDS(f"said.{why}", measured=measured, weighed=weighed)
    if given.interrupted:
        yield _WORDS("said.interrupted")


def _unmeasured(given: Given, combined: Combined) -> tuple[str, ...]:
    """Return the ids of what the fused model needs, if none of it was measured: that says nothing of the file's range."""
    if combined.why != "refused" or given.model is None:
        return ()
    ids = tuple(dict.fromkeys(one.id for group in given.model.groups for one in group.members))
    return () if any(id in given.weighing.values for id in ids) else ids


def _claim(combined: Combined) -> str:
    if combined.side == 0 or combined.log10_lr is None:
        return _WORDS("said.neither")
    times = number(float(f"{10 ** abs(combined.log10_lr):.2g}"))
    side = _WORDS(f"said.side.{'first' if combined.side > 0 else 'second'}")
    return _WORDS("said.weighed", band=combined.band, times=times, side=side)


def _parts(fused: Fused) -> list[tuple[str, float]]:
    return [(one.words, one.log10_lr) for one in fused.groups]


def disagreement(parts: Sequence[tuple[str, float]], words: Words) -> str:
    """Say which groups speak for different sides, each by more than `APART`; empty if none do."""
    first = ", ".join(name for name, ratio in parts if ratio > APART)
    second = ", ".join(name for name, ratio in parts if -ratio > APART)
    return words("conclusion.groups.disagree", first=first, second=second) if first and second else ""


def _caps(given: Given, combined: Combined) -> Iterator[str]:
    if given.error:
        return
    if unmeasured := _unmeasured(given, combined):
        yield _WORDS("said.cap.unmeasured", ids=", ".join(unmeasured))
    elif combined.why == "refused" and isinstance(given.weighing.fused, str):
        yield _WORDS("said.cap.refused", reason=given.weighing.fused)
    for cap in combined.caps:
        if round(cap.at, 2) != round(abs(cap.before), 2):  # else nothing that is printed was lowered
            yield _capped(cap, given)
    if combined.why == "flipped":
        yield _WORDS("said.cap.flipped")


def _capped(cap: Cap, given: Given) -> str:
    at, before = (number(round(size, 2)) for size in (cap.at, cap.before))
    words = given.scale.band(cap.at).words
    end = number(round(math.copysign(cap.at, cap.before), 2))
    return _WORDS(
        f"said.cap.{cap.reason}", at=at, end=end, before=before, group=cap.group, words=words, what=given.laundered
    )


def _limits(given: Given, fused: Fused | None) -> Iterator[str]:
    if given.laundered:
        yield _WORDS("said.laundered", what=given.laundered)
    figures = given.model.figures if given.model else {}
    if fused and figures:
        yield _WORDS(
            "said.fused", fakes=figures["fakes"], reals=figures["reals"], sources=figures["sources"],
            cllr=number(round(figures["cllr"], 2)),
        )  # fmt: skip


def _changes(given: Given, combined: Combined) -> Iterator[str]:
    if given.error or not given.weighing.values:
        return
    fused = given.weighing.fused
    if isinstance(fused, Fused) and fused.missing:
        yield _WORDS("said.changes.missing", ids=", ".join(fused.missing))
    if any(cap.reason == "corroboration" for cap in combined.caps):
        yield _WORDS("said.changes.family")
    if given.laundered or combined.why == "flipped" or any(cap.reason == "stability" for cap in combined.caps):
        yield _WORDS("said.changes.copy")
    if combined.why in ("uncalibrated", "unfused", "refused") and not _unmeasured(given, combined):
        yield _WORDS("said.changes.calibration")
    yield _WORDS("said.changes.origin")
    if isinstance(fused, Fused):
        yield _WORDS("said.changes.renewed", table=fused.table)


def category_note(named: Named) -> str:
    """Say how often the named category was named rightly on sources left out, and which categories are never named."""
    said: list[str] = []
    wrong, reals = _counted(named.confusion, ("real",), lambda one: one != NONE)
    fakes = tuple(true for true in named.confusion if true != "real")
    if named.category == NONE:
        missed, fake = _counted(named.confusion, fakes, lambda one: one == NONE)
        said.append(_WORDS("said.category.none", right=reals - wrong, reals=reals, wrong=missed, all=fake))
    else:
        right, count = named.counted(named.category, named.category)
        alarms, _ = named.counted("real", named.category)
        said.append(
            _WORDS("said.category.counts", right=right, all=count, category=named.category, wrong=alarms, reals=reals)
        )
    if named.learned:
        said.append(_WORDS("said.category.learned", learned=", ".join(named.learned)))
    if named.never:
        never = ", ".join(f"{name} ({why})" for name, why in named.never.items())
        said.append(_WORDS("said.category.never", never=never))
    return " ".join(said)


def _counted(
    confusion: Mapping[str, Mapping[str, int]], true: Sequence[str], fits: Callable[[str], bool]
) -> tuple[int, int]:
    rows = [confusion.get(name, {}) for name in true]
    chosen = sum(int(n) for row in rows for named, n in row.items() if fits(named))
    return chosen, sum(int(n) for row in rows for n in row.values())
