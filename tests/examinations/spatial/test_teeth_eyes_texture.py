from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import teeth_eyes_texture
from veridical.finding import Measurement
from veridical.media.image import Image
from veridical.perception.faces import Faces, see_faces
from veridical.perception.skin import see_skin

from .eyes_of import image


@cache
def portrait() -> tuple[Image, Faces]:
    """The demonstration photograph's face, which smiles, enlarged four times."""
    pixels = cv2.resize(data.astronaut()[20:230, 120:330], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 5, pixels.shape)
    shown = image(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    return shown, see_faces(shown)


def examine(pixels: np.ndarray, **face: object) -> Measurement:
    _, faces = portrait()
    seen = Faces(tuple(replace(one, **face) for one in faces.faces[:1]))  # type: ignore[arg-type]
    shown = image(pixels)
    return teeth_eyes_texture.examine(shown, seen, see_skin(shown, seen))


def blurred(rings: tuple[tuple[int, ...], ...]) -> np.ndarray:
    shown, faces = portrait()
    mesh = faces.faces[0].mesh[:, :2]
    mask = np.zeros(shown.pixels.shape[:2], np.uint8)
    for ring in rings:
        cv2.fillPoly(mask, [np.rint(mesh[list(ring)]).astype(np.int32)], 1)
    mask = cv2.dilate(mask, np.ones((41, 41)))
    soft = cv2.GaussianBlur(shown.pixels, (0, 0), 10)
    return np.where(mask[..., None] > 0, soft, shown.pixels)


def test_smooth_eyes_and_smooth_teeth_each_raise_the_value() -> None:
    pristine = examine(portrait()[0].pixels.copy())
    eyes = examine(blurred(teeth_eyes_texture._EYES))
    teeth = examine(blurred((teeth_eyes_texture._LIPS,)))
    assert eyes.value > pristine.value + 0.3
    assert teeth.value > pristine.value + 0.3
    assert float(eyes.facts["lack in the eyes (ln)"]) > float(pristine.facts["lack in the eyes (ln)"]) + 0.6
    assert eyes.facts["lack in the teeth (ln)"] == pytest.approx(pristine.facts["lack in the teeth (ln)"], abs=0.1)


def test_eighteen_features_are_logarithms_of_energies() -> None:
    found = examine(portrait()[0].pixels.copy())
    assert found.features is not None
    assert found.features.shape == (18,)
    assert np.isfinite(found.features).all()


def test_contrast_alone_changes_nothing() -> None:
    """Both the energies and those of the cheeks scale with contrast."""
    pixels = portrait()[0].pixels
    half = np.clip(60 + pixels * 0.6, 0, 255).astype(np.uint8)
    assert examine(half).value == pytest.approx(examine(pixels.copy()).value, abs=0.12)


@pytest.mark.parametrize(
    ("face", "said"),
    [
        ({"interocular": 60.0}, "60 px apart; 80 are needed"),
        ({"yaw": 45.0}, "turned by 45°"),
        ({"mouth_opening": 0.02}, "mouth is open by 0.02"),
        ({"eye_openness": np.array([0.05, 0.3], np.float32)}, "eye is open by 0.05"),
    ],
)
def test_faces_that_are_not_fit_are_not_applicable(face: dict[str, object], said: str) -> None:
    with pytest.raises(NotApplicable, match=said):
        examine(portrait()[0].pixels.copy(), **face)


def test_no_face_and_wrong_knobs() -> None:
    shown, faces = portrait()
    with pytest.raises(NotApplicable, match="no face"):
        teeth_eyes_texture.examine(shown, Faces(()), see_skin(shown, Faces(())))
    with pytest.raises(UsageError, match="40 or more"):
        teeth_eyes_texture.examine(shown, faces, see_skin(shown, faces), least_interocular_px=10)
