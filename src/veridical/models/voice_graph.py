"""The speaker encoder of Resemblyzer as an ONNX graph, made from the weights in its own file.

Three layers of long short-term memory (LSTM) and a linear one, trained with the generalised end-to-end loss.

References
----------
L. Wan, Q. Wang, A. Papir, I. Lopez Moreno, "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018.
"""

from __future__ import annotations

import numpy as np

from . import torch_file
from .onnx_graph import Graph

FRAMES, BANDS, NUMBERS = 160, 40, 256
_HIDDEN, _LAYERS = 256, 3
_LEAST_NORM = 1e-6


def graph_of(content: bytes) -> bytes:
    """Return a graph from "mels", N×160×40 float32, to "embeddings", N×256 float32 of length 1.

    Raises
    ------
    ValueError
        If the file holds another network.
    """
    weights, graph = torch_file.tensors(content), Graph("voice")
    x = graph.node("Transpose", "mels", perm=(1, 0, 2))
    for layer in range(_LAYERS):
        width = BANDS if layer == 0 else _HIDDEN
        given = (graph.constant(one) for one in _lstm(weights, layer, width))
        every, last = f"every{layer}", f"last{layer}"
        graph.nodes("LSTM", x, *given, out=(every, last), hidden_size=_HIDDEN)
        x = graph.node("Squeeze", every, graph.constant(np.array([1], np.int64)))  # one direction
    last = graph.node("Squeeze", last, graph.constant(np.array([0], np.int64)))
    matrix = _weight(weights, "linear.weight", (NUMBERS, _HIDDEN)).T.copy()
    bias = _weight(weights, "linear.bias", (NUMBERS,))
    sum_ = graph.node("Add", graph.node("MatMul", last, graph.constant(matrix)), graph.constant(bias))
    raw = graph.node("Relu", sum_)
    length = graph.node("ReduceL2", raw, axes=(1,))
    length = graph.node("Max", length, graph.constant(np.array([_LEAST_NORM], np.float32)))
    graph.node("Div", raw, length, out="embeddings")
    return graph.model(("mels", (None, FRAMES, BANDS)), ("embeddings", (None, NUMBERS)))


def _lstm(weights: dict[str, np.ndarray], layer: int, width: int) -> tuple[np.ndarray, ...]:
    """Return the weights of the input and of the memory, and both biases, as ONNX has them.

    The four gates are stacked input, forget, cell, output by torch, and input, output, forget, cell by ONNX.
    """
    names = {"weight_ih": (4 * _HIDDEN, width), "weight_hh": (4 * _HIDDEN, _HIDDEN), "bias_ih": (4 * _HIDDEN,),
             "bias_hh": (4 * _HIDDEN,)}  # fmt: skip
    found = []
    for name, shape in names.items():
        gates = _weight(weights, f"lstm.{name}_l{layer}", shape).reshape(4, _HIDDEN, *shape[1:])
        found.append(gates[[0, 3, 1, 2]].reshape(1, *shape))
    return found[0], found[1], np.concatenate(found[2:], 1)


def _weight(weights: dict[str, np.ndarray], name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = weights.get(f"model_state.{name}")
    if values is None or values.shape != shape or values.dtype != np.float32:
        raise ValueError(f"this is not the speaker encoder: {name} is missing or not {shape} float32")
    return values
