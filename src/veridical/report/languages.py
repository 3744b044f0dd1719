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
RUN = 6
"""Sentences of the longest fixed text, with what is filled in."""
_JOINTS = ("; ", ", ", ": ")
_PLACE = re.compile(r"\{(\w+)\}")
_NUMBERS = frozenset([
    "n", "times", "at", "before", "cap", "low", "high", "own", "fakes", "reals", "sources", "right", "wrong",
    "all", "budget", "least", "part", "khz", "rate", "level", "width", "height", "fps", "length", "kbps",
    "bits", "faces", "files", "end", "side",
])  # fmt: skip
"""Places that hold a number, and so no space."""
_BRACKETS = re.compile(r"([^()]+) \((.+)\)", re.DOTALL)
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
    """A fixed text: how it is recognised, and what it reads in the other language, "one|other" where it counts."""

    whole: re.Pattern[str]
    other: str
    weight: int

    def filled(self, values: Mapping[str, str]) -> str:
        """Fill the text of the other language."""
        one, bar, other = self.other.partition("|") if "n" in values and _counts(self.other) else (self.other, "", "")
        return (other if bar and values["n"] != "1" else one).format(**values)


@cache
def forms(language: str) -> tuple[_Form, ...]:
    """Return every fixed text that a report may keep, those with most letters of their own first."""
    english, other = LANGUAGES["en"], LANGUAGES[language]
    pairs = list(_OTHER.get(language, ()))
    for key in english:
        if key.startswith(STORED):
            ways = english[key].split("|") if _counts(english[key]) else [english[key]]
            pairs += [(way, other[key]) for way in ways]
    made = [_Form(re.compile(_pattern(one), re.DOTALL), two, len(_PLACE.sub("", one))) for one, two in pairs]
    return tuple(sorted((form for form in made if form.weight), key=lambda form: -form.weight))


def _counts(text_: str) -> bool:
    """Return whether a text is "one|other"; a bar may also be a sign of its own, as in |log10 LR|."""
    return text_.count("|") == 1


def _pattern(text_: str) -> str:
    parts, seen, end = [], set(), 0
    for found in _PLACE.finditer(text_):
        parts.append(re.escape(text_[end : found.start()]))
        name, end = found[1], found.end()
        held = r"\S+?" if name in _NUMBERS else ".+?"
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{held})")
        seen.add(name)
    return "".join([*parts, re.escape(text_[end:])])


def reworded(said: str, language: str) -> str:
    """Return a fixed text, several of them, or a list of them in another language; what is not one stays as it is."""
    if language == "en" or not said or len(said) > LONGEST:
        return said
    return _sentences(said, language) or _listed(said, language) or said


def _whole(said: str, language: str) -> str:
    for form in forms(language):
        if found := form.whole.fullmatch(said):
            return form.filled({name: reworded(value, language) for name, value in found.groupdict().items()})
    lowered = said[:1].lower() + said[1:]
    if lowered != said and (again := _whole(lowered, language)):
        return again[:1].upper() + again[1:]
    return ""


def _sentences(said: str, language: str) -> str:
    """Reword, one after the other, the shortest runs of sentences that are fixed texts; "" if none is."""
    pieces = _SENTENCE.split(said)
    done, start, changed = [], 0, False
    while start < len(pieces):
        runs = (
            (end, _whole(" ".join(pieces[start:end]), language))
            for end in range(start + 1, min(start + RUN, len(pieces)) + 1)
        )
        end, other = next((one for one in runs if one[1]), (start + 1, ""))
        done.append(other or pieces[start])
        changed, start = changed or bool(other), end
    return " ".join(done) if changed else ""


def _listed(said: str, language: str) -> str:
    for joint in _JOINTS:
        pieces = said.split(joint)
        if len(pieces) > 1:
            other = [reworded(piece, language) for piece in pieces]
            if other != pieces:
                return joint.join(other)
    if found := _BRACKETS.fullmatch(said):
        return f"{reworded(found[1], language)} ({reworded(found[2], language)})"
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
