"""Grain of a known motion: glued to the face, glued to the frame, fresh in every frame, and copied by an encoder."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.percept import During
from veridical.perception.faces import Face
from veridical.perception.residual_motion import ResidualMotions, watch_residual_motion

RNG = np.random.default_rng(11)
SIZE = 360
# A smooth pattern that shows the motion, with grain too weak to matter.
X = np.arange(SIZE)
SMOOTH = 120 + 30 * np.sin(X / 9)[:, None] * np.sin(X / 11)[None] + 12 * np.cos((X[:, None] + 2 * X[None]) / 17)
POINTS = RNG.uniform(-60, 60, (468, 2))
POINTS[0], POINTS[10], POINTS[152] = (0, 30), (0, -60), (0, 60)


def face_at(x: float, y: float) -> Face:
    values = {name: 0.0 for name in Face.__dataclass_fields__}
    mesh = np.column_stack([POINTS + (x, y), np.zeros(468)]).astype(np.float32)
    return Face(**values | {"mesh": mesh, "box": np.array([x - 65, y - 70, x + 65, y + 70], np.float32)})  # type: ignore[arg-type]


def watch(frames: list[tuple[int, np.ndarray, Face]], *, rest_s: float = 0.0, rotation: int = 0) -> ResidualMotions:
    faces: During = During()
    generator = watch_residual_motion(None, faces, rest_s=rest_s)  # type: ignore[arg-type]
    next(generator)
    for index, grey, face in frames:
        faces.now = ((0, face),)
        pixels = np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[..., None], 3, 2)
        generator.send(Frame(index=index, time_s=index / 25, key=False, kind="P", pixels=pixels, rotation=rotation))
    with pytest.raises(StopIteration) as end:
        generator.send(None)
    return end.value.value  # type: ignore[no-any-return]


def clip(
    *, glued: float = 0, fixed: float = 0, fresh: float = 0, step: int = 2, n: int = 16
) -> list[tuple[int, np.ndarray, Face]]:
    """A face that moves by whole pixels back and forth before a still background."""
    own, sensor = RNG.normal(0, 1, (2, SIZE, SIZE))
    frames = []
    for i in range(n):
        shift = step * (i % 8 if i % 16 < 8 else 8 - i % 8)
        grey = SMOOTH.copy()
        face = np.roll(SMOOTH + glued * own, shift, 1)
        inside = np.s_[100:260, 100 + shift : 240 + shift]
        grey[inside] = face[inside]
        grey = grey + fixed * sensor + fresh * RNG.normal(0, 1, grey.shape)
        frames.append((i, grey, face_at(170 + shift, 180)))
    return frames


def correlations(motions: ResidualMotions, side: int) -> tuple[float, float]:
    yy, mm, ss, ym, ys, _, _ = motions.faces[0].sums[:, side].astype(float).sum(0)
    return float(ym / np.sqrt(yy * mm)), float(ys / np.sqrt(yy * ss))


def test_grain_glued_to_the_face_travels_and_a_sensors_pattern_stays() -> None:
    moved, stayed = correlations(watch(clip(glued=3)), 0)
    assert moved > 0.9 and abs(stayed) < 0.1
    moved, stayed = correlations(watch(clip(fixed=3, fresh=0.5)), 0)
    assert stayed > 0.9 and abs(moved) < 0.1


def test_the_pattern_of_the_sensor_stays_beside_the_face_too() -> None:
    moved, stayed = correlations(watch(clip(glued=3, fixed=3, fresh=0.5)), 1)
    assert stayed > 0.9 and abs(moved) < 0.1


def test_fresh_noise_neither_travels_nor_stays() -> None:
    for side in (0, 1):
        assert np.abs(correlations(watch(clip(fresh=3)), side)) == pytest.approx(0, abs=0.06)


def test_the_motion_of_each_pair_is_what_it_was() -> None:
    (face,) = watch(clip(glued=3, step=3, n=8)).faces
    assert face.moved_px == pytest.approx(3, abs=0.1)
    assert list(face.times) == pytest.approx([i / 25 for i in range(1, 8)])


def test_slow_faces_wait_until_they_have_moved_and_still_ones_say_nothing() -> None:
    slow = [(i, SMOOTH + 0.0, face_at(170, 180)) for i in range(30)]
    assert watch(slow).faces == ()
    frames = clip(glued=3, step=2, n=8)
    (face,) = watch([(3 * i + k, grey, seen) for i, (_, grey, seen) in enumerate(frames) for k in range(3)]).faces
    assert len(face.times) == 7 and face.moved_px == pytest.approx(2, abs=0.1)


def test_copied_blocks_are_left_out() -> None:
    frames = clip(glued=3, fresh=2)
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    beside = (y < 180) & ((x < 96) | (x > 264))
    copied = [(i, np.where(beside, frames[0][1], grey), face) for i, grey, face in frames]
    (face,) = watch(copied).faces
    assert face.copied[:, 1] == pytest.approx(0.5, abs=0.1)
    (all_,) = watch(frames).faces
    assert face.sums[:, 1, 6].mean() < 0.65 * all_.sums[:, 1, 6].mean()


def test_a_face_at_the_edge_or_too_small_is_left_out() -> None:
    assert watch([(i, SMOOTH, face_at(20 + 2 * i, 180)) for i in range(8)]).faces == ()


def test_no_pair_spans_frames_without_the_face() -> None:
    frames = clip(glued=3, n=8)
    apart = [(i if i < 4 else i + 5, grey, face) for i, grey, face in frames]
    (face,) = watch(apart).faces
    assert list(face.times * 25) == pytest.approx([1, 2, 3, 10, 11, 12])


def test_after_a_pair_the_next_one_rests_a_while() -> None:
    (face,) = watch(clip(glued=3), rest_s=0.08).faces
    assert list(face.times * 25) == pytest.approx([1, 4, 7, 10, 13])


def test_a_clip_stored_on_its_side_gives_the_same() -> None:
    frames = clip(glued=2, fixed=2, fresh=1)
    turned = []
    for i, grey, face in frames:
        mesh = face.mesh.copy()
        mesh[:, :2] = mesh[:, 1::-1]
        turned.append((i, grey.T, replace(face, mesh=mesh, box=face.box[[1, 0, 3, 2]])))
    upright, sideways = watch(frames).faces[0], watch(turned, rotation=90).faces[0]
    assert np.allclose(upright.sums, sideways.sums, rtol=1e-3) and np.allclose(upright.moved_px, sideways.moved_px)


def test_faces_that_are_gone_keep_no_pictures() -> None:
    """A long film has hundreds of tracks; each would hold on to its windows of an earlier frame."""
    faces: During = During()
    generator = watch_residual_motion(None, faces, rest_s=0.0)  # type: ignore[arg-type]
    next(generator)
    held = []
    tracemalloc.start()
    for index in range(120):
        faces.now = ((index // 2, face_at(170 + 2 * (index % 2), 180)),)
        pixels = np.repeat(np.rint(SMOOTH).astype(np.uint8)[..., None], 3, 2)
        generator.send(Frame(index=index, time_s=index / 25, key=False, kind="P", pixels=pixels, rotation=0))
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[-1] - held[19] < 1e6


def test_a_picture_that_changes_its_size_begins_anew() -> None:
    whole = clip(glued=3, n=16)
    (motion,) = watch([*whole[:8], *((i, grey[:280, :290], face) for i, grey, face in whole[8:])]).faces
    assert 8 / 25 not in motion.times.tolist()
    assert min((motion.times < 8 / 25).sum(), (motion.times > 8 / 25).sum()) > 2
