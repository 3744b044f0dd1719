"""Arithmetic of stability certificates, on rows whose answer is known by hand."""

from __future__ import annotations

import math
import random

import pytest

from veridical.evidence.stability import FEWEST, NEUTRAL, Trial, certify, judge


@pytest.mark.parametrize(
    ("ratios", "weighed", "spread", "cap", "flipped"),
    [
        ([1.0, 1.2, 0.8, 1.5], 3, 0.7, 0.8, False),  # the weakest of the same side
        ([1.0, 1.2, 1.5, 2.0], 3, 1.0, 1.0, False),  # never more than the exhibit itself
        ([-1.0, -0.4, -2.0, -0.9], 3, 1.6, 0.4, False),
        (
            [1.0, 0.2, -0.1, 1.1],
            3,
            1.2,
            0.0,
            False,
        ),  # -0.1 is no support for the other side, but none for this one either
        ([1.0, 0.9, -0.4, 1.1], 3, 1.5, 0.0, True),
        ([-0.5, -0.9, 0.31, -0.5], 3, 1.21, 0.0, True),
        ([0.1, 0.9, -0.4, 0.2], 3, 1.3, 0.0, True),  # re-encodings that contradict each other are enough
        ([1.0, None, 0.6, None, 0.9, 0.8], 3, 0.4, 0.6, False),  # outside the calibrated range says nothing
        ([1.0, None, 0.6, 0.9], 2, 0.4, None, False),  # too few for a cap
        ([1.0, None, -0.6], 1, 1.6, None, True),  # but one that turns it over is one too many
        ([1.0, None, None, None], 0, None, None, False),
        ([None, 1.0, 1.0, 1.0], 3, None, None, False),
        ([], 0, None, None, False),
    ],
)
def test_a_row_is_judged(
    ratios: list[float | None], weighed: int, spread: float | None, cap: float | None, flipped: bool
) -> None:
    found = judge(ratios)
    assert (found.weighed, found.flipped) == (weighed, flipped)
    assert found.spread == (None if spread is None else pytest.approx(spread))
    assert found.cap == (None if cap is None else pytest.approx(cap))


def test_the_cap_bounds_every_row_from_below_and_mirrors_with_the_propositions() -> None:
    chance = random.Random(5)
    for _ in range(500):
        row = [chance.gauss(0.5, 1) for _ in range(9)]
        found, mirrored = judge(row), judge([-one for one in row])
        assert found.cap is not None and 0 <= found.cap <= abs(row[0])
        assert (found.cap, found.flipped) == (mirrored.cap, mirrored.flipped)
        if found.flipped:
            assert found.cap == 0.0 or max(row) >= NEUTRAL  # there is something on the other side
        if found.cap > 0:
            assert all(one * row[0] > 0 for one in row)


def test_the_band_without_support_may_be_another_one() -> None:
    assert judge([0.4, -0.4]).flipped and not judge([0.4, -0.4], neutral=0.5).flipped
    assert math.log10(2) == NEUTRAL and FEWEST == 3


def test_findings_are_judged_one_by_one_and_together() -> None:
    rows = [(0.9, 0.5, 0.8), (0.7, -0.5, 0.4), (0.8, 0.6, 0.6), (1.1, 0.4, 0.5)]
    trials = [
        Trial(name=str(i), values={"a": 1.0, "b": 2.0, "c": 3.0}, weights={"a": a, "b": b}, log10_lr=both)
        for i, (a, b, both) in enumerate(rows)
    ]
    found = certify(trials, unfinished=["x"], left_out=["d"], part_s=6.0, seconds=2.0, budget_s=9.0)
    assert found.together.cap == 0.4 and not found.together.flipped
    assert found.findings["a"].cap == 0.7 and found.findings["b"].flipped and list(found.findings) == ["a", "b"]
    assert (found.unfinished, found.left_out, found.part_s, found.budget_s) == (("x",), ("d",), 6.0, 9.0)


def test_nothing_weighed_gives_no_claim() -> None:
    found = certify([Trial(name="native", values={"a": 1.0}), Trial(name="jpeg", values={"a": 1.5})])
    assert found.together.spread is None and found.together.cap is None and not found.findings
