import numpy as np
import pytest
from skimage import data

from veridical.signals.self_matching import movements, self_matches


def scattered(linear: complex, shift: complex, count: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 300, count) + 1j * rng.uniform(0, 300, count)
    noise = rng.normal(0, 0.4, count) + 1j * rng.normal(0, 0.4, count)
    return np.column_stack([start, linear * start + shift + noise])


def test_two_movements_come_back_from_among_chance_matches() -> None:
    rng = np.random.default_rng(1)
    chance = rng.uniform(0, 800, (200, 2)) + 1j * rng.uniform(0, 800, (200, 2))
    turned = 1.2 * np.exp(0.5j)
    found = movements(
        np.concatenate([scattered(1, 350 + 40j, 60), scattered(turned, 300 - 20j, 30, seed=2), chance]),
        fewest=8,
        most=4,
    )
    assert len(found) == 2
    one, other = found
    np.testing.assert_allclose(one.matrix if one.matrix[0, 2] > 0 else -one.matrix, [[1, 0, 350], [0, 1, 40]], atol=3)
    inverse = other.scale < 1
    assert (1 / other.scale if inverse else other.scale) == pytest.approx(1.2, abs=0.01)
    assert (-other.angle if inverse else other.angle) == pytest.approx(np.degrees(0.5), abs=0.5)


def test_chance_matches_agree_on_nothing() -> None:
    rng = np.random.default_rng(3)
    chance = rng.uniform(0, 800, (300, 2)) + 1j * rng.uniform(0, 800, (300, 2))
    assert movements(chance, fewest=8, most=4) == []
    assert movements(chance[:0], fewest=3, most=4) == []


def test_keypoints_of_a_copy_match_and_those_too_near_do_not() -> None:
    grey = np.ascontiguousarray(data.astronaut()[:, :, 1])
    grey[30:150, 60:180] = grey[270:390, 325:445]
    matches, count = self_matches(grey, ratio=0.65, apart=40)
    step = matches[:, 1] - matches[:, 0]
    assert count > 500
    assert (np.abs(step) >= 40).all()
    right = np.minimum(np.abs(step - (265 + 240j)), np.abs(step + (265 + 240j))) < 2
    assert right.sum() > 20
    assert right.mean() > 0.7


def test_a_flat_picture_matches_nothing() -> None:
    matches, count = self_matches(np.full((300, 300), 90, np.uint8), ratio=0.65, apart=40)
    assert matches.shape == (0, 2)
    assert count == 0
