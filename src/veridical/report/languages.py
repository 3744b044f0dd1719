"""A stored report in another language than the one in which it was assembled.

A report is assembled and stored in English, so that reports can be compared. For a page in another language its fixed
sentences are recognised by the texts they were filled from, and filled again in the other language; what was filled in is
carried over. What the examinations, the file and people say stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from ..errors import UsageError
from ..settings import text
from ._italian_said import SAID
from .model import NotExamined, Report, ReportedFinding
from .weighed import Conclusion, Scale, Stability
from .wording import LANGUAGES

STORED = ("said.", "stability.said.", "stability.missing", "stability.unweighed", "conclusion.groups.disagree")
"""Keys of the catalogue whose texts are kept in reports."""
LONGEST = 2500
"""Letters of a text that may be a fixed one."""
_JOINTS = ("; ", ", ", ": ")
_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.!?]) ")
_OTHER: Mapping[str, tuple[tuple[str, str], ...]] = {"it": SAID}


def chosen(language: str | None) -> str:
    """Return the language that is asked for, or the setting's; raises UsageError if there is no wording in it."""
    wanted = (language or text("language")).strip().lower()
    if wanted not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise UsageError(
            f"there is no wording in {wanted!r}; choose with --language or VERIDICAL_LANGUAGE one of: {known}"
        )
    return wanted


@dataclass(frozen=True, slots=True)
class _Form:
    """A fixed text: how it is recognised, and what it reads in the other language."""

    whole: re.Pattern[str]
    other: str
    weight: int


@cache
def forms(language: str) -> tuple[_Form, ...]:
    """Return every fixed text that a report may keep, those with most letters of their own first."""
    english, other = LANGUAGES["en"], LANGUAGES[language]
    pairs = list(_OTHER.get(language, ()))
    for key in english:
        if key.startswith(STORED):
            pairs += zip(english[key].split("|") if _counts(english[key]) else [english[key]],
                         other[key].split("|") if _counts(english[key]) else [other[key]], strict=True)  # fmt: skip
    made = [_Form(re.compile(_pattern(one), re.DOTALL), two, len(_PLACE.sub("", one))) for one, two in pairs]
    return tuple(sorted(made, key=lambda form: -form.weight))


def _counts(text_: str) -> bool:
    """Return whether a text is "one|other"; a bar may also be a sign of its own, as in |log10 LR|."""
    return text_.count("|") == 1


def _pattern(text_: str) -> str:
    parts, seen, end = [], set(), 0
    for found in _PLACE.finditer(text_):
        parts.append(re.escape(text_[end : found.start()]))
        name, end = found[1], found.end()
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
    return "".join([*parts, re.escape(text_[end:])])


def reworded(said: str, language: str) -> str:
    """Return a fixed text, several of them, or a list of them in another language; what is not one stays as it is."""
    if language == "en" or not said or len(said) > LONGEST:
        return said
    return _whole(said, language) or _sentences(said, language) or _listed(said, language) or said


def _whole(said: str, language: str) -> str:
    for form in forms(language):
        if form.weight and (found := form.whole.fullmatch(said)):
            return form.other.format(**{name: reworded(value, language) for name, value in found.groupdict().items()})
    lowered = said[:1].lower() + said[1:]
    if lowered != said and (again := _whole(lowered, language)):
        return again[:1].upper() + again[1:]
    return ""


def _sentences(said: str, language: str) -> str:
    """Reword the longest runs of sentences that are fixed texts, one after the other."""
    pieces = _SENTENCE.split(said)
    if len(pieces) < 2:
        return ""
    done, start, changed = [], 0, False
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            if end - start == len(pieces):
                continue
            run = " ".join(pieces[start:end])
            other = _whole(run, language)
            if other or end == start + 1:
                done.append(other or run)
                changed, start = changed or bool(other), end
                break
    return " ".join(done) if changed else ""


def _listed(said: str, language: str) -> str:
    for joint in _JOINTS:
        pieces = said.split(joint)
        if len(pieces) > 1:
            other = [reworded(piece, language) for piece in pieces]
            if other != pieces:
                return joint.join(other)
    return ""


def in_language(report: Report, language: str) -> Report:
    """Return a report with its fixed sentences in a language."""
    if language == "en":
        return report
    exhibit = replace(report.exhibit, condition=reworded(report.exhibit.condition, language))
    return replace(
        report, exhibit=exhibit, conclusion=_conclusion(report.conclusion, language),
        findings=tuple(_finding(one, language) for one in report.findings),
        not_examined=tuple(NotExamined(id=one.id, reason=reworded(one.reason, language)) for one in report.not_examined),
    )  # fmt: skip


def _finding(finding: ReportedFinding, language: str) -> ReportedFinding:
    evidence, held = finding.evidence, finding.population
    if evidence:
        evidence = replace(
            evidence, condition=reworded(evidence.condition, language), group=reworded(evidence.group, language)
        )
    if held:
        held = replace(held, condition=reworded(held.condition, language))
    unweighed, reason = reworded(finding.unweighed, language), _whole(finding.reason, language) or finding.reason
    return replace(finding, evidence=evidence, population=held, unweighed=unweighed, reason=reason)


def _conclusion(what: Conclusion, language: str) -> Conclusion:
    def told(said: str) -> str:
        return reworded(said, language)

    first, second = (told(one) for one in what.propositions)
    return replace(
        what, band=told(what.band), category=told(what.category) if what.category else what.category,
        category_note=told(what.category_note), propositions=(first, second), statement=told(what.statement),
        limits=tuple(map(told, what.limits)), caps=tuple(map(told, what.caps)), changes=tuple(map(told, what.changes)),
        missing={id: told(reason) for id, reason in what.missing.items()},
        groups=tuple(replace(one, group=told(one.group)) for one in what.groups),
        stability=_stability(what.stability, language), scale=_scale(what.scale, language),
    )  # fmt: skip


def _stability(held: Stability | None, language: str) -> Stability | None:
    if held is None:
        return None
    notes = tuple(replace(one, note=reworded(one.note, language)) for one in held.variants)
    return replace(held, statement=reworded(held.statement, language), variants=notes)


def _scale(held: Scale | None, language: str) -> Scale | None:
    if held is None:
        return None
    steps = tuple(replace(one, words=reworded(one.words, language)) for one in held.steps)
    return replace(held, edition=reworded(held.edition, language), steps=steps)
