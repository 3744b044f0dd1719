"""A stability certificate as the report keeps it, and in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..evidence.stability import FEWEST, Certificate, Judged, judge
from .markup import number
from .weighed import Stability, Variant
from .wording import Words

_ENGLISH = Words("en")


def stability_of(certificate: Certificate) -> Stability:
    """Return the certificate as the report keeps it.

    Without weights of all findings together, ``flipped`` says whether any finding by itself changes sides.
    """
    held = certificate.together
    own = certificate.trials[0].log10_lr if certificate.trials else None
    flips = held.flipped or (own is None and any(one.flipped for one in certificate.findings.values()))
    kept = Stability(
        variants=tuple(
            Variant(name=one.name, values=one.values, log10_lr=one.log10_lr, weights=one.weights, note=one.note)
            for one in certificate.trials
        ),
        spread=held.spread, cap=held.cap, flipped=flips, statement="", unfinished=certificate.unfinished,
        left_out=certificate.left_out, part_s=certificate.part_s, seconds=certificate.seconds,
        budget_s=certificate.budget_s, interrupted=certificate.interrupted,
    )  # fmt: skip
    return replace(kept, statement=statement(kept, _ENGLISH))


def statement(what: Stability, words: Words) -> str:
    """Say what the certificate amounts to."""
    return " ".join(_sentences(what, words))


def by_finding(what: Stability) -> dict[str, Judged]:
    """Return what the copies do to each finding that is weighed by itself."""
    own = what.variants[0].weights if what.variants else {}
    return {id: judge([one.weights.get(id) for one in what.variants]) for id in own}


def _sentences(what: Stability, words: Words) -> Iterator[str]:
    budget = number(what.budget_s or 0.0)
    copies = [one for one in what.variants[1:] if one.values]
    if not copies:
        yield _why_not(what, words, budget)
        return
    yield from _weighed(what, words, copies)
    if changing := [id for id, one in by_finding(what).items() if one.flipped]:
        yield words("stability.said.findings", ids=", ".join(changing))
    if what.part_s is not None:
        yield words("stability.said.part", part=number(what.part_s))
    if failed := len(what.variants) - 1 - len(copies):
        yield words("stability.said.failed", n=failed)
    if what.unfinished:
        key = "stability.said.broken_off" if what.interrupted else "stability.said.unfinished"
        yield words(key, n=len(what.unfinished), budget=budget)
    if what.left_out:
        yield words("stability.said.left_out", ids=", ".join(what.left_out))


def _weighed(what: Stability, words: Words, copies: Sequence[Variant]) -> Iterator[str]:
    """Say what all findings together weigh over the copies."""
    own = what.variants[0].log10_lr
    weighed = [one.log10_lr for one in copies if one.log10_lr is not None]
    if own is None or not weighed:
        yield words("stability.said.apart", n=len(copies))
        return
    low, high = (number(round(end, 2)) for end in (min(own, *weighed), max(own, *weighed)))
    yield words("stability.said.together", n=len(weighed), low=low, high=high, own=number(round(own, 2)))
    if what.flipped:
        yield words("stability.said.flipped")
    elif what.cap is None:
        yield words("stability.said.few", least=FEWEST)
    else:
        yield words("stability.said.cap", cap=number(round(what.cap, 2)))
    if len(weighed) < len(copies):
        yield words("stability.said.unweighed", n=len(copies) - len(weighed))


def _why_not(what: Stability, words: Words, budget: str) -> str:
    failed = [one.note for one in what.variants[1:]]
    if failed:
        return words("stability.said.none", why="; ".join(dict.fromkeys(failed)))
    if not what.unfinished:
        return words("stability.said.nothing")
    return words("stability.said.stopped") if what.interrupted else words("stability.said.no_time", budget=budget)
