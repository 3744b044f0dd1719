"""Messages between the decoder process and its owner: a JSON header and raw arrays, never pickles.

Frame on the pipe: 8 bytes (big-endian length of the header), the header as UTF-8 JSON, then each array's bytes in order.
The header's key ``"@arrays"`` lists name, dtype and shape of each.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

import numpy as np

_LENGTH = struct.Struct(">Q")
_LONGEST_HEADER = 64 << 20
_MOST_SIDES = 8
_DTYPES = frozenset({"uint8", "int8", "uint16", "int16", "int32", "int64", "float32", "float64", "bool"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``head`` of JSON values, ``arrays`` by name."""

    head: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


class Readable(Protocol):
    """What messages are read from."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill some of the buffer; 0 at the end."""


class WireError(Exception):
    """The other side closed the pipe or sent something that is not a message."""


def send(stream: BinaryIO, message: Message) -> None:
    """Write one message."""
    arrays = {name: np.asarray(array, order="C") for name, array in message.arrays.items()}
    listing = [[name, array.dtype.name, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps({**message.head, "@arrays": listing}).encode()
    stream.write(_LENGTH.pack(len(header)))
    stream.write(header)
    for array in arrays.values():
        if array.size:
            stream.write(array.data.cast("B"))
    stream.flush()


def receive(stream: Readable | BinaryIO, *, most_bytes: int = 8 << 30) -> Message:
    """Read one message; raises WireError at the end of the pipe or on nonsense, before any memory is taken for it."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _LONGEST_HEADER:
        raise WireError("header too long")
    try:
        head = json.loads(_exactly(stream, length))
        listing = [(str(name), str(dtype), tuple(map(int, shape))) for name, dtype, shape in head.pop("@arrays")]
        arrays: dict[str, np.ndarray] = {}
        for name, dtype, shape in listing:
            most_bytes -= _size(dtype, shape)
            if most_bytes < 0:
                raise WireError("arrays too large")
            if name in arrays:
                raise WireError(f"two arrays called {name[:20]}")
            arrays[name] = np.empty(shape, dtype)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"not a message: {error}") from error
    for array in arrays.values():
        if array.size:
            _fill(stream, array.data.cast("B"))
    return Message(head, arrays)


def _size(dtype: str, shape: tuple[int, ...]) -> int:
    """Bytes of an array, counted in whole numbers that cannot overflow."""
    if dtype not in _DTYPES or len(shape) > _MOST_SIDES or any(side < 0 for side in shape):
        raise WireError(f"array of type {dtype[:20]} and shape {str(shape)[:80]}")
    return math.prod(shape) * np.dtype(dtype).itemsize


def _exactly(stream: Readable | BinaryIO, count: int) -> bytes:
    buffer = bytearray(count)
    _fill(stream, memoryview(buffer))
    return bytes(buffer)


def _fill(stream: Readable | BinaryIO, view: memoryview) -> None:
    done = 0
    while done < len(view):
        got = stream.readinto(view[done:])  # type: ignore[union-attr]
        if not got:
            raise WireError("the pipe closed")
        done += got
