"""What a second JPEG compression on the same grid does to the histogram of a DCT coefficient, and how to find the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from .blocks import grey
from .dct import transform

# The lowest 15 frequencies in zig-zag order, DC first: higher ones are mostly zero.
FREQUENCIES = (
    (0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0), (4, 0), (3, 1), (2, 2), (1, 3), (0, 4),
)  # fmt: skip
LARGEST_STEP = 60
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.995)
_ROUNDING = 0.5  # standard deviation of a coefficient after rounding pixels to 8 bits between the two saves
_REACH = 6  # halves of a step, three standard deviations
_SPREAD = np.diff(special.ndtr(np.arange(-_REACH, _REACH + 1) / 2 / _ROUNDING))
_MOST_BLOCKS = 40_000
_UNEXPLAINED = 0.01  # share of coefficients that no model explains: clipped pixels, decoders that differ
_STRONGEST = 3.0


@dataclass(frozen=True, slots=True)
class Twice:
    """The best model of a picture of which a share of the blocks was compressed twice.

    Parameters
    ----------
    share
        Share of blocks that were compressed twice.
    steps
        First quantisation step of each of `FREQUENCIES`; 0 where a first one cannot be told.
    gain
        Logarithm of the likelihood over that of a single compression, in nats, a coefficient that is not zero.
    evidence
        shape (rows, columns), float32: logarithm of the likelihood of two compressions over that of one, for each block.
    informative
        shape (rows, columns), int16: coefficients of each block that say something.
    """

    share: float
    steps: tuple[int, ...]
    gain: float
    evidence: np.ndarray
    informative: np.ndarray


@dataclass(frozen=True, slots=True)
class _Model:
    """One frequency: its values (rows, columns), the smallest one, counts, and probabilities once and by first step."""

    values: np.ndarray
    low: int
    counts: np.ndarray
    once: np.ndarray
    twice: np.ndarray


def shifted_coefficients(pixels: np.ndarray) -> np.ndarray:
    """DCT coefficients of blocks 4 pixels off the grid, which compression left unquantised: shape (n, 8, 8), float32."""
    rows, columns = (pixels.shape[0] - 4) // 8, (pixels.shape[1] - 4) // 8
    every = max(rows * columns // _MOST_BLOCKS, 1)
    vectors = transform()
    strips = []
    for row in range(0, rows, every):
        strip = grey(pixels[4 + row * 8 : 12 + row * 8, 4 : 4 + columns * 8]) - 128
        strips.append(strip.reshape(8, columns, 8).swapaxes(0, 1))
    return np.asarray(vectors @ np.concatenate(strips) @ vectors.T)


def fit_twice(
    coefficients: np.ndarray, table: np.ndarray, unquantised: np.ndarray, judged: np.ndarray, least_gain: float
) -> Twice:
    """Find the share of blocks and the first quantisation steps that explain the histograms best.

    Parameters
    ----------
    coefficients
        shape (rows, columns, 8, 8), int16: quantised coefficients of the luminance.
    table
        shape (8, 8): its quantisation steps.
    unquantised
        Coefficients as they are before quantisation, from `shifted_coefficients`.
    judged
        shape (rows, columns), bool: blocks that count; the others get no evidence.
    least_gain
        Nats a coefficient that a first step must gain to be believed.
    """
    models = [
        _model(coefficients[:, :, u, v], judged, int(table[u, v]), unquantised[:, u, v], zero=(u, v) == (0, 0))
        for u, v in FREQUENCIES
    ]
    gains = np.stack([_gains(model) for model in models])  # frequency, share, first step
    for gain, (u, v) in zip(gains, FREQUENCIES, strict=True):
        gain[:, [first - 1 for first in range(1, LARGEST_STEP + 1) if not _telling(first, int(table[u, v]))]] = 0
    number = np.array([max(model.counts.sum(), 1.0) for model in models])
    believed = np.where(gains > least_gain * number[:, None, None], gains, 0)
    best = int(believed.max(2).sum(0).argmax())
    chosen = believed[:, best]
    steps = tuple(int(row.argmax()) + 1 if row.max() > 0 else 0 for row in chosen)
    evidence = np.zeros(coefficients.shape[:2], np.float32)
    informative = np.zeros(coefficients.shape[:2], np.int16)
    for model, step in zip(models, steps, strict=True):
        if step:
            ratio = np.log(model.twice[step - 1] / model.once)
            ratio[model.counts == 0] = 0  # zeros of high frequencies follow the texture
            weights = np.clip(ratio, -_STRONGEST, _STRONGEST).astype(np.float32)
            told = weights[model.values - model.low]
            evidence += told
            informative += told != 0
    evidence[~judged], informative[~judged] = 0, 0
    gain = float(chosen.max(1).sum() / number.sum())
    return Twice(SHARES[best], steps, gain, evidence, informative)


def _telling(first: int, step: int) -> bool:
    """Whether a first step leaves traces that nothing else does.

    With steps of 3 or less, an encoder's own rounding looks like a first step beside the last.
    """
    return step % first != 0 and (step > 3 or abs(first - step) > 1)


def _model(values: np.ndarray, judged: np.ndarray, step: int, unquantised: np.ndarray, *, zero: bool) -> _Model:
    low, high = int(values.min()), int(values.max())
    counts = np.bincount((values - low)[judged], minlength=high - low + 1).astype(np.float64)
    once = np.bincount(np.clip(np.rint(unquantised / step) - low, 0, high - low).astype(int), minlength=high - low + 1)
    twice = np.stack([_twice(unquantised, first, step, low, high) for first in range(1, LARGEST_STEP + 1)])
    if not zero and low <= 0 <= high:
        counts[-low], once[-low] = 0, 0
        twice[:, -low] = 0
    return _Model(values, low, counts, _smoothed(once.astype(np.float64)), _smoothed(twice))


def _twice(unquantised: np.ndarray, first: int, step: int, low: int, high: int) -> np.ndarray:
    """Return the expected counts of low … high after quantisation by ``first``, rounding of the pixels, and by ``step``.

    All edges between values lie on halves, so that half steps are fine enough to count in.
    """
    ends = (2 * low - 1) * step, (2 * high + 1) * step  # in halves
    level = (2 * first * np.rint(unquantised / first)).astype(int)
    counts = np.bincount(np.clip(level, ends[0], ends[1] - 1) - ends[0], minlength=ends[1] - ends[0])
    spread = np.convolve(counts, _SPREAD)[_REACH:][: len(counts)]
    return np.asarray(np.add.reduceat(spread, np.arange(0, len(counts), 2 * step)))


def _smoothed(counts: np.ndarray) -> np.ndarray:
    share = counts / np.maximum(counts.sum(-1, keepdims=True), 1)
    return np.asarray((1 - _UNEXPLAINED) * share + _UNEXPLAINED / counts.shape[-1])


def _gains(model: _Model) -> np.ndarray:
    """Log likelihood over a single compression, by share and first step."""
    seen = model.counts > 0
    counts, once, twice = model.counts[seen], model.once[seen], model.twice[:, seen]
    return np.stack([np.log(share * twice / once + 1 - share) @ counts for share in SHARES])
