"""Moving points of a known face moves its action units and no others; turning a rigid head moves none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from veridical.codec import array_from_text, array_to_text, decode, encode
from veridical.perception._pack import Packer
from veridical.perception._pose import head_pose
from veridical.perception.expression import NAMES, Expressions, see_expressions
from veridical.perception.tracks import POINTS, FaceTracks, Track

FACE = np.load(Path(__file__).parents[1] / "data" / "mediapipe_mesh.npz")["plain"].astype(float)  # x, y, z away, pixels
EYES = float(np.linalg.norm(FACE[[33, 133]].mean(0)[:2] - FACE[[263, 362]].mean(0)[:2]))
HEAD = (FACE - FACE.mean(0)) * 100 / EYES  # eyes 100 px apart
HEIGHTS = dict(zip(NAMES, range(len(NAMES)), strict=True))


def tracks(meshes: Sequence[np.ndarray]) -> FaceTracks:
    """Build tracks of one face with the poses that the pose fit finds."""
    packer, n = Packer(2 * POINTS), len(meshes)
    poses = [head_pose(mesh) for mesh in meshes]
    for mesh in meshes:
        packer.add(np.concatenate([mesh[:, :2], np.zeros((10, 2))]) + 500)
    packed, ends = packer.packed()
    single, pair = np.ones(n, np.float32), np.ones((n, 2), np.float32)
    track = Track(
        person=3, shot=1, frames=np.arange(n, dtype=np.int32), times=np.arange(n) / 25, boxes=np.zeros((n, 4), np.float32),
        pose=np.array([(p.yaw, p.pitch, p.roll) for p in poses], np.float32), eye_openness=pair, eye_openness_mesh=pair,
        mouth_opening=single, interocular=np.array([p.interocular for p in poses], np.float32), mesh_scores=single,
        packed=packed, packed_ends=ends,
    )  # fmt: skip
    return FaceTracks(
        tracks=(track,), cuts=np.zeros(0), frames=n, times=np.arange(n) / 25, fps=25.0, duration_s=n / 25, width=999,
        height=999,
    )  # fmt: skip


def series(*meshes: np.ndarray) -> np.ndarray:
    return see_expressions(tracks(meshes)).tracks[0].series


def moved(points: Sequence[int], x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """The known face with some points moved, in shares of the distance of the eyes."""
    head = HEAD.copy()
    head[list(points), :2] += np.array([x, y]) * 100
    return head


def change(mesh: np.ndarray) -> dict[str, float]:
    """What moving the points changes, as it is seen in two frames of one clip, in hundredths of the distance of the eyes."""
    still, then = series(HEAD, mesh)
    return {name: 100 * float(then[i] - still[i]) for name, i in HEIGHTS.items() if name not in ("pitch", "roll")}


BROWS = (107, 55, 66, 65, 105, 52, 63, 53, 70, 46, 336, 285, 296, 295, 334, 282, 293, 283, 300, 276)
INNER, OUTER = (107, 55, 336, 285), (70, 63, 46, 53, 300, 293, 276, 283)
UPPER_LIDS, LOWER_LIDS = (158, 159, 160, 385, 386, 387), (144, 145, 153, 373, 374, 380)
LOWER_LIP = (14, 87, 178, 88, 317, 402, 318, 17, 84, 314)


@pytest.mark.parametrize(
    ("mesh", "rises"),
    [
        (moved(BROWS, y=-0.06), {"AU01": 6.0, "AU02": 6.0}),
        (moved(INNER, y=-0.05), {"AU01": 5.0}),
        (moved(OUTER, y=-0.05), {"AU02": 5.0}),
        (moved(UPPER_LIDS, y=-0.04), {"AU05": 4.0}),
        (moved(LOWER_LIDS, y=-0.03), {"AU07": 3.0}),
        (moved((50, 101, 205, 280, 330, 425), y=-0.05), {"AU06": 5.0}),
        (moved((98, 129, 327, 358), y=-0.05), {"AU09": 5.0}),
        (moved((37, 0, 267, 13, 82, 312), y=-0.05), {"AU10": 5.0, "AU15": 5.0, "AU20": -5.0, "lip gap": 5.0, "AU25": None}),
        (moved((61, 291), y=0.05), {"AU15": 5.0, "AU12": None}),
        (moved(LOWER_LIP, y=0.05), {"AU17": 5.0, "AU20": -5.0, "lip gap": 5.0, "AU25": None}),
        (moved((152,), y=0.05), {"AU26": 5.0, "AU17": -5.0}),
    ],
)  # fmt: skip
def test_moved_points_raise_their_action_unit_and_leave_the_others(
    mesh: np.ndarray, rises: dict[str, float | None]
) -> None:
    seen = change(mesh)
    for name, by in seen.items():
        expected = rises.get(name, 0.0)
        if expected is not None:
            # head pose takes part of a movement for a nod, as far as its points move too
            assert by == pytest.approx(expected, abs=0.8 + 0.15 * abs(expected)), (name, seen)


def test_smile_frown_dimple_and_thin_lips_have_the_right_sign() -> None:
    smile = HEAD.copy()
    smile[[61, 291], 0] += [-8, 8]
    smile[[61, 291], 1] -= 5
    assert change(smile)["AU12"] > 3 and change(smile)["mouth width"] == pytest.approx(16, abs=1)
    assert change(smile)["AU20"] == pytest.approx(16, abs=1)
    frown = HEAD.copy()
    frown[[107, 55, 336, 285], 0] += [4, 4, -4, -4]
    assert change(frown)["AU04"] == pytest.approx(8, abs=1)
    thin = HEAD.copy()
    thin[[0, 37, 267], 1] += 4
    thin[[17, 84, 314], 1] -= 4
    assert change(thin)["AU23"] == pytest.approx(4, abs=1)
    pressed = HEAD.copy()
    for outer, inner in ((185, 191), (409, 415), (146, 95), (375, 324)):
        pressed[outer] += 0.5 * (pressed[inner] - pressed[outer])
    before = np.mean(
        [np.linalg.norm((HEAD[a] - HEAD[b])[:2]) for a, b in ((185, 191), (409, 415), (146, 95), (375, 324))]
    )
    assert change(pressed)["AU14"] == pytest.approx(before / 2, rel=0.1)


def test_lips_that_part_open_an_area() -> None:
    closed = HEAD.copy()
    for upper, lower in (
        (13, 14),
        (82, 87),
        (81, 178),
        (80, 88),
        (312, 317),
        (311, 402),
        (310, 318),
        (191, 95),
        (415, 324),
    ):
        closed[lower, :2] = closed[upper, :2]
    opened = closed.copy()
    opened[[14, 87, 317], 1] += 20
    shut, wide = series(closed, opened)
    assert shut[HEIGHTS["AU25"]] == pytest.approx(0, abs=0.003)
    span = abs(closed[402, 0] - closed[178, 0]) + abs(closed[317, 0] - closed[87, 0])
    assert wide[HEIGHTS["AU25"]] == pytest.approx(0.5 * 0.2 * span / 100, rel=0.06)  # a trapezium of known sides
    assert wide[HEIGHTS["lip gap"]] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(("reach", "most"), [(0.4, 0.03), (1.0, 0.07)])
def test_turning_a_rigid_head_changes_hardly_anything(reach: float, most: float) -> None:
    """The head is the net's own answer in three dimensions, not the depths that the percept assumes."""
    turns = reach * np.array([(y, p, r) for y in (-25, 0, 25) for p in (-12, 0, 12) for r in (-30, 0, 30)], float)
    meshes = []
    for yaw, pitch, roll in turns:
        head = HEAD @ Rotation.from_euler("ZYX", [roll, -yaw, -pitch], degrees=True).as_matrix().T
        meshes.append(head * (1500 / (1500 + head[:, 2:])))  # seen from fifteen distances of the eyes
    seen = series(HEAD, *meshes)
    picture = np.array([mesh[[152], 1] - mesh[[2], 1] for mesh in meshes])
    assert np.ptp(picture) / 100 > 5 * reach * 0.07  # in the picture the distance changes by several times as much
    names = [i for name, i in HEIGHTS.items() if name not in ("pitch", "roll")]
    change = np.abs(seen[1:, names] - np.median(seen[1:, names], axis=0))
    assert np.percentile(change, 90, axis=0).max() < most
    assert np.abs(seen[1:, 16:18] - seen[0, 16:18] - turns[:, 1:]).max() < 9


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_video_stored_on_its_side_gives_the_same_series(quarters: int) -> None:
    upright, (a, b) = tracks([HEAD]), HEAD[:, :2].T
    for _ in range(quarters):
        a, b = b, -a
    lying = tracks([np.column_stack([a, b, HEAD[:, 2]])])
    # the pose is that of the display, whatever way round the pixels are stored
    track = lying.tracks[0]
    object.__setattr__(track, "pose", upright.tracks[0].pose)
    one, other = (see_expressions(each).tracks[0].series for each in (upright, lying))
    assert one == pytest.approx(other, abs=2e-3)


def test_size_does_not_matter_and_a_profile_is_left_out() -> None:
    small, large = series(HEAD * 0.6)[0], series(HEAD * 2.2)[0]
    assert small == pytest.approx(large, abs=0.01)
    profile = HEAD @ Rotation.from_euler("ZYX", [0, -80, 0], degrees=True).as_matrix().T
    front, side = series(HEAD, profile)
    assert np.isfinite(front).all() and np.isnan(side).all()


def test_it_keeps_order_survives_the_codec_and_leaves_a_video_without_faces_empty() -> None:
    seen = see_expressions(tracks([HEAD] * 3))
    (track,) = seen.tracks
    assert (track.person, track.shot, seen.fps, track.frames.tolist()) == (3, 1, 25.0, [0, 1, 2])
    assert track.series.shape == (3, len(NAMES)) == (3, 20)
    back = decode(encode(seen, Expressions, array_to_text), Expressions, array_from_text)
    np.testing.assert_array_equal(back.tracks[0].series, track.series)
    nobody = FaceTracks(
        tracks=(), cuts=np.zeros(0), frames=9, times=np.zeros(9), fps=25.0, duration_s=0.4, width=9, height=9
    )
    assert see_expressions(nobody).tracks == ()
