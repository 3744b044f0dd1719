"""Examines the files of a bundle again, under the recorded settings, and says what differs.

Only for a bundle in which nothing is wrong. What is run are the examinations of this installation, with knobs from the record
that each of them has; the files are decoded in the decoder process like any other. No percepts of earlier runs are used.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import catalogue as catalogues
from ..cache import PerceptCache
from ..catalogue import Catalogue, Declared
from ..errors import UsageError
from ..finding import Scalar
from ..pipeline import Request, Run
from ..report.to_json import to_json
from ..report.upgrades import upgrade
from ..stability import BUDGET_S
from . import archive, compare
from .archive import Entry
from .check import Verdict
from .contents import hashed
from .manifest import Examined, Input

_ALLOWED = (
    f"allowed: {compare.VALUE_OF_SPREAD:.0%} of the range of pristine files, or {compare.VALUE_OF_SIZE:.0%} of a value where "
    f"that is not known; {compare.LOG10_LR:g} in log10 LR"
)
_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
"""What plain data raises that is no report, though its record is one: anybody can sign such a thing."""
_COMPARED = ("version", "commit", "environment", "models", "tables", "settings", "percepts", "limits")


@dataclass(frozen=True, slots=True)
class Replayed:
    """One report, done again.

    Parameters
    ----------
    name, report
        Name of the file, and which report of the bundle it is about.
    same
        Whether everything that is compared came out again.
    conditions
        What ran otherwise than then: versions, packages, models, tables, settings.
    differences
        What came out otherwise.
    said
        The same in a sentence.
    knobs
        Recorded knobs that are not as usual: somebody chose them.
    details
        What came out otherwise and decides nothing: maps, charts, places, sentences, facts; the first of them.
    """

    name: str
    report: str
    same: bool
    conditions: tuple[str, ...]
    differences: tuple[str, ...]
    said: str
    knobs: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


def replay(bundle: Path, verdict: Verdict, media: Sequence[Path] = ()) -> Iterator[Replayed]:
    """Do every examination of a bundle again.

    Parameters
    ----------
    verdict
        What ``check`` found in the bundle: nothing wrong.
    media
        Files that the bundle does not hold.

    Raises
    ------
    UsageError
        If a file is not what any of the reports is about.
    """
    if verdict.said is None or not verdict.intact:
        raise UsageError("only a bundle in which nothing is wrong is examined again")
    inputs = {one.sha256: one for one in verdict.said.inputs}
    given = {}
    for file_ in media:
        sha256 = hashed(file_).sha256
        if sha256 not in inputs:
            raise UsageError(f"no report of the bundle is about {file_} (SHA-256 {sha256})")
        given[sha256] = file_
    with bundle.open("rb") as file:
        entries = {one.name: one for one in archive.scan(file)[0]}

        def content(entry: Entry) -> Iterator[bytes]:
            return archive.pieces(file, entry)

        for one in verdict.said.examinations:
            recorded = upgrade(json.loads(b"".join(content(entries[one.report]))))
            input_ = inputs[one.exhibit]
            with _at_hand(input_, given.get(one.exhibit), entries, content) as path:
                yield _again(one, input_, recorded, path)


def _again(one: Examined, input_: Input, recorded: Mapping[str, Any], path: Path | None) -> Replayed:
    def said(text: str) -> Replayed:
        return Replayed(input_.name, one.report, False, (), (), text)

    if path is None:
        return said("not examined again: the bundle does not hold the file; give it with --media FILE")
    catalogue = catalogues.load()
    knobs, gone = known_knobs(catalogue, one)
    only = tuple(id for id in one.settings if id in catalogue.examinations)
    if not only:
        return said("not examined again: this veridical has none of the examinations that were asked")
    try:
        request = _request(only, knobs, recorded)
    except _UNREADABLE as error:
        return said(f"not examined again: the recorded report cannot be read ({error!r})")
    try:
        report = Run(request, cache=PerceptCache(None, most_bytes=0)).examine(path)
    except UsageError as error:
        return said(f"not examined again: {error}")
    again = json.loads(to_json(report))
    try:
        judged = _judged(input_.name, one.report, gone, recorded, again)
    except _UNREADABLE as error:
        return said(f"examined again, but the recorded report cannot be compared ({error!r})")
    return replace(judged, knobs=tuple(_unusual(catalogue, knobs)))


def _request(only: tuple[str, ...], knobs: Mapping[str, Mapping[str, Scalar]], recorded: Mapping[str, Any]) -> Request:
    sound = recorded["exhibit"].get("sound")
    return Request(
        only=only, knobs=knobs, sound=not sound or sound.get("copy") is not None,
        stability_s=_budget(recorded["conclusion"].get("stability")),
    )  # fmt: skip


def _judged(
    name: str, report: str, gone: Sequence[str], recorded: Mapping[str, Any], again: Mapping[str, Any]
) -> Replayed:
    """Compare two reports: bit by bit, and where something else ran than then, with the tolerance for that."""
    conditions = [*gone, *_conditions(recorded["record"], again["record"])]
    if other_trials := compare.trials(recorded, again):
        conditions.append(other_trials)
    count = len(again["record"]["settings"])
    asked = f"{count} examination{'' if count == 1 else 's'}"
    exact = compare.differences(recorded, again, exact=True)
    if not exact:
        return Replayed(
            name, report, True, tuple(conditions), (), f"{asked}: everything came out again, to the last bit"
        )
    if not any(_matters(one) for one in conditions):
        said = f"{asked}: {_fields(exact)} came out otherwise, although the same ran then as now"
        return Replayed(name, report, False, tuple(conditions), compare.first(exact), said)
    found = compare.differences(recorded, again, exact=False)
    deciding = [one for one in found if one.decides]
    details = [one for one in found if not one.decides]
    if deciding:
        decide = "decides" if len(deciding) == 1 else "decide"
        said = f"{asked}: {_fields(deciding)} that {decide} came out otherwise, beyond what differs between machines"
    else:
        said = f"{asked}: outcomes, values and conclusion came out again; not to the last bit are {_fields(exact)}"
    return Replayed(
        name, report, not deciding, tuple(conditions), compare.first(deciding), f"{said} ({_ALLOWED})",
        details=compare.first(details, 5),
    )  # fmt: skip


def _matters(condition: str) -> bool:
    """Say whether a difference can change a value; a commit that left veridical's files as they were cannot."""
    return not condition.startswith(("commit:", "stability:"))


def _fields(found: Sequence[compare.Difference]) -> str:
    return "1 field" if len(found) == 1 else f"{len(found)} fields"


def _budget(stability: Mapping[str, Any] | None) -> float | None:
    """Return the seconds that the stability test was allowed; at least a second, at most an hour."""
    if not stability:
        return None
    return min(max(float(stability.get("budget_s") or BUDGET_S), 1.0), 3600.0)


def known_knobs(catalogue: Catalogue, one: Examined) -> tuple[dict[str, dict[str, Scalar]], list[str]]:
    """Return the recorded knobs that this installation has, and sentences about what it has not."""
    declared: dict[str, Declared] = dict(catalogue.examinations)
    declared |= {percept.id: percept for percept in catalogue.percepts.values()}
    knobs: dict[str, dict[str, Scalar]] = {}
    gone = []
    for id, settings in [*one.settings.items(), *one.percepts.items()]:
        if id not in declared:
            gone.append(f"{id}: recorded, and unknown to this veridical")
            continue
        there = declared[id].knobs
        knobs[id] = {name: value for name, value in settings.items() if name in there}
        gone += [f"{id}.{name}: a knob that this veridical has not" for name in settings if name not in there]
    return knobs, gone


def _unusual(catalogue: Catalogue, knobs: Mapping[str, Mapping[str, Scalar]]) -> Iterator[str]:
    usual = {one.id: one.knobs for one in [*catalogue.examinations.values(), *catalogue.percepts.values()]}
    for id, settings in knobs.items():
        for name, value in settings.items():
            if value != usual[id][name]:
                yield f"{id}.{name} = {value!r} (usually {usual[id][name]!r})"


def _conditions(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ran otherwise: every name with both values."""
    for name in _COMPARED:
        then_, now_ = _flat(name, recorded[name]), _flat(name, now[name])
        for place in [*then_, *(one for one in now_ if one not in then_)]:
            a, b = then_.get(place, "none"), now_.get(place, "none")
            if a != b:
                yield f"{place}: {a} then, {b} now"


def _flat(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {place: text for key, below in value.items() for place, text in _flat(f"{name} {key}", below).items()}
    return {name: "; ".join(value) if isinstance(value, list) else str(value)}


@contextmanager
def _at_hand(input_: Input, given: Path | None, entries: Mapping[str, Entry], content: Any) -> Iterator[Path | None]:
    """Give the file: the one that was given, or a copy of what the bundle holds, for as long as it is needed."""
    if given is not None or input_.member is None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="veridical-") as folder:
        path = Path(folder, "exhibit")
        with path.open("wb") as file:
            for piece in content(entries[input_.member]):
                file.write(piece)
        yield path
