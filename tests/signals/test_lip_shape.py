"""The shape of the lips: free of place, size and turn, and equal to what was drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from veridical.signals.lip_shape import POINTS, SHAPE, lip_shape, mouth_width

MESH = np.load(Path(__file__).parents[1] / "data" / "mediapipe_mesh.npz")["plain"][:, :2].astype(np.float64)
EYES = float(np.linalg.norm(MESH[[33, 133]].mean(0) - MESH[[263, 362]].mean(0)))
LOWER_LIP = [14, 87, 317, 178, 402, 17, 84, 314, 181, 405]


def moved(points: np.ndarray, turn: float, size: float, by: tuple[float, float]) -> np.ndarray:
    c, s = np.cos(turn) * size, np.sin(turn) * size
    return points @ np.array([[c, s], [-s, c]]) + by


@pytest.mark.parametrize(("turn", "size", "by"), [(0.4, 1.0, (0, 0)), (-1.2, 0.3, (40, -9)), (0.0, 2.5, (1e3, 2e3))])
def test_place_size_and_turn_do_not_matter(turn: float, size: float, by: tuple[float, float]) -> None:
    there = moved(MESH, turn, size, by)
    assert lip_shape(there[None, POINTS], np.array([EYES * size])) == pytest.approx(
        lip_shape(MESH[None, POINTS], np.array([EYES]))
    )


def test_a_lowered_lip_opens_the_gap_by_as_much() -> None:
    across = MESH[[263, 362]].mean(0) - MESH[[33, 133]].mean(0)
    down = np.array([-across[1], across[0]]) / np.linalg.norm(across)
    frames = np.stack([MESH] * 20)
    drop = np.linspace(0, 0.2, 20)
    frames[:, LOWER_LIP] += (drop * EYES)[:, None, None] * down
    change = lip_shape(frames[:, POINTS], np.full(20, EYES))
    change -= change[0]
    by_name = dict(zip(SHAPE, change.T, strict=True))
    assert by_name["lower lip's edge"] == pytest.approx(drop, abs=1e-9)
    # the photographed lips are a little apart and not exactly above each other
    assert by_name["inner gap, middle"] == pytest.approx(drop, abs=0.01)
    assert by_name["width"] == pytest.approx(0, abs=1e-9)
    assert by_name["jaw"] == pytest.approx(0, abs=1e-9)


def test_jitter_of_the_size_is_averaged() -> None:
    frames = np.stack([MESH] * 60)
    jitter = EYES * (1 + 0.05 * np.where(np.arange(60) % 2, 1, -1))
    assert lip_shape(frames[:, POINTS], jitter)[10:50].std(0).max() < 0.01


def test_width_of_the_mouth_in_pixels() -> None:
    assert mouth_width((3 * MESH)[None, POINTS])[0] == pytest.approx(3 * np.hypot(*(MESH[61] - MESH[291])))
