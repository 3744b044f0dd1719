"""t-DCF: by hand, and against the cost written out threshold by threshold in the challenge's own direction of scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veridical.benchmark.detection_cost import AsvErrors, TdcfCosts, asv_errors_at_eer, min_tdcf
from veridical.errors import UsageError

ASV = AsvErrors(miss=0.02, false_alarm=0.03, miss_spoof=0.4)


def test_by_hand() -> None:
    # C1 = 0.9405 * 0.98 - 0.0095 * 10 * 0.03 = 0.91884; C2 = 10 * 0.05 * 0.6 = 0.3. Reals 1 2 3 6, spoofs 4 5 7 8:
    # flagging from 4 on costs C1 / 4 (one real of four), from 7 on C2 / 2 (two spoofs of four): the second is lower.
    values, labels = [1, 2, 3, 6, 4, 5, 7, 8], [0, 0, 0, 0, 1, 1, 1, 1]
    assert min_tdcf(values, labels, asv=ASV) == pytest.approx(0.5)
    # With spoofs ten times as costly, C2 = 3, and C1 becomes the smaller: C1 / 4 over C1.
    assert min_tdcf(values, labels, asv=ASV, costs=TdcfCosts(false_alarm_cm=100)) == pytest.approx(0.25)


def test_perfect_useless_and_inverted() -> None:
    assert min_tdcf([1, 2, 3, 4], [0, 0, 1, 1], asv=ASV) == 0
    assert min_tdcf([1, 1, 1, 1], [0, 0, 1, 1], asv=ASV) == 1
    assert min_tdcf([4, 3, 2, 1], [0, 0, 1, 1], asv=ASV) == 1


@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=12),
    st.lists(st.integers(-4, 4), min_size=1, max_size=12),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.floats(0, 0.9),
)
def test_the_cost_written_out(bona: list[int], spoof: list[int], miss: float, alarm: float, miss_spoof: float) -> None:
    c1 = 0.9405 * (1 - miss) - 0.0095 * 10 * alarm
    c2 = 10 * 0.05 * (1 - miss_spoof)
    costs = []
    for threshold in [
        *bona,
        *spoof,
        np.inf,
    ]:  # challenge direction: higher is more bona fide, accepted from the threshold on
        rejected = np.mean([score < threshold for score in bona])
        passed = np.mean([score >= threshold for score in spoof])
        costs.append((c1 * rejected + c2 * passed) / min(c1, c2))
    values, labels = -np.array(bona + spoof), [0] * len(bona) + [1] * len(spoof)
    asv = AsvErrors(miss=miss, false_alarm=alarm, miss_spoof=miss_spoof)
    # Rejecting from a threshold down, all thresholds of either convention are met: below, between and above the scores.
    assert min_tdcf(values, labels, asv=asv) == pytest.approx(min(costs), abs=1e-12)


def test_errors_of_the_verifier_at_its_own_threshold() -> None:
    # At 5: targets 4 of 6 missed 1 (4), nontargets 6 accepted: 1 of 6 each; spoofs 1 and 4 of four lie below.
    found = asv_errors_at_eer([4, 5, 7, 8, 9, 10], [0, 1, 2, 3, 3.5, 6], [1, 4, 5, 9])
    assert found == AsvErrors(miss=1 / 6, false_alarm=pytest.approx(1 / 6), miss_spoof=0.5)


@pytest.mark.parametrize(
    ("asv", "says"),
    [
        (AsvErrors(miss=2.0, false_alarm=0.03, miss_spoof=0.4), "fractions"),
        (AsvErrors(miss=1.0, false_alarm=0.03, miss_spoof=0.4), "not defined"),
        (AsvErrors(miss=0.0, false_alarm=0.0, miss_spoof=1.0), "not defined"),
    ],
)
def test_a_verifier_that_fails_gives_no_cost(asv: AsvErrors, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        min_tdcf([1, 2], [0, 1], asv=asv)


def test_a_verifier_without_trials_is_told() -> None:
    with pytest.raises(UsageError, match="target, nontarget and spoof"):
        asv_errors_at_eer([1], [], [1])
