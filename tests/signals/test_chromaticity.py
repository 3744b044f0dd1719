import numpy as np
import pytest
from skimage import color

from veridical.signals.chromaticity import LINEAR, LUMINANCE, colour_distance, log_chromaticity


def test_light_and_luminance_are_those_of_another_implementation() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 1, 3)).astype(np.uint8)
    np.testing.assert_allclose(LINEAR[pixels] @ LUMINANCE, color.rgb2xyz(pixels)[..., 1], atol=2e-4)


def test_the_distance_is_that_of_lab_at_one_lightness() -> None:
    rng = np.random.default_rng(1)
    linear = rng.uniform(0.2, 0.8, (40, 2, 3)).astype(np.float32)
    chromaticity = np.stack([np.log(linear[..., 0] / linear[..., 1]), np.log(linear[..., 2] / linear[..., 1])], -1)
    xyz = linear.astype(float) @ color.colorconv.xyz_from_rgb.T
    lab = color.xyz2lab(0.3 * xyz / xyz[..., 1:2])
    expected = np.hypot(*(lab[:, 0] - lab[:, 1])[:, 1:].T)
    np.testing.assert_allclose(lab[..., 0], lab[0, 0, 0])
    np.testing.assert_allclose(colour_distance(chromaticity[:, 0], chromaticity[:, 1]), expected, rtol=0.01, atol=0.1)


def test_shading_does_not_move_a_colour() -> None:
    skin = np.array([0.5, 0.3, 0.2])
    bright, dark = log_chromaticity(skin), log_chromaticity(skin * 0.25)
    assert colour_distance(bright, dark) < 0.5
    assert bright == pytest.approx([np.log(5 / 3), np.log(2 / 3)], abs=0.005)


def test_light_of_another_colour_moves_all_colours_alike() -> None:
    surfaces = np.random.default_rng(2).uniform(0.2, 0.8, (30, 3))
    moved = log_chromaticity(surfaces * [1.2, 1.0, 0.8]) - log_chromaticity(surfaces)
    np.testing.assert_allclose(moved, np.broadcast_to([np.log(1.2), np.log(0.8)], moved.shape), atol=0.005)
