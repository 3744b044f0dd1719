"""Faces of every size are found, and nothing else."""

import csv
import os
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from veridical.media.image import upright
from veridical.perception._blazeface import overlap
from veridical.perception.faces import Faces, see_faces

HEAD = (174, 68, 280, 174)  # box of the face in astronaut


def test_the_largest_are_those_in_front_that_are_large_enough() -> None:
    sizes = [SimpleNamespace(interocular=size) for size in (90.0, 40.0, 30.0, 10.0)]
    faces = Faces(tuple(sizes))  # type: ignore[arg-type]
    assert [index for index, _ in faces.largest(2, 24.0)] == [0, 1]
    assert [index for index, _ in faces.largest(9, 24.0)] == [0, 1, 2]
    assert faces.largest(3, 100.0) == ()
    assert faces.too_small(100.0) == "none of 4 faces has 100 pixels between the eyes"
    assert Faces(()).too_small() == "no face was found"


def test_several_faces_from_24_px_to_400_px_in_one_picture(models, astronaut, still) -> None:
    picture = np.full((700, 1100, 3), 110, np.uint8)
    picture[:, :, 2] += np.linspace(0, 60, 1100).astype(np.uint8)
    tile = astronaut[0:260, 90:350]
    expected = []
    for size, (x, y) in {
        400: (10, 5),
        150: (690, 20),
        80: (700, 420),
        48: (930, 450),
        32: (960, 600),
        24: (880, 610),
    }.items():
        scale = size / 106
        side = round(260 * scale)
        part = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        part = part[: 700 - y, : 1100 - x]
        picture[y : y + part.shape[0], x : x + part.shape[1]] = part
        expected.append([x + 84 * scale, y + 68 * scale, x + 190 * scale, y + 174 * scale])
    found = see_faces(still(picture)).faces
    boxes = np.array([face.box for face in found])
    assert len(found) == len(expected)
    assert all(overlap(np.array(box), boxes).max() > 0.5 for box in expected)
    sizes = [face.interocular for face in found]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("crop", [HEAD, (150, 40, 300, 200)])
def test_a_face_that_fills_the_picture(models, astronaut, still, crop) -> None:
    x0, y0, x1, y1 = crop
    part = cv2.resize(astronaut[y0:y1, x0:x1], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    (face,) = see_faces(still(part)).faces
    expected = (np.array(HEAD) - [x0, y0, x0, y0]) * 4.0
    assert overlap(expected, face.box[None])[0] > 0.5


@pytest.mark.parametrize("orientation", range(2, 9))
def test_stored_turned_shown_upright(models, astronaut, still, orientation: int) -> None:
    undo = {6: 8, 8: 6}.get(orientation, orientation)
    stored = upright(astronaut[:300], undo)
    (plain,) = see_faces(still(astronaut[:300])).faces
    (face,) = see_faces(still(stored, orientation)).faces
    assert (face.yaw, face.pitch, face.roll) == pytest.approx((plain.yaw, plain.pitch, plain.roll), abs=1e-3)
    # The same skin lies under the points, wherever they went.
    x, y = np.rint(face.mesh[[1, 50, 280], :2]).astype(int).T
    px, py = np.rint(plain.mesh[[1, 50, 280], :2]).astype(int).T
    assert (stored[y, x] == astronaut[py, px]).all()
    assert face.box[0] < face.mesh[1, 0] < face.box[2] and face.box[1] < face.mesh[1, 1] < face.box[3]
    assert face.irises.shape == (2, 5, 2) and face.keypoints.shape == (6, 2)


def test_grey_dark_and_noisy_faces_are_found(models, astronaut, still) -> None:
    random = np.random.default_rng(3)
    grey = np.repeat(astronaut.mean(2, keepdims=True).astype(np.uint8), 3, 2)
    dark = (astronaut * 0.3).astype(np.uint8)
    noisy = np.clip(astronaut + random.normal(0, 25, astronaut.shape), 0, 255).astype(np.uint8)
    assert [len(see_faces(still(one)).faces) for one in (grey, dark, noisy)] == [1, 1, 1]


def test_min_px_leaves_smaller_faces_out(models, astronaut, still) -> None:
    assert see_faces(still(astronaut), min_px=150).faces == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (20, 20), (193, 7)])
def test_tiny_and_narrow_pictures(models, still, size) -> None:
    assert see_faces(still(np.full((*size, 3), 90, np.uint8))).faces == ()


def _clouds(random: np.random.Generator, height: int, width: int, slope: float) -> np.ndarray:
    y, x = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    power = np.maximum(np.hypot(x, y), 1 / max(height, width)) ** -slope
    layers = [np.fft.ifft2(np.fft.fft2(random.normal(size=(height, width))) * power).real for _ in range(3)]
    cloud = np.stack(layers, -1) @ random.uniform(0.2, 1, (3, 3))
    return np.clip(128 + 50 * cloud / cloud.std(), 0, 255)


def _shapes(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    picture = np.full((height, width, 3), random.uniform(0, 255, 3))
    for _ in range(60):
        x, y, a, b = (int(random.integers(0, most)) for most in (width, height, 70, 70))
        colour = tuple(random.uniform(0, 255, 3))
        if random.random() < 0.5:
            cv2.ellipse(picture, (x, y), (a + 3, b + 3), random.uniform(0, 180), 0, 360, colour, -1)
        else:
            cv2.rectangle(picture, (x, y), (x + a, y + b), colour, int(random.choice([-1, 2, 5])))
    return picture


def _text(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    picture = np.full((height, width, 3), 245, np.uint8)
    for y in range(12, height, 22):
        line = "".join(random.choice(list("aeionrst:;()8BO%&@ "), 60))
        cv2.putText(picture, line, (3, y), int(random.integers(0, 8)), random.uniform(0.4, 0.9), (20, 20, 40), 1)
    return picture


def _landscape(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    ground = _clouds(random, height, width, 1.2) * [0.4, 0.6, 0.3]
    sky = np.linspace([120, 160, 230], [230, 220, 210], height)[:, None]
    ridge = height * (0.5 + 0.1 * np.cumsum(random.normal(0, 0.06, width)))
    picture = np.where(np.arange(height)[:, None, None] < ridge[None, :, None], sky, ground)
    for _ in range(25):
        x, y = int(random.integers(0, width)), int(random.integers(height // 2, height))
        cv2.ellipse(
            picture, (x, y), (int(random.integers(4, 30)), int(random.integers(8, 40))), 0, 0, 360, (30, 80, 25), -1
        )
    return picture


def _pattern(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    period = random.uniform(6, 60)
    wave = np.sin(2 * np.pi * x / period) * np.cos(2 * np.pi * y / (period * random.uniform(0.5, 2)))
    value = np.sign(wave) if random.random() < 0.5 else wave
    return 128 + 100 * value[..., None] * random.uniform(0.3, 1, 3)


def _gradient(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return 255 * np.stack([(x * a + y * b) / (height + width) for a, b in random.uniform(0, 1, (3, 2))], -1)


def _noise(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    return random.normal(128, random.uniform(10, 80), (height, width, 3))


MAKERS = (_clouds, _shapes, _text, _landscape, _pattern, _gradient, _noise)


def test_no_face_on_50_pictures_without_one(models, still) -> None:
    found = []
    for seed in range(50):
        random = np.random.default_rng(seed)
        maker = MAKERS[seed % len(MAKERS)]
        size = (int(random.integers(200, 460)), int(random.integers(200, 640)))
        extra = (random.uniform(0.5, 1.8),) if maker is _clouds else ()
        picture = np.clip(maker(random, *size, *extra), 0, 255).astype(np.uint8)
        found.append(len(see_faces(still(picture)).faces))
    assert found == [0] * 50


def test_speed_of_a_megapixel(models, astronaut, still) -> None:
    picture = still(cv2.resize(astronaut, (1000, 1000), interpolation=cv2.INTER_CUBIC))
    see_faces(picture)
    began = time.process_time()
    see_faces(picture)
    assert time.process_time() - began < 0.6


def _real(sources: set[str], count: int) -> list[Path]:
    folder = os.environ.get("VERIDICAL_DATA", "")
    listing = Path(folder) / "images" / "manifest.csv"
    if not folder or not listing.is_file():
        pytest.skip("VERIDICAL_DATA does not name the folder of labelled media")
    rows = [
        row
        for row in csv.DictReader(listing.read_text().splitlines())
        if row["label"] == "real" and row["source"] in sources
    ]
    return [listing.parent / row["file"] for row in rows[:: max(len(rows) // count, 1)][:count]]


@pytest.mark.parametrize("size", [24, 40, 160, 600])
def test_real_faces_are_found_at_every_size(models, still, size: int) -> None:
    paths = _real({"webportraits", "unsplash"}, 10)
    found = 0
    for path in paths:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        (face, *_) = see_faces(still(picture), min_px=60).faces
        reach = face.box[2] - face.box[0]
        x, y = np.maximum(face.box[:2] - reach / 2, 0).astype(int)
        picture = picture[y : y + int(2 * reach), x : x + int(2 * reach)]
        head = face.box - [x, y, x, y]
        scale = size / reach
        small = cv2.resize(
            picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        )
        canvas = np.full((max(small.shape[0], 500), max(small.shape[1], 700), 3), 128, np.uint8)
        y, x = (canvas.shape[0] - small.shape[0]) // 3, (canvas.shape[1] - small.shape[1]) // 3
        canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
        expected = (head * scale + [x, y, x, y]).astype(np.float32)
        boxes = np.array([one.box for one in see_faces(still(canvas)).faces]).reshape(-1, 4)
        found += bool(len(boxes)) and overlap(expected, boxes).max() > 0.4
    assert found >= (0.8 if size < 30 else 0.95) * len(paths)


def test_real_scenes_without_faces(models, still) -> None:
    paths = _real({"kurlyto", "dexer1"}, 12)
    assert [len(see_faces(still(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB))).faces) for path in paths] == [0] * len(
        paths
    )
