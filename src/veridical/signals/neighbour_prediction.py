"""Expectation maximisation of how pixels are predicted from their neighbours, and the map of where that holds.

A pixel either follows one linear rule of its neighbours plus Gaussian noise, or has any grey level at all. The estimate
alternates between the probability that each pixel follows the rule (the posterior map) and the rule itself. Where a picture
was interpolated, the map repeats with the interpolation.

References
----------
- A. C. Popescu, H. Farid, "Exposing Digital Forgeries by Detecting Traces of Resampling", IEEE Transactions on Signal
  Processing, 2005.
- L. Guarnera, O. Giudice, S. Battiato, "DeepFake Detection by Analyzing Convolutional Traces", CVPR Workshops, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

LEAST_SIGMA = 1e-3
_START_SIGMA = 5.0
_RIDGE = 1e-6
_SETTLED = 1e-4
_MOST_ITERATIONS = 100
_BLOCK, _AT_ONCE = 128, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A linear rule that predicts a pixel from its neighbours.

    Parameters
    ----------
    kernel
        shape (n, n), float64: weight of each neighbour (row 0 above, column 0 to the left); the pixel itself, at
        ``n // 2`` in both directions, has 0.
    sigma
        Standard deviation of what the rule leaves, grey levels; at least 0.001.
    iterations
        Steps until no weight changed by more than 0.0001, or the most that were asked for.
    posterior
        float32: for each judged pixel the probability that it follows the rule; NaN where a pixel was left out. Its
        row 0 and column 0 are ``margin`` pixels inside the plane.
    """

    kernel: np.ndarray
    sigma: float
    iterations: int
    posterior: np.ndarray


def predict(
    plane: np.ndarray, size: int = 3, *, level: float | None = None, start: Prediction | None = None
) -> Prediction:
    """Estimate one rule of ``size`` × ``size`` pixels; the size may be even (the centre of 4 × 4 is (2, 2)).

    Parameters
    ----------
    plane
        shape (h, w): grey levels of one channel.
    level
        Density of a pixel that follows no rule; None is 1 / (maximum - minimum).
    start
        The rule to begin with; None gives all neighbours the same and a deviation of 5.
    """
    return predict_all(plane, (size,), level=level, start=start)[0]


def predict_all(
    plane: np.ndarray,
    sizes: tuple[int, ...] = (3, 5, 7),
    *,
    judged: np.ndarray | None = None,
    level: float | None = None,
    start: Prediction | None = None,
    most: int = _MOST_ITERATIONS,
) -> tuple[Prediction, ...]:
    """Estimate rules of several sizes on the same pixels; each begins with the rule before it.

    Parameters
    ----------
    sizes
        Rising sides of the rules. All judge the pixels for which the largest has every neighbour.
    judged
        shape (h, w), bool: False leaves a pixel out as one that is predicted; it still predicts others.
    start
        The rule to begin with, such as another channel's; None gives all neighbours the same and a deviation of 5.
    most
        Iterations for each size.
    """
    before, after = margins(sizes[-1])
    rows, columns = plane.shape[0] - before - after, plane.shape[1] - before - after
    inside = (slice(before, before + rows), slice(before, before + columns))
    places = _places(sizes)
    keep = np.ones((rows, columns), bool) if judged is None else judged[inside]
    values = np.asarray(plane, np.float64)
    samples = _samples(values, places, inside, keep)
    level = 1 / max(float(values.max() - values.min()), 1.0) if level is None else level
    found: list[Prediction] = []
    for size in sizes:
        near = places[: size * size - 1]
        weights, sigma = _begin(found[-1] if found else start, near)
        rule, sigma, iterations, posterior = _maximise(
            samples[:, : size * size], int(keep.sum()), weights, sigma, level, most
        )
        shown = np.full((rows, columns), np.nan, np.float32)
        shown[keep] = posterior
        kernel = np.zeros((size, size))
        for (y, x), weight in zip(near, rule, strict=True):
            kernel[size // 2 + y, size // 2 + x] = weight
        found.append(Prediction(kernel=kernel, sigma=sigma, iterations=iterations, posterior=shown))
    return tuple(found)


def margins(size: int) -> tuple[int, int]:
    """Return how many neighbours a rule needs before a pixel and after it, in each direction."""
    return size // 2, size - 1 - size // 2


def residual(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Each pixel less its prediction, with the picture mirrored at its border: shape (h, w), float32."""
    values = np.asarray(plane, np.float32)
    centre = (kernel.shape[1] // 2, kernel.shape[0] // 2)
    return np.asarray(values - cv2.filter2D(values, cv2.CV_32F, kernel.astype(np.float32), anchor=centre))


def varied(plane: np.ndarray) -> np.ndarray:
    """Return where a pixel differs from one of its eight neighbours: bool; in flat or clipped areas any rule holds."""
    square = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.dilate(plane, square) > cv2.erode(plane, square))


def _places(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the neighbours (rows down, columns right), those of smaller rules first."""
    found: list[tuple[int, int]] = []
    for size in sizes:
        before, after = margins(size)
        reach = range(-before, after + 1)
        found += [(y, x) for y in reach for x in reach if (y, x) != (0, 0) and (y, x) not in found]
    return found


def _begin(start: Prediction | None, places: list[tuple[int, int]]) -> tuple[np.ndarray, float]:
    """Return weights of the given neighbours and the deviation to begin with."""
    if start is None:
        return np.full(len(places), 1 / len(places)), _START_SIGMA
    middle, (before, after) = len(start.kernel) // 2, margins(len(start.kernel))
    weights = [
        start.kernel[middle + y, middle + x] if -before <= min(y, x) and max(y, x) <= after else 0.0 for y, x in places
    ]
    return np.array(weights), start.sigma


def _samples(
    values: np.ndarray, places: list[tuple[int, int]], inside: tuple[slice, slice], keep: np.ndarray
) -> np.ndarray:
    """Return the pixels to judge (index 0 of the second axis) and their neighbours: shape (blocks, 1 + places, 128).

    In blocks this small no product is worth a second thread: threads that wait for each other on a busy machine
    cost a hundred times what they save here. The last block is filled up with zeros.
    """
    blocks = -(-int(keep.sum()) // _BLOCK)
    out = np.zeros((blocks, 1 + len(places), _BLOCK))
    flat = np.zeros(blocks * _BLOCK)
    for i, (down, across) in enumerate([(0, 0), *places]):
        rows, columns = (slice(s.start + by, s.stop + by) for s, by in zip(inside, (down, across), strict=True))
        flat[: keep.sum()] = values[rows, columns][keep]
        out[:, i] = flat.reshape(blocks, _BLOCK)
    return out


def _maximise(
    samples: np.ndarray, count: int, weights: np.ndarray, sigma: float, level: float, most: int
) -> tuple[np.ndarray, float, int, np.ndarray]:
    """Return weights, standard deviation, iterations and the posterior of each of the ``count`` pixels."""
    posterior, error = _expect(samples, count, weights, sigma, level)
    iterations, change = 0, np.inf
    while iterations < most and change >= _SETTLED:
        before, weights = weights, _solve(samples, posterior)
        sigma = max(float(np.sqrt((posterior * error**2).sum() / max(float(posterior.sum()), 1e-12))), LEAST_SIGMA)
        posterior, error = _expect(samples, count, weights, sigma, level)
        change = float(np.abs(weights - before).max())
        iterations += 1
    return weights, sigma, iterations, posterior.ravel()[:count]


def _expect(
    samples: np.ndarray, count: int, weights: np.ndarray, sigma: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return posterior and prediction error by block; what fills up the last block has posterior 0."""
    error = np.concatenate([[1.0], -weights]) @ samples
    density = np.exp(-0.5 * (error / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
    posterior = density / (density + level)
    posterior.ravel()[count:] = 0
    return posterior, error


def _solve(samples: np.ndarray, posterior: np.ndarray) -> np.ndarray:
    """Weighted least squares by normal equations."""
    root = np.sqrt(posterior)[:, None]
    count = samples.shape[1]
    total = np.zeros((count, count))
    room = np.empty((min(_AT_ONCE, len(samples)), *samples.shape[1:]))
    for first in range(0, len(samples), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        weighted = np.multiply(samples[part], root[part], out=room[: len(samples[part])])
        total += np.matmul(weighted, weighted.transpose(0, 2, 1)).sum(0)
    return np.asarray(np.linalg.solve(total[1:, 1:] + _RIDGE * np.eye(count - 1), total[1:, 0]))
