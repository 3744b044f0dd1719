"""The convolutional front of Distill-MOS as an ONNX graph, made from the weights in its own file.

Six convolutions over the complex spectrum of speech, learned by imitating what XLS-R, a large network of speech, says of
its quality. Only they are used: what follows them (a transformer, and a mark for the quality) is not.

References
----------
B. Stahl, H. Gamper, "Distillation and Pruning for Scalable Self-Supervised Representation-Based Speech Quality Assessment",
ICASSP 2025, arXiv:2502.05356.
"""

from __future__ import annotations

import numpy as np

from . import torch_file
from .onnx_graph import Graph

BINS, NUMBERS = 161, 1024
_CHANNELS = (2, 64, 64, 128, 256, 256, 256)
_SLOPE = 0.1
_TAPS = 3


def graph_of(content: bytes) -> bytes:
    """Return a graph from "spectra", N×2×161×T float32 (real and imaginary part), to "means", N×1024 float32.

    The means are those over time of 256 channels in four bands of frequency: channel by channel, from low to high.

    Raises
    ------
    ValueError
        If the file holds another network.
    """
    weights, graph = torch_file.tensors(content), Graph("quality")
    x, last = "spectra", len(_CHANNELS) - 2
    for layer, (narrow, wide) in enumerate(zip(_CHANNELS[:-1], _CHANNELS[1:], strict=True)):
        given = [
            graph.constant(_weight(weights, f"{2 * layer}.weight", (wide, narrow, _TAPS, _TAPS))),
            graph.constant(_weight(weights, f"{2 * layer}.bias", (wide,))),
        ]
        # Frequency is halved from the second on, time by the last alone; only time is padded.
        strides = (1 if layer == 0 else 2, 2 if layer == last else 1)
        x = graph.node("Conv", x, *given, kernel_shape=(_TAPS, _TAPS), strides=strides, pads=(0, 1, 0, 1))
        x = graph.node("LeakyRelu", x, alpha=_SLOPE)  # the engine takes it into the convolution
    x = graph.node("ReduceMean", x, axes=(3,), keepdims=0)
    graph.node("Flatten", x, axis=1, out="means")
    return graph.model(("spectra", (None, 2, BINS, None)), ("means", (None, NUMBERS)))


def _weight(weights: dict[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = weights.get(f"model.cnn.cnn.{name}")
    if values is None or values.shape != shape or values.dtype != np.float32:
        raise ValueError(f"this is not Distill-MOS: {name} is missing or not {shape} float32")
    return values
