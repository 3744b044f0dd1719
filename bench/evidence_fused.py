"""Fit the fused models, and judge tables and models together, end to end, on each source with everything fitted without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import evidence_fit
import numpy as np
from evidence_items import Gathered, Valued, settings_of

from veridical.calibrate import categories, fusing, judging
from veridical.calibrate.cases import Case
from veridical.errors import UsageError
from veridical.evidence import calibration, fusion

PARTS = {
    "image": (
        fusing.Part(
            group="picture_networks", members=("learned.ensemble", "learned.embedding_length"),
            needs=("learned.embedding_length",),
        ),
    ),
    "audio": (
        fusing.Part(group="voice_synthesis", members=("learned.voice_net", "audio.vocoder_trace")),
    ),
    "video": (),
}  # fmt: skip
"""What is put together; chosen on these very sources left out, of the few ways that docs/validation/evidence.md names."""
RIDGE = 0.01
"""Holds the slopes back: of 0.003, 0.01 and 0.03 the strongest that keeps Cllr within 0.08 of its best on sources left out."""
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Weighed:
    """One held-out file under one condition: the fused log10 LR (None where there is none, and why), and each finding's."""

    condition: str
    source: str
    group: str
    fake: bool
    category: str
    log10_lr: float | None
    why: str
    alone: Mapping[str, float]
    within: bool


def members_of(kind: str) -> list[str]:
    return [id for part in PARTS[kind] for id in part.members]


def cases(gathered: Gathered, ids: Sequence[str]) -> list[Case]:
    """Return every file under every condition with what these examinations measured in it."""
    found: dict[tuple[str, str], tuple[Valued, dict[str, float]]] = {}
    for id in ids:
        for one in gathered.values[id]:
            found.setdefault((one.condition, one.file.file), (one, {}))[1][id] = one.item.value
    return [
        Case(
            file=one.file.file, label=one.item.label, category=one.file.category if one.file.fake else "real",
            source=one.item.source, group=evidence_fit.unit(one), condition=one.condition, values=values,
            quality=one.item.quality,
        )
        for one, values in found.values()
    ]  # fmt: skip


def fit(gathered: Gathered, tables: Tables, *, version: str, date: str) -> dict[str, Any]:
    """Return the fused model of a kind of file with its figures.

    Raises
    ------
    UsageError
        If it says nothing on sources left out, or one of its findings has no table.
    """
    kind = gathered.kind
    if missing := [id for id in members_of(kind) if id not in tables]:
        raise UsageError(f"{kind}: no table for {', '.join(missing)}, so they cannot be put together")
    given = cases(gathered, members_of(kind))
    plain, said = fusing.fit(given, PARTS[kind], kind=kind, version=version, date=date, ridge=RIDGE)
    plain["figures"] = judging.judged(given, said, PARTS[kind], kind=kind, ridge=RIDGE)
    plain["category"] = categories.fit(given, said, members_of(kind))
    if plain["figures"]["cllr"] >= 1:
        raise UsageError(f"{kind}: fused, they say nothing on sources left out (Cllr {plain['figures']['cllr']:.2f})")
    return plain


def end_to_end(gathered: Gathered, tables: Tables) -> list[Weighed]:
    """Weigh and fuse the files of each source by tables and a model fitted without it, its speakers and its generators.

    A file whose quality was not measured is taken for one of the calibrated range.

    Parameters
    ----------
    tables
        As they are shipped: their ridges are taken, nothing else of them.
    """
    ids = members_of(gathered.kind)
    found: list[Weighed] = []
    for source in sorted({one.item.source for id in ids for one in gathered.values[id]}):
        own = {id: [one for one in gathered.values[id] if one.item.source == source] for id in ids}
        makers = {one.item.generator for rows in own.values() for one in rows} - {""}
        people = {one.file.person for rows in own.values() for one in rows}
        rest = replace(
            gathered,
            values={
                id: [
                    one
                    for one in gathered.values[id]
                    if one.item.source != source and one.item.generator not in makers and one.file.person not in people
                ]
                for id in ids
            },
        )
        fitted = {id: calibration.read(id, _again(rest, id, tables[id])) for id in ids}
        model, _ = fusing.fit(
            cases(rest, ids), PARTS[gathered.kind], kind=gathered.kind, version="", date="", ridge=RIDGE, repeats=1
        )
        table = fusion.from_plain(model)
        anywhere = {id: unbound(one, gathered.kind) for id, one in fitted.items()}
        for case in cases(replace(gathered, values=own), ids):
            measured = (case.condition, case.file) in gathered.vectors
            found.append(_weighed(case, fitted if measured else anywhere, table))
    return found


def unbound(table: calibration.CalibrationTable, kind: str) -> calibration.CalibrationTable:
    """Return a table that takes every file for one of the calibrated range; its bins, and what it refuses, stay."""
    conditions = [
        replace(
            one,
            when={
                name: ends for name, ends in one.when.items() if ends is None or name not in evidence_fit.REACH[kind]
            },
        )
        for one in table.conditions
    ]
    return replace(table, reach=None, conditions=tuple(conditions))


def _again(rest: Gathered, id: str, shipped: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a table as it is shipped, on other files; the ridge was decided with all of them."""
    table = evidence_fit.fitted(
        rest, id, ridge=shipped["made_from"]["left_out"]["ridge"], version="", date="", repeats=1
    )
    return dict(table)


def _weighed(case: Case, tables: Mapping[str, calibration.CalibrationTable], model: fusion.FusionTable) -> Weighed:
    weights = {
        id: calibration.weigh(value, settings_of(id), tables[id], case.quality) for id, value in case.values.items()
    }
    said = fusion.fuse(weights, case.values, case.quality, model)
    ratio = said.log10_lr if isinstance(said, fusion.Fused) else None
    return Weighed(
        condition=case.condition, source=case.source, group=case.group, fake=case.label == "fake", category=case.category,
        log10_lr=ratio, why="" if isinstance(said, fusion.Fused) else said,
        alone={id: one.log10_lr for id, one in weights.items() if isinstance(one, calibration.Weight)},
        within=not isinstance(said, fusion.Fused) or said.lowest - 1e-9 <= said.log10_lr <= said.upper + 1e-9,
    )  # fmt: skip


def arrays(weighed: Sequence[Weighed], id: str = "") -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return log10 LRs (0 where there is none), labels, sources and conditions; of one finding if an id is given."""
    ratios = [(one.alone.get(id, 0.0) if id else one.log10_lr) or 0.0 for one in weighed]
    return (
        np.array(ratios), np.array([int(one.fake) for one in weighed]), np.array([one.source for one in weighed]),
        np.array([one.condition for one in weighed]),
    )  # fmt: skip
