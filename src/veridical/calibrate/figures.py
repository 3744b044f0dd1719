"""How good a calibration is on files that it was fitted without: Cllr and its kin, Tippett and ECE data, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import rankdata

from ..benchmark import calibration_metrics as metrics
from . import pav

PRIORS = np.linspace(-3, 3, 25)
QUANTILES = np.linspace(0, 1, 101)
MODERATE = 2.0
"""log10 LR from which support is more than moderate."""


def of(values: np.ndarray, labels: np.ndarray, log10_lr: np.ndarray) -> dict[str, Any]:
    """Return the figures of LRs that were each given by a fit without the file.

    Parameters
    ----------
    values
        The statistic [shape=(n,)]: its AUC and Cllr_min say what any calibration could reach.

    Returns
    -------
    dict
        ``cllr``, ``cllr_min`` of the LRs, ``cllr_min_value`` and ``auc`` of the statistic, ``misleading`` {fake, real}, the
        same ``beyond_moderate``, ``tippett`` {fake, real}: 101 quantiles of log10 LR, ``ece`` {prior,
        system, pav, neutral} in bits.
    """
    fakes, reals = log10_lr[labels == 1], log10_lr[labels == 0]
    rate = metrics.misleading_rate(fakes, reals)
    flat = pav_of(log10_lr, labels)
    return {
        "cllr": _short(metrics.cllr(fakes, reals)), "cllr_min": _short(metrics.cllr_min(log10_lr, labels)),
        "cllr_min_value": _short(metrics.cllr_min(values, labels)), "auc": _short(auc(values, labels)),
        "misleading": {"fake": _short(rate.h1), "real": _short(rate.h2)},
        "beyond_moderate": {
            "fake": _short(float((fakes < -MODERATE).mean())), "real": _short(float((reals > MODERATE).mean())),
        },
        "tippett": {
            "fake": [_short(one) for one in np.quantile(fakes, QUANTILES)],
            "real": [_short(one) for one in np.quantile(reals, QUANTILES)],
        },
        "ece": {
            "prior": [_short(one) for one in PRIORS],
            "system": [_short(one) for one in metrics.ece(fakes, reals, PRIORS)],
            "pav": [_short(one) for one in metrics.ece(flat[labels == 1], flat[labels == 0], PRIORS)],
            "neutral": [_short(one) for one in metrics.ece([0.0], [0.0], PRIORS)],
        },
    }  # fmt: skip


def pav_of(log10_lr: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the LRs after PAV on themselves, without added cases: the best that keeps their order."""
    knots, ratios = pav.fit(log10_lr, labels, misleading=0)
    return np.asarray(ratios[np.searchsorted(knots, log10_lr)])


def auc(values: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of pairs of a fake and a real file in which the fake's value is higher, ties counting half."""
    fakes = int((labels == 1).sum())
    ranks = rankdata(values)[labels == 1].sum()
    return float((ranks - fakes * (fakes + 1) / 2) / (fakes * (len(labels) - fakes)))


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")


def headline(figures: Mapping[str, Any]) -> str:
    """Return the figures in one line."""
    return f"Cllr {figures['cllr']:.2f} (at best {figures['cllr_min']:.2f}), AUC {figures['auc']:.2f}"
