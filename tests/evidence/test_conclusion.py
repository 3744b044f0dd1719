"""The conclusion: the order of its caps, corroboration, flips, and bands that are no LR."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veridical.evidence.calibration import Weight
from veridical.evidence.conclusion import INCONCLUSIVE, UNSUITABLE, Combined, conclude
from veridical.evidence.fusion import Cap, Fused, GroupPart
from veridical.evidence.scale import FILE, read

SCALE = read(FILE)
WEIGHT = Weight(log10_lr=0.3, interval=(0.0, 0.6), bound=1.0, lowest=-1.0, condition="any", table="t")


def fused(*parts: float, caps: tuple[Cap, ...] = ()) -> Fused:
    total = sum(parts)
    groups = tuple(GroupPart(name=f"g{i}", words=f"g{i}", members=("a",), log10_lr=one) for i, one in enumerate(parts))
    return Fused(log10_lr=total, interval=(total - 0.5, total + 0.5), lowest=-9, upper=9, groups=groups, missing={},
                 caps=caps, table="t")  # fmt: skip


def drawn(given_fused: Fused | str | None, **more: object) -> Combined:
    return conclude(3, [WEIGHT], fused=given_fused, scale=SCALE, **more)  # type: ignore[arg-type]


def test_one_family_alone_never_says_more_than_moderate() -> None:
    for sign in (1, -1):
        found = drawn(fused(sign * 3.5))
        assert found.log10_lr == sign * 2.0 and found.step and found.step.words == "moderate" and found.side == sign
        assert [cap.reason for cap in found.caps] == ["corroboration"]
        assert found.interval and max(map(abs, found.interval)) <= 2.0


def test_two_families_for_the_same_side_may_say_more() -> None:
    found = drawn(fused(2.0, 1.5))
    assert found.log10_lr == 3.5 and found.band == "strong support for the first proposition" and not found.caps


@pytest.mark.parametrize("second", [-0.4, 0.0, 0.3])  # against, silent, and too little to be support
def test_a_second_family_that_does_not_speak_clearly_for_that_side_corroborates_nothing(second: float) -> None:
    assert drawn(fused(3.5, second)).log10_lr == 2.0


def test_caps_are_applied_and_listed_in_their_order() -> None:
    before = (Cap(reason="table", at=3.0, before=4.0), Cap(reason="group", at=3.0, before=5.0, group="g"))
    found = drawn(fused(3.0, caps=before), laundered=True, stability=0.5)
    assert [cap.reason for cap in found.caps] == ["table", "group", "corroboration", "laundering", "stability"]
    assert [cap.at for cap in found.caps[2:]] == [2.0, 1.0, 0.5]
    assert [cap.before for cap in found.caps[2:]] == [3.0, 2.0, 1.0]
    assert found.log10_lr == 0.5 and found.band == "weak support for the first proposition"


def test_a_cap_that_is_not_reached_is_not_listed() -> None:
    assert not drawn(fused(0.5), laundered=True, stability=0.6).caps


def test_laundering_lowers_moderate_to_weak() -> None:
    assert drawn(fused(1.5)).band == "moderate support for the first proposition"
    assert drawn(fused(1.5), laundered=True).band == "weak support for the first proposition"


def test_stability_that_supports_nothing_leaves_no_support_either_way() -> None:
    found = drawn(fused(1.5), stability=0.0)
    assert found.log10_lr == 0.0 and found.band == "no support either way" and found.side == 0


def test_a_flip_is_inconclusive_whatever_the_weight() -> None:
    found = drawn(fused(2.0, 1.5), flipped=True, stability=0.0)
    assert found.band == INCONCLUSIVE and found.why == "flipped" and found.log10_lr is None and found.interval is None


def test_no_support_is_a_band_of_its_own_and_not_inconclusive() -> None:
    for ratio in (0.0, 0.3, -0.3, math.log10(2)):
        found = drawn(fused(ratio))
        assert found.band == "no support either way" and found.side == 0 and found.log10_lr == ratio


def test_without_a_fused_weight_nothing_is_claimed() -> None:
    assert (drawn("outside").band, drawn("outside").why) == (INCONCLUSIVE, "refused")
    assert (drawn(None).band, drawn(None).why) == (INCONCLUSIVE, "unfused")
    assert conclude(3, [], scale=SCALE).why == "uncalibrated"
    assert conclude(0, []).why == "nothing measured" and conclude(0, [], refused_all=True).band == UNSUITABLE


ratio = st.floats(-6, 6)


@given(
    st.lists(ratio, min_size=1, max_size=4), st.booleans(), st.none() | st.floats(0, 4), st.booleans(), st.floats(0, 1)
)
def test_no_limit_is_ever_exceeded(
    parts: list[float], laundered: bool, stability: float | None, flipped: bool, half: float
) -> None:
    given_fused = fused(*parts)
    found = drawn(given_fused, laundered=laundered, stability=stability, flipped=flipped)
    if flipped:
        assert found.log10_lr is None
        return
    assert found.log10_lr is not None and found.interval is not None
    limits = [math.inf, *([1.0] if laundered else []), *([stability] if stability is not None else [])]
    speaking = sum(one * math.copysign(1, given_fused.log10_lr) > math.log10(2) for one in parts)
    limits += [2.0] if speaking < 2 else []
    assert abs(found.log10_lr) <= min(limits) and max(map(abs, found.interval)) <= max(min(limits), 0) + 1e-12
    assert abs(found.log10_lr) <= abs(given_fused.log10_lr) and found.log10_lr * given_fused.log10_lr >= 0
    assert found.interval[0] - 1e-12 <= found.log10_lr <= found.interval[1] + 1e-12
    assert (found.side == 0) == (abs(found.log10_lr) <= math.log10(2) + 1e-9)
    assert found.band.endswith("proposition") == (found.side != 0)
