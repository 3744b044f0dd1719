"""The inner face is turned by what the recipe says, the head around it is not, and the control is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.lab import pose, source
from veridical.lab.scene import scene_of


def first_pair(**knobs: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    picture, _ = source._demo_picture()
    pair = pose.turned_face(picture, np.random.default_rng(0), seconds=1.0, **knobs)
    control, altered = next(iter(pair.frames))
    assert (control != altered).any(2)[~pair.area].sum() == 0
    return picture.pixels, control, altered


def turn_between(one: np.ndarray, other: np.ndarray, box: tuple[int, int, int, int], guess: float) -> float:
    """Turn in the picture, degrees clockwise, of what lies in a box (x, y, width, height): optical flow, robust similarity."""
    x, y, width, height = box
    middle = (x + width / 2, y + height / 2)
    undone = cv2.warpAffine(other, cv2.getRotationMatrix2D(middle, guess, 1), other.shape[1::-1])
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (one, undone)]
    mask = np.zeros_like(grey[0])
    mask[y : y + height, x : x + width] = 255
    points = cv2.goodFeaturesToTrack(grey[0], 150, 0.01, 3, mask=mask)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(grey[0], grey[1], points, None)
    good = found.ravel() == 1
    fit, _ = cv2.estimateAffinePartial2D(points[good], moved[good], ransacReprojThreshold=1.0)
    return guess + float(np.degrees(np.arctan2(fit[1, 0], fit[0, 0])))


@pytest.mark.parametrize("roll", [-12.0, 7.0, 0.0])
def test_the_inner_face_is_rolled_and_the_hair_is_not(roll: float) -> None:
    picture, control, altered = first_pair(roll_deg=roll)
    face = scene_of(source._demo_picture()[0]).face
    inside = (
        round(face.x + 0.3 * face.width), round(face.y + 0.35 * face.height), round(0.4 * face.width),
        round(0.35 * face.height),
    )  # fmt: skip
    assert turn_between(control, altered, inside, roll) == pytest.approx(roll, abs=1.0)
    above = (face.x, max(face.y - 60, 0), face.width, 60)
    assert turn_between(control, altered, above, 0.0) == pytest.approx(0.0, abs=0.2)


def test_a_turn_in_yaw_narrows_one_half_of_the_face_more_than_the_other() -> None:
    homography = pose._turning(pose.Box(x=100, y=100, width=100, height=120), 0.0, 20.0)
    ends = cv2.perspectiveTransform(np.array([[[100, 160], [150, 160], [200, 160]]], np.float64), homography)[0]
    left, right = ends[1, 0] - ends[0, 0], ends[2, 0] - ends[1, 0]
    assert ends[1] == pytest.approx([150, 160])
    assert left > right and (left + right) == pytest.approx(100 * np.cos(np.radians(20)), rel=0.02)
