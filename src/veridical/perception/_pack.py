"""Traces of mesh points in little memory: steps of 1/16 px, differences in time, deflated a second or so at a time."""

from __future__ import annotations

import zlib

import numpy as np

STEP = 16
BLOCK = 32


class Packer:
    """Takes arrays of one shape, one a frame, and keeps them packed.

    Parameters
    ----------
    size
        Numbers a frame.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._open = np.empty((0, size), np.int32)
        self._filled = 0
        self._blocks: list[bytes] = []

    def add(self, values: np.ndarray) -> None:
        """Keep one frame: ``size`` numbers, at most ±2²⁶."""
        if not len(self._open):
            self._open = np.empty((BLOCK, self._size), np.int32)
        self._open[self._filled] = np.rint(values.ravel() * STEP)
        self._filled += 1
        if self._filled == BLOCK:
            self._close()

    def rest(self) -> None:
        """Pack what is open and let go of its memory until more is added."""
        if self._filled:
            self._close()
        self._open = self._open[:0].copy()

    def packed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return everything kept: bytes, shape (m,), uint8; and where each block ends in them, shape (blocks,), int64."""
        self.rest()
        ends = np.cumsum([len(block) for block in self._blocks], dtype=np.int64)
        return np.frombuffer(b"".join(self._blocks), np.uint8), ends

    def _close(self) -> None:
        change = np.diff(self._open[: self._filled], axis=0, prepend=np.int32(0))
        folded = ((change << 1) ^ (change >> 31)).astype("<u4")
        planes = np.ascontiguousarray(folded.reshape(-1).view(np.uint8).reshape(-1, 4).T)
        self._blocks.append(zlib.compress(planes.tobytes(), 1))
        self._filled = 0


def unpack(packed: np.ndarray, ends: np.ndarray, size: int, keep: np.ndarray | None = None) -> np.ndarray:
    """Return what a Packer kept: shape (frames, size), float32, within half a step.

    ``keep`` (k,) chooses some of the numbers, shape (frames, k): the others of a block are gone before the next is read.
    """
    chosen = np.arange(size) if keep is None else keep
    parts = [np.empty((0, len(chosen)), np.float32)]
    begin = 0
    for end in ends.tolist():
        planes = np.frombuffer(zlib.decompress(packed[begin:end].tobytes()), np.uint8).reshape(4, -1)
        folded = np.ascontiguousarray(planes.T).view("<u4").reshape(-1, size)
        change = (folded >> 1).astype(np.int32) ^ -(folded & 1).astype(np.int32)
        parts.append((np.cumsum(change[:, chosen], axis=0) / STEP).astype(np.float32))
        begin = end
    return np.concatenate(parts)
