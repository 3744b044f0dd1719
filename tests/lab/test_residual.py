"""The pattern of the lab's sensor: in the control it stays in the frame everywhere, in the altered clip not in the face."""

import numpy as np
import pytest
from scipy import ndimage

from veridical.lab import residual
from veridical.lab.recipe import Box, Picture
from veridical.lab.scene import SIZE

GREY = Picture(
    pixels=np.full((200, 200, 3), 128, np.uint8), label=Box(x=0, y=180, width=60, height=16),
    face=Box(x=50, y=40, width=100, height=120),
)  # fmt: skip
FACE, CORNER = np.s_[140:200, 150:210], np.s_[4:60, 4:60]


@pytest.fixture(scope="module")
def clips():
    pair = residual.carried(GREY, np.random.default_rng(1), seconds=2.0, strength=3.0)
    frames = [(a[..., 1].astype(float), b[..., 1].astype(float)) for a, b in pair.frames]
    return np.array([a for a, _ in frames]), np.array([b for _, b in frames])


def fine(frame):
    return frame - ndimage.uniform_filter(frame, 3)


def sticks(frames, where):
    """Correlation of the fine detail of the first frame and the last one, at the same places."""
    return float(np.corrcoef(fine(frames[0])[where].ravel(), fine(frames[-1])[where].ravel())[0, 1])


def test_the_pattern_stays_in_the_control_and_leaves_with_the_altered_face(clips):
    control, altered = clips
    assert sticks(control, FACE) > 0.7 and sticks(control, CORNER) > 0.7
    assert abs(sticks(altered, FACE)) < 0.15 and sticks(altered, CORNER) > 0.7


def test_in_the_altered_face_it_is_found_again_where_the_face_went(clips):
    _, altered = clips
    first, last = fine(altered[0]), fine(altered[5])
    found = max(
        np.corrcoef(first[FACE].ravel(), np.roll(last, (dy, dx), (0, 1))[FACE].ravel())[0, 1]
        for dy in range(-6, 7)
        for dx in range(-6, 7)
    )
    assert found > 0.3


def test_the_two_are_the_same_outside_the_face_and_as_noisy_inside(clips):
    control, altered = clips
    assert np.array_equal(control[:, :60, :60], altered[:, :60, :60])
    assert control.shape[1:] == (SIZE, SIZE)
    levels = [fine(one[20])[FACE].std() for one in clips]
    assert 0.5 < levels[1] / levels[0] <= 1.05
