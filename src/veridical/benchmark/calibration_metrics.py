"""How good likelihood ratios are: Cllr, Cllr_min, empirical cross-entropy, rate of misleading evidence.

H1 says that a file is fake, H2 that it is real; an LR above 1 speaks for H1. All functions but `cllr_min` and `pav_log10_lr`
need likelihood ratios: a raw statistic has no Cllr before it is calibrated. LRs are given as log10, plus or minus infinity
included. An infinite LR on the right side costs nothing, on the wrong side everything.

References
----------
Brümmer and du Preez, Application-independent evaluation of speaker detection, Computer Speech and Language 20, 2006.
Ramos, Gonzalez-Rodriguez, Zadora and Aitken, Information-theoretical assessment of the performance of likelihood ratio
computation methods, Journal of Forensic Sciences 58, 2013 (empirical cross-entropy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from . import points
from .metrics import checked

_BITS_A_DECADE = float(np.log2(10))


@dataclass(frozen=True, slots=True)
class MisleadingRate:
    """Share of cases whose LR points the wrong way.

    Parameters
    ----------
    h1
        Share of fakes with an LR below 1.
    h2
        Share of real items with an LR above 1.
    """

    h1: float
    h2: float


def cllr(log10_lr_h1: ArrayLike, log10_lr_h2: ArrayLike) -> float:
    """Log-likelihood-ratio cost in bits: 0 is perfect, 1 is no information, above 1 is worse than none.

    Parameters
    ----------
    log10_lr_h1, log10_lr_h2
        log10 LRs of the fakes, and of the real items.
    """
    h1, h2 = _checked(log10_lr_h1, log10_lr_h2)
    return float(_bits(-h1).mean() + _bits(h2).mean()) / 2


def ece(log10_lr_h1: ArrayLike, log10_lr_h2: ArrayLike, prior_log10_odds: ArrayLike) -> np.ndarray:
    """Empirical cross-entropy in bits at each prior odds of H1; at odds 1 it equals Cllr.

    Parameters
    ----------
    prior_log10_odds
        log10 of the prior odds, of any shape; a plot takes -3 to 3.

    Returns
    -------
    np.ndarray
        One number for each prior odds, in the same shape.
    """
    h1, h2 = _checked(log10_lr_h1, log10_lr_h2)
    prior = np.asarray(prior_log10_odds, dtype=np.float64)
    if np.any(np.abs(prior) > 100) or np.isnan(prior).any():
        raise UsageError("log10 prior odds must lie between -100 and 100")
    share, rest = 1 / (1 + 10.0**-prior), 1 / (1 + 10.0**prior)
    missed = np.array([_bits(-h1 - odds).mean() for odds in prior.flat]).reshape(prior.shape)
    flagged = np.array([_bits(h2 + odds).mean() for odds in prior.flat]).reshape(prior.shape)
    return np.asarray(share * missed + rest * flagged)


def misleading_rate(log10_lr_h1: ArrayLike, log10_lr_h2: ArrayLike) -> MisleadingRate:
    """Rate of misleading evidence on either side; an LR of exactly 1 misleads nobody."""
    h1, h2 = _checked(log10_lr_h1, log10_lr_h2)
    return MisleadingRate(h1=float((h1 < 0).mean()), h2=float((h2 > 0).mean()))


def cllr_min(values: ArrayLike, labels: ArrayLike) -> float:
    """Cllr of the best calibration that keeps the order of the values: what is lost by discrimination alone.

    Takes raw values or log LRs, and depends on their order only. It is fitted to the data it is computed on, so it is
    optimistic for small sets. ``cllr - cllr_min`` is what is lost by calibration.
    """
    return float(points.cllr_min(points.of(*checked(values, labels, infinite=True))))


def pav_log10_lr(values: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Return each item's log10 LR after pool-adjacent-violators on the same data; infinite at the pure ends."""
    values, labels = checked(values, labels, infinite=True)
    odds = points.pav_odds(points.of(values, labels))
    _, block = np.unique(-values, return_inverse=True)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(odds[block]))


def _bits(log10_odds: np.ndarray) -> np.ndarray:
    """Return log2(1 + odds), exact for odds of any size."""
    return np.asarray(np.logaddexp2(0, log10_odds * _BITS_A_DECADE))


def _checked(log10_lr_h1: ArrayLike, log10_lr_h2: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    h1, h2 = np.asarray(log10_lr_h1, dtype=np.float64), np.asarray(log10_lr_h2, dtype=np.float64)
    if h1.ndim != 1 or h2.ndim != 1 or not h1.size or not h2.size:
        raise UsageError(f"{h1.size} LRs of fakes and {h2.size} of real items: give a list of each, not empty")
    if np.isnan(h1).any() or np.isnan(h2).any():
        raise UsageError("a log10 LR is not a number: leave out what has no LR")
    return h1, h2
