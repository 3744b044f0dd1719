"""How strongly each block of a picture should correlate with its camera's fingerprint, and whether it does.

After Chen, Fridrich, Goljan and Lukáš (IEEE TIFS 2008): the correlation of a block is predicted by a polynomial of second
order in four features of its content: intensity, flatness of texture, share of flat pixels, and the product of the first
two. A block that correlates as predicted comes from the camera; one that correlates like any other noise does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import gammaln

from .blocks import block_mean, grey
from .fingerprint import attenuation

CELL, WINDOW = 16, 8
SPAN = CELL * WINDOW
_STRIP = 512
_LIMIT, _FALL = 250.0, 6.0
_FLAT = 0.03
_RIDGE = 0.003
_LEAST_PREDICTED = 0.01
_QUANTILE = 0.6
_HIGHEST_SCALE = 1.5
_TERMS = 15


@dataclass(frozen=True, slots=True)
class Blocks:
    """Overlapping blocks of 128 × 128 pixels, one every 16 pixels.

    Parameters
    ----------
    features
        shape (4, rows, columns), float32, each 0 to 1.
    correlation
        shape (rows, columns), float32: with the fingerprint.
    """

    features: np.ndarray
    correlation: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """What a camera's own pictures taught.

    Parameters
    ----------
    coefficients
        Of 1, the 4 features, and their 10 products.
    highest
        Highest correlation that was predicted where it learned; it never predicts more.
    noise_sd
        Standard deviation of the correlation of blocks with a fingerprint that is not theirs.
    scale, shape
        Of the generalised Gaussian of what the prediction misses.
    textured
        Share of the blocks it learned from that hold texture; next to 0 if all pictures were flat fields.
    """

    coefficients: tuple[float, ...]
    highest: float
    noise_sd: float
    scale: float
    shape: float
    textured: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the blocks of one picture: arrays of (rows, columns), float32.

    Parameters
    ----------
    correlation
        What was measured.
    predicted
        What blocks of the camera should reach in this picture.
    ratio
        log10 of how much likelier the correlation is for other noise than for the camera's own; above 0 speaks against the
        camera. NaN where too little is predicted to tell.
    agreement
        By how much the whole picture agrees with the prediction; the prediction is already multiplied by it.
    """

    correlation: np.ndarray
    predicted: np.ndarray
    ratio: np.ndarray
    agreement: float


def measure(pixels: np.ndarray, residual: np.ndarray, fingerprint: np.ndarray) -> Blocks:
    """Measure features and correlation of all blocks; all three planes are of one size, at least 128 a side."""
    strips = [_cells(pixels, residual, fingerprint, top) for top in range(0, pixels.shape[0] // CELL * CELL, _STRIP)]
    sums = [
        cv2.blur(np.ascontiguousarray(plane), (WINDOW, WINDOW), anchor=(0, 0))[: 1 - WINDOW, : 1 - WINDOW]
        for plane in np.concatenate(strips, 1)
    ]
    norm = np.sqrt(np.maximum(sums[5] * sums[6], 1e-20))
    return Blocks(np.stack(sums[:4]), sums[4] / norm)


def _cells(pixels: np.ndarray, residual: np.ndarray, fingerprint: np.ndarray, top: int) -> np.ndarray:
    """Means over cells of 16 × 16 pixels of one strip: four features, then residual × expected, and both squared."""
    height = pixels.shape[0] // CELL * CELL
    bottom, border = min(top + _STRIP, height), 4
    first = max(top - border, 0)
    light = grey(pixels[first : bottom + border])
    strip = slice(top - first, bottom - first)
    share = attenuation(light, _LIMIT, _FALL)
    fine = light - cv2.blur(light, (3, 3))
    smooth = (1 / (1 + _variance(fine)))[strip]
    flat = (_variance(light) < (_FLAT * light) ** 2)[strip].astype(np.float32)
    share = share[strip]
    noise, expected = residual[top:bottom], fingerprint[top:bottom] * share
    planes = (share, smooth, flat, share * smooth, noise * expected, noise * noise, expected * expected)
    return np.stack([block_mean(plane, CELL) for plane in planes])


def _variance(plane: np.ndarray) -> np.ndarray:
    mean = cv2.blur(plane, (5, 5))
    return np.asarray(np.maximum(cv2.blur(plane * plane, (5, 5)) - mean * mean, 0))


def train(own: list[Blocks], foreign: list[Blocks]) -> Predictor:
    """Learn from blocks of a camera's pictures.

    Parameters
    ----------
    own
        Blocks of each picture, measured against the fingerprint of all the others.
    foreign
        The same pictures against a fingerprint that is not theirs, such as their own displaced.
    """
    terms = np.concatenate([_terms(one.features) for one in own])
    target = np.concatenate([one.correlation.ravel() for one in own]).astype(np.float64)
    normal = terms.T @ terms + _RIDGE * len(terms) * np.eye(_TERMS)
    coefficients = np.linalg.solve(normal, terms.T @ target)
    predicted = terms @ coefficients
    noise_sd = float(
        np.sqrt(np.mean(np.concatenate([one.correlation.ravel() for one in foreign]).astype(np.float64) ** 2))
    )
    scale, shape = _generalised_gaussian(target - predicted, noise_sd)
    return Predictor(
        coefficients=tuple(float(c) for c in coefficients), highest=max(float(np.quantile(predicted, 0.99)), 0.0),
        noise_sd=noise_sd, scale=scale, shape=shape,
        textured=float(np.mean(np.concatenate([one.features[2].ravel() for one in own]) < 0.9)),
    )  # fmt: skip


def judge(blocks: Blocks, predictor: Predictor, *, decidable: float = 3.0) -> Judged:
    """Compare the blocks of a picture with what its camera should have left in them.

    The prediction is multiplied by the agreement of the picture as a whole: a high quantile of measured over predicted
    correlation. A picture that was compressed harder than those the predictor learned from, or that is not from the
    camera at all, then has fewer blocks that can be judged, instead of more that seem altered.

    Parameters
    ----------
    decidable
        Least predicted correlation, in standard deviations of foreign noise.
    """
    raw = (_terms(blocks.features) @ np.array(predictor.coefficients)).reshape(blocks.correlation.shape)
    raw = np.clip(raw, 0, predictor.highest)
    agreement = _agreement(blocks.correlation, raw)
    predicted = raw * agreement
    # More correlation than predicted speaks for the camera, however surprising it is.
    measured = np.minimum(blocks.correlation, predicted)
    ratio = _log_normal(measured, predictor.noise_sd) - _log_generalised(
        measured - predicted, predictor.scale, predictor.shape
    )
    ratio = np.where(predicted >= decidable * predictor.noise_sd, ratio / np.log(10), np.nan)
    return Judged(blocks.correlation, predicted.astype(np.float32), ratio.astype(np.float32), agreement)


def _terms(features: np.ndarray) -> np.ndarray:
    """Polynomial of second order: shape (blocks, 15)."""
    x = features.reshape(4, -1).T.astype(np.float64)
    products = [x[:, i] * x[:, j] for i in range(4) for j in range(i, 4)]
    return np.column_stack([np.ones(len(x)), x, *products])


def _agreement(measured: np.ndarray, predicted: np.ndarray) -> float:
    told = predicted > _LEAST_PREDICTED
    if not told.any():
        return 0.0
    ratios, weights = measured[told] / predicted[told], predicted[told] ** 2
    order = np.argsort(ratios, kind="stable")
    heaped = np.cumsum(weights[order])
    middle = ratios[order][np.searchsorted(heaped, _QUANTILE * heaped[-1])]
    return float(np.clip(middle, 0, _HIGHEST_SCALE))


def _generalised_gaussian(rest: np.ndarray, least_sd: float) -> tuple[float, float]:
    """Scale and shape by the method of moments; the spread is no smaller than that of foreign noise."""
    spread = float(np.sqrt(np.mean(rest**2)))
    wanted = float(np.mean(np.abs(rest))) ** 2 / max(spread**2, 1e-20)
    shapes = np.linspace(0.8, 3.0, 221)
    ratios = np.exp(2 * gammaln(2 / shapes) - gammaln(1 / shapes) - gammaln(3 / shapes))
    shape = float(shapes[np.argmin(np.abs(ratios - wanted))])
    return max(spread, least_sd) * float(np.exp(0.5 * (gammaln(1 / shape) - gammaln(3 / shape)))), shape


def _log_normal(x: np.ndarray, sd: float) -> np.ndarray:
    return np.asarray(-0.5 * (x / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi)))


def _log_generalised(x: np.ndarray, scale: float, shape: float) -> np.ndarray:
    return np.asarray(np.log(shape / (2 * scale)) - gammaln(1 / shape) - (np.abs(x) / scale) ** shape)
