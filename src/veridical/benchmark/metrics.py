"""How well a statistic tells fake from real: AUC, EER, average precision, rates at a threshold.

Every function takes ``values`` [shape=(n,)], higher meaning more like a fake, and ``labels`` [shape=(n,)], 1 for fake and 0
for real. A threshold calls fake what is at or above it. Values must be finite and both labels present; else `UsageError`.

References
----------
Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006.
Brümmer and de Villiers, The BOSARIS toolkit, arXiv:1304.2865, 2013 (EER on the convex hull).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from . import points
from .scikit import scikit

NEGATIVES_A_FALSE_ALARM = 30


@dataclass(frozen=True, slots=True)
class TprAtFpr:
    """Share of fakes found at a fixed share of false alarms.

    Parameters
    ----------
    tpr
        Share of the fakes that the threshold finds.
    enough
        Whether there are at least 30 / FPR real items. With fewer, the threshold rests on a handful of real items (or on
        none), and the number says little about other data.
    needed
        That number of real items.
    """

    tpr: float
    enough: bool
    needed: int


def checked(values: ArrayLike, labels: ArrayLike, *, infinite: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return values as float64 and labels as 0/1 integers.

    Parameters
    ----------
    infinite
        Whether infinite values are fit, as they are for log likelihood ratios.

    Raises
    ------
    UsageError
        Lengths differ, a value is not a finite number, a label is neither 0 nor 1, or a label is missing.
    """
    numbers, marks = np.asarray(values, dtype=np.float64), np.asarray(labels)
    if numbers.ndim != 1 or numbers.shape != marks.shape:
        raise UsageError(f"values {numbers.shape} and labels {marks.shape} must be two lists of one length")
    bad = np.isnan(numbers) if infinite else ~np.isfinite(numbers)
    if bad.any():
        raise UsageError(f"{bad.sum()} of {bad.size} values are not finite: leave out what was not measured")
    if not np.isin(marks, (0, 1)).all():
        raise UsageError("labels must be 1 (fake) or 0 (real)")
    marks = marks.astype(np.int64)
    fakes = int(marks.sum())
    if not 0 < fakes < marks.size:
        raise UsageError(
            f"{fakes} fake and {marks.size - fakes} real items: a metric needs both, add files of the other label"
        )
    return numbers, marks


def auc(values: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a fake's value lies above a real item's, ties counting half."""
    values, labels = checked(values, labels)
    return float(scikit("metrics").roc_auc_score(labels, values))


def average_precision(values: ArrayLike, labels: ArrayLike) -> float:
    """Average precision: precision summed over steps in recall, without interpolation. Depends on the share of fakes."""
    values, labels = checked(values, labels)
    return float(scikit("metrics").average_precision_score(labels, values))


def eer(values: ArrayLike, labels: ArrayLike, *, hull: bool = False) -> float:
    """Equal error rate: where the share of real items flagged equals the share of fakes missed.

    A finite sample seldom has a threshold at which the two are equal, so the rate is read where the line FPR = FNR crosses
    the ROC curve, with straight lines between neighbouring thresholds: a point on such a line is reached by choosing at
    random between its two thresholds. Above 0.5, the statistic ranks the wrong way round.

    Parameters
    ----------
    hull
        Read the rate on the convex hull of the curve (BOSARIS). It is never higher than on the curve nor above 0.5, and since
        the hull is fitted to the data it is optimistic: 0.139 on average for a true 0.159 and 30 items a label, where the
        curve gives 0.157.
    """
    return float(points.eer(points.of(*checked(values, labels)), hull=hull))


def tpr_at_fpr(values: ArrayLike, labels: ArrayLike, *, fpr: float = 0.01) -> TprAtFpr:
    """Share of fakes found at the threshold that flags at most ``fpr`` of the real items; nothing is interpolated."""
    values, labels = checked(values, labels)
    _check_rate(fpr)
    needed = int(np.ceil(NEGATIVES_A_FALSE_ALARM / fpr - 1e-6))
    tpr = float(points.tpr_at_fpr(points.of(values, labels), fpr=fpr))
    return TprAtFpr(tpr, int(np.sum(labels == 0)) >= needed, needed)


def threshold_at_fpr(values: ArrayLike, labels: ArrayLike, *, fpr: float = 0.01) -> float:
    """Lowest threshold that flags at most ``fpr`` of the real items; set it on one set, use it on another.

    It lies just above a real item's value, and does not depend on the fakes.
    """
    values, labels = checked(values, labels)
    _check_rate(fpr)
    reals = np.sort(values[labels == 0])[::-1]
    allowed = int(np.floor(fpr * len(reals) + 1e-9))
    return float(np.nextafter(reals[allowed], np.inf)) if allowed < len(reals) else float(reals[-1])


def accuracy_at(values: ArrayLike, labels: ArrayLike, threshold: float, *, balanced: bool = False) -> float:
    """Share of items on the right side of a threshold that was set elsewhere.

    Parameters
    ----------
    threshold
        Fake is what is at or above it.
    balanced
        Mean of the shares of the two labels, so that the rarer one counts as much.
    """
    values, labels = checked(values, labels)
    if not np.isfinite(threshold):
        raise UsageError(
            f"the threshold {threshold} is not a finite number: set one with threshold_at_fpr on another set"
        )
    right = (values >= threshold) == (labels == 1)
    if balanced:
        return float(right[labels == 1].mean() + right[labels == 0].mean()) / 2
    return float(right.mean())


def mae(estimates: ArrayLike, truths: ArrayLike) -> float:
    """Mean absolute error of estimates, in their unit (pulse rate in beats a minute, offset in seconds)."""
    guessed, known = np.asarray(estimates, dtype=np.float64), np.asarray(truths, dtype=np.float64)
    if guessed.ndim != 1 or guessed.shape != known.shape or not guessed.size:
        raise UsageError(
            f"estimates {guessed.shape} and truths {known.shape} must be two lists of one length, not empty"
        )
    if not (np.isfinite(guessed).all() and np.isfinite(known).all()):
        raise UsageError("an estimate or a truth is not a finite number: leave out what was not measured")
    return float(np.abs(guessed - known).mean())


def _check_rate(fpr: float) -> None:
    if not 0 < fpr <= 1:
        raise UsageError(f"a false-positive rate lies above 0 and at most at 1, not at {fpr}: give 0.01 for 1 %")
