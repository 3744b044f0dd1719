"""How blurred the edges of a picture are: the blur of each edge point in pixels, from blurring again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

# Blurs, in units of the scale, whose gradients are compared.
_FINE, _COARSE = 0.4, 1.0
_LEAST, _MOST = 0.1, 8.0
_TURN = 0.4142
_DEPTH: int = cv2.CV_32F


@dataclass(frozen=True, slots=True)
class Edges:
    """Edge points of a plane.

    Parameters
    ----------
    rows, columns
        shape (n,), int: where they are.
    blur
        shape (n,), float32: standard deviation of the Gaussian that makes such an edge of a step, pixels.
    gradient
        shape (n,), float32: steps a pixel.
    """

    rows: np.ndarray
    columns: np.ndarray
    blur: np.ndarray
    gradient: np.ndarray


def edge_blur(plane: np.ndarray, *, scale: float, least: float) -> Edges:
    """Measure the blur of every edge point.

    A step blurred by s has, blurred again by a, the gradient 1 / √(s² + a²) times its height: the ratio of the gradients
    after two known blurs gives s (S. Zhuo, T. Sim, "Defocus map estimation from a single image", Pattern Recognition, 2011).

    Parameters
    ----------
    plane
        shape (rows, columns), float32.
    scale
        Scale of the two blurs (0.4 and 1 times this): near the blur that is expected.
    least
        Least gradient of an edge point, steps a pixel.
    """
    fine, coarse = _FINE * scale, _COARSE * scale
    across, down = _gradient(plane, fine)
    strong = cv2.magnitude(across, down)
    weak = cv2.magnitude(*_gradient(plane, coarse))
    at = np.flatnonzero((strong > least) & (weak > 0))
    at = at[_crests(across, down, strong, at)]
    rows, columns = np.divmod(at, plane.shape[1])
    gradient = strong.ravel()[at]
    ratio = np.maximum((gradient / weak.ravel()[at]) ** 2, 1 + 1e-4)
    square = (coarse**2 - ratio * fine**2) / (ratio - 1)
    blur = np.sqrt(np.clip(square, (_LEAST * scale) ** 2, (_MOST * scale) ** 2))
    return Edges(rows, columns, blur.astype(np.float32), gradient)


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the value below which half of the weight lies."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order], dtype=np.float64)
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _gradient(plane: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    smooth = cv2.GaussianBlur(plane, (0, 0), sigma)
    across = cv2.Sobel(smooth, _DEPTH, 1, 0, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(smooth, _DEPTH, 0, 1, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(across), np.asarray(down)


def _crests(across: np.ndarray, down: np.ndarray, strength: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether points (flat indices) are the strongest along their own gradient, of themselves and two neighbours."""
    height, width = strength.shape
    rows, columns = np.divmod(at, width)
    x, y = across.ravel()[at], down.ravel()[at]
    level, steep = np.abs(x), np.abs(y)
    step_x = np.where(level > _TURN * steep, np.sign(x), 0).astype(np.int64)
    step_y = np.where(steep > _TURN * level, np.sign(y), 0).astype(np.int64)
    flat = strength.ravel()
    ahead, behind = (
        flat[np.clip(rows + sign * step_y, 0, height - 1) * width + np.clip(columns + sign * step_x, 0, width - 1)]
        for sign in (1, -1)
    )
    own = flat[at]
    return np.asarray((own > behind) & (own >= ahead))
