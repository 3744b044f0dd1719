"""Reads files in the format safetensors: a JSON header that says where each tensor lies, then the tensors as plain numbers."""

from __future__ import annotations

import json
import math
import mmap
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1", "U8": "<u1",
           "BOOL": "?"}  # fmt: skip
_LONGEST_HEADER = 100_000_000


def tensors(file: Path) -> dict[str, np.ndarray]:
    """Return all tensors of a file by name, as read-only views of the mapped file; bfloat16 becomes float32.

    Raises
    ------
    ValueError
        If the file is not of that format, or a tensor lies outside of it; the text says which.
    """
    with file.open("rb") as stream:
        if file.stat().st_size < 8:
            raise ValueError("it is too short for safetensors")
        content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    (length,) = struct.unpack_from("<Q", content)
    if length > min(_LONGEST_HEADER, len(content) - 8):
        raise ValueError(f"its header of {length} bytes is longer than the file, or than any header")
    try:
        header = json.loads(content[8 : 8 + length])
        return {name: _tensor(content, 8 + length, one) for name, one in header.items() if name != "__metadata__"}
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"its header cannot be read ({type(error).__name__}: {error})") from None


def _tensor(content: mmap.mmap, base: int, said: Mapping[str, object]) -> np.ndarray:
    kind, shape, ends = str(said["dtype"]), said["shape"], said["data_offsets"]
    if not isinstance(shape, list) or not isinstance(ends, list) or not all(_natural(one) for one in (*shape, *ends)):
        raise ValueError("a tensor has sizes or offsets that are no numbers from 0 on")
    first, end = ends
    count = math.prod(shape)
    wide = 2 if kind == "BF16" else np.dtype(_DTYPES[kind]).itemsize
    if end - first != count * wide or base + end > len(content):
        raise ValueError(f"a tensor of {shape} {kind} does not fill its place, or reaches out of the file")
    if kind == "BF16":
        halves = np.frombuffer(content, "<u2", count, base + first)
        return (halves.astype("<u4") << 16).view("<f4").reshape(shape)
    return np.frombuffer(content, _DTYPES[kind], count, base + first).reshape(shape)


def _natural(value: object) -> bool:
    return type(value) is int and value >= 0
