"""Writes a network as an ONNX model, without the package onnx: for weights that come in another format."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

Attribute = int | float | tuple[int, ...]
_FLOAT, _INT64 = 1, 7
_FORMAT, _OPERATORS = 8, 13  # versions of the file format and of the set of operators


class Graph:
    """An ONNX model while it is put together, as protocol buffers; the numbers of fields are those of onnx.proto."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, values: np.ndarray) -> str:
        """Add an array, float32 or int64, and return its name."""
        name = f"constant{len(self._constants)}"
        kind = {"float32": _FLOAT, "int64": _INT64}[values.dtype.name]
        sizes = b"".join(_field(1, size) for size in values.shape)
        self._constants.append(sizes + _field(2, kind) + _field(8, name) + _field(9, values.tobytes()))
        return name

    def outside(self, name: str, shape: tuple[int, ...]) -> str:
        """Add the place of a float32 array that is given to the engine apart from the graph, and return its name."""
        said = _field(1, "location") + _field(2, "outside")
        kind = b"".join(_field(1, size) for size in shape) + _field(2, _FLOAT)
        self._constants.append(kind + _field(8, name) + _field(13, said) + _field(14, 1))
        return name

    def node(self, kind: str, *given: str, out: str = "", **attributes: Attribute) -> str:
        """Add an operator with one output and return the name of that, ``out`` if it is given."""
        return self.nodes(kind, *given, out=(out or f"value{len(self._nodes)}",), **attributes)[0]

    def nodes(self, kind: str, *given: str, out: tuple[str, ...], **attributes: Attribute) -> tuple[str, ...]:
        """Add an operator with several outputs and return their names; one that is not wanted is called ""."""
        body = b"".join(_field(1, name) for name in given) + b"".join(_field(2, name) for name in out) + _field(4, kind)
        for name, value in attributes.items():
            body += _field(5, _field(1, name) + _said(value))
        self._nodes.append(body)
        return out

    def model(self, *ends: tuple[str, tuple[int | None, ...]]) -> bytes:
        """Return the model; ``ends`` are name and shape of its input and of each output, float32, None for any length."""
        graph = b"".join(_field(1, node) for node in self._nodes) + _field(2, self._name)
        graph += b"".join(_field(5, constant) for constant in self._constants)
        for number, (name, shape) in zip((11, *(12 for _ in ends[1:])), ends, strict=True):
            sizes = b"".join(_field(1, _field(1, size) if size else _field(2, "n")) for size in shape)
            graph += _field(number, _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, sizes))))
        return _field(1, _FORMAT) + _field(7, graph) + _field(8, _field(1, "") + _field(2, _OPERATORS))


def with_outputs(model: bytes, names: Sequence[str]) -> bytes:
    """Return a model that gives out inner values too, after its own outputs; a name that it lacks fails when it is loaded.

    Protocol buffers that follow one another are merged, and fields that repeat are appended: the file need not be read.
    """
    return model + _field(7, b"".join(_field(12, _field(1, name)) for name in names))


def _said(value: Attribute) -> bytes:
    """Return the value of an attribute and its kind."""
    if isinstance(value, int):
        return _field(3, value) + _field(20, 2)
    if isinstance(value, float):
        return _varint(2 << 3 | 5) + struct.pack("<f", value) + _field(20, 1)
    return b"".join(_field(8, one) for one in value) + _field(20, 7)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
