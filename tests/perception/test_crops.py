"""Crops put the eyes where they belong, keep to their rate and stay few."""

import cv2
import numpy as np
import pytest

from veridical.percept import During
from veridical.perception._mesh import EYE_CORNERS
from veridical.perception.crops import watch_crops
from veridical.perception.faces import see_faces
from veridical.perception.tracks import watch_faces


def watched(play, video, pictures, **knobs):
    """Run both watchers side by side, as an examiner does."""
    during: During = During()
    faces = watch_faces(video())
    next(faces)
    seen = []

    def frames():
        from veridical.media.video import Frame

        for index, pixels in enumerate(pictures):
            during.now = faces.send(Frame(index, index / 25, False, "?", pixels, 0))
            seen.append(during.now)
            yield pixels

    crops, _ = play(watch_crops(video(), during, **knobs), frames())
    return crops, seen


def test_eyes_lie_at_fixed_places_whatever_the_turn(models, astronaut, still, play, video) -> None:
    pictures = []
    for turn in (-20, 0, 20):
        matrix = cv2.getRotationMatrix2D((228.0, 125.0), turn, 1.2)
        pictures += [cv2.warpAffine(astronaut, matrix, (512, 512))] * 4
    crops, _ = watched(play, video, pictures, side=224, per_second=100)
    assert len(crops) == 12
    for number in (0, 5, 11):
        picture = crops.crop(number)
        assert picture.shape == (224, 224, 3)
        (face,) = see_faces(still(picture)).faces
        eyes = np.array([face.mesh[list(corners), :2].mean(0) for corners in EYE_CORNERS])
        assert eyes == pytest.approx(np.array([[0.343, 0.4616], [0.657, 0.4616]]) * 224 - 0.5, abs=6)
    assert crops.scales == pytest.approx(crops.scales[0], rel=0.1)


def test_rate_and_limit(models, scene, play, video) -> None:
    pictures = [scene((240, 180, 1.0, False))] * 50
    crops, _ = watched(play, video, pictures, per_second=5.0)
    assert np.diff(crops.times) == pytest.approx(0.2, abs=1e-6) and len(crops) == 10
    few, _ = watched(play, video, pictures, per_second=25.0, most=8)
    assert 4 <= len(few) <= 8 and few.times[0] == 0
    assert np.ptp(np.diff(few.times)) < 0.09 and few.times[-1] > 1.2
    assert (few.crop(len(few) - 1) > 0).any()


def test_no_faces_no_crops(play, video) -> None:
    crops, _ = play(watch_crops(video(), During(())), [np.zeros((20, 20, 3), np.uint8)] * 3)
    assert len(crops) == 0 and len(crops.data) == 0
