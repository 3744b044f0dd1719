"""Logistic and PAV fits and bounds: theory, brute force, and the package of the Netherlands Forensic Institute."""

from __future__ import annotations

import itertools
import math
from statistics import NormalDist

import lir.metrics
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lir.algorithms.bayeserror import elub as lir_elub
from lir.algorithms.isotonic_regression import IsotonicCalibrator
from lir.algorithms.logistic_regression import LogitCalibrator
from lir.data.models import LLRData
from scipy.optimize import minimize

from veridical.benchmark.calibration_metrics import cllr, cllr_min
from veridical.calibrate import bounds, figures, logistic, pav
from veridical.errors import UsageError

QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 4000) for i in range(4000)])
TOY = np.r_[QUANTILES + 1, QUANTILES - 1]
LABELS = np.r_[np.ones(4000, int), np.zeros(4000, int)]
# LRs of real items and of fakes, with the Cllr that stands beside them in the tests of the lir package
LISTED = [
    ([1 / 3] * 2, [3] * 2, 0.41504), ([1 / 3] * 2, [1], 0.70752), ([1 / 100] * 100, [1], 0.50718),
    ([1 / 100] * 100 + [100], [1], 0.54007), ([1 / 100] * 100 + [100] * 2, [1], 0.57231),
    ([1 / 100] * 100 + [100] * 6, [1], 0.69521), ([1], [1], 1.0), ([3] * 2, [1 / 3] * 2, 2.0), ([2], [2] * 2, 1.08496),
    ([8], [8] * 8, 1.66993),
]  # fmt: skip


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    fakes = draw(st.lists(st.integers(-12, 12), min_size=1, max_size=25))
    reals = draw(st.lists(st.integers(-12, 12), min_size=1, max_size=25))
    return np.array(fakes + reals) / 4, np.array([1] * len(fakes) + [0] * len(reals))


def random_sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, int(random.integers(40, 400)))
    return np.round(
        random.normal(size=len(labels)) + random.uniform(0.5, 3) * labels, int(random.integers(1, 4))
    ), labels


@pytest.mark.parametrize(("h2", "h1", "expected"), LISTED)
def test_cllr_golden_and_that_of_lir(h2: list[float], h1: list[float], expected: float) -> None:
    own = cllr(np.log10(h1), np.log10(h2))
    theirs = lir.metrics.cllr(
        LLRData(features=np.log10(np.r_[h1, h2]), labels=np.r_[np.ones(len(h1)), np.zeros(len(h2))])
    )
    assert own == pytest.approx(expected, abs=1e-5) and own == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("factor", [1, 2, 3, 0.5])
def test_the_fit_finds_the_llr_of_two_normals_however_confident_the_value(factor: float) -> None:
    fit = logistic.fit(factor * TOY, LABELS)
    # the natural log LR of N(1, 1) against N(-1, 1) is 2 s
    assert fit.slope * factor == pytest.approx(2 / math.log(10), rel=5e-3) and fit.offset == pytest.approx(0, abs=1e-9)
    ratios = fit(factor * TOY)
    assert cllr(ratios[LABELS == 1], ratios[LABELS == 0]) == pytest.approx(0.514, abs=5e-4)
    told = figures.of(TOY, LABELS, ratios)
    assert told["misleading"] == {"fake": pytest.approx(0.159, abs=1e-3), "real": pytest.approx(0.159, abs=1e-3)}
    assert told["ece"]["system"][12] == told["cllr"] and told["ece"]["prior"][12] == 0


@pytest.mark.parametrize(("factor", "expected"), [(1, 0.514), (2, 0.623), (3, 0.817), (0.5, 0.587)])
def test_llrs_that_say_too_much_or_too_little_cost_and_pav_shows_it(factor: float, expected: float) -> None:
    said = figures.of(TOY, LABELS, factor * 2 * TOY / math.log(10))
    assert said["cllr"] == pytest.approx(expected, abs=5e-4)
    assert said["cllr_min"] == pytest.approx(0.514, abs=3e-3)
    assert said["ece"]["pav"][12] == pytest.approx(said["cllr_min"], abs=1e-4)


@pytest.mark.parametrize("seed", range(12))
def test_the_logistic_fit_is_that_of_lir(seed: int) -> None:
    values, labels = random_sample(seed)
    given = (values - values.mean()) / values.std()
    theirs = LogitCalibrator(C=1.0, tol=1e-10, max_iter=1000).fit(given, labels).transform(given)
    own = logistic.fit(values, labels, ridge=1.0)(values)
    np.testing.assert_allclose(own, theirs, atol=2e-4)
    assert logistic.fit_many(given[:, None], labels)[1][0] == pytest.approx(logistic.fit(given, labels).slope, abs=1e-5)


@pytest.mark.parametrize("seed", range(12))
def test_cllr_min_and_pav_with_a_misleading_case_at_each_end_are_those_of_lir(seed: int) -> None:
    values, labels = random_sample(seed)
    knots, ratios = pav.fit(values, labels)
    theirs = IsotonicCalibrator(add_misleading=1).fit(values, labels).transform(knots)
    np.testing.assert_allclose(ratios, theirs, atol=1e-9)
    assert cllr_min(values, labels) == pytest.approx(
        lir.metrics.cllr_min(LLRData(features=values, labels=labels)), abs=1e-9
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_bounds_are_those_of_lir_within_its_steps(seed: int) -> None:
    values, labels = random_sample(seed)
    ratios = logistic.fit(values, labels)(values) * np.random.default_rng(seed).uniform(0.5, 3)
    own, theirs = bounds.elub(ratios, labels), lir_elub(ratios.copy(), labels, add_misleading=1, step_size=0.001)
    np.testing.assert_allclose(own, theirs, atol=0.0025)


@given(samples(), st.floats(0.2, 3))
def test_within_the_bounds_decisions_cost_no_more_than_without_evidence_and_beyond_them_more(
    sample: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    ratios, labels = sample[0] * factor, sample[1]
    low, high = bounds.elub(ratios, labels)
    fakes, reals = int(labels.sum()), int((labels == 0).sum())
    assert bounds.counted(fakes, reals)[0] <= low <= 0 <= high <= bounds.counted(fakes, reals)[1]

    def cost(threshold: float) -> float:
        missed = (1 + (ratios[labels == 1] <= threshold).sum()) / (fakes + 1)
        return float(missed + 10**threshold * (1 + (ratios[labels == 0] > threshold).sum()) / (reals + 1))

    assert all(cost(t) <= 1 + 1e-9 for t in np.linspace(0, high, 200, endpoint=False)[1:] if high > 0)
    limit = max(0.0, min(ratios.max(), np.log10(reals + 1)))
    assert high == pytest.approx(limit) or cost(high + 1e-9) >= 1 - 1e-6
    # the propositions change places: so do the bounds
    assert bounds.elub(-ratios, 1 - labels) == pytest.approx((-high, -low))


def test_bounds_by_hand() -> None:
    assert bounds.counted(9, 99) == (-1.0, 2.0)
    # all ten fakes above all ten real files: at t one fake of eleven is missed and one real file of eleven flagged,
    # so that the cost 1/11 + t/11 reaches 1 at t = 10; the LRs end at 1000
    ratios, labels = np.r_[np.full(10, 3.0), np.full(10, -3.0)], np.r_[np.ones(10), np.zeros(10)]
    assert bounds.elub(ratios, labels) == pytest.approx((-1.0, 1.0))
    assert bounds.elub(-ratios, labels) == (0.0, 0.0)
    assert bounds.elub(ratios, labels, np.full(20, 0.1)) == pytest.approx((0.0, 0.0))  # two cases in all


@given(samples(), st.integers(1, 4))
def test_a_weight_counts_as_that_many_cases(sample: tuple[np.ndarray, np.ndarray], times: int) -> None:
    values, labels = sample
    again, marks = np.repeat(values, times), np.repeat(labels, times)
    weights = np.full(len(values), float(times))
    assert bounds.elub(values, labels, weights) == pytest.approx(bounds.elub(again, marks))
    np.testing.assert_allclose(pav.fit(values, labels, weights)[1], pav.fit(again, marks)[1], atol=1e-12)
    one, other = (
        logistic.fit_rows(v, m, w[None])[0]
        for v, m, w in ((values, labels, weights), (again, marks, np.ones(len(again))))
    )
    np.testing.assert_allclose(one, other, atol=1e-8)


@given(samples())
def test_pav_rises_has_no_infinity_and_is_the_best_that_rises(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    knots, ratios = pav.fit(values, labels)
    assert (np.diff(ratios) >= -1e-12).all() and np.isfinite(ratios).all()
    bare = pav.fit(values, labels, misleading=0)[1][np.searchsorted(knots, values)]
    assert cllr(bare[labels == 1], bare[labels == 0]) == pytest.approx(cllr_min(values, labels), abs=1e-9)


@given(st.lists(st.integers(0, 1), min_size=2, max_size=7).filter(lambda one: len(set(one)) == 2))
def test_pav_is_what_brute_force_finds(labels: list[int]) -> None:
    """Every division of the values into neighbouring blocks is tried; the rising one of least squares is the answer."""
    fake = np.array([1, *labels, 0], float)
    best: tuple[float, np.ndarray] = (np.inf, fake)
    for cuts in itertools.product((0, 1), repeat=len(fake) - 1):
        block = np.r_[0, np.cumsum(cuts)]
        mean = (np.bincount(block, fake) / np.bincount(block))[block]
        if (np.diff(mean) >= -1e-12).all() and ((fake - mean) ** 2).sum() < best[0] - 1e-12:
            best = (float(((fake - mean) ** 2).sum()), mean)
    share = best[1][1:-1]
    found = pav.fit(np.arange(len(labels)), labels)[1]
    np.testing.assert_allclose(
        found, np.log10(share / (1 - share)) - np.log10(fake.sum() / (1 - fake).sum()), atol=1e-9
    )


@given(samples(), st.floats(0.1, 5))
def test_the_fit_is_the_least_cost_and_never_worse_than_no_evidence(
    sample: tuple[np.ndarray, np.ndarray], ridge: float
) -> None:
    values, labels = sample
    assume(values.std() > 0)
    given, weight = (values - values.mean()) / values.std(), logistic.balanced(labels, np.ones((1, len(labels))))[0]

    def cost(pair: np.ndarray) -> float:
        return float(
            weight @ np.logaddexp(0, (1 - 2 * labels) * (pair[0] + pair[1] * given)) + ridge / 2 * pair[1] ** 2
        )

    best = minimize(cost, np.zeros(2), bounds=[(None, None), (0, None)], method="L-BFGS-B", options={"ftol": 1e-14})
    offset, slope = logistic.fit_rows(values, labels, np.ones((1, len(labels))), ridge)[0] * math.log(10)
    assert cost(np.array([offset + slope * values.mean(), slope * values.std()])) <= best.fun + 1e-6
    ratios = (offset + slope * values) / math.log(10)
    assert cllr(ratios[labels == 1], ratios[labels == 0]) <= 1 + 1e-9 and slope >= 0


@given(samples(), st.floats(-5, 5), st.floats(0.1, 10))
def test_the_fit_does_not_depend_on_the_unit_of_the_value(
    sample: tuple[np.ndarray, np.ndarray], shift: float, factor: float
) -> None:
    values, labels = sample
    assume(np.ptp(values) > 0)
    own, moved = (logistic.fit_rows(v, labels, np.ones((1, len(labels))))[0] for v in (values, shift + factor * values))
    np.testing.assert_allclose(own[0] + own[1] * values, moved[0] + moved[1] * (shift + factor * values), atol=1e-7)


def test_a_value_that_ranks_the_wrong_way_round_is_refused_and_in_a_bootstrap_says_nothing() -> None:
    values, labels = np.array([1.0, 2, 3, 4]), np.array([1, 1, 0, 0])
    with pytest.raises(UsageError, match="does not rank"):
        logistic.fit(values, labels)
    assert logistic.fit_rows(values, labels, np.ones((1, 4)))[0] == pytest.approx([0, 0], abs=1e-9)
    with pytest.raises(UsageError, match="both labels"):
        logistic.fit(values, np.ones(4, int))


def test_a_fusion_gives_no_member_a_slope_below_zero_and_leaves_noise_out() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 2, 4000)
    good, bad, noise = random.normal(size=4000) + labels, random.normal(size=4000) - labels, random.normal(size=4000)
    _, slopes = logistic.fit_many(np.stack([good, bad, noise], 1), labels)
    assert slopes[1] == 0 and slopes[0] == pytest.approx(1 / math.log(10), abs=0.04) and abs(slopes[2]) < 0.05


def test_many_rows_are_fitted_in_parts_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    values, labels = random_sample(1)
    weights = np.random.default_rng(1).integers(1, 4, (7, len(values))).astype(float)
    whole = logistic.fit_rows(values, labels, weights)
    monkeypatch.setattr(logistic, "_CELLS", 2 * len(values))
    np.testing.assert_allclose(logistic.fit_rows(values, labels, weights), whole, atol=1e-9)
