"""Ellipses: the direct least-squares fit, exact rasters, and how well the border of a shape agrees with its ellipse."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_FINE = 4
_MARGIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Centre (x, y), semi-axes (major first) in pixels, and the turn of the major axis in radians."""

    x: float
    y: float
    major: float
    minor: float
    turn: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A shape and its ellipse at a common scale.

    Parameters
    ----------
    shape, ellipse
        shape (side, side), bool: both, filled.
    score
        Boundary intersection over union: of the pixels within ``distance`` of either border, inside it, the share that
        both have; 1 for an ellipse, less for any other shape.
    native
        The ellipse in the pixels of the mask.
    """

    shape: np.ndarray
    ellipse: np.ndarray
    score: float
    native: Ellipse

    def placed(self, mask: np.ndarray) -> np.ndarray:
        """Return 0 where mask and ellipse agree, 1 where only one of them is, NaN outside both: the mask's own pixels."""
        ellipse = inside(self.native, mask.shape) >= 0.5
        return np.where(mask | ellipse, (mask != ellipse).astype(np.float32), np.float32(np.nan))


def fit(mask: np.ndarray) -> Ellipse | None:
    """Fit an ellipse to the outer border of the largest part of a mask (Fitzgibbon's direct fit); None if too small.

    Border points are the centres of border pixels, half a pixel inside the true border: both semi-axes are made longer by
    half a pixel.
    """
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    contour = max(contours, key=cv2.contourArea)
    if len(contour) < 8 or cv2.contourArea(contour) < 4:
        return None
    (x, y), (one, other), angle = cv2.fitEllipseDirect(contour)
    if not (np.isfinite([x, y, one, other, angle]).all() and min(one, other) > 0):
        return None
    turn = np.radians(angle if one >= other else angle + 90)
    return Ellipse(
        x=float(x), y=float(y), major=max(one, other) / 2 + 0.5, minor=min(one, other) / 2 + 0.5, turn=float(turn)
    )


def inside(ellipse: Ellipse, shape: tuple[int, ...]) -> np.ndarray:
    """Share of each pixel that lies in an ellipse, from 4 × 4 points in it: shape (height, width), float32, 0–1."""
    fine = (np.arange(_FINE) + 0.5) / _FINE - 0.5
    x = (np.arange(shape[1])[:, None] + fine).ravel() - ellipse.x
    y = (np.arange(shape[0])[:, None] + fine).ravel() - ellipse.y
    c, s = np.cos(ellipse.turn), np.sin(ellipse.turn)
    along = (x[None] * c + y[:, None] * s) / ellipse.major
    across = (y[:, None] * c - x[None] * s) / ellipse.minor
    within = (along**2 + across**2 <= 1).astype(np.float32)
    return np.asarray(within.reshape(shape[0], _FINE, shape[1], _FINE).mean((1, 3)))


def boundary_iou(one: np.ndarray, other: np.ndarray, distance: float) -> float:
    """Boundary intersection over union of two masks (Cheng et al., CVPR 2021): 1 if their borders agree."""
    a, b = (_band(mask, distance) for mask in (one, other))
    either = int((a | b).sum())
    return float((a & b).sum() / either) if either else 1.0


def agreement(mask: np.ndarray, *, axis: float = 64.0, distance: float = 4.0) -> Agreement | None:
    """Compare a shape with its ellipse, both brought to a major axis of ``axis`` pixels; None if it is too small.

    Without the common scale the score would tell the number of pixels more than the shape.
    """
    first = fit(mask)
    if first is None:
        return None
    scale = axis / (2 * first.major)
    side = int(axis * 1.5) + 2 * _MARGIN
    middle = (side - 1) / 2
    matrix = np.array([[scale, 0, middle - scale * first.x], [0, scale, middle - scale * first.y]])
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.5 / scale, 0.6))
    shape = _largest(cv2.warpAffine(soft, matrix, (side, side), flags=cv2.INTER_LINEAR) >= 0.5)
    second = fit(shape)
    if second is None:
        return None
    ellipse = inside(second, shape.shape) >= 0.5
    return Agreement(shape=shape, ellipse=ellipse, score=boundary_iou(shape, ellipse, distance), native=first)


def _band(mask: np.ndarray, distance: float) -> np.ndarray:
    padded = np.pad(mask.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    return np.asarray(mask & (depth <= distance))


def _largest(mask: np.ndarray) -> np.ndarray:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count <= 1:
        return mask
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))
