"""Pixel F1, IoU and AUC: against scikit-learn pixel by pixel, and by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score, precision_recall_curve, roc_auc_score

from veridical.benchmark.localisation import best_f1, iou, pixel_auc, pixel_f1
from veridical.errors import UsageError


def example(seed: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """A noisy map of 20 x 30 whose altered corner is higher on average, with ties."""
    random = np.random.default_rng(seed)
    mask = np.zeros((20, 30), dtype=bool)
    mask[:8, :12] = True
    return np.round((random.random(mask.shape) + 0.4 * mask) / 1.4 * levels) / levels, mask


@pytest.mark.parametrize("levels", [1, 7, 10_000])
@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_agrees(seed: int, levels: int) -> None:
    heat, mask = example(seed, levels)
    truth, marked = mask.ravel(), (heat >= 0.5).ravel()
    assert pixel_f1(heat, mask) == pytest.approx(f1_score(truth, marked))
    assert iou(heat, mask) == pytest.approx(jaccard_score(truth, marked))
    assert pixel_auc(heat, mask) == pytest.approx(roc_auc_score(truth, heat.ravel()))
    precision, recall, _ = precision_recall_curve(truth, heat.ravel())
    best = best_f1(heat, mask)
    assert best.f1 == pytest.approx(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300)))
    assert pixel_f1(heat, mask, threshold=best.threshold) == pytest.approx(best.f1)


def test_by_hand() -> None:
    heat = np.array([[0.9, 0.6], [0.5, 0.1]])
    mask = np.array([[True, False], [True, False]])
    assert pixel_f1(heat, mask) == pytest.approx(2 * 2 / (3 + 2))
    assert iou(heat, mask) == pytest.approx(2 / 3)
    assert pixel_auc(heat, mask) == pytest.approx(3 / 4)
    assert pixel_f1(heat, mask, threshold=2) == iou(heat, mask, threshold=2) == 0
    assert best_f1(mask.astype(np.uint8), mask).f1 == 1


def test_an_all_altered_mask_has_f1_but_no_auc() -> None:
    heat, mask = np.ones((2, 2)), np.ones((2, 2), dtype=bool)
    assert best_f1(heat, mask).f1 == pixel_f1(heat, mask) == 1
    with pytest.raises(UsageError, match="needs intact pixels"):
        pixel_auc(heat, mask)


@pytest.mark.parametrize(
    ("heat", "mask", "says"),
    [
        (np.ones((2, 2)), np.ones((2, 3), dtype=bool), "differ in size"),
        (np.ones((2, 2)), np.ones((2, 2)), "mask > 127"),
        (np.full((2, 2), np.nan), np.ones((2, 2), dtype=bool), "not finite"),
        (np.ones((2, 2)), np.zeros((2, 2), dtype=bool), "leave authentic pictures out"),
    ],
)
def test_what_has_no_such_metric_is_told(heat: np.ndarray, mask: np.ndarray, says: str) -> None:
    for metric in (pixel_f1, iou, best_f1, pixel_auc):
        with pytest.raises(UsageError, match=says):
            metric(heat, mask)


def test_a_map_of_four_million_pixels_takes_seconds() -> None:
    random = np.random.default_rng(0)
    heat = random.random((2000, 2000), dtype=np.float32)
    mask = heat > 0.75
    start = time.process_time()
    assert (pixel_f1(heat, mask, threshold=0.75), pixel_auc(heat, mask)) == (pytest.approx(1, abs=1e-6), 1)
    assert best_f1(heat, mask).f1 == 1
    assert time.process_time() - start < 5
