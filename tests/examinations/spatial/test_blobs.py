"""Rings of known place and contrast are found with it; discs, edges and grey rings are not; faces are left out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import blobs
from veridical.media.image import Image
from veridical.perception.faces import Face, Faces


def image(pixels: np.ndarray) -> Image:
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None,
        jpeg=None,
    )  # fmt: skip


def face_at(x: float, y: float, radius: float) -> Faces:
    angles = np.linspace(0, 2 * np.pi, 468)
    mesh = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles), 0 * angles], 1).astype(np.float32)
    nothing = np.zeros(2, np.float32)
    face = Face(
        box=np.array([x - radius, y - radius, x + radius, y + radius], np.float32), score=1.0,
        keypoints=np.zeros((6, 2), np.float32), mesh=mesh, irises=np.zeros((2, 5, 2), np.float32), mesh_score=1.0,
        yaw=0.0, pitch=0.0, roll=0.0, interocular=50.0, eye_openness=nothing, eye_openness_mesh=nothing,
        mouth_opening=0.0,
    )  # fmt: skip
    return Faces((face,))


def ground(side: int = 512) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (side, side, 3)), (0, 0), 20)
    return (110 + 60 * noise / np.abs(noise).max()).astype(np.float32)


def droplet(
    pixels: np.ndarray, x: float, y: float, radius: float = 9.0, rim: float = 50.0,
    tint: tuple[float, float, float] = (-30, 0, 20),
) -> np.ndarray:  # fmt: skip
    rows, columns = np.ogrid[: pixels.shape[0], : pixels.shape[1]]
    away = np.hypot(columns - x, rows - y) / radius
    return (
        pixels
        + rim * np.exp(-(((away - 1) / 0.3) ** 2))[..., None]
        + np.exp(-((away / 0.8) ** 4))[..., None] * np.array(tint)
    )


def shown(pixels: np.ndarray) -> Image:
    return image(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("radius", [6.0, 12.0, 20.0])
@pytest.mark.parametrize(("x", "y"), [(120, 400), (333, 77)])
def test_a_droplet_is_the_first_place(radius: float, x: int, y: int) -> None:
    plain, found = (blobs.examine(shown(p), None) for p in (ground(), droplet(ground(), x, y, radius)))
    assert found.value > plain.value + 1
    first = found.where[0]
    assert first.x + first.width / 2 == pytest.approx(x, abs=0.35 * radius)
    assert first.y + first.height / 2 == pytest.approx(y, abs=0.35 * radius)
    assert 0.6 * radius < first.width / 3.2 < 1.7 * radius
    assert found.checklist[0].where == found.where
    assert found.exhibits[0].values[y, x] == pytest.approx(found.value, abs=1e-5)


def test_the_place_is_given_in_native_pixels() -> None:
    large = cv2.resize(droplet(ground(), 120, 400), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    found, small = blobs.examine(shown(large), None), blobs.examine(shown(droplet(ground(), 120, 400)), None)
    assert found.value == pytest.approx(small.value, rel=0.15)
    assert found.where[0].x + found.where[0].width / 2 == pytest.approx(361, abs=5)
    assert found.where[0].y + found.where[0].height / 2 == pytest.approx(1201, abs=5)


def test_the_rim_contrast_is_that_of_the_drawing() -> None:
    """A hard ring of 30 units of lightness on an even ground."""
    light = np.full((256, 256), 40, np.float32)
    cv2.circle(light, (128, 128), 9, 70, 3)
    (spot,) = blobs._rims(light, np.array([128], np.float32), np.array([128], np.float32), 5.0)
    assert spot.contrast == pytest.approx(30, abs=0.5)
    assert spot.radius == pytest.approx(9)
    assert spot.score == pytest.approx(30 / 2, abs=0.1)


def test_a_bright_spot_an_open_ring_and_an_edge_have_no_closed_rim() -> None:
    light = np.full((256, 256), 40, np.float32)
    cv2.circle(light, (60, 60), 6, 80, -1)
    cv2.ellipse(light, (180, 60), (9, 9), 0, 0, 180, 80, 4)
    light[190:] = 80
    x, y = np.array([60, 180, 128], np.float32), np.array([60, 60, 190], np.float32)
    assert max((spot.contrast for spot in blobs._rims(light, x, y, 5.0)), default=0) < 1


def test_a_ring_without_a_colour_of_its_own_is_no_candidate() -> None:
    grey = np.repeat(droplet(np.full((512, 512, 3), 110.0), 200, 200, tint=(0, 0, 0)), 1, 2)
    found = blobs.examine(shown(grey), None)
    assert found.value == 0
    assert found.where == ()
    assert "No small closed ring" in found.observation


def test_faces_are_left_out() -> None:
    exhibit = shown(droplet(ground(), 250, 250))
    inside, outside = (blobs.examine(exhibit, face_at(x, 250, 60)) for x in (250, 400))
    assert outside.value > inside.value + 1
    assert outside.limits == ()
    assert "eyes" in blobs.examine(exhibit, None).limits[0]


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = shown(droplet(ground(), 250, 250))
    before = exhibit.pixels.copy()
    first, second = blobs.examine(exhibit, None), blobs.examine(exhibit, None)
    assert (first.value, first.where) == (second.value, second.where)
    np.testing.assert_array_equal(exhibit.pixels, before)


def test_gates() -> None:
    with pytest.raises(NotApplicable, match="2000 × 255"):
        blobs.examine(image(np.zeros((255, 2000, 3), np.uint8)), None)
    with pytest.raises(UsageError, match="least"):
        blobs.examine(shown(ground()), None, least=0.0)
