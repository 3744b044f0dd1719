"""The invisible watermark of lab pictures and frames: written in the large-scale brightness, read without the original.

The luminance goes through one level of the Haar wavelet; its low band is cut into 4×4 blocks; the largest singular value of
each block is moved to the middle of one of two interleaved sets of intervals, which says 0 or 1 (quantisation index
modulation). The usual DCT between wavelet and singular values is left out: it is orthonormal, and so changes no singular
value. 64 bits, a 32-bit payload and its CRC-32, are spread over all blocks in a fixed random order; each block votes.
It survives JPEG at quality 75 and H.264 at usual quality. It is no secret and no proof: it says that a file is lab-made.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import pywt

STEP = 32.0
"""Width of a quantisation interval of the singular value; 8 equals one grey level over the whole block."""
SMALLEST = 176
"""Fewest pixels a side that a picture can have to carry the watermark."""
_BITS = 64
_DOUBTFUL = 10
_BLOCK = 8
_TURNS = np.pi / 8 * np.array([0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7])
# Mixed into the bits, so that an even picture, whose blocks all vote alike, never looks like a message.
_MIX = np.random.default_rng(0x6D6978).integers(0, 2, _BITS).astype(bool)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A watermark that was found: its payload, and the mean agreement of the votes, 0 to 1."""

    payload: int
    agreement: float


def embed(pixels: np.ndarray, payload: int, *, spare: np.ndarray | None = None) -> np.ndarray:
    """Return a copy of a picture with the watermark.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB.
    payload
        32 bits.
    spare
        shape (height, width), bool: blocks that touch True pixels are left as they are.
    """
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    used = pixels[: rows * _BLOCK, : columns * _BLOCK]
    blocks = _blocks(used)
    left, singular, right = _dominant(blocks)
    wanted = code(payload)[_order(rows * columns)]
    target = STEP * (np.floor(singular / STEP) + np.where(wanted, 0.75, 0.25))
    change = (target - singular)[:, None, None] * left[:, :, None] * right[:, None, :]
    if spare is not None:
        touched = spare[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK).any((1, 3))
        change[touched.ravel()] = 0
    band = change.reshape(rows, columns, 4, 4).swapaxes(1, 2).reshape(rows * 4, columns * 4)
    added = pywt.idwt2((band, (None, None, None)), "haar")
    marked = pixels.copy()
    marked[: rows * _BLOCK, : columns * _BLOCK] = np.clip(np.rint(used + added[:, :, None]), 0, 255).astype(np.uint8)
    return marked


def read(pixels: np.ndarray) -> Reading | None:
    """Return the watermark of a picture of shape (height, width, 3), uint8, RGB; None if it carries none."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    if rows * columns < _BITS:
        return None
    _, singular, _ = _dominant(_blocks(pixels[: rows * _BLOCK, : columns * _BLOCK]))
    order, angle = _order(rows * columns), 2 * np.pi * singular / STEP
    across, along = (np.bincount(order, part, _BITS) for part in (np.cos(angle), np.sin(angle)))
    count = np.bincount(order, minlength=_BITS)
    # A picture that became brighter or darker as a whole (video conversions do that) has turned all angles alike.
    for turn in _TURNS:
        votes = (across * np.sin(turn) - along * np.cos(turn)) / count
        payload = _decode_nearly(votes)
        if payload is not None:
            return Reading(payload=payload, agreement=float(np.abs(votes).mean()))
    return None


def code(payload: int) -> np.ndarray:
    """Return a 32-bit payload and its CRC-32 as 64 bits: shape (64,), bool."""
    data = payload.to_bytes(4, "big")
    bits = np.unpackbits(np.frombuffer(data + zlib.crc32(data).to_bytes(4, "big"), np.uint8))
    return np.asarray(bits.astype(bool) ^ _MIX)


def decode(bits: np.ndarray) -> int | None:
    """Return the payload of 64 bits, or None if its CRC-32 does not fit."""
    data = np.packbits(bits ^ _MIX).tobytes()
    return int.from_bytes(data[:4], "big") if zlib.crc32(data[:4]) == int.from_bytes(data[4:], "big") else None


def _decode_nearly(votes: np.ndarray) -> int | None:
    """Decode votes of shape (64,), with up to two of the ten closest ones taken the other way."""
    bits = votes > 0
    closest = np.argsort(np.abs(votes))[:_DOUBTFUL].tolist()
    for wrong in (pair for count in range(3) for pair in combinations(closest, count)):
        tried = bits.copy()
        tried[list(wrong)] ^= True
        payload = decode(tried)
        if payload is not None:
            return payload
    return None


def _blocks(pixels: np.ndarray) -> np.ndarray:
    band = pywt.dwt2(pixels @ _LUMA, "haar")[0]
    rows, columns = band.shape[0] // 4, band.shape[1] // 4
    return np.asarray(band.reshape(rows, 4, columns, 4).swapaxes(1, 2).reshape(-1, 4, 4), np.float32)


def _dominant(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the largest singular value of each block and its two vectors, by power iteration.

    The blocks are brightness, so never negative: the largest one stands far above the others, and a few rounds suffice.
    """
    right = np.full((len(blocks), 4), 0.5, np.float32)
    for _ in range(6):
        left = np.matmul(blocks, right[:, :, None])[:, :, 0]
        left /= np.linalg.norm(left, axis=1, keepdims=True) + 1e-6
        right = np.matmul(left[:, None, :], blocks)[:, 0, :]
        singular = np.linalg.norm(right, axis=1)
        right /= singular[:, None] + 1e-6
    # A black block has no direction of its own: it takes the even one, so that it can be made brighter.
    left[singular < 1e-3] = right[singular < 1e-3] = 0.5
    return left, singular, right


@cache
def _order(blocks: int) -> np.ndarray:
    """Return which of the 64 bits each block carries."""
    return np.random.default_rng(0x7665726964).permutation(np.arange(blocks) % _BITS)
