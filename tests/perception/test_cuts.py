"""Cuts are found; flashes, fades, noise and pans are none."""

import cv2
import numpy as np

from veridical.perception._cuts import CutFinder


def texture(seed: int, shape: tuple[int, int] = (180, 600)) -> np.ndarray:
    """Smooth random texture: a scene."""
    noise = np.random.default_rng(seed).normal(0, 1, (*shape, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 12)
    return np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def found(frames: list[np.ndarray]) -> list[int]:
    finder = CutFinder()
    return [index for index, frame in enumerate(frames) if finder.starts(frame)]


def test_cuts_between_different_scenes() -> None:
    shots = [texture(seed)[:, :320] for seed in range(6)]
    frames = [shot for shot in shots for _ in range(6)]
    assert found(frames) == [6, 12, 18, 24, 30]


def test_no_cut_in_noise_pan_fade_and_flash() -> None:
    random = np.random.default_rng(9)
    scene = texture(1)
    still = scene[:, :320]
    noise = [np.clip(still + random.normal(0, 15, still.shape), 0, 255).astype(np.uint8) for _ in range(10)]
    pan = [scene[:, 20 * step : 20 * step + 320] for step in range(14)]
    whip = [still] * 5 + pan
    fade = [(still * level).astype(np.uint8) for level in np.linspace(1, 0.1, 12)]
    flash = [still] * 5 + [np.clip(still.astype(int) + 60, 0, 255).astype(np.uint8)] + [still] * 5
    black = [np.zeros_like(still)] * 5
    assert [found(clip) for clip in (noise, pan, whip, fade, flash, black)] == [[]] * 6
