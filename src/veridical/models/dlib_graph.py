"""The network of dlib's face descriptor as an ONNX graph, made from the weights in dlib's own file.

The same numbers as dlib gives (to about 1e-6), without dlib, in a twentieth of the time of its build without AVX.
"""

from __future__ import annotations

import numpy as np

from .onnx_graph import Graph

SIDE, NUMBERS = 150, 128
# The residual network of 29 layers that dlib documents: channels of each level, and its blocks; the first block of every
# level but the first halves the picture.
_LEVELS = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))
_FIRST = 32


def graph_of(content: bytes, *, layers: bool = False) -> bytes:
    """Return a graph from "faces", N×3×150×150 float32 (see ``prepared``), to "descriptors", N×128 float32.

    Parameters
    ----------
    content
        A file with dlib's face_recognition_resnet_model_v1.
    layers
        Give out what each of the 29 convolutions passes on too, N×C×H×W float32, at or above 0, from the first to the last,
        behind the descriptors; in the second of a block that is the sum with the way past it.

    Raises
    ------
    ValueError
        If the file holds another network.
    """
    weights, graph = _Weights(content), Graph("dlib")
    x = graph.node("Relu", _convolution(graph, weights, "faces", 3, _FIRST, side=7, stride=2))
    passed: list[tuple[str, tuple[int | None, ...]]] = [(x, (None, _FIRST, (SIDE - 7) // 2 + 1, (SIDE - 7) // 2 + 1))]
    x = graph.node("MaxPool", x, kernel_shape=(3, 3), strides=(2, 2))
    across = ((SIDE - 7) // 2 + 1 - 3) // 2 + 1
    channels = _FIRST
    for level, (wide, blocks) in enumerate(_LEVELS):
        for block in range(blocks):
            halves = level > 0 and block == 0
            y = graph.node("Relu", _convolution(graph, weights, x, channels, wide, stride=2 if halves else 1))
            inner = (across - 3) // 2 + 1 if halves else across
            passed.append((y, (None, wide, inner, inner)))
            y = _convolution(graph, weights, y, wide, wide)
            if halves:
                x, y, across = _halved(graph, x, y, across, more=wide - channels)
            x = graph.node("Relu", graph.node("Add", x, y))
            passed.append((x, (None, wide, across, across)))
            channels = wide
    pooled = graph.node("Flatten", graph.node("GlobalAveragePool", x), axis=1)
    graph.node("MatMul", pooled, graph.constant(weights.last(channels)), out="descriptors")
    ends = ("faces", (None, 3, SIDE, SIDE)), ("descriptors", (None, NUMBERS))
    return graph.model(*ends, *(passed if layers else ()))


def prepared(faces: np.ndarray) -> np.ndarray:
    """Return faces of shape (n, 150, 150, 3), uint8, as the graph wants them: dlib's mean colour taken off, over 256."""
    scaled = (faces.astype(np.float32) - np.array([122.782, 117.001, 104.298], np.float32)) / 256
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def _halved(graph: Graph, x: str, y: str, across: int, *, more: int) -> tuple[str, str, int]:
    """Halve the way past a block, and bring both ways to one size as dlib does: zeros at the right, below and behind."""
    past, through = (across - 2) // 2 + 1, (across - 3) // 2 + 1
    size = max(past, through)
    x = graph.node("AveragePool", x, kernel_shape=(2, 2), strides=(2, 2))
    x = _padded(graph, x, more, size - past)
    return x, _padded(graph, y, 0, size - through), size


def _padded(graph: Graph, x: str, channels: int, pixels: int) -> str:
    if not channels and not pixels:
        return x
    return graph.node("Pad", x, graph.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)))


def _convolution(
    graph: Graph, weights: _Weights, x: str, channels: int, wide: int, *, side: int = 3, stride: int = 1
) -> str:
    """Return a convolution with the affine layer that follows it folded in; dlib pads only where it does not stride."""
    kernel, bias = weights.convolution(channels, wide, side)
    pads = (side // 2 if stride == 1 else 0,) * 4
    given = (x, graph.constant(kernel), graph.constant(bias))
    return graph.node("Conv", *given, kernel_shape=(side, side), strides=(stride, stride), pads=pads)


class _Weights:
    """Reads one layer after the other: dlib writes a name, then a tensor as four sizes and its numbers."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def convolution(self, channels: int, wide: int, side: int) -> tuple[np.ndarray, np.ndarray]:
        self._seek(b"con_4")
        filters = self._tensor(channels * wide * side * side + wide)
        self._seek(b"affine_")
        gain, shift = self._tensor(2 * wide).reshape(2, wide)
        kernel = filters[:-wide].reshape(wide, channels, side, side) * gain[:, None, None, None]
        return kernel.astype(np.float32), (filters[-wide:] * gain + shift).astype(np.float32)

    def last(self, channels: int) -> np.ndarray:
        self._seek(b"fc_2")
        if (self._integer(), self._integer()) != (NUMBERS, channels):
            raise ValueError("this is not dlib's face descriptor: its last layer has another size")
        return self._tensor(channels * NUMBERS).reshape(channels, NUMBERS)

    def _seek(self, name: bytes) -> None:
        mark = bytes((1, len(name))) + name
        place = self._content.find(mark, self._at)
        if place < 0:
            raise ValueError(f"this is not dlib's face descriptor: a layer {name.decode()} is missing")
        self._at = place + len(mark)

    def _integer(self) -> int:
        # A byte that tells how many follow, then these, the least first; sizes are never negative.
        length = self._content[self._at] & 15
        self._at += 1 + length
        return int.from_bytes(self._content[self._at - length : self._at], "little")

    def _tensor(self, count: int) -> np.ndarray:
        version, *sizes = (self._integer() for _ in range(5))
        if version != 2 or int(np.prod(sizes)) != count:
            raise ValueError(f"this is not dlib's face descriptor: {sizes} numbers where {count} are due")
        numbers = np.frombuffer(self._content, "<f4", count, self._at)
        self._at += 4 * count
        return numbers
