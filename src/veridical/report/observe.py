"""Adds what a person saw and ticked to a report. Findings, weights and conclusion stay as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast, get_args

from ..errors import UsageError
from .model import Answer, Observation, Report

LONGEST_NOTE = 500
_ANSWERS: tuple[str, ...] = get_args(Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Answers of one person: (id of the examination, number of the question from 1, answer, note) each.

    ``exhibit`` is the SHA-256 of the file that they are about, "" if that is not said; ``when`` is ISO 8601.
    """

    exhibit: str
    examiner: str
    when: str
    answers: tuple[tuple[str, int, Answer, str], ...]


def read_ticks(text: str) -> Ticks:
    """Read the file that the page of a report saves.

    Raises
    ------
    UsageError
        If the text is no such file.
    """
    try:
        plain = json.loads(text)
        answers = tuple(_answer(one) for one in plain["answers"])
        moment = datetime.fromisoformat(str(plain["when"]))
        return Ticks(
            exhibit=str(plain["exhibit"]), examiner=str(plain["examiner"]).strip(),
            when=moment.isoformat(timespec="seconds"), answers=answers,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"this is no file of answers ({error!r}); tick the boxes on the page of the report and choose Save the answers"
        ) from None


def parse_tick(text: str) -> tuple[str, int, Answer]:
    """Read ``spatial.symmetry:2=present``; raises UsageError if the form is another."""
    place, equals, answer = text.partition("=")
    id, colon, number = place.rpartition(":")
    if not (equals and colon and number.isdecimal() and answer in _ANSWERS):
        raise UsageError(
            f"--tick takes ID:NUMBER=ANSWER with an answer of {', '.join(_ANSWERS)}, "
            f"such as spatial.symmetry:1=present, not {text!r}"
        )
    return id, int(number), cast(Answer, answer)


def add(report: Report, ticks: Ticks) -> Report:
    """Return the report with the answers; a question that was answered before has the new answer.

    Raises
    ------
    UsageError
        If the answers are about another exhibit, or about a question that the report does not ask, or without a name.
    """
    if ticks.exhibit and ticks.exhibit != report.exhibit.sha256:
        raise UsageError(
            f"these answers are about another file (SHA-256 {ticks.exhibit[:16]}…), "
            f"this report is about {report.exhibit.sha256[:16]}…"
        )
    if not ticks.examiner:
        raise UsageError("whose answers are these? name the examiner with --by NAME")
    if not ticks.answers:
        raise UsageError("there is no answer to add: give a file of answers, or --tick ID:NUMBER=ANSWER")
    asked = {one.id: one.checklist for one in report.findings if one.checklist}
    kept = {(one.finding, one.item): one for one in report.observations}
    for id, item, answer, note in ticks.answers:
        kept[id, item] = Observation(
            finding=id, item=item, question=_question(asked, id, item), answer=answer, note=note[:LONGEST_NOTE],
            examiner=ticks.examiner, when=ticks.when,
        )  # fmt: skip
    order = list(asked)
    ordered = sorted(kept.values(), key=lambda one: (order.index(one.finding), one.item))
    return replace(report, observations=tuple(ordered))


def _question(asked: Mapping[str, Sequence[Any]], id: str, item: int) -> str:
    if id not in asked:
        known = f"it asks: {', '.join(asked)}" if asked else "it has no checklist"
        raise UsageError(f"the report asks nothing under {id!r}; {known}")
    if not 1 <= item <= len(asked[id]):
        raise UsageError(f"{id} has the questions 1 to {len(asked[id])}, not {item}")
    return str(asked[id][item - 1].question)


def _answer(plain: Mapping[str, Any]) -> tuple[str, int, Answer, str]:
    if plain["answer"] not in _ANSWERS:
        raise ValueError(f"{plain['answer']!r} is no answer")
    return str(plain["finding"]), int(plain["item"]), plain["answer"], str(plain.get("note", ""))
