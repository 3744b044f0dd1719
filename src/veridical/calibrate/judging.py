"""What a fused model is worth on sources left out, beside each of its findings alone: the figures that it carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import figures
from .capping import LeftOut, capped, within
from .cases import Case, by_group, matrix
from .fusing import RIDGE, Part, left_out


def judged(
    cases: Sequence[Case], said: LeftOut, parts: Sequence[Part], *, kind: str, ridge: float = RIDGE
) -> dict[str, Any]:
    """Return the figures of a fused model on sources left out.

    A case in which nothing was measured that the model weighs has an LR of 1, here as in a report; so have, for each finding
    alone, the cases that it could not judge. All are compared on the same cases.

    Parameters
    ----------
    cases
        All of them, also those in which no finding of the model was measured.
    said
        What `fusing.fit` returned beside the model.

    Returns
    -------
    dict
        What `figures.of` returns; ``cases``, ``weighed`` (those in which a group spoke), ``fakes`` and ``reals``
        (independent ones), ``sources``; ``conditions`` with Cllr and Cllr_min of each; ``alone``, the same of each finding,
        fitted and bounded in the same way; ``by_source``: cases, mean log10 LR and the share that misleads by more than a
        factor of two.
    """
    labels = np.array([one.label == "fake" for one in cases], dtype=np.int64)
    ratios = _over(cases, said)
    independent, held = by_group(said.cases), said.cases.labels
    found = figures.of(ratios, labels, ratios)
    found |= {
        "cases": len(cases), "weighed": int(said.spoke.sum()), "sources": len({one.source for one in said.cases.cases}),
        "fakes": round(float(independent[held == 1].sum())), "reals": round(float(independent[held == 0].sum())),
        "conditions": _conditions(cases, ratios, labels),
        "alone": {id: _alone(cases, part, id, kind, ridge) for part in parts for id in part.members},
        "by_source": _by_source(cases, ratios),
    }  # fmt: skip
    return found


def _over(cases: Sequence[Case], said: LeftOut) -> np.ndarray:
    """Return the log10 LR of all cases, 0 where nothing was weighed."""
    found = {(one.condition, one.file): ratio for one, ratio in zip(said.cases.cases, said.log10_lr, strict=True)}
    return np.array([found.get((one.condition, one.file), 0.0) for one in cases])


def _alone(cases: Sequence[Case], part: Part, id: str, kind: str, ridge: float) -> dict[str, Any]:
    """Return the figures of one finding by itself, on all cases."""
    loose = left_out(matrix(cases, [id]), [Part(group=part.group, members=(id,))], kind=kind, ridge=ridge)
    groups, ends = capped(loose, [loose])
    ratios = _over(cases, within(loose, groups, ends))
    labels = np.array([one.label == "fake" for one in cases], dtype=np.int64)
    return {**_cost(ratios, labels), "conditions": _conditions(cases, ratios, labels)}


def _conditions(cases: Sequence[Case], ratios: np.ndarray, labels: np.ndarray) -> dict[str, dict[str, float]]:
    named = np.array([one.condition for one in cases])
    return {name: _cost(ratios[named == name], labels[named == name]) for name in sorted({*named.tolist()})}


def _cost(ratios: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    if not 0 < labels.sum() < len(labels):
        return {}
    whole = figures.of(ratios, labels, ratios)
    return {"cllr": whole["cllr"], "cllr_min": whole["cllr_min"]}


def _by_source(cases: Sequence[Case], ratios: np.ndarray) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for source, label in sorted({(one.source, one.label) for one in cases}):
        own = np.array([one.source == source and one.label == label for one in cases])
        wrong = -ratios[own] if label == "fake" else ratios[own]
        found[f"{source} ({label})"] = {
            "cases": int(own.sum()), "mean": round(float(ratios[own].mean()), 3),
            "misleading": round(float((wrong > np.log10(2)).mean()), 4),
        }  # fmt: skip
    return found
