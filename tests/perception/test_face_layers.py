"""The layers answer to the face alone, and to a stored mirror image as to the picture that is displayed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from veridical.knowledge.neuron_coverage import LAYERS
from veridical.models import store
from veridical.perception.face_layers import MODELS, FaceAnswers, see_face_answers
from veridical.perception.faces import Faces, see_faces

from ..examinations.spatial.faces_of import image, portrait

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def present() -> None:
    if not all(map(store.is_present, MODELS)):
        pytest.skip("not on this machine: veridical models fetch face.identity")


def test_it_answers_with_two_numbers_a_layer_and_a_descriptor() -> None:
    shown, faces, _ = portrait(2.0)
    (answer,) = see_face_answers(shown, faces).answers
    assert answer.coverage.shape == answer.unevenness.shape == (LAYERS,) and answer.embedding.shape == (128,)
    assert ((answer.coverage > 0) & (answer.coverage < 1)).all() and (answer.unevenness > 0).all()
    (again,) = see_face_answers(shown, faces).answers
    np.testing.assert_array_equal(answer.coverage, again.coverage)


def test_what_lies_far_from_the_face_changes_nothing() -> None:
    shown, faces, _ = portrait(2.0)
    pixels = shown.pixels.copy()
    pixels[:, :40] = 0
    (before,), (after,) = (see_face_answers(one, faces).answers for one in (shown, image(pixels)))
    np.testing.assert_array_equal(before.face, after.face)
    np.testing.assert_array_equal(before.coverage, after.coverage)


def test_a_stored_mirror_image_is_seen_as_displayed() -> None:
    shown, _, _ = portrait(2.0)
    stored = dataclasses.replace(image(np.ascontiguousarray(shown.pixels[:, ::-1])), orientation=2)
    (one,) = see_face_answers(shown, see_faces(shown)).answers
    (other,) = see_face_answers(stored, see_faces(stored)).answers
    assert np.abs(one.face.astype(int) - other.face).mean() < 3
    assert np.linalg.norm(one.embedding - other.embedding) < 0.15


def test_small_faces_are_left_out() -> None:
    shown, faces, _ = portrait(2.0)
    assert see_face_answers(shown, faces, least_px=1e4) == FaceAnswers(())
    assert see_face_answers(shown, Faces(())) == FaceAnswers(())
