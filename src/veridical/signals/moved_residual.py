"""What becomes of the fine residual of a window between two frames: whether it moves with the picture or keeps its place."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_BLOCK = 8
_CAP = 8.0
_SMOOTH = (3, 3)
_REFINED_PX = 1.5
_COARSE_PX = 2.0
_STEPS = 2
# Edges and hair are texture: a pixel counts where the residual around it is at most this multiple of the median.
_ACTIVITY = (7, 7)
_QUIET = 1.2


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of whole pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    def of(self, picture: np.ndarray) -> np.ndarray:
        """Return this part of a picture (height, width, …), without copying."""
        return picture[self.y0 : self.y1, self.x0 : self.x1]

    def grown(self, by: int, shape: tuple[int, ...]) -> Window:
        """Return the window with ``by`` more pixels on each side, as far as a picture of that shape has them."""
        height, width = shape[:2]
        return Window(max(0, self.x0 - by), max(0, self.y0 - by), min(width, self.x1 + by), min(height, self.y1 + by))


def shift(matrix: np.ndarray, window: Window) -> float:
    """Return how far the middle of a window moves, pixels, by an affine map (2, 3) from the earlier frame to the later."""
    middle = np.array([(window.x0 + window.x1) / 2, (window.y0 + window.y1) / 2])
    return float(np.hypot(*(matrix[:, :2] @ middle + matrix[:, 2] - middle)))


def refined(
    before: np.ndarray, now: np.ndarray, outer: Window, inner: Window, matrix: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Correct a motion by the shift that brings coarse structure together.

    Parameters
    ----------
    before, now
        uint8, grey: the earlier frame in the window ``outer``, the later one in ``inner``, which lies within it.
    matrix
        shape (2, 3): the affine map from the earlier frame to the later one, pixels of the frame.

    Returns
    -------
    The corrected map, and whether it is within 1.5 px of the one given.

    References
    ----------
    Lucas and Kanade, IJCAI 1981.
    """
    # Coarse, so that a pattern that stays in the frame does not pull: least squares on the gradients (Lucas and Kanade).
    later = cv2.GaussianBlur(now.astype(np.float32), (0, 0), _COARSE_PX)
    earlier = cv2.GaussianBlur(before.astype(np.float32), (0, 0), _COARSE_PX)
    better = matrix.copy()
    for _ in range(_STEPS):
        moved = _warped(earlier, outer, inner, better, cv2.INTER_LINEAR)
        across, down = (
            cv2.Sobel(moved, cv2.CV_32F, *order, ksize=3, scale=1 / 8).ravel() for order in ((1, 0), (0, 1))
        )
        change = (later - moved).ravel()
        normal = np.array([[across @ across, across @ down], [across @ down, down @ down]], np.float64)
        if np.linalg.det(normal) <= 1e-6 * np.trace(normal) ** 2:
            return matrix, False
        better[:, 2] -= np.linalg.solve(normal, [across @ change, down @ change])
    return better, float(np.hypot(*(better - matrix)[:, 2])) <= _REFINED_PX


def _warped(part: np.ndarray, outer: Window, inner: Window, matrix: np.ndarray, flags: int) -> np.ndarray:
    """Show a part of the earlier frame as it moved, in the inner window."""
    own = matrix.copy()
    own[:, 2] += matrix[:, :2] @ (outer.x0, outer.y0) - (inner.x0, inner.y0)
    size = (inner.x1 - inner.x0, inner.y1 - inner.y0)
    return np.asarray(cv2.warpAffine(part, own, size, flags=flags, borderMode=cv2.BORDER_REFLECT))


def _residual(grey: np.ndarray) -> np.ndarray:
    values = grey.astype(np.float32)
    return np.asarray(np.clip(values - cv2.blur(values, _SMOOTH), -_CAP, _CAP))


def compared(
    before: np.ndarray, outer: Window, now: np.ndarray, inner: Window, matrix: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compare the residual y of the later frame with that of the earlier one, moved (m) and at the same place (s).

    Arguments as in ``refined``. Returns yy, mm, ss, ym, ys, ms (grey levels squared) summed over quiet pixels outside of
    blocks that were copied, and the number of these pixels, shape (7,); and how many pixels were copied, of how many, (2,).
    """
    inside = Window(inner.x0 - outer.x0, inner.y0 - outer.y0, inner.x1 - outer.x0, inner.y1 - outer.y0)
    residual = _residual(before)
    y, s = _residual(now), inside.of(residual)
    m = _warped(residual, outer, inner, matrix, cv2.INTER_CUBIC)
    fresh, every = _fresh(inside.of(before), now), now.size
    use = fresh & _quiet(y, m)
    y, m, s = y[use], m[use], s[use]
    sums = np.array([y @ y, m @ m, s @ s, y @ m, y @ s, m @ s, len(y)], np.float64)
    return sums, np.array([every - fresh.sum(), every], np.float64)


def _quiet(*residuals: np.ndarray) -> np.ndarray:
    """Return the pixels, (height, width), bool, with little residual around them in all of the pictures."""
    activity = np.maximum.reduce([cv2.blur(np.abs(one), _ACTIVITY) for one in residuals])
    return np.asarray(activity <= _QUIET * float(np.median(activity[::3, ::3])))


def _fresh(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return the pixels, (height, width), bool, outside blocks that did not change at all."""
    same = cv2.absdiff(before, now)
    rows, columns = (-(-side // _BLOCK) for side in same.shape)
    padded = cv2.copyMakeBorder(
        same, 0, rows * _BLOCK - same.shape[0], 0, columns * _BLOCK - same.shape[1], cv2.BORDER_REPLICATE
    )
    changed = padded.reshape(rows, _BLOCK, columns, _BLOCK).max((1, 3)) > 1
    return np.asarray(changed.repeat(_BLOCK, 0).repeat(_BLOCK, 1)[: same.shape[0], : same.shape[1]])
