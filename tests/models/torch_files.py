"""Writes files as torch.save does, by hand: in both layouts, sound or not."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
_KINDS = {"f4": "FloatStorage", "f2": "HalfStorage", "i8": "LongStorage", "f8": "DoubleStorage"}


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", value)


def name(module: str, member: str) -> bytes:
    return b"c" + module.encode() + b"\n" + member.encode() + b"\n"


def sizes(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(number(one) for one in values) + b"t"


def tensor(
    array: np.ndarray, key: str, *, offset: int = 0, shape: Any = None, strides: Any = None, view: bytes = b"", kind: str = ""
) -> bytes:  # fmt: skip
    kind = kind or _KINDS[array.dtype.str[1:]]
    storage = b"(" + text("storage") + name("torch", kind) + text(key) + text("cpu") + number(array.size) + view + b"tQ"
    shape = array.shape if shape is None else shape
    strides = tuple(one // array.itemsize for one in array.strides) if strides is None else strides
    hooks = name("collections", "OrderedDict") + b")R"
    given = b"(" + storage + number(offset) + sizes(shape) + sizes(strides) + b"\x89" + hooks + b"t"
    return name("torch._utils", "_rebuild_tensor_v2") + given + b"R"


def plain(values: Mapping[str, Any], storages: dict[str, np.ndarray]) -> bytes:
    """Return the instructions that make a dictionary, in one another if need be; its arrays go to ``storages``."""
    body = name("collections", "OrderedDict") + b")R("
    for key, value in values.items():
        body += text(key)
        if isinstance(value, np.ndarray):
            storages[str(len(storages))] = value
            body += tensor(value, str(len(storages) - 1))
        else:
            body += plain(value, storages) if isinstance(value, Mapping) else number(value)
    return body + b"u}" + text("_metadata") + number(1) + b"sb"


def archive(body: bytes, storages: Mapping[str, np.ndarray], *, compressed: bool = False) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as file:
        file.writestr("any/data.pkl", b"\x80\x02" + body + b".")
        file.writestr("any/byteorder", "little")
        for key, array in storages.items():
            file.writestr(f"any/data/{key}", array.tobytes())
    return held.getvalue()


def chain(body: bytes, storages: Mapping[str, np.ndarray], *, little: bytes = b"\x88") -> bytes:
    parts = [MAGIC, b"M\xe9\x03", b"}" + text("little_endian") + little + b"s", body]
    parts.append(b"](" + b"".join(text(key) for key in storages) + b"e")
    content = b"".join(b"\x80\x02" + part + b"." for part in parts)
    return content + b"".join(struct.pack("<q", one.size) + one.tobytes() for one in storages.values())
