"""The state of pictures and sounds whose blur, noise, grid and signal over noise are known."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from veridical.signals.condition import blur_of, grid_of, middle, noise_of, snr_of

RATE = 16000


@pytest.fixture(scope="module")
def discs() -> np.ndarray:
    """Hard edges in all directions, supersampled: shape (800, 800, 3), uint8."""
    random = np.random.default_rng(1)
    plane = np.full((3200, 3200), 120, np.uint8)
    for x, y, r, level in zip(*random.integers(0, 3200, (2, 150)), *random.integers(60, 220, (2, 150)), strict=True):
        cv2.circle(plane, (int(x), int(y)), int(r), int(level), -1)
    plane = cv2.resize(plane, (800, 800), interpolation=cv2.INTER_AREA)
    return np.repeat(plane[..., None], 3, 2)


def noisy(pixels: np.ndarray, sigma: float) -> np.ndarray:
    grain = np.random.default_rng(2).normal(0, sigma, pixels.shape[:2])[..., None]
    return np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8)


def saved(pixels: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Pillow.open(file).convert("RGB"))


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_blur_is_that_of_the_edges(discs: np.ndarray, sigma: float) -> None:
    blurred = cv2.GaussianBlur(discs, (0, 0), sigma)
    found = blur_of(middle(blurred), noise_of(middle(blurred)))
    assert found == pytest.approx(math.hypot(sigma, 0.35), rel=0.15)


def test_more_blur_is_never_less(discs: np.ndarray) -> None:
    found = [blur_of(middle(cv2.GaussianBlur(discs, (0, 0), sigma)), 0.0) for sigma in (0.6, 0.9, 1.4, 2.0, 2.8, 4.0)]
    assert all(one is not None for one in found) and found == sorted(found)


@pytest.mark.parametrize("sigma", [2.0, 4.0, 8.0])
def test_noise_is_that_which_was_added(discs: np.ndarray, sigma: float) -> None:
    assert noise_of(middle(noisy(discs, sigma))) == pytest.approx(sigma, rel=0.15)  # edges add a little


def test_a_flat_picture_has_no_edges_and_a_clipped_one_no_noise() -> None:
    flat, white = np.full((256, 256, 3), 90, np.uint8), np.full((256, 256, 3), 255, np.uint8)
    assert blur_of(middle(flat), 0.0) is None and noise_of(middle(flat)) == 0
    assert noise_of(middle(white)) is None and grid_of(white[:40]) is None


@pytest.mark.parametrize("shift", [(0, 0), (3, 5), (7, 1)])
def test_the_grid_of_a_save_is_found_where_it_lies(discs: np.ndarray, shift: tuple[int, int]) -> None:
    pixels = saved(noisy(discs, 3), 75)[shift[0] :, shift[1] :]
    found = grid_of(pixels)
    assert found is not None and found.place == (-shift[0] % 8, -shift[1] % 8) and found.strength > 15


def test_a_picture_that_was_cropped_between_two_saves_has_two_grids(discs: np.ndarray) -> None:
    once = saved(noisy(discs, 3), 70)
    cropped, whole = grid_of(saved(once[3:, 5:], 92)), grid_of(saved(once, 92))
    assert cropped is not None and cropped.second > 6
    assert whole is not None and whole.second < 5


def test_a_picture_that_was_never_compressed_has_no_grid(discs: np.ndarray) -> None:
    strengths = [grid_of(noisy(np.roll(discs, i * 57, (0, 1)), 3)) for i in range(12)]
    assert max(one.strength for one in strengths if one) < 8 and max(one.second for one in strengths if one) < 5


def tones(snr_db: float, *, steady: bool, seconds: float = 8.0, rate: int = RATE) -> np.ndarray:
    """Tones in white noise; they come and go, or sound all the time."""
    random = np.random.default_rng(3)
    time = np.arange(round(seconds * rate)) / rate
    sound = sum(np.sin(2 * np.pi * hz * time) for hz in (311.0, 1243.0, 2977.0)) / 3
    sound = sound if steady else sound * (np.sin(2 * np.pi * 0.7 * time) > 0)
    noise = random.standard_normal(len(time))
    noise *= math.sqrt(float(np.mean(sound**2)) / 10 ** (snr_db / 10))
    mixed = (sound + noise)[:, None]
    return (0.3 * mixed / np.abs(mixed).max()).astype(np.float32)


@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0, 40.0])
def test_tones_in_noise_have_their_signal_over_noise(snr_db: float, steady: bool) -> None:
    assert snr_of(tones(snr_db, steady=steady), RATE) == pytest.approx(snr_db, abs=1.0)


def test_the_level_does_not_matter_and_long_sound_is_heard_in_pieces() -> None:
    loud = tones(15.0, steady=False, seconds=90)
    assert snr_of(loud, RATE) == pytest.approx(15.0, abs=1.0)
    assert snr_of(loud / 50, RATE) == pytest.approx(snr_of(loud, RATE), abs=0.01)


def test_silence_and_a_click_have_none() -> None:
    assert snr_of(np.zeros((RATE, 1), np.float32), RATE) is None
    assert snr_of(np.ones((200, 1), np.float32), RATE) is None


def test_channels_in_opposite_phase_do_not_cancel() -> None:
    mono = tones(20.0, steady=True)
    assert snr_of(np.hstack([mono, -mono]), RATE) == pytest.approx(snr_of(mono, RATE), abs=0.01)
