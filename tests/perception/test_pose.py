"""Head pose on heads that are projected with a known turn."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from veridical.perception._head import EYES_APART, INDICES, POINTS
from veridical.perception._pose import head_pose


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Yaw above 0: nose to the right of the picture; pitch above 0: nose up; roll above 0: clockwise. z is away."""
    return Rotation.from_euler("ZYX", [roll, -yaw, -pitch], degrees=True).as_matrix()


def picture_of(points: np.ndarray, turn: np.ndarray, distance: float, size: float = 100.0) -> np.ndarray:
    """Pinhole projection; ``distance`` and points in distances of the outer eye corners."""
    placed = points @ turn.T
    mesh = np.zeros((468, 3))
    mesh[INDICES, :2] = 300 + size * distance * placed[:, :2] / (placed[:, 2:] + distance)
    return mesh


@pytest.mark.parametrize("distance", [4.5, 8.0, 30.0])
def test_pose_within_5_degrees_on_other_heads_seen_with_noise(distance: float) -> None:
    random = np.random.default_rng(7)
    errors = []
    for _ in range(150):
        truth = random.uniform([-45, -25, -40], [45, 25, 40])
        head = POINTS * random.normal(1, 0.05, 3) + random.normal(0, 0.015, POINTS.shape)
        mesh = picture_of(head, turned(*truth), distance)
        mesh[:, :2] += random.normal(0, 1.0, (468, 2))
        pose = head_pose(mesh)
        errors.append(np.abs([pose.yaw, pose.pitch, pose.roll] - truth))
    errors = np.array(errors)
    assert np.percentile(errors, 95, axis=0).max() < 5
    assert errors.mean(0).max() < 2


def test_signs_size_and_misfit_of_an_exact_head() -> None:
    pose = head_pose(picture_of(POINTS, turned(30, 10, -20), 8.3, size=90.0))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((30, 10, -20), abs=0.5)
    assert pose.interocular == pytest.approx(90 * EYES_APART, rel=0.02)
    assert pose.misfit < 0.005
    nose = turned(30, 10, 0) @ np.array([0, 0, -1])
    assert nose[0] > 0 > nose[1]


def test_points_that_are_no_head_do_not_fit() -> None:
    mesh = np.zeros((468, 3))
    mesh[:, :2] = np.random.default_rng(1).uniform(0, 100, (468, 2))
    assert head_pose(mesh).misfit > 0.12


def test_the_generic_head_is_its_own_mirror_image() -> None:
    mirrored = POINTS * [-1, 1, 1]
    apart = np.linalg.norm(mirrored[:, None] - POINTS[None], axis=2)
    assert apart.min(1).max() < 0.005
