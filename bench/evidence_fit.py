"""Fit the tables of the examinations that say something of sources left out, and write down what the others say there.

An examination gets a table only if, on sources left out, the 90 % interval of its Cllr lies below 1 bit under every condition;
whole sources are drawn again for it. A ridge that draws all LRs towards 1 is taken as strong as that needs, of two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from evidence_items import Gathered, Valued, settings_of

from veridical.benchmark.calibration_metrics import cllr, cllr_min
from veridical.benchmark.intervals import Interval, cluster_bootstrap
from veridical.benchmark.metrics import auc
from veridical.calibrate import system
from veridical.calibrate.bins import BINS, Bin
from veridical.calibrate.items import Scored, columns
from veridical.calibrate.quality import fit_reach
from veridical.calibrate.table import REPEATS, fit_table, lacking
from veridical.errors import UsageError
from veridical.evidence.groups import dependence

RIDGES = (0.03, 0.1)
"""Weights of the squared slope, for weights that sum to 1."""
REACH = {
    "image": ("short_side_px", "jpeg_quality", "blur", "noise", "face_px"), "audio": ("speech_s", "snr_db"),
    "video": ("short_side_px", "fps", "duration_s", "face_px"),
}  # fmt: skip
"""What of the quality says whether a file is like those of the calibration. Voices are brought to one band by what hears them,
so that the rate and the codec of the file do not count; see `BELOW`."""
LEARNED_FROM_THESE = ("spatial.generator_attribution",)
NO_FACE = Bin(name="no face", words="pictures in which no face is found", when={"face_px": None})
BELOW = {
    "name": "below 3 kHz", "words": "recordings whose sound ends below 3 kHz", "when": {"bandwidth_hz": [None, 3000.0]},
    "valid": [0.0, 1.0], "upper": 0.0, "lowest": 0.0, "pairs": [], "fakes": 0, "reals": 0, "sources": 0, "cllr": None,
    "refused": "recordings whose sound ends below 3 kHz were not calibrated",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What an examination is worth on sources left out: log10 LRs of its values, and the figures of each condition."""

    ratios: np.ndarray
    labels: np.ndarray
    conditions: Mapping[str, Interval]
    figures: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether every condition has its whole interval below 1 bit, as it is printed."""
        return all(one.high is not None and short(one.high) < 1 for one in self.conditions.values())


def cost(ratios: np.ndarray, labels: np.ndarray) -> float:
    return cllr(ratios[labels == 1], ratios[labels == 0])


def items_of(valued: Sequence[Valued]) -> list[Scored]:
    """Return the items of a fit, a file one group: that all its conditions belong together is all that a fit must know."""
    return [replace(one.item, group=one.file.file) for one in valued]


def bins_of(kind: str) -> tuple[Bin, ...]:
    return BINS[kind] if kind == "audio" else ()


def judge(kind: str, valued: Sequence[Valued], one_sided: str, ridge: float, repeats: int = 500) -> Judged:
    """Return what LRs of sources left out are worth, each bin fitted apart as in a table."""
    items = items_of(valued)
    data = columns(items)
    ratios = held_out(kind, items, one_sided, ridge)
    named = np.array([one.condition for one in valued])
    sources = np.array([one.item.source for one in valued])
    found: dict[str, Interval] = {}
    if not repeats:
        return Judged(ratios, data.labels, found, {})
    for name in sorted({*named.tolist()}):
        here = named == name
        if len({*data.labels[here].tolist()}) == 2:
            found[name] = cluster_bootstrap(cost, ratios[here], data.labels[here], sources[here], repeats=repeats)
    whole = cluster_bootstrap(cost, ratios, data.labels, sources, repeats=repeats)
    figures = {
        "cllr": short(whole.point), "interval": ends(whole), "cllr_min": short(cllr_min(ratios, data.labels)),
        "auc": short(auc(data.values, data.labels)), "files": len({one.file.file for one in valued}),
        "fakes": data.count(1), "reals": data.count(0), "sources": len({*sources.tolist()}), "ridge": ridge,
        "conditions": {
            name: {"cllr": short(one.point), "interval": ends(one),
                   "cllr_min": short(cllr_min(ratios[named == name], data.labels[named == name]))}
            for name, one in found.items()
        },
    }  # fmt: skip
    return Judged(ratios, data.labels, found, figures)


def held_out(kind: str, items: Sequence[Scored], one_sided: str, ridge: float) -> np.ndarray:
    """Return each item's log10 LR by a system of its bin that was fitted without its source."""
    ratios = np.zeros(len(items))
    left = np.ones(len(items), bool)
    for one in bins_of(kind):
        here = np.array([one.holds(item.quality) for item in items]) & left
        inside = [item for item, there in zip(items, here, strict=True) if there]
        if inside and not lacking(inside):
            ratios[here] = apart(inside, one_sided, ridge)
            left &= ~here
    if left.any():
        ratios[left] = apart(items, one_sided, ridge)[left]
    return ratios


def apart(items: Sequence[Scored], one_sided: str, ridge: float) -> np.ndarray:
    data = columns(items)
    return system.left_out(data, one_sided=one_sided, ridge=ridge * float(data.weights.sum()))


def fit(gathered: Gathered, id: str, *, version: str, date: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return the table of an examination, or None, and its figures on sources left out, or why there are none."""
    valued, _ = shared(gathered, id)
    count = {"files": len({one.file.file for one in valued})}
    if id in LEARNED_FROM_THESE:
        return None, {"few": "its references were made from these very files, and none was held out", **count}
    if few := lacking(items_of(valued)):
        return None, {**tried(gathered.kind, valued, id), "few": few, **count}
    try:
        judged = next_that_holds(gathered.kind, valued, one_sided(id))
    except UsageError as error:
        return None, {"few": str(error), **count}
    if not judged.holds:
        return None, dict(judged.figures)
    table = fitted(gathered, id, ridge=judged.figures["ridge"], version=version, date=date)
    table["made_from"] = made_from(valued, judged)
    return table, dict(judged.figures)


def tried(kind: str, valued: Sequence[Valued], id: str) -> dict[str, Any]:
    """Return the figures on sources left out of values that are too few for a table; none where even that cannot be."""
    try:
        return dict(judge(kind, valued, one_sided(id), RIDGES[0]).figures)
    except UsageError:
        return {}


def fitted(
    gathered: Gathered, id: str, *, ridge: float, version: str, date: str, repeats: int = REPEATS
) -> dict[str, Any]:
    """Return a table with a given ridge."""
    kind = gathered.kind
    valued, faceless = shared(gathered, id)
    items = items_of(valued)
    judged = judge(kind, valued, one_sided(id), ridge, repeats=0)
    table = fit_table(
        items, id=id, settings=settings_of(id), version=version, date=date, one_sided=one_sided(id), bins=bins_of(kind),
        names=(), ridge=ridge * float(columns(items).weights.sum()), repeats=repeats,
    )  # fmt: skip
    measured = [one.item for one in valued if (one.condition, one.file.file) in gathered.vectors]
    if not (reach := fit_reach(measured, REACH[kind]) if measured else None):
        raise SystemExit(f"{id}: no quality vector was measured; run the step quality first")
    table["quality"] = reach
    boxed(kind, table, [one.quality for one in measured])
    bounded(table, judged, valued)
    if faceless and not lacking(items_of(faceless)):
        table["conditions"].insert(0, refusing(NO_FACE, judge(kind, faceless, one_sided(id), ridge)))
    if kind == "audio":
        table["conditions"].insert(0, dict(BELOW))
    return table


def shared(gathered: Gathered, id: str) -> tuple[list[Valued], list[Valued]]:
    """Return what a table is fitted on, and the pictures without a face, of which networks for pictures say nothing."""
    valued = gathered.values[id]
    if gathered.kind != "image" or not id.startswith("learned"):
        return valued, []
    faces = [one for one in valued if "face_px" in one.item.quality]
    return faces, [one for one in valued if "face_px" not in one.item.quality]


def one_sided(id: str) -> str:
    return "fake" if id in dependence().one_sided else ""


def next_that_holds(kind: str, valued: Sequence[Valued], one_sided: str) -> Judged:
    """Return the figures with the weakest ridge with which all conditions hold; with the weakest of all if none does."""
    tried = []
    for ridge in RIDGES:
        tried.append(judge(kind, valued, one_sided, ridge))
        if tried[-1].holds:
            return tried[-1]
    return tried[0]


def boxed(kind: str, table: dict[str, Any], qualities: Sequence[Mapping[str, float]]) -> None:
    """Refuse files with a quality below the smallest or above the largest of the files fitted on, and say so in words."""
    known = {name: [one[name] for one in qualities if name in one] for name in REACH[kind]}
    box = {name: [min(values), max(values)] for name, values in known.items() if values}
    for one in table["conditions"]:
        one["when"] = box | one["when"]
        if kind == "image":
            side, quality = box["short_side_px"], box["jpeg_quality"]
            one["words"] = (
                f"JPEG pictures of quality {quality[0]:.0f} to {quality[1]:.0f} with a face, {side[0]:.0f} to {side[1]:.0f} "
                "pixels on the short side"
            )
        elif kind == "audio":
            one["words"] += ", with {:.0f} to {:.0f} s of speech".format(*box["speech_s"])


def bounded(table: dict[str, Any], judged: Judged, valued: Sequence[Valued]) -> None:
    """Narrow the bounds by what speakers and systems, of which each counts once, support; and name how many there are."""
    data = columns([replace(one.item, group=unit(one)) for one in valued])
    low, high = system.narrowest(data, judged.ratios)
    for one in table["conditions"]:
        if not one.get("refused"):
            one["lowest"], one["upper"] = max(one["lowest"], low), min(one["upper"], high)
            one["fakes"], one["reals"] = data.count(1), data.count(0)


def unit(one: Valued) -> str:
    """Return what counts as one independent example: a person, or what one system made of one speaker."""
    return (
        f"{one.file.person} by {one.file.maker}"
        if one.file.maker and one.file.file != one.file.person
        else one.file.person
    )


def refusing(one: Bin, judged: Judged) -> dict[str, Any]:
    """Return a condition that refuses, with the figures that are the reason."""
    said = judged.figures
    if judged.holds:
        raise SystemExit(f"{one.words} can be weighed: Cllr {said['cllr']}; give them a condition of their own")
    return BELOW | {
        "name": one.name, "words": one.words, "when": {name: None for name in one.when}, "cllr": said["cllr"],
        "refused": f"{one.words}: on sources left out the value says nothing (Cllr {said['cllr']:.2f} bits, "
        f"{said['fakes']} fakes and {said['reals']} real files)",
    }  # fmt: skip


def made_from(valued: Sequence[Valued], judged: Judged) -> dict[str, Any]:
    """Return what a table was fitted on: sources with their files and generators, conditions, and what that is worth."""
    sources: dict[str, dict[str, Any]] = {}
    for one in valued:
        held = sources.setdefault(one.item.source, {"fake": set(), "real": set(), "generators": set()})
        held[one.item.label].add(one.file.file)
        held["generators"] |= {one.item.generator} - {""}
    return {
        "sources": {
            name: {"fake": len(held["fake"]), "real": len(held["real"]), "generators": sorted(held["generators"])}
            for name, held in sorted(sources.items())
        },
        "conditions": sorted({one.condition for one in valued}), "left_out": dict(judged.figures),
        "values": "of networks that had not seen the fold of the file; the shipped networks have seen all folds"
        if valued[0].item.cross_fitted else "of the shipped examination, which learns nothing",
    }  # fmt: skip


def unfit(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, of each examination without a table, why it has none."""
    return {
        id: {**one, "why": f"too few files to calibrate: {one['few']}"} if "few" in one else {
            **one, "why": "on sources left out it does not separate fakes from real files well enough to be weighed: Cllr "
            + worst(one) + " bits; 1 is worth nothing",
        } for id, one in sorted(figures.items())
    }  # fmt: skip


def worst(one: Mapping[str, Any]) -> str:
    """Return Cllr and interval of the condition that fails most clearly, in words."""
    name, said = max(one["conditions"].items(), key=lambda pair: pair[1]["interval"][1] if pair[1]["interval"] else 9)
    if not said["interval"]:
        return f"{said['cllr']:.2f} ({name})"
    return f"{said['cllr']:.2f} ({said['interval'][0]:.2f} to {said['interval'][1]:.2f}; {name})"


def short(value: float) -> float:
    return float(f"{value:.4g}")


def ends(one: Interval) -> list[float] | None:
    return None if one.low is None or one.high is None else [short(one.low), short(one.high)]


def write_json(path: Path, plain: Mapping[str, Any], indent: int | None = 1) -> None:
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(plain, indent=indent, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(path)
