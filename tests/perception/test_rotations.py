"""Inner face and outline of projected heads: a turn of one alone is recovered, noise makes what it is known to make."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from veridical.perception import _head
from veridical.perception._head_parts import INNER, INNER_INDICES, OUTLINE, OUTLINE_INDICES, WIDTH
from veridical.perception._pack import Packer
from veridical.perception.rotations import POINTS as USED
from veridical.perception.rotations import see_rotations, turned_apart
from veridical.perception.tracks import POINTS, FaceTracks, Track

NEAR = 0.12


def heads(truth: np.ndarray, width: float, *, inner: np.ndarray | None = None) -> np.ndarray:
    """Meshes (n, 478, 2) of heads that are turned so; ``inner`` turns the inner face further, in the frame of the head."""
    mesh = np.zeros((len(truth), POINTS, 2))
    for indices, points, turn in (
        (OUTLINE_INDICES, OUTLINE, truth),
        (INNER_INDICES, INNER, truth if inner is None else truth @ inner),
    ):
        placed = points @ turn.swapaxes(1, 2)
        mesh[:, indices] = 300 + width / WIDTH * placed[..., :2] / (1 + NEAR * placed[..., 2:])
    return mesh


def poses(count: int, most: float = 25.0) -> np.ndarray:
    random = np.random.default_rng(0)
    angles = random.uniform(-1, 1, (count, 3)) * [15, most, 15]
    return Rotation.from_euler("ZYX", angles, degrees=True).as_matrix()


def test_the_parts_are_points_of_the_generic_head_and_share_none() -> None:
    assert not set(INNER_INDICES) & set(OUTLINE_INDICES)
    whole = dict(zip(_head.INDICES.tolist(), _head.POINTS, strict=True))
    for indices, points in ((INNER_INDICES, INNER), (OUTLINE_INDICES, OUTLINE)):
        for index, point in zip(indices.tolist(), points, strict=True):
            if index in whole:
                assert point == pytest.approx(whole[index], abs=2e-3)
        assert np.linalg.norm((points * [-1, 1, 1])[:, None] - points, axis=2).min(1).max() < 5e-3
    sides = dict(zip(OUTLINE_INDICES.tolist(), OUTLINE, strict=True))
    assert sides[454][0] - sides[234][0] == pytest.approx(WIDTH)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(4, 0, 0), (0, -6, 0), (0, 0, 5), (-7, 3, 2), (0, 0, 0)])
def test_a_turn_of_the_inner_face_alone_is_recovered_without_noise(yaw: float, pitch: float, roll: float) -> None:
    vector = np.radians([-pitch, -yaw, roll])
    mesh = heads(poses(40), 200.0, inner=Rotation.from_rotvec(vector).as_matrix())
    apart, outline = turned_apart(mesh[:, USED])
    assert np.abs(apart - [yaw, pitch, roll]).max() < 0.5
    assert np.abs(outline - poses(40)).max() < 0.01


@pytest.mark.parametrize(
    ("width", "known"), [(100, (0.74, 1.51, 3.05)), (200, (0.37, 0.78, 1.40)), (400, (0.20, 0.33, 0.79))]
)
def test_noise_alone_turns_them_apart_as_far_as_is_known(width: int, known: tuple[float, float, float]) -> None:
    """The known medians are of another crude head and of few draws: ours must agree within 15 %."""
    random = np.random.default_rng(1)
    for noise, median in zip((0.5, 1.0, 2.0), known, strict=True):
        mesh = heads(poses(600), width)
        apart, _ = turned_apart((mesh + random.normal(0, noise, mesh.shape))[:, USED])
        assert float(np.median(np.linalg.norm(apart, axis=1))) == pytest.approx(median, rel=0.15)


def track(mesh: np.ndarray, width: float) -> Track:
    packer = Packer(2 * POINTS)
    for row in mesh:
        packer.add(row)
    packed, ends = packer.packed()
    n = len(mesh)
    zeros = np.zeros(n, np.float32)
    return Track(
        person=3, shot=0, frames=np.arange(n, dtype=np.int32), times=np.arange(n) / 25, boxes=np.zeros((n, 4), np.float32),
        pose=np.zeros((n, 3), np.float32), eye_openness=np.zeros((n, 2), np.float32),
        eye_openness_mesh=np.zeros((n, 2), np.float32), mouth_opening=zeros,
        interocular=np.full(n, width / WIDTH * _head.EYES_APART, np.float32), mesh_scores=zeros, packed=packed,
        packed_ends=ends,
    )  # fmt: skip


def test_a_track_gives_its_angle_its_width_and_the_noise_to_expect() -> None:
    truth = poses(2500, most=5.0)
    one = track(heads(truth, 150.0, inner=Rotation.from_rotvec([0, 0, np.radians(6)]).as_matrix()), 150.0)
    faces = FaceTracks(
        tracks=(one,), cuts=np.zeros(0), frames=2500, times=one.times, fps=25.0, duration_s=100.0, width=600, height=600
    )
    (seen,) = see_rotations(faces).tracks
    assert seen.person == 3 and seen.width == pytest.approx(np.full(2500, 150.0), rel=1e-4)
    assert np.abs(seen.angle - 6).max() < 0.3
    shaken = heads(truth, 150.0) + np.random.default_rng(2).normal(0, 1, (2500, POINTS, 2))
    noisy, _ = turned_apart(shaken[:, USED])
    assert seen.spurious == pytest.approx(float(np.median(np.linalg.norm(noisy, axis=1))), rel=0.1)


def test_no_face_no_rotation() -> None:
    none = FaceTracks(
        tracks=(), cuts=np.zeros(0), frames=5, times=np.arange(5) / 25, fps=25.0, duration_s=0.2, width=60, height=60
    )
    assert see_rotations(none).tracks == ()
