"""Where one shot ends and the next begins."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

_SIZE = (48, 36)
# A cut changes the picture by at least this much (mean absolute difference, 0–255) …
_LEAST_CHANGE = 10.0
# … by this many times the largest change of the frames just before …
_LEAST_RATIO = 2.5
_MEMORY = 8
# … and leaves structure that correlates no better than this with what was there: a flash or a fade changes light only.
_MOST_ALIKE = 0.7
# A pan moves the picture as a whole: undone, it correlates better than this.
_MOST_ALIKE_MOVED = 0.85
_LEAST_HISTORY = 2


class CutFinder:
    """Told one frame after another, says of each whether a new shot starts with it."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._changes: deque[float] = deque(maxlen=_MEMORY)

    def starts(self, pixels: np.ndarray) -> bool:
        """Say whether a cut lies between the last frame and this one; False for the first frame."""
        small = _thumbnail(pixels)
        last, self._last = self._last, small
        if last is None:
            return False
        change = float(np.abs(small - last).mean())
        usual = max(self._changes, default=0.0)
        # Right after a cut there is nothing to compare with: two frames are never a shot.
        jump = len(self._changes) >= _LEAST_HISTORY and change > max(_LEAST_CHANGE, _LEAST_RATIO * usual)
        cut = jump and _alike(small, last) < _MOST_ALIKE and _alike(*_aligned(small, last)) < _MOST_ALIKE_MOVED
        if cut:
            self._changes.clear()
        else:
            self._changes.append(change)
        return cut


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    step = max(1, min(pixels.shape[0] // (2 * _SIZE[1]), pixels.shape[1] // (2 * _SIZE[0])))
    return np.asarray(cv2.resize(pixels[::step, ::step], _SIZE, interpolation=cv2.INTER_AREA), np.float32)


def _aligned(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts of two thumbnails that show the same if the camera moved between them (at most half a picture)."""
    (x, y), _ = cv2.phaseCorrelate(other.mean(2), one.mean(2), cv2.createHanningWindow(_SIZE, cv2.CV_32F))
    x, y = round(x), round(y)
    width, height = _SIZE
    if abs(x) > width // 2 or abs(y) > height // 2:
        return one, other
    moved = one[max(y, 0) : height + min(y, 0), max(x, 0) : width + min(x, 0)]
    return moved, other[max(-y, 0) : height + min(-y, 0), max(-x, 0) : width + min(-x, 0)]


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two thumbnails, 1 if both are flat."""
    a, b = one - one.mean((0, 1)), other - other.mean((0, 1))
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-6 else float(np.abs(one - other).mean() < _LEAST_CHANGE)
