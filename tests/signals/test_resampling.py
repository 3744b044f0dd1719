import cv2
import numpy as np
import pytest
from skimage import data

from veridical.signals.resampling import PITCH, WINDOW, over_picture, places, rhythms


def noise(height: int = 320, width: int = 384) -> np.ndarray:
    return np.clip(np.rint(np.random.default_rng(0).normal(128, 20, (height, width))), 0, 255).astype(np.uint8)


def test_noise_has_no_rhythm() -> None:
    seen = rhythms(noise())
    assert seen.axes.shape == (4, 5, 2, 65)
    assert seen.fit.all()
    assert seen.step == PITCH
    assert np.mean(seen.axes[..., 12:]) == pytest.approx(1, abs=0.1)
    assert np.median(seen.plane[:, 12:]) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(("factor", "cycles"), [(1.25, 0.2), (1.5, 1 / 3), (1.3, 1 - 1 / 1.3), (0.85, 1 / 0.85 - 1)])
def test_a_factor_shows_at_its_own_frequency(factor: float, cycles: float) -> None:
    seen = rhythms(cv2.resize(noise(500, 500), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR))
    for way in (0, 1):
        line = seen.axes[:, :, way, 12:63].mean((0, 1))
        assert (line.argmax() + 12) / WINDOW == pytest.approx(cycles, abs=1 / WINDOW)
        assert line.max() > 10


def test_stretching_in_one_direction_shows_in_that_direction() -> None:
    seen = rhythms(cv2.resize(noise(400, 400), None, fx=1.0, fy=1.3, interpolation=cv2.INTER_LINEAR))
    mean = seen.axes[..., 12:63].mean((0, 1))
    assert mean[0].max() > 20 * mean[1].max()


def test_turning_shows_at_the_turned_frequencies() -> None:
    turn = np.deg2rad(15)
    grid = cv2.getRotationMatrix2D((200, 200), 15, 1)
    seen = rhythms(cv2.warpAffine(noise(400, 400), grid, (400, 400), flags=cv2.INTER_LINEAR)[72:328, 72:328])
    level = seen.plane.copy()
    level[np.hypot(np.fft.fftfreq(WINDOW)[:, None], np.arange(65) / WINDOW) < 0.1] = 0
    row, column = np.unravel_index(level.argmax(), level.shape)
    found = np.abs([np.fft.fftfreq(WINDOW)[row], column / WINDOW])
    # The pixel grid of the source, (1, 0), turned by 15°, folded into the band of the new one.
    folded = np.abs([np.sin(turn), np.cos(turn)] - np.rint([np.sin(turn), np.cos(turn)]))
    assert np.abs(np.sort(found) - np.sort(folded)).max() < 1.5 / WINDOW


def test_it_is_one_dimensional_transforms_of_the_residue_of_a_fixed_rule() -> None:
    """Against direct sums: along an axis the transform of a window is that of its weighted column sums."""
    plane = data.camera()[100:228, 200:328].astype(float)
    seen = rhythms(plane.astype(np.uint8))
    rule = np.array([[-0.25, 0.5, -0.25], [0.5, 0, 0.5], [-0.25, 0.5, -0.25]])
    wide = np.pad(plane, 1, mode="reflect")
    left = np.abs(plane - sum(rule[i, j] * wide[i : i + 128, j : j + 128] for i in range(3) for j in range(3)))
    level = left / (cv2.blur(left, (15, 15)) + 0.25)
    level -= cv2.GaussianBlur(level, (0, 0), 3)
    line = np.sin(np.pi * (np.arange(128) + 0.5) / 128) ** 2
    full = np.abs(np.fft.fft2(level * line[:, None] * line)) ** 2
    for cycles in (13, 30, 50):
        rows, columns = np.meshgrid(np.arange(-5, 6), np.arange(-5, 6), indexing="ij")
        ring = (np.abs(rows) > 2) | (np.abs(columns) > 2)
        around = full[rows[ring] % 128, (cycles + columns[ring]) % 128].mean()
        assert seen.axes[0, 0, 1, cycles] == pytest.approx(full[0, cycles] / around, rel=0.01)
        around = full[(cycles + rows[ring]) % 128, columns[ring] % 128].mean()
        assert seen.axes[0, 0, 0, cycles] == pytest.approx(full[cycles, 0] / around, rel=0.01)


def test_smooth_windows_are_not_fit() -> None:
    plane = noise()
    plane[:, :192] = np.linspace(50, 90, 192).astype(np.uint8)
    seen = rhythms(plane)
    assert seen.fit[:, 2:].all()
    assert not seen.fit[:, 0].any()


def test_large_pictures_have_windows_further_apart() -> None:
    seen = rhythms(np.zeros((4000, 6000), np.uint8))
    assert seen.step == 128
    assert seen.fit.size <= 3000


def test_places_are_means_of_the_windows_that_are_fit() -> None:
    values = np.arange(12.0).reshape(3, 4)
    fit = np.ones((3, 4), bool)
    fit[0, 0] = fit[2, 3] = fit[1, 3] = False
    found = places(values, fit)
    np.testing.assert_allclose(found[0, :2], [(1 + 4 + 5) / 3, (1 + 2 + 5 + 6) / 4])
    assert np.isnan(found[1, 2])
    np.testing.assert_allclose(places(values[..., None], fit)[..., 0], found)


@pytest.mark.parametrize("step", [64, 128])
def test_a_place_is_drawn_where_its_windows_overlap(step: int) -> None:
    of_places = np.arange(6, dtype=np.float32).reshape(2, 3)
    height, width = 2 * step + 128, 3 * step + 128
    drawn = over_picture(of_places, step, height, width)
    scale = drawn.shape[0] / height
    assert np.isfinite(drawn).all()
    for row in range(2):
        for column in range(3):
            y, x = (int((i * step + (128 + step) / 2) * scale) for i in (row, column))
            assert drawn[y, x] == of_places[row, column]
