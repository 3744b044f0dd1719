"""A face that moves, turns and grows is held still; its colours are kept finer than grey levels; memory is bounded."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.percept import During
from veridical.perception.face_video import LEVELS, FaceVideo, watch_face_video
from veridical.perception.faces import Face

# Rims of the lips and of both eyes, by their numbers in the mesh.
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
RNG = np.random.default_rng(3)
SIZE = 400


def mesh_points() -> np.ndarray:
    """A flat mesh with the points that the percept asks for in their places, the others spread over the oval."""
    points = RNG.uniform(-0.6, 0.6, (468, 2)) * (70, 95)
    rim = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
           150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109]  # fmt: skip
    angles = np.arange(len(rim)) * 2 * np.pi / len(rim)
    points[rim] = np.column_stack([70 * np.sin(angles), -95 * np.cos(angles)])
    for rim, centre, size in ((LIPS, (0, 40), (22, 9)), (EYES[0], (-28, -25), (11, 5)), (EYES[1], (28, -25), (11, 5))):
        angles = np.arange(len(rim)) * 2 * np.pi / len(rim) - np.pi
        points[list(rim)] = np.array(centre) + np.column_stack([np.cos(angles), np.sin(angles)]) * size
    return points


POINTS = mesh_points()


def face_at(matrix: np.ndarray, *, yaw: float = 0.0) -> Face:
    moved = POINTS @ matrix[:, :2].T + matrix[:, 2]
    values = {name: 0.0 for name in Face.__dataclass_fields__}
    mesh = np.column_stack([moved, np.zeros(468)]).astype(np.float32)
    return Face(**values | {"mesh": mesh, "interocular": 56.0, "yaw": yaw})  # type: ignore[arg-type]


def place(x: float, y: float, *, turn: float = 0.0, scale: float = 1.0) -> np.ndarray:
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    return np.array([[c, -s, x], [s, c, y]])


def shown(texture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The face's own texture (centre in its middle) as it lies in the frame."""
    own = matrix.copy()
    own[:, 2] -= own[:, :2] @ np.full(2, texture.shape[0] / 2)
    return cv2.warpAffine(texture, own, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def watch(
    frames: list[tuple[int, np.ndarray, tuple[tuple[int, Face], ...]]], *, fps: float = 25.0, **knobs: float
) -> FaceVideo:
    faces: During = During()
    generator = watch_face_video(None, faces, **knobs)  # type: ignore[arg-type]
    next(generator)
    for index, pixels, seen in frames:
        faces.now = seen
        generator.send(Frame(index=index, time_s=index / fps, key=False, kind="P", pixels=pixels, rotation=0))
    with pytest.raises(StopIteration) as end:
        generator.send(None)
    return end.value.value  # type: ignore[no-any-return]


def still(n: int, person: int = 0, *, first: int = 0) -> list[tuple[int, np.ndarray, tuple[tuple[int, Face], ...]]]:
    grey = np.full((SIZE, SIZE, 3), 120, np.uint8)
    return [(first + i, grey, ((person, face_at(place(200, 200))),)) for i in range(n)]


def test_a_face_that_moves_turns_and_grows_is_held_still() -> None:
    texture = cv2.GaussianBlur(RNG.normal(0, 1, (260, 260, 3)).astype(np.float32), (0, 0), 8)
    texture = np.clip(128 + 60 * texture / texture.std(), 0, 255).astype(np.uint8)
    steps = [place(190 + 0.4 * i, 205 - 0.3 * i, turn=0.006 * i, scale=1 + 0.003 * i) for i in range(50)]
    (film,) = watch([(i, shown(texture, m), ((0, face_at(m)),)) for i, m in enumerate(steps)]).films
    inside = film.skin > 0.9
    cells = film.cells[:, inside].astype(float) / LEVELS
    assert inside.sum() > 60 and cells.std(1).mean() > 20  # there is something to see
    assert cells.std(0).mean() < 1.0
    plain, last = film.picture(0).astype(float), film.picture(49).astype(float)
    assert np.abs(plain - last)[30:70, 30:70].mean() < 6


def test_a_change_below_one_grey_level_is_kept() -> None:
    times = np.arange(60) / 25
    noise = RNG.normal(0, 2, (SIZE, SIZE, 3))
    wave = 0.4 * np.sin(2 * np.pi * 1.2 * times)
    face = ((0, face_at(place(200, 200, scale=1.6))),)
    frames = [(i, np.rint(120 + noise + w).astype(np.uint8), face) for i, w in enumerate(wave)]
    (film,) = watch(frames).films
    mean = film.cells[:, film.skin > 0.9].astype(float).mean((1, 2)) / LEVELS
    assert mean - mean.mean() == pytest.approx(wave - wave.mean(), abs=0.06)


def test_eyes_and_lips_and_what_is_outside_are_no_skin() -> None:
    (film,) = watch(still(50)).films
    assert film.skin.shape == (24, 24) and film.skin.max() == 1 and film.skin[0].max() == film.skin[:, 0].max() == 0
    # the eyes' corners lie 28 to each side of the middle and 25 above it, in a face 190 high that takes 84 % of the side
    x, y = (95.5 / 2 + np.array([28, -25]) / (190 / (0.84 * 96))) / 4
    assert film.skin[int(y), int(x)] < 0.5


def test_the_longest_stretches_are_kept_and_no_more_of_them_than_asked() -> None:
    frames = [*still(60, 0), *still(90, 1, first=100), *still(70, 2, first=300)]
    films = watch(frames).films
    assert [(film.person, len(film.times)) for film in films] == [(1, 90), (2, 70)]


def test_a_stretch_ends_where_the_face_is_lost_or_turned_away_and_where_it_is_full() -> None:
    lost = [*still(60), *still(80, first=70)]
    assert [len(film.times) for film in watch(lost).films] == [80, 60]
    turned = [*still(60), *((60 + i, f, ((0, face_at(place(200, 200), yaw=60)),)) for i, f, _ in still(10))]
    assert [len(film.times) for film in watch(turned).films] == [60]
    (full,) = watch(still(120), most_s=2.0).films
    assert full.times[-1] - full.times[0] == pytest.approx(2.0)


def test_fast_clips_are_thinned_to_what_a_pulse_needs() -> None:
    (film,) = watch(still(240), fps=60.0).films
    assert np.diff(film.times) == pytest.approx(1 / 30)


def test_a_clip_without_faces_or_with_short_glimpses_has_no_films() -> None:
    assert watch([]).films == () and watch(still(20)).films == ()


def test_a_clip_stored_on_its_side_gives_the_same_film() -> None:
    texture = np.clip(128 + 40 * cv2.GaussianBlur(RNG.normal(0, 6, (260, 260, 3)), (0, 0), 6), 0, 255).astype(np.uint8)
    matrix = place(195, 205, turn=0.1)
    pixels, face = shown(texture, matrix), face_at(matrix)
    mesh = face.mesh.copy()
    mesh[:, 0], mesh[:, 1] = face.mesh[:, 1], SIZE - 1 - face.mesh[:, 0]  # turned by 90° counter-clockwise
    turned = np.ascontiguousarray(np.rot90(pixels)), replace(face, mesh=mesh)
    upright = watch([(i, pixels, ((0, face),)) for i in range(50)]).films[0]
    sideways = watch([(i, turned[0], ((0, turned[1]),)) for i in range(50)]).films[0]
    assert sideways.skin == pytest.approx(upright.skin, abs=0.05)
    difference = upright.cells[0].astype(float) - sideways.cells[0]
    assert np.abs(difference[upright.skin > 0.5]).mean() < LEVELS
