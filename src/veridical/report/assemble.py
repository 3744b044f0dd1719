"""Builds the report from findings, weights and the run: the one place where a conclusion gets its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from ..catalogue import Catalogue, Examination
from ..errors import MediaError
from ..evidence import conclusion as evidence
from ..evidence import population
from ..evidence.calibration import CalibrationTable, Weight, weigh
from ..finding import Check, Finding
from .model import (
    SCHEMA_VERSION,
    Conclusion,
    Evidence,
    ExhibitRecord,
    NotExamined,
    Population,
    Record,
    Report,
    ReportedCheck,
    ReportedFinding,
    Stability,
)

PROPOSITIONS = (
    "The exhibit, or a part of it, was made or altered by synthesis, replacement, reenactment or editing.",
    "The exhibit is a recording of what was before the camera or microphone, with no more than ordinary processing "
    "(development, scaling, compression, sharing).",
)
LIMITS = (
    "What the exhibit claims, who or what it shows, and whether anyone meant to deceive are not examined.",
    "A cue that was not observed, or could not be examined, does not speak for the second proposition.",
)
NO_TABLE = "no calibration table: the value is reported, but weighs nothing"
AID = "an examiner's aid: it points a person to what to look at, and is never weighed"
_STATEMENTS = {
    "uncalibrated": "No conclusion is drawn on how strongly the findings support either proposition: {measured}, and none "
    "has a calibration table yet, so none is weighed. Read them one by one, with their limits.",
    "unfused": "No conclusion is drawn from the findings together: {measured}, {weighed} of them weighed one by one, and "
    "no model fitted on held-out media combines them. They may share a cause and must not be multiplied.",
    "unsuitable": "Nothing that was asked can be measured in this file; the reasons are listed below.",
    "nothing measured": "Nothing was measured; whether this file is suitable is not known. The reasons are listed below.",
    "interrupted": " The run was interrupted before every examination was asked.",
}


def assemble(
    exhibit: ExhibitRecord, findings: Sequence[Finding], not_examined: Sequence[NotExamined], record: Record, *,
    catalogue: Catalogue, table_of: Callable[[str], CalibrationTable | None], error: MediaError | None = None,
    look_at: Callable[[Sequence[Check]], tuple[ReportedCheck, ...]] = lambda _: (), stability: Stability | None = None,
) -> Report:  # fmt: skip
    """Weigh the findings and put everything together.

    Parameters
    ----------
    error
        What ended the examination early, if anything did; the exhibit is then unsuitable for examination.
    look_at
        Gives the questions of a checklist their pictures.
    stability
        What benign re-encodings of the exhibit did to its evidence; None if that was not tested.
    """
    reported = []
    weights = []
    numbers = {name: float(one) for name, one in exhibit.quality.items() if _is_number(one)}
    for finding in findings:
        asked = catalogue.examinations[finding.id]
        weight = AID if asked.aid and finding.measurement else _weigh(finding, table_of, numbers)
        if isinstance(weight, Weight):
            weights.append(weight)
        checklist = look_at(finding.measurement.checklist) if finding.measurement else ()
        reported.append(_reported(finding, weight, asked, checklist, _population(finding, exhibit)))
    measured = [one for one in reported if one.outcome == "measured"]
    refused = bool(findings) and all(one.cause == "exhibit" for one in findings)
    combined = evidence.conclude(len(measured), weights, refused_all=refused and not record.interrupted)
    band = evidence.UNSUITABLE if error else combined.band
    conclusion = Conclusion(
        log10_lr=combined.log10_lr, interval=combined.interval, band=band, category=None, propositions=PROPOSITIONS,
        statement=_statement(combined.why, len(measured), len(weights), error, record.interrupted),
        declarations=tuple(dict.fromkeys(text for one in measured for text in one.declares)), limits=LIMITS,
        stability=stability,
    )  # fmt: skip
    return Report(
        schema_version=SCHEMA_VERSION, exhibit=exhibit, findings=tuple(reported), not_examined=tuple(not_examined),
        conclusion=conclusion, record=record, error=describe(error) if error else None,
    )  # fmt: skip


def describe(error: MediaError) -> Mapping[str, str]:
    """Return an error as plain data."""
    return {"type": type(error).__name__, "problem": error.problem, "remedy": error.remedy}


def _weigh(
    finding: Finding, table_of: Callable[[str], CalibrationTable | None], quality: Mapping[str, float]
) -> Weight | str:
    if finding.measurement is None:
        return ""
    table = table_of(finding.id)
    return weigh(finding.measurement.value, finding.settings, table, quality) if table else NO_TABLE


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _population(finding: Finding, exhibit: ExhibitRecord) -> Population | None:
    """Return where pristine still images or voice recordings lie; clips have no populations yet."""
    if finding.measurement is None or exhibit.kind not in ("image", "audio"):
        return None
    quality = exhibit.streams.get("Image", {}).get("jpeg_quality")
    condition = population.bin_of(exhibit.format, quality) if exhibit.kind == "image" else population.ALL
    found = population.of(finding.id, finding.settings, condition)
    if found is None:
        return None
    return Population(quantiles=found.quantiles, files=found.files, sources=found.sources, condition=found.condition)


def _reported(
    finding: Finding, weight: Weight | str, asked: Examination, checklist: tuple[ReportedCheck, ...],
    pristine: Population | None,
) -> ReportedFinding:  # fmt: skip
    seen = finding.measurement
    weighed = None
    if isinstance(weight, Weight):
        weighed = Evidence(
            log10_lr=weight.log10_lr, interval=weight.interval, bound=weight.bound, condition=weight.condition,
            table=weight.table, lowest=weight.lowest, fakes=weight.fakes, reals=weight.reals, cllr=weight.cllr,
        )  # fmt: skip
    return ReportedFinding(
        id=finding.id, branch=finding.branch, question=asked.question, outcome=finding.outcome,
        value=float(seen.value) if seen else None, unit=seen.unit if seen else "",
        observation=seen.observation if seen else "", reason=finding.reason, where=seen.where if seen else (),
        exhibits=seen.exhibits if seen else (), facts=dict(seen.facts) if seen else {},
        declares=seen.declares if seen else (), limits=seen.limits if seen else (), settings=dict(finding.settings),
        seconds=round(finding.seconds, 4), evidence=weighed, unweighed=weight if isinstance(weight, str) else "",
        traceback=finding.traceback, aid=asked.aid, population=pristine, checklist=checklist,
        features=seen.features if seen else None,
    )  # fmt: skip


def _statement(why: str, measured: int, weighed: int, error: MediaError | None, interrupted: bool) -> str:
    if error:
        text = f"The file could not be examined: {error.problem}. {error.remedy}."
        before = f" {_count(measured).capitalize()} before that, or without the damaged part, and listed below."
        return text + (before if measured else "")
    text = _STATEMENTS[why].format(measured=_count(measured), weighed=weighed)
    return text + (_STATEMENTS["interrupted"] if interrupted else "")


def _count(measured: int) -> str:
    return "one finding was measured" if measured == 1 else f"{measured} findings were measured"
