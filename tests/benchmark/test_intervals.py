"""Bootstrap and DeLong: against the same resamples one by one, DeLong's definition, and the truth of simulated experiments."""

from __future__ import annotations

import time
from functools import partial
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from veridical.benchmark import intervals, metrics, points
from veridical.benchmark.calibration_metrics import cllr_min
from veridical.benchmark.detection_cost import AsvErrors, min_tdcf
from veridical.benchmark.intervals import cluster_bootstrap, delong, delong_interval
from veridical.errors import UsageError

ASV = AsvErrors(miss=0.02, false_alarm=0.03, miss_spoof=0.4)
METRICS = [
    metrics.auc,
    metrics.average_precision,
    metrics.eer,
    partial(metrics.eer, hull=True),
    cllr_min,
    partial(min_tdcf, asv=ASV),
]


def people(
    seed: int, *, groups: int = 30, each: int = 3, share: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of N(±1, 1): ``groups`` people a label with ``each`` files; ``share`` of the variance is the person's."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.r_[np.ones(groups, dtype=int), np.zeros(groups, dtype=int)], each)
    person = np.repeat(random.normal(0, share**0.5, 2 * groups), each)
    values = person + random.normal(0, (1 - share) ** 0.5, labels.size) + 2 * labels - 1
    return values, labels, np.repeat(np.arange(2 * groups), each)


@st.composite
def weighted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Up to 20 items of both labels with ties, and four rows of weights that leave both labels present."""
    labels = np.array([1, 0] + draw(st.lists(st.integers(0, 1), min_size=2, max_size=18)))
    values = np.array(draw(st.lists(st.integers(-4, 4), min_size=labels.size, max_size=labels.size)), dtype=float)
    row = st.lists(st.integers(0, 3), min_size=labels.size, max_size=labels.size)
    weights = np.array(draw(st.lists(row, min_size=4, max_size=4)))
    weights[:, :2] += 1
    return values, labels, weights


@given(weighted())
def test_weights_are_repetitions(sample: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    values, labels, weights = sample
    at_once = {metric: intervals._computer(metric, values, labels)(weights) for metric in METRICS}
    rates = intervals._computer(partial(metrics.tpr_at_fpr, fpr=0.3), values, labels)(weights)
    for row, times in enumerate(weights):
        index = np.repeat(np.arange(labels.size), times)
        for metric, found in at_once.items():
            assert found[row] == pytest.approx(metric(values[index], labels[index]), abs=1e-9)
        assert rates[row] == metrics.tpr_at_fpr(values[index], labels[index], fpr=0.3).tpr


@pytest.mark.parametrize("metric", METRICS)
def test_the_fast_way_is_the_slow_way(metric: partial[float]) -> None:
    sample = people(1, groups=12)
    fast = cluster_bootstrap(metric, *sample, repeats=100)
    slow = cluster_bootstrap(lambda *sample: float(metric(*sample)), *sample, repeats=100)
    assert (fast.point, fast.low, fast.high) == pytest.approx((slow.point, slow.low, slow.high), abs=1e-9)
    assert fast.low is not None and fast.high is not None and fast.low < fast.point < fast.high
    assert (fast.groups, fast.level) == (24, 0.9)


def test_groups_are_drawn_whole_and_both_labels_stay() -> None:
    labels = np.array([1, 1, 1, 0, 0, 1, 0, 1, 0])
    group = np.array(["a", "a", "b", "c", "c", "both", "both", "two", "two"])

    def check(values: np.ndarray, drawn: np.ndarray) -> float:
        times = np.bincount(values.astype(int), minlength=9)
        for name in np.unique(group):
            assert len(set(times[group == name])) == 1  # all of a group, as often
        assert times[[0, 2]].sum() == 2 and times[3] == 1 and times[[5, 7]].sum() == 2  # of each kind, as many
        assert set(drawn) == {0, 1}
        return float(times[0])

    cluster_bootstrap(check, np.arange(9), labels, group, repeats=200)


def test_the_seed_decides_and_the_order_of_items_does_not() -> None:
    values, labels, group = people(2)
    mixed = np.random.default_rng(0).permutation(labels.size)
    first = cluster_bootstrap(metrics.auc, values, labels, group)
    assert cluster_bootstrap(metrics.auc, values[mixed], labels[mixed], group[mixed]) == first
    assert cluster_bootstrap(metrics.auc, values, labels, group, seed=1) != first
    wide = cluster_bootstrap(metrics.auc, values, labels, group, level=0.99)
    assert wide.low < first.low and wide.high > first.high  # type: ignore[operator]


def test_batches_change_nothing_for_one_kind_of_group(monkeypatch: pytest.MonkeyPatch) -> None:
    values, labels, _ = people(3, groups=20, each=1)
    group = np.tile(np.arange(20), 2)  # every person with one real and one fake file
    whole = cluster_bootstrap(metrics.auc, values, labels, group)
    monkeypatch.setattr(intervals, "_CELLS", 40 * 7)
    assert cluster_bootstrap(metrics.auc, values, labels, group) == whole


def test_intervals_by_group_hold_the_truth_and_intervals_by_file_do_not() -> None:
    truth = float(ndtr(2 / np.sqrt(2)))
    held = {"group": 0, "file": 0}
    for seed in range(200):
        values, labels, group = people(100 + seed, groups=30, each=5, share=0.8)
        for name, by in (("group", group), ("file", np.arange(labels.size))):
            found = cluster_bootstrap(metrics.auc, values, labels, by, repeats=200, seed=seed)
            held[name] += found.low <= truth <= found.high  # type: ignore[operator]
    assert 0.80 <= held["group"] / 200 <= 0.96  # level 0.9
    assert held["file"] / 200 < 0.75


@pytest.mark.parametrize(
    ("values", "labels", "groups"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], ["a", "b", "c", "d"]),  # perfect: no resample changes it
        ([1, 3, 2, 4], [0, 0, 1, 1], ["a", "a", "c", "d"]),  # all real files of one person
        ([1, 3, 2, 4], [0, 1, 0, 1], ["a", "a", "a", "a"]),
    ],
)
def test_what_shows_no_spread_has_no_interval(values: list[int], labels: list[int], groups: list[str]) -> None:
    found = cluster_bootstrap(metrics.auc, values, labels, groups, repeats=100)
    assert (found.point, found.low, found.high) == (metrics.auc(values, labels), None, None)
    assert found.groups == len(set(groups))


def test_a_thousand_items_and_repeats_take_less_than_two_seconds() -> None:
    sample = people(4, groups=250, each=2)
    for metric in (metrics.auc, metrics.average_precision, metrics.eer, metrics.tpr_at_fpr):
        start = time.process_time()
        cluster_bootstrap(metric, *sample)
        assert time.process_time() - start < 2


def test_bad_options_are_told() -> None:
    sample = people(5)
    with pytest.raises(UsageError, match="100 or more"):
        cluster_bootstrap(metrics.auc, *sample, repeats=10)
    with pytest.raises(UsageError, match="between 0 and 1"):
        cluster_bootstrap(metrics.auc, *sample, level=90)
    with pytest.raises(UsageError, match="give one for each"):
        cluster_bootstrap(metrics.auc, sample[0], sample[1], ["a"])


def definition(values_a: np.ndarray, values_b: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUCs and covariance straight from DeLong's structural components, pair by pair."""
    kernels = []
    for values in (values_a, values_b):
        fakes, reals = values[labels == 1][:, None], values[labels == 0][None, :]
        kernels.append((fakes > reals) + 0.5 * (fakes == reals))
    by_fake, by_real = np.array([k.mean(axis=1) for k in kernels]), np.array([k.mean(axis=0) for k in kernels])
    fakes, reals = kernels[0].shape
    return by_fake.mean(axis=1), np.cov(by_fake) / fakes + np.cov(by_real) / reals


@pytest.mark.parametrize("seed", range(10))
def test_delong_is_its_definition_and_nearly_the_jackknife(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = np.r_[np.ones(40, dtype=int), np.zeros(30, dtype=int)]
    first = np.round(random.normal(size=70) + labels, 1)  # with ties
    second = np.round(0.6 * first + random.normal(size=70), 1)
    aucs, covariance = definition(first, second, labels)
    found = delong(first, second, labels)
    assert (found.auc_a, found.auc_b) == pytest.approx(tuple(aucs), abs=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-12)
    z = (aucs[0] - aucs[1]) / np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.z == pytest.approx(z)
    assert found.p == pytest.approx(2 * NormalDist().cdf(-abs(z)))
    other = delong(second, first, labels)
    assert (other.z, other.p) == pytest.approx((-found.z, found.p))
    left_out = [metrics.auc(np.delete(first, i), np.delete(labels, i)) for i in range(70)]
    jackknife = sum(
        (n - 1) / n * np.sum((part - np.mean(part)) ** 2)
        for part, n in ((np.array(left_out[:40]), 40), (np.array(left_out[40:]), 30))
    )
    assert found.covariance[0, 0] == pytest.approx(jackknife, rel=1e-9)


def test_p_is_uniform_where_two_statistics_are_equally_good() -> None:
    random = np.random.default_rng(7)
    labels = np.r_[np.ones(60, dtype=int), np.zeros(60, dtype=int)]
    common = random.normal(size=(400, 120)) + labels
    p = [delong(s + random.normal(size=120), s + random.normal(size=120), labels).p for s in common]
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.045)
    assert np.mean(p) == pytest.approx(0.5, abs=0.05)


def test_delong_where_nothing_varies() -> None:
    labels = np.array([0, 0, 1, 1, 1])
    values = np.array([1, 3, 2, 4, 5])
    same = delong(values, np.exp(values), labels)
    assert (same.z, same.p) == (0, 1)
    with pytest.raises(UsageError, match="no variance"):
        delong([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], labels)
    with pytest.raises(UsageError, match="two of each"):
        delong([1, 2, 3], [3, 2, 1], [0, 1, 1])


def test_the_delong_interval_holds_the_truth() -> None:
    truth, held = float(ndtr(2 / np.sqrt(2))), 0
    for seed in range(400):
        values, labels, _ = people(seed, groups=40, each=1)
        found = delong_interval(values, labels)
        assert found.low < found.point < found.high  # type: ignore[operator]
        assert found.point == pytest.approx(metrics.auc(values, labels))
        held += found.low <= truth <= found.high  # type: ignore[operator]
    assert 0.85 <= held / 400 <= 0.95
    perfect = delong_interval([1, 2, 3, 4], [0, 0, 1, 1])
    assert (perfect.point, perfect.low, perfect.high) == (1, None, None)


def test_hull_edges_of_many_rows_are_those_of_each() -> None:
    random = np.random.default_rng(8)
    values, labels = random.integers(0, 9, 60).astype(float), random.integers(0, 2, 60)
    weights = random.integers(0, 3, (50, 60))
    together = points.eer(points.of_weights(values, labels, weights), hull=True)
    alone = [points.eer(points.of_weights(values, labels, row[None]), hull=True)[0] for row in weights]
    np.testing.assert_array_equal(together, alone)


def test_resamples_that_lie_to_one_side_move_the_interval_back() -> None:
    seen: list[float] = []

    def spied(values: np.ndarray, labels: np.ndarray) -> float:
        seen.append(cllr_min(values, labels))
        return seen[-1]

    found = cluster_bootstrap(spied, *people(6, groups=20, each=1), repeats=400)
    point, drawn = seen[0], np.array(seen[1:])
    low, high = np.quantile(drawn, [0.05, 0.95])
    assert np.median(drawn) < point  # calibration fits a resample, with its repetitions, too well
    assert found.low > low and found.high > high  # type: ignore[operator]
    lean = ndtri((np.sum(drawn < point) + 0.5 * np.sum(drawn == point)) / 400)
    expected = np.quantile(drawn, ndtr(2 * lean + ndtri([0.05, 0.95])))
    assert (found.low, found.high) == pytest.approx(tuple(expected))
