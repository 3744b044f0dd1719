"""Cllr and its kin: golden values, the formula written out, theory for two normals, and an independent package."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from sklearn.isotonic import IsotonicRegression

from veridical.benchmark.calibration_metrics import cllr, cllr_min, ece, misleading_rate, pav_log10_lr
from veridical.errors import UsageError

QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 4000) for i in range(4000)])

# LRs of real items, LRs of fakes, Cllr as published with the likelihood-ratio package of the Netherlands Forensic Institute.
GOLDEN = [
    ([1, 1], [1, 1], 1.0),
    ([3] * 2, [1 / 3] * 2, 2.0),
    ([3] * 20, [1 / 3] * 20, 2.0),
    ([1 / 3] * 2, [3] * 2, 0.4150374992788437),
    ([1 / 3] * 2, [1], 0.7075187496394219),
    ([1 / 100] * 100, [1], 0.507177646488535),
    ([1 / 100] * 100 + [100], [1], 0.5400680236656377),
    ([1 / 100] * 100 + [100] * 2, [1], 0.5723134914863265),
    ([1 / 100] * 100 + [100] * 6, [1], 0.6952113122368764),
    ([1], [1], 1.0),
    ([2], [2] * 2, 1.0849625007211563),
    ([8], [8] * 8, 1.6699250014423126),
]

log_lrs = st.lists(st.floats(-5, 5), min_size=1, max_size=10)


@st.composite
def samples(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    fakes = draw(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
    reals = draw(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
    return np.array(fakes + reals, dtype=float), np.array([1] * len(fakes) + [0] * len(reals))


@pytest.mark.parametrize(("h2", "h1", "expected"), GOLDEN)
def test_cllr_golden(h2: list[float], h1: list[float], expected: float) -> None:
    assert cllr(np.log10(h1), np.log10(h2)) == pytest.approx(expected, abs=1e-12)


@given(log_lrs, log_lrs)
def test_cllr_is_its_formula(h1: list[float], h2: list[float]) -> None:
    missed = sum(math.log2(1 + 10**-x) for x in h1) / len(h1)
    flagged = sum(math.log2(1 + 10**x) for x in h2) / len(h2)
    assert cllr(h1, h2) == pytest.approx((missed + flagged) / 2, rel=1e-9, abs=1e-12)
    assert cllr(-np.array(h2), -np.array(h1)) == pytest.approx(cllr(h1, h2), abs=1e-12)


def test_an_infinite_lr_costs_nothing_on_its_own_side_and_all_on_the_other() -> None:
    assert cllr([np.inf], [-np.inf]) == 0
    assert cllr([0, 0], [-np.inf, -np.inf]) == 0.5
    assert cllr([np.inf, -np.inf], [0]) == np.inf
    assert cllr([0], [0, np.inf]) == np.inf
    assert cllr([400.0], [-400.0]) == 0  # 10**400 is beyond a float
    assert cllr([-400.0], [400.0]) == pytest.approx(400 * math.log2(10))


def test_two_shifted_normals_give_the_golden_calibration_figures() -> None:
    llr_h1, llr_h2 = 2 * (QUANTILES + 1) / math.log(10), 2 * (QUANTILES - 1) / math.log(10)
    assert cllr(llr_h1, llr_h2) == pytest.approx(0.514, abs=5e-4)
    assert float(ece(llr_h1, llr_h2, 0.0)) == pytest.approx(cllr(llr_h1, llr_h2), abs=1e-12)
    rate = misleading_rate(llr_h1, llr_h2)
    assert (round(rate.h1, 3), round(rate.h2, 3)) == (0.159, 0.159)
    for factor, expected in ((2, 0.623), (3, 0.817), (0.5, 0.587)):
        assert cllr(factor * llr_h1, factor * llr_h2) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0, 3.0])
def test_a_planted_separation_gives_its_theoretical_cllr(distance: float) -> None:
    shift = distance / 2  # the natural log LR of N(+shift, 1) against N(-shift, 1) is 2 * shift * s
    normal = NormalDist(shift, 1)
    theory = quad(lambda s: normal.pdf(s) * math.log2(1 + math.exp(-2 * shift * s)), -10, 12)[0]
    values, labels = np.r_[QUANTILES + shift, QUANTILES - shift], np.r_[np.ones(4000), np.zeros(4000)]
    llr = 2 * shift * values / math.log(10)
    assert cllr(llr[:4000], llr[4000:]) == pytest.approx(theory, abs=1e-3)
    assert theory - 0.01 < cllr_min(values, labels) <= cllr(llr[:4000], llr[4000:])


@given(samples())
def test_pav_is_that_of_isotonic_regression_and_cllr_min_its_cllr(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    share = IsotonicRegression().fit(values, labels).predict(values)
    with np.errstate(divide="ignore"):
        expected = np.log10(share) - np.log10(1 - share) - np.log10(labels.sum() / (len(labels) - labels.sum()))
    found = pav_log10_lr(values, labels)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert cllr_min(values, labels) == pytest.approx(cllr(found[labels == 1], found[labels == 0]), abs=1e-9)


@given(samples())
def test_cllr_min_depends_on_order_only_and_no_calibration_beats_it(sample: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = sample
    lowest = cllr_min(values, labels)
    assert -1e-12 <= lowest <= 1 + 1e-12
    assert cllr_min(np.exp(values) * 1e-30, labels) == pytest.approx(lowest, abs=1e-12)
    assert cllr_min(-values, 1 - labels) == pytest.approx(lowest, abs=1e-12)
    for slope in (0.1, 0.5, 2.0):
        for offset in (-1.0, 0.0, 1.0):
            llr = slope * values + offset
            assert cllr(llr[labels == 1], llr[labels == 0]) >= lowest - 1e-9


def test_cllr_min_ends() -> None:
    assert cllr_min([1, 2, 3, 4], [0, 0, 1, 1]) == 0
    assert cllr_min([1, 2, 3, 4], [1, 1, 0, 0]) == 1
    assert cllr_min([5, 5, 5, 5], [1, 0, 0, 0]) == pytest.approx(1)  # ties carry nothing, whatever the share of fakes
    assert cllr_min([-np.inf, 0, 0, np.inf], [0, 1, 0, 1]) == pytest.approx(0.5)


@given(log_lrs, log_lrs, st.floats(-3, 3))
def test_ece_is_its_formula(h1: list[float], h2: list[float], prior: float) -> None:
    odds = 10**prior
    share = odds / (1 + odds)
    expected = share * np.mean(np.log2(1 + 1 / (10.0 ** np.array(h1) * odds)))
    expected += (1 - share) * np.mean(np.log2(1 + 10.0 ** np.array(h2) * odds))
    assert float(ece(h1, h2, prior)) == pytest.approx(expected, rel=1e-9)


def test_ece_of_no_evidence_is_the_entropy_of_the_prior() -> None:
    prior = np.linspace(-3, 3, 13).reshape(13, 1)
    share = 10**prior / (1 + 10**prior)
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    np.testing.assert_allclose(ece([0.0], [0.0], prior), entropy)
    assert float(ece([1.0], [np.inf], 100.0)) == np.inf


def test_misleading_rate_leaves_an_lr_of_one_out() -> None:
    rate = misleading_rate([-np.inf, -1, 0, 1], [0, 0, np.inf])
    assert (rate.h1, rate.h2) == (0.5, 1 / 3)


def test_what_is_no_list_of_lrs_is_told() -> None:
    for bad in (([], [1.0]), ([1.0], []), ([np.nan], [1.0]), ([[1.0]], [1.0])):
        for metric in (cllr, misleading_rate):
            with pytest.raises(UsageError):
                metric(*bad)
    with pytest.raises(UsageError, match="between -100 and 100"):
        ece([1.0], [1.0], np.inf)
    with pytest.raises(UsageError, match="not finite"):
        cllr_min([np.nan, 1], [0, 1])


def test_an_independent_package_agrees() -> None:
    models = pytest.importorskip("lir.data.models", reason="the lir package is not installed")
    lir = pytest.importorskip("lir.metrics")
    random = np.random.default_rng(5)
    labels = random.integers(0, 2, 300)
    log10_lr = np.round(random.normal(size=300) + labels - 0.5, 1)  # with ties
    data = models.LLRData(features=log10_lr, labels=labels)
    assert cllr(log10_lr[labels == 1], log10_lr[labels == 0]) == pytest.approx(lir.cllr(data), abs=1e-9)
    assert cllr_min(log10_lr, labels) == pytest.approx(lir.cllr_min(data), abs=1e-9)
