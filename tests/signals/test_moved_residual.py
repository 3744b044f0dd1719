"""Patterns that move with the picture, keep their place, or are copied; and a shift that is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.signals.moved_residual import Window, compared, refined, shift

RNG = np.random.default_rng(4)
SIDE = 200
Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32)
OUTER, INNER = Window(40, 40, 160, 160), Window(52, 52, 148, 148)


def scene(dx: float, dy: float) -> np.ndarray:
    """A smooth picture that has moved so far."""
    return 120 + 30 * np.sin((X - dx) / 9) * np.cos((Y - dy) / 11) + 15 * np.sin((X - dx + Y - dy) / 17)


def grey(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def by(dx: float, dy: float) -> np.ndarray:
    return np.array([[1.0, 0, dx], [0, 1.0, dy]])


@pytest.mark.parametrize(("dx", "dy"), [(2.3, -1.4), (0.4, 0.0), (-3.0, 5.0)])
def test_a_shift_is_corrected_to_a_twentieth_of_a_pixel(dx: float, dy: float) -> None:
    before, now = OUTER.of(grey(scene(0, 0))), INNER.of(grey(scene(dx, dy)))
    found, agrees = refined(before, now, OUTER, INNER, by(dx + 0.7, dy - 0.6))
    assert agrees and found[:, 2] == pytest.approx([dx, dy], abs=0.05)
    assert shift(found, INNER) == pytest.approx(np.hypot(dx, dy), abs=0.05)


def test_a_motion_that_the_picture_does_not_bear_out_is_refused() -> None:
    before, now = OUTER.of(grey(scene(0, 0))), INNER.of(grey(scene(3.0, 0)))
    assert not refined(before, now, OUTER, INNER, by(0.0, 0.0))[1]
    flat = np.full((120, 120), 90, np.uint8)
    assert not refined(flat, INNER.of(np.full((SIDE, SIDE), 90, np.uint8)), OUTER, INNER, by(1.0, 0))[1]


def shares(glued: float, fixed: float) -> np.ndarray:
    """Regression weights of the moved and of the standing residual."""
    own, sensor = RNG.normal(0, 1, (2, SIDE, SIDE))
    first = grey(scene(0, 0) + glued * own + fixed * sensor)
    second = grey(scene(4, 2) + glued * np.roll(own, (2, 4), (0, 1)) + fixed * sensor)
    (_, mm, ss, ym, ys, ms, count), copied = compared(OUTER.of(first), OUTER, INNER.of(second), INNER, by(4, 2))
    assert copied[1] == 96 * 96 and 1000 < count <= 96 * 96
    return np.linalg.solve([[mm, ms], [ms, ss]], [ym, ys])


def test_a_pattern_is_found_where_it_goes() -> None:
    assert shares(3, 0) == pytest.approx([1, 0], abs=0.08)
    assert shares(0, 3) == pytest.approx([0, 1], abs=0.08)
    assert shares(3, 3) == pytest.approx([0.5, 0.5], abs=0.15)


def test_copied_blocks_are_left_out_and_counted() -> None:
    first = grey(scene(0, 0) + RNG.normal(0, 3, (SIDE, SIDE)))
    second = first.copy()
    second[52:100, 52:148] = cv2.add(second[52:100, 52:148], 5)
    sums, copied = compared(OUTER.of(first), OUTER, INNER.of(second), INNER, by(0, 0))
    assert copied.tolist() == [48 * 96, 96 * 96]
    assert 0 < sums[6] <= 48 * 96
