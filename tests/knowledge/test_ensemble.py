"""How scores are put together: what is missing adds nothing, what lies far out is bounded, and what is kept is read again."""

from __future__ import annotations

import math

import pytest

from veridical.knowledge.ensemble import FARTHEST, Ensemble, Member, from_json, to_json

ONE = Member(name="one", middle=10.0, spread=2.0, border=0.5, slope=1.5)
TWO = Member(name="two", middle=-1.0, spread=0.1, border=0.2, slope=0.0)
BOTH = Ensemble(members=(ONE, TWO), pictures=(3, 4), trust=0.25)


def test_the_middle_of_real_pictures_speaks_against_a_fake_by_what_lies_between_it_and_the_border():
    assert ONE.log_odds(10.0) == pytest.approx(-0.75)


def test_a_score_rises_with_its_value_and_is_bounded():
    values = [ONE.log_odds(x) for x in (-1e9, 0, 9, 10, 11, 20, 1e9)]
    assert values == sorted(values) and len({*values}) == len(values)
    assert values[-1] == pytest.approx(1.5 * (FARTHEST - 0.5)) and values[0] == pytest.approx(1.5 * (-FARTHEST - 0.5))


def test_near_the_middle_a_score_is_what_it_is_in_standard_deviations():
    assert ONE.standardised(10.2) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
def test_a_missing_score_is_left_out(missing):
    assert BOTH.parts({"one": 12.0, "two": missing}) == {"one": ONE.log_odds(12.0)}
    assert BOTH.parts({"one": missing}) == {}


def test_a_detector_that_is_worth_nothing_adds_nothing():
    assert BOTH.parts({"two": 5.0}) == {"two": 0.0}


def test_scores_of_others_are_not_counted():
    assert BOTH.parts({"three": 5.0}) == {}


def test_what_is_kept_is_read_again():
    assert from_json(to_json(BOTH)) == BOTH
