"""Known changes: a still face changes nothing, a moving one little, one made anew in every frame a known amount."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.percept import During
from veridical.perception.faces import Face
from veridical.perception.flicker import FlickerTraces, watch_flicker

SIZE = 320
RNG = np.random.default_rng(5)
SCENE = np.clip(RNG.normal(128, 24, (SIZE, SIZE)), 0, 255)
PORTRAIT = np.clip(RNG.normal(120, 24, (120, 100)), 0, 255)
_Y, _X = np.mgrid[:120, :100]
OVAL = ((_X - 50) / 50) ** 2 + ((_Y - 60) / 60) ** 2 < 1


def face_at(x: float, y: float) -> Face:
    mesh = np.zeros((468, 3), np.float32)
    for point, (px, py) in {
        33: (20, 45),
        133: (40, 45),
        362: (60, 45),
        263: (80, 45),
        61: (35, 85),
        291: (65, 85),
    }.items():
        mesh[point, :2] = (x + px, y + py)
    values = {name: 0.0 for name in Face.__dataclass_fields__} | {"mesh": mesh, "interocular": 40.0}
    values["box"] = np.array([x, y, x + 100, y + 120], np.float32)
    return Face(**values)


def watch(frames: list[tuple[np.ndarray, Face]], *, rotation: int = 0) -> FlickerTraces:
    faces: During = During()
    generator = watch_flicker(None, faces)  # type: ignore[arg-type]
    next(generator)
    for index, (grey, face) in enumerate(frames):
        faces.now = ((0, face),)
        pixels = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)
        generator.send(Frame(index=index, time_s=index / 25, key=False, kind="P", pixels=pixels, rotation=rotation))
    with pytest.raises(StopIteration) as end:
        generator.send(None)
    return end.value.value  # type: ignore[no-any-return]


def frame(
    x: int, y: int, *, face_noise: float = 0, scene_noise: float = 0, brightness: float = 0
) -> tuple[np.ndarray, Face]:
    grey = SCENE + RNG.normal(0, scene_noise, SCENE.shape) if scene_noise else SCENE.copy()
    head = grey[y : y + 120, x : x + 100]
    head[OVAL] = (PORTRAIT + RNG.normal(0, face_noise or 1e-9, PORTRAIT.shape) + brightness)[OVAL]
    return grey, face_at(x, y)


def test_a_still_clip_does_not_flicker() -> None:
    (flicker,) = watch([frame(110, 90)] * 6).faces
    assert flicker.detail.shape == (5, 2)
    assert flicker.detail.max() < 0.02 and np.abs(flicker.colour).max() < 0.01


def test_noise_of_a_known_size_in_the_face_alone_is_measured_there() -> None:
    (flicker,) = watch([frame(110, 90, face_noise=3) for _ in range(8)]).faces
    # difference of two frames, each less its local mean of 25 pixels, after bilinear enlargement: at most 3·sqrt(2)
    inside, beside = np.median(flicker.detail, axis=0)
    assert 0.8 < inside < 3 * np.sqrt(2) and beside < 0.02


def test_a_face_that_moves_as_a_whole_changes_far_less_than_one_made_anew() -> None:
    steps = [(110, 90), (112, 91), (114, 91), (115, 93), (117, 94), (118, 96)]
    moved = np.median(watch([frame(*step) for step in steps]).faces[0].detail[:, 0])
    anew = np.median(watch([frame(*step, face_noise=20) for step in steps]).faces[0].detail[:, 0])
    assert moved < 0.35 * anew


def test_brightness_steps_stand_in_the_colour_of_the_face_only() -> None:
    (flicker,) = watch([frame(110, 90, brightness=4 * (i % 2)) for i in range(6)]).faces
    assert np.abs(flicker.colour[:, 0]) == pytest.approx(4, abs=0.3)
    assert np.abs(flicker.colour[:, 1]).max() < 0.01


def test_a_clip_stored_on_its_side_gives_the_same() -> None:
    frames = [frame(110 + i, 90, face_noise=6) for i in range(6)]
    upright = watch(frames).faces[0]
    turned = []
    for grey, face in frames:  # stored turned clockwise by 90 degrees: (x, y) becomes (SIZE - 1 - y, x)
        mesh = face.mesh.copy()
        mesh[:, :2] = np.column_stack([SIZE - 1 - face.mesh[:, 1], face.mesh[:, 0]])
        turned.append((np.rot90(grey, -1), replace(face, mesh=mesh)))
    sideways = watch(turned, rotation=90).faces[0]
    assert np.allclose(upright.detail, sideways.detail, rtol=0.02)
    assert np.allclose(upright.colour, sideways.colour, atol=0.05)


def test_what_stands_still_behind_a_moving_face_is_no_change() -> None:
    steps = [(110 + 2 * i, 90) for i in range(6)]
    (flicker,) = watch([frame(*step) for step in steps]).faces
    still = np.median(flicker.detail[:, 1] / flicker.texture[:, 1])
    (restless,) = watch([frame(*step, scene_noise=24) for step in steps]).faces
    assert still < 0.4 * np.median(restless.detail[:, 1] / restless.texture[:, 1])


def test_a_face_that_fills_the_picture_has_nothing_around_it() -> None:
    close = []
    for grey, _ in [frame(110, 90)] * 3:
        close.append((grey[95:205, 115:205], face_at(-5, -5)))
    (flicker,) = watch(close).faces
    assert np.isnan(flicker.detail[:, 1]).all() and np.isfinite(flicker.detail[:, 0]).all()
    assert np.isnan(flicker.colour[:, 1]).all()


def test_pairs_are_consecutive_frames_only() -> None:
    frames = [frame(110, 90)] * 4
    faces: During = During()
    generator = watch_flicker(None, faces)  # type: ignore[arg-type]
    next(generator)
    for index, (grey, face) in zip((0, 1, 5, 6), frames, strict=True):
        faces.now = ((0, face),)
        pixels = np.repeat(grey.astype(np.uint8)[..., None], 3, 2)
        generator.send(Frame(index=index, time_s=index / 25, key=False, kind="P", pixels=pixels, rotation=0))
    with pytest.raises(StopIteration) as end:
        generator.send(None)
    assert list(end.value.value.faces[0].times) == [1 / 25, 6 / 25]


def test_a_clip_without_faces_has_none() -> None:
    assert watch([]).faces == ()


def test_faces_that_are_gone_keep_no_pictures() -> None:
    """A long film has hundreds of tracks; each would hold on to a patch of 150 kB."""
    grey, face = frame(100, 90)
    pixels = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)
    faces: During = During()
    generator = watch_flicker(None, faces)  # type: ignore[arg-type]
    next(generator)
    held = []
    tracemalloc.start()
    for index in range(120):
        faces.now = ((index // 2, face),)
        generator.send(Frame(index=index, time_s=index / 25, key=False, kind="P", pixels=pixels, rotation=0))
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[-1] - held[19] < 1e6
