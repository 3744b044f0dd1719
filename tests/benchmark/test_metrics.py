"""AUC, EER, AP and rates at a threshold: against pair counts, scikit-learn's curves, and what theory gives for two normals."""

from __future__ import annotations

import math
import sys
from functools import partial
from itertools import combinations_with_replacement
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, roc_curve

from veridical.benchmark import points, scikit
from veridical.benchmark.metrics import accuracy_at, auc, average_precision, eer, mae, threshold_at_fpr, tpr_at_fpr
from veridical.errors import UsageError

QUANTILES = [NormalDist().inv_cdf((i + 0.5) / 4000) for i in range(4000)]


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Up to 24 items of both labels, with many ties."""
    fakes = draw(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
    reals = draw(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
    return np.array(fakes + reals, dtype=float), np.array([1] * len(fakes) + [0] * len(reals))


def normals(distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Exact quantiles of N(±distance / 2, 1), 4000 of each label."""
    q = np.array(QUANTILES)
    return np.r_[q + distance / 2, q - distance / 2], np.r_[np.ones(4000), np.zeros(4000)]


def rates(values: np.ndarray, labels: np.ndarray) -> list[tuple[float, float]]:
    """FPR and FNR at every threshold, one by one."""
    steps = [*np.unique(values), np.inf]
    return [(float(np.mean(values[labels == 0] >= t)), float(np.mean(values[labels == 1] < t))) for t in steps]


@given(samples())
def test_auc_counts_the_pairs_in_order(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    pairs = [(f > r) + (f == r) / 2 for f in values[labels == 1] for r in values[labels == 0]]
    assert auc(values, labels) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert float(points.auc(points.of(values, labels))) == pytest.approx(np.mean(pairs), abs=1e-12)


@given(samples())
def test_average_precision_sums_precision_over_recall(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    total, recall = 0.0, 0.0
    for threshold in sorted(set(values), reverse=True):
        flagged = labels[values >= threshold]
        reached = flagged.sum() / labels.sum()
        total, recall = total + (reached - recall) * flagged.mean(), reached
    assert average_precision(values, labels) == pytest.approx(total, abs=1e-12)
    assert float(points.average_precision(points.of(values, labels))) == pytest.approx(total, abs=1e-12)


@given(samples())
def test_operating_points_are_those_of_scikit_learn(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    fpr, tpr, _ = roc_curve(labels, values, drop_intermediate=False)
    found = points.of(values, labels)
    np.testing.assert_allclose(found.fp / found.reals, fpr, atol=1e-12)
    np.testing.assert_allclose(found.tp / found.fakes, tpr, atol=1e-12)


@given(samples())
def test_eer_is_where_the_curve_crosses(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    curve = sorted(rates(values, labels), key=lambda point: (point[0], -point[1]))
    for (fpr0, fnr0), (fpr1, fnr1) in zip(curve[:-1], curve[1:], strict=True):
        if fpr0 <= fnr0 and fpr1 >= fnr1:
            share = (fnr0 - fpr0) / ((fnr0 - fpr0) + (fpr1 - fnr1)) if (fpr0, fnr0) != (fpr1, fnr1) else 0.0
            assert eer(values, labels) == pytest.approx(fpr0 + share * (fpr1 - fpr0), abs=1e-12)
            return
    pytest.fail("no crossing")


@given(samples())
def test_hull_eer_is_the_lowest_of_all_mixtures_of_two_thresholds(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    lowest = 1.0
    for (fpr0, fnr0), (fpr1, fnr1) in combinations_with_replacement(sorted(rates(values, labels)), 2):
        gap0, gap1 = fnr0 - fpr0, fpr1 - fnr1
        if gap0 >= 0 and gap1 >= 0:
            share = gap0 / (gap0 + gap1) if gap0 + gap1 > 0 else 0.0
            lowest = min(lowest, fpr0 + share * (fpr1 - fpr0))
    assert eer(values, labels, hull=True) == pytest.approx(lowest, abs=1e-12)


@pytest.mark.parametrize("distance", [0.0, 0.5, 1.0, 2.0, 4.0])
def test_a_planted_separation_gives_its_theoretical_auc_and_eer(distance: float) -> None:
    values, labels = normals(distance)
    theory = NormalDist()
    assert auc(values, labels) == pytest.approx(theory.cdf(distance / math.sqrt(2)), abs=2e-4)
    assert eer(values, labels) == pytest.approx(theory.cdf(-distance / 2), abs=2e-4)
    assert eer(values, labels, hull=True) == pytest.approx(theory.cdf(-distance / 2), abs=5e-4)
    found = tpr_at_fpr(values, labels, fpr=0.01)
    assert found.tpr == pytest.approx(theory.cdf(distance + theory.inv_cdf(0.01)), abs=3e-3)


def test_eer_of_two_shifted_normals_is_the_golden_one() -> None:
    values, labels = normals(2.0)
    assert eer(values, labels) == pytest.approx(0.1588, abs=1e-4)


@given(samples())
def test_order_alone_decides(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    bent = np.exp(values) * 1e-30  # far below any tolerance that compares values, not order
    for metric in (auc, average_precision, eer, partial(eer, hull=True)):
        assert metric(bent, labels) == metric(values, labels)


@given(samples())
def test_swapping_labels_and_sign_changes_nothing(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    for metric in (auc, eer, partial(eer, hull=True)):
        assert metric(-values, 1 - labels) == pytest.approx(metric(values, labels), abs=1e-12)
    assert auc(-values, labels) == pytest.approx(1 - auc(values, labels), abs=1e-12)
    assert eer(-values, labels) == pytest.approx(1 - eer(values, labels), abs=1e-12)


@given(samples())
def test_bounds(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    assert 0 <= eer(values, labels, hull=True) <= min(0.5, eer(values, labels)) + 1e-12
    assert 1 / len(labels) <= average_precision(values, labels) <= 1 + 1e-12
    assert (
        2 * eer(values, labels, hull=True) ** 2 <= 1 - auc(values, labels) + 1e-12
    )  # least area above a hull through it


@given(samples(), st.sampled_from([0.01, 0.1, 0.25, 0.29, 0.5, 1.0]))
@settings(max_examples=200)
def test_a_threshold_set_at_a_rate_keeps_it_and_finds_what_tpr_says(
    sample: tuple[np.ndarray, np.ndarray], fpr: float
) -> None:
    values, labels = sample
    threshold = threshold_at_fpr(values, labels, fpr=fpr)
    flagged = values >= threshold
    assert flagged[labels == 0].mean() <= fpr
    if threshold > values[labels == 0].min():  # the next lower threshold would flag too many
        assert (values[labels == 0] >= np.nextafter(threshold, -np.inf)).mean() > fpr
        assert flagged[labels == 1].mean() == tpr_at_fpr(values, labels, fpr=fpr).tpr


def test_29_percent_of_100_are_29() -> None:
    values, labels = np.r_[np.arange(100.0), 70.5], np.r_[np.zeros(100), 1]
    assert 0.29 * 100 < 29  # what rounding does to the product
    assert np.sum(values[:100] >= threshold_at_fpr(values, labels, fpr=0.29)) == 29
    assert tpr_at_fpr(values, labels, fpr=0.29).tpr == 1.0


@pytest.mark.parametrize(("reals", "enough"), [(2999, False), (3000, True)])
def test_tpr_says_whether_real_items_suffice(reals: int, enough: bool) -> None:
    values, labels = np.r_[np.arange(reals), reals + 1.0], np.r_[np.zeros(reals), 1]
    found = tpr_at_fpr(values, labels)
    assert (found.tpr, found.enough, found.needed) == (1.0, enough, 3000)


def test_accuracy_counts_the_right_side() -> None:
    values, labels = [0.1, 0.2, 0.9, 0.5, 0.3], [0, 0, 0, 1, 1]
    assert accuracy_at(values, labels, 0.5) == 3 / 5  # 0.9 is flagged wrongly, 0.3 missed, 0.5 found
    assert accuracy_at(values, labels, 0.5, balanced=True) == pytest.approx((2 / 3 + 1 / 2) / 2)
    with pytest.raises(UsageError, match="threshold_at_fpr on another set"):
        accuracy_at(values, labels, np.inf)


def test_mae_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    found, true = random.normal(70, 9, 50), random.normal(70, 9, 50)
    assert mae(found, true) == pytest.approx(mean_absolute_error(true, found))
    for bad in (([1, 2], [1]), ([], []), ([np.nan], [1.0])):
        with pytest.raises(UsageError):
            mae(*bad)


@pytest.mark.parametrize(
    ("values", "labels", "says"),
    [
        ([1, 2], [1], "one length"),
        ([[1, 2]], [[0, 1]], "one length"),
        ([1, np.nan], [0, 1], "1 of 2 values are not finite"),
        ([1, np.inf], [0, 1], "leave out what was not measured"),
        ([1, 2], [0, 2], "labels must be 1"),
        ([1, 2], [1, 1], "2 fake and 0 real items.*add files of the other label"),
        ([], [], "0 fake and 0 real"),
    ],
)
def test_what_is_no_labelled_sample_is_told(values: list[float], labels: list[int], says: str) -> None:
    for metric in (auc, average_precision, eer, tpr_at_fpr, threshold_at_fpr):
        with pytest.raises(UsageError, match=says):
            metric(values, labels)


@pytest.mark.parametrize("fpr", [0, -0.1, 1.1])
def test_a_rate_is_a_fraction(fpr: float) -> None:
    for metric in (tpr_at_fpr, threshold_at_fpr):
        with pytest.raises(UsageError, match=r"give 0\.01 for 1 %"):
            metric([1, 2], [0, 1], fpr=fpr)


def test_a_missing_scikit_learn_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    with pytest.raises(UsageError, match=r'pip install "veridical\[benchmark\]"'):
        scikit.scikit("metrics")


def test_what_scikit_learn_itself_misses_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ModuleNotFoundError(f"No module named 'joblib' (from {name})", name="joblib")

    monkeypatch.setattr(scikit, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="joblib"):
        scikit.scikit("metrics")
