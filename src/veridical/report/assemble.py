"""Builds the report from findings, weights and the run: the one place where a conclusion gets its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from ..catalogue import Catalogue, Examination
from ..errors import MediaError
from ..evidence import fusion, population
from ..evidence import scale as scales
from ..evidence.calibration import CalibrationTable, Weight
from ..evidence.fusion import Fused, FusionTable
from ..evidence.weighing import Weighing, weigh_all
from ..finding import Check, Finding
from .concluding import Given, concluded
from .model import (
    SCHEMA_VERSION,
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


def assemble(
    exhibit: ExhibitRecord, findings: Sequence[Finding], not_examined: Sequence[NotExamined], record: Record, *,
    catalogue: Catalogue, table_of: Callable[[str], CalibrationTable | None], error: MediaError | None = None,
    look_at: Callable[[Sequence[Check]], tuple[ReportedCheck, ...]] = lambda _: (), stability: Stability | None = None,
    model_of: Callable[[str], FusionTable | None] = fusion.load, scale: scales.Scale | None = None, laundered: str = "",
) -> Report:  # fmt: skip
    """Weigh the findings and put everything together.

    Parameters
    ----------
    table_of, model_of
        Give the calibration table of an examination, and the fused model of a kind of file.
    error
        What ended the examination early, if anything did; the exhibit is then unsuitable for examination.
    look_at
        Gives the questions of a checklist their pictures.
    stability
        What benign re-encodings of the exhibit did to its evidence; None if that was not tested.
    scale
        The verbal scale; the one of the settings if None.
    laundered
        Traces of laundering in words; empty if none were seen.
    """
    numbers = {name: float(one) for name, one in exhibit.quality.items() if _is_number(one)}
    aids = {id for id, asked in catalogue.examinations.items() if asked.aid}
    model = model_of(exhibit.kind)
    weighing = weigh_all(findings, numbers, aids=aids, table_of=table_of, model=model)
    grouped = _groups(weighing)
    reported = []
    for finding in findings:
        asked = catalogue.examinations[finding.id]
        checklist = look_at(finding.measurement.checklist) if finding.measurement else ()
        weight = weighing.weights.get(finding.id, "")
        group = grouped.get(finding.id, "")
        reported.append(_reported(finding, weight, asked, checklist, _population(finding, exhibit), group))
    refused = bool(findings) and all(one.cause == "exhibit" for one in findings)
    conclusion = concluded(
        Given(
            weighing=weighing, model=model, scale=scale or scales.load(), stability=stability, laundered=laundered, error=error,
            refused_all=refused and not record.interrupted,
            interrupted=record.interrupted and not (stability and stability.interrupted),  # all was asked before that test
            declarations=tuple(dict.fromkeys(text for one in reported for text in one.declares)),
        )
    )  # fmt: skip
    return Report(
        schema_version=SCHEMA_VERSION, exhibit=exhibit, findings=tuple(reported), not_examined=tuple(not_examined),
        conclusion=conclusion, record=record, error=describe(error) if error else None,
    )  # fmt: skip


def describe(error: MediaError) -> Mapping[str, str]:
    """Return an error as plain data."""
    return {"type": type(error).__name__, "problem": error.problem, "remedy": error.remedy}


def _groups(weighing: Weighing) -> dict[str, str]:
    """Return the group of each finding that spoke in the fused model, in words, by id."""
    parts = weighing.fused.groups if isinstance(weighing.fused, Fused) else ()
    return {id: part.words for part in parts for id in part.members}


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _population(finding: Finding, exhibit: ExhibitRecord) -> Population | None:
    """Return where pristine still images or voice recordings lie; clips have no populations yet."""
    if finding.measurement is None or exhibit.kind not in ("image", "audio"):
        return None
    quality = exhibit.quality.get("jpeg_quality", exhibit.streams.get("Image", {}).get("jpeg_quality"))
    condition = population.bin_of(exhibit.format, quality) if exhibit.kind == "image" else population.ALL
    found = population.of(finding.id, finding.settings, condition)
    if found is None:
        return None
    return Population(quantiles=found.quantiles, files=found.files, sources=found.sources, condition=found.condition)


def _reported(
    finding: Finding, weight: Weight | str, asked: Examination, checklist: tuple[ReportedCheck, ...],
    pristine: Population | None, group: str,
) -> ReportedFinding:  # fmt: skip
    seen = finding.measurement
    weighed = None
    if isinstance(weight, Weight):
        weighed = Evidence(
            log10_lr=weight.log10_lr, interval=weight.interval, bound=weight.bound, condition=weight.condition,
            table=weight.table, lowest=weight.lowest, fakes=weight.fakes, reals=weight.reals, cllr=weight.cllr, group=group,
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
