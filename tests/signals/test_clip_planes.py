"""The planes have the mean and spread that CLIP was trained with, and the order of its input."""

from __future__ import annotations

import numpy as np

from veridical.signals.clip_planes import clip_planes


def test_planes_are_colours_scaled_and_in_front():
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    planes = clip_planes(pixels)
    assert planes.shape == (1, 3, 224, 224) and planes.dtype == np.float32 and planes.flags.c_contiguous
    back = planes[0].transpose(1, 2, 0) * (0.26862954, 0.26130258, 0.27577711) + (0.48145466, 0.4578275, 0.40821073)
    np.testing.assert_allclose(back * 255, pixels, atol=1e-3)


def test_the_middle_of_the_training_pictures_is_zero():
    middle = np.broadcast_to(np.array([123, 117, 104], np.uint8), (224, 224, 3))
    assert abs(clip_planes(middle)).max() < 0.01
