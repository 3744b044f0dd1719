"""Rotations of known bodies are recovered, and noise turns two of them apart as far as is expected."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from veridical.signals.rotations import fit_rotations, orthographic, rotated, rotation_vectors, spurious_angle

NEAR = 0.12


def pictures(points: np.ndarray, turns: np.ndarray, *, size: float = 80.0, near: float = NEAR) -> np.ndarray:
    """Pinhole projection of a body whose origin lies 1 / near away."""
    placed = points @ turns.swapaxes(1, 2) + [0, 0, 1 / near]
    return np.asarray(300 + size / near * placed[..., :2] / placed[..., 2:])


def turns(count: int, seed: int = 0, most: float = 40.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return Rotation.from_euler("ZYX", random.uniform(-most, most, (count, 3)), degrees=True).as_matrix()


def test_an_exact_body_is_recovered_from_a_start_that_is_not() -> None:
    body = np.random.default_rng(1).normal(0, 0.5, (12, 3))
    truth = turns(60)
    seen = pictures(body, truth)
    fitted = fit_rotations(body, seen, start=orthographic(body, seen), nearness=NEAR)
    assert np.abs(fitted - truth).max() < 1e-6


def test_orthographic_is_exact_for_a_far_camera() -> None:
    body = np.random.default_rng(2).normal(0, 0.5, (9, 3))
    truth = turns(30, seed=3, most=80.0)
    assert np.abs(orthographic(body, pictures(body, truth, near=1e-7)) - truth).max() < 1e-5


def test_rotation_vectors_and_matrices_are_those_of_scipy() -> None:
    vectors = np.random.default_rng(4).normal(0, 0.9, (200, 3))
    vectors[0], vectors[1] = 0, 1e-9
    vectors = vectors[np.linalg.norm(vectors, axis=1) < 3]
    assert rotated(vectors) == pytest.approx(Rotation.from_rotvec(vectors).as_matrix(), abs=1e-9)
    assert rotation_vectors(rotated(vectors)) == pytest.approx(vectors, abs=1e-7)


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_the_expected_spurious_angle_is_that_of_fits_to_noisy_pictures(noise: float) -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(0, 0.5, (20, 3)), random.normal(0, 0.5, (14, 3))
    turn = turns(1, seed=6, most=20.0)
    truth = np.repeat(turn, 800, axis=0)
    fits = []
    for part in (one, other):
        seen = pictures(part, truth)
        seen += random.normal(0, noise, seen.shape)
        fits.append(fit_rotations(part, seen, start=truth, nearness=NEAR))
    measured = np.degrees(np.median(np.linalg.norm(rotation_vectors(fits[0].swapaxes(1, 2) @ fits[1]), axis=1)))
    expected = spurious_angle(one, other, turn=turn[0], size=80.0, noise=noise, nearness=NEAR)
    assert expected == pytest.approx(measured, rel=0.08)
