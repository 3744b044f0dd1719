"""BlazeFace detectors: what the two nets say about one small square, and how overlapping answers are merged.

An answer is a row of 17 numbers: the box (x0, y0, x1, y1), six keypoints (x, y: the person's right eye, left eye, nose
tip, mouth, right ear, left ear), and the score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..models import runtime

ROW = 17
_SCORE = 16


@dataclass(frozen=True, slots=True)
class Detector:
    """One net: ``side`` of its square input, and its grids as (stride, anchors a cell)."""

    model: str
    side: int
    grids: tuple[tuple[int, int], ...]


SHORT = Detector("blazeface.short", 128, ((8, 2), (16, 6)))
FULL = Detector("blazeface.full", 192, ((4, 1),))


def detect(detector: Detector, square: np.ndarray, *, least: float) -> np.ndarray:
    """Return what one net sees in one square.

    Parameters
    ----------
    square
        shape (side, side, 3), uint8, RGB.
    least
        Scores below this are left out.

    Returns
    -------
    np.ndarray
        shape (n, 17), float32, in pixels of the square; nothing is merged yet.
    """
    values = square.astype(np.float32)[None] * np.float32(1 / 127.5) - np.float32(1)
    outputs = runtime.litert(detector.model)(values)
    regressed, logits = sorted((out[0] for out in outputs), key=lambda out: -out.shape[-1])
    logits = logits[:, 0]
    hit = logits >= np.log(least / (1 - least))
    if not hit.any():
        return np.zeros((0, ROW), np.float32)
    numbers = regressed[hit].reshape(-1, 8, 2).copy()
    anchors = _anchors(detector)[hit]
    size = numbers[:, 1].copy()
    numbers[:, 2:] += anchors[:, None]
    centre = numbers[:, 0] + anchors
    numbers[:, 0], numbers[:, 1] = centre - size / 2, centre + size / 2
    # The nets speak of the square as a continuous extent; pixel centres at integers lie half a pixel lower.
    rows = np.empty((len(numbers), ROW), np.float32)
    rows[:, :_SCORE] = numbers.reshape(-1, 16) - 0.5
    rows[:, _SCORE] = 1 / (1 + np.exp(-np.clip(logits[hit], -80, 80)))
    return rows


def _anchors(detector: Detector) -> np.ndarray:
    known = _ANCHORS.get(detector.model)
    if known is None:
        known = _ANCHORS[detector.model] = _lay_anchors(detector)
    return known


_ANCHORS: dict[str, np.ndarray] = {}


def _lay_anchors(detector: Detector) -> np.ndarray:
    """Centres of the grid cells, in pixels of the square: shape (n, 2)."""
    parts = []
    for stride, each in detector.grids:
        cells = detector.side // stride
        y, x = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride
        parts.append(np.repeat(centres, each, 0))
    return np.concatenate(parts).astype(np.float32)


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of one box (4,) with each of (n, 4+)."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:4], boxes[:, 2:4])
    shared = np.prod(np.clip(high - low, 0, None), 1)
    area = np.prod(np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None), 1)
    both = float(np.prod(np.clip(box[2:4] - box[:2], 0, None))) + area - shared
    return np.asarray(np.divide(shared, both, out=np.zeros_like(shared), where=both > 0))


def inside(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Share of the smaller box that lies in the other, for one box (4,) and each of (n, 4+)."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:4], boxes[:, 2:4])
    shared = np.prod(np.clip(high - low, 0, None), 1)
    area = np.prod(np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None), 1)
    least = np.minimum(area, float(np.prod(np.clip(box[2:4] - box[:2], 0, None))))
    return np.asarray(np.divide(shared, least, out=np.zeros_like(shared), where=least > 0))


def average_overlapping(rows: np.ndarray, *, least: float = 0.3) -> np.ndarray:
    """Merge answers of one square: each group that overlaps its best becomes its average, weighted by score."""
    merged = []
    rows = rows[np.argsort(-rows[:, _SCORE], kind="stable")]
    while len(rows):
        near = overlap(rows[0], rows) > least
        near[0] = True
        group = rows[near]
        weight = group[:, _SCORE:] / group[:, _SCORE].sum()
        merged.append(np.append((group[:, :_SCORE] * weight).sum(0), group[0, _SCORE]))
        rows = rows[~near]
    return np.array(merged, np.float32).reshape(-1, ROW)


def keep_best(rows: np.ndarray, *, least: float = 0.3, most_inside: float = 0.6) -> np.ndarray:
    """Keep of each group of overlapping or nested answers, from different squares and scales, the best."""
    kept = []
    rows = rows[np.argsort(-rows[:, _SCORE], kind="stable")]
    while len(rows):
        kept.append(rows[0])
        rest = rows[1:]
        rows = rest[(overlap(rows[0], rest) <= least) & (inside(rows[0], rest) <= most_inside)]
    return np.array(kept, np.float32).reshape(-1, ROW)


def moved(rows: np.ndarray, *, scale: float, x: float, y: float) -> np.ndarray:
    """Take answers from pixels of a square to pixels of the picture it was cut from: ``scale`` × square + (x, y)."""
    out = rows.copy()
    out[:, 0:_SCORE:2] = out[:, 0:_SCORE:2] * scale + x
    out[:, 1:_SCORE:2] = out[:, 1:_SCORE:2] * scale + y
    return out
