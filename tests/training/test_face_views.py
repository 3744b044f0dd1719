"""The mesh follows the picture: a bright dot stays under its point through every condition and history."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.training import face_views, launder


def dotted(height: int, width: int, point: tuple[int, int]) -> np.ndarray:
    plane = np.zeros((height, width, 3), np.uint8)
    cv2.circle(plane, point, 9, (255, 255, 255), -1)
    return plane


def middle_of(picture: np.ndarray) -> np.ndarray:
    weight = picture[..., 1].astype(np.float64)
    weight[weight < 100] = 0
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("name", launder.CONDITIONS)
def test_a_point_follows_the_conditions(name: str) -> None:
    picture = dotted(601, 803, (420, 333))
    shown = launder.condition(picture, name, {"file": "a.png"})
    assert shown is not None
    found = face_views.conditioned(np.array([[420.0, 333.0]]), picture.shape, name)
    np.testing.assert_allclose(found[0], middle_of(shown), atol=0.6)


def test_a_point_follows_random_histories() -> None:
    picture, names = dotted(400, 400, (170, 222)), set()
    for seed in range(40):
        past = launder.history(picture.shape, np.random.default_rng(seed))
        names |= set(past.names)
        found = face_views.followed(np.array([[170.0, 222.0]]), past)
        np.testing.assert_allclose(found[0], middle_of(past.applied(picture)), atol=0.8)
    assert {"scaled", "cropped"} <= names


def test_an_unknown_condition_is_refused() -> None:
    with pytest.raises(UsageError, match="no condition dark"):
        face_views.conditioned(np.zeros((1, 2)), (9, 9), "dark")


def test_faces_are_looked_for_once(tmp_path, monkeypatch) -> None:
    from PIL import Image as Pillow

    looked = []

    class One:
        mesh = np.random.default_rng(0).uniform(60, 200, (468, 3)).astype(np.float32)

    def see(image):
        looked.append(image.pixels.shape)
        return type("F", (), {"faces": (One,) if len(looked) == 1 else ()})()

    monkeypatch.setattr(face_views, "see_faces", see)
    for name in ("a.png", "b.png"):
        Pillow.fromarray(dotted(260, 240, (9, 9))).save(tmp_path / name)
    rows = [{"file": "a.png"}, {"file": "b.png"}]
    (first,) = face_views.kept_faces(tmp_path, rows, tmp_path / "cache")
    (again,) = face_views.kept_faces(tmp_path, rows, tmp_path / "cache")
    assert len(looked) == 2 and first.row["file"] == "a.png"
    np.testing.assert_array_equal(first.native, One.mesh[:, :2])
    np.testing.assert_array_equal(again.pixels, first.pixels)
    assert 160 <= len(first.pixels) <= 512 and first.pixels.shape[0] == first.pixels.shape[1]
