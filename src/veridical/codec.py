"""Frozen dataclasses to plain data and back, directed by their annotations.

Serves the percept cache (arrays beside the text, as files) and the report (arrays within the text, as base64). No pickles, no
class names from the data: what is built is what the annotation says. Supported: scalars, str, bytes, None, Literal,
``X | Y`` (of dataclasses told apart by the key "type", the class name in lower case), tuple, Mapping with str keys,
np.ndarray and dataclasses of these. Fields whose name starts with "_" cannot be stored.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")
Plain = Any
KeepArray = Callable[[np.ndarray], Plain]
TakeArray = Callable[[Plain], np.ndarray]
_FLOAT_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class CodecError(ValueError):
    """The data does not fit the annotation."""


def encode(value: Any, annotation: Any, keep: KeepArray) -> Plain:
    """Turn a value into plain data (dict, list, str, float, int, bool, None); ``keep`` stores arrays."""
    kind = get_origin(annotation)
    if kind in (Union, UnionType):
        return _encode_union(value, annotation, keep)
    if _is_dataclass(annotation):
        hints = _hints(annotation)
        return {name: encode(getattr(value, name), hint, keep) for name, hint in hints.items()}
    if annotation is np.ndarray:
        return keep(value)
    if annotation is bytes:
        return base64.b64encode(value).decode()
    if kind is tuple:
        return [encode(item, hint, keep) for item, hint in zip(value, _item_hints(annotation, len(value)), strict=True)]
    if kind is not None and isinstance(value, Mapping):
        hint = get_args(annotation)[1]
        return {str(key): encode(item, hint, keep) for key, item in value.items()}
    return _scalar(value)


def decode(plain: Plain, annotation: Any, take: TakeArray) -> Any:
    """Build the value that ``encode`` made plain.

    Raises
    ------
    CodecError
        If the data does not fit the annotation.
    """
    try:
        return _decode(plain, annotation, take)
    except (KeyError, TypeError, ValueError, AttributeError, zlib.error) as error:
        if isinstance(error, CodecError):
            raise
        raise CodecError(f"data does not fit {annotation}: {error!r}") from error


def array_to_text(array: np.ndarray) -> Plain:
    """Keep an array inside the text: deflated bytes in base64, with dtype and shape."""
    data = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 6)).decode()
    return {"dtype": array.dtype.name, "shape": list(array.shape), "deflate_base64": data}


def array_from_text(plain: Plain) -> np.ndarray:
    """Take back what ``array_to_text`` kept."""
    shape = tuple(int(side) for side in plain["shape"])
    dtype = np.dtype(plain["dtype"])
    expected = math.prod(shape) * dtype.itemsize
    data = zlib.decompressobj().decompress(base64.b64decode(plain["deflate_base64"]), expected + 1)
    if len(data) != expected:
        raise CodecError(f"array of {len(data)} bytes where {expected} belong")
    return np.frombuffer(data, dtype).reshape(shape)


def _is_dataclass(annotation: Any) -> bool:
    return isinstance(annotation, type) and is_dataclass(annotation)


@cache
def _hints(of: type) -> dict[str, Any]:
    hints = get_type_hints(of)
    return {f.name: hints[f.name] for f in fields(of)}


def _item_hints(annotation: Any, count: int) -> tuple[Any, ...]:
    items = get_args(annotation)
    if len(items) == 2 and items[1] is Ellipsis:
        return (items[0],) * count
    return items


def _tag(of: Any) -> str:
    return str(of.__name__).lower()


def _members(annotation: Any) -> list[Any]:
    return [member for member in get_args(annotation) if member is not NoneType]


def _encode_union(value: Any, annotation: Any, keep: KeepArray) -> Plain:
    if value is None:
        return None
    members = _members(annotation)
    if len(members) == 1:
        return encode(value, members[0], keep)
    for member in members:
        if is_dataclass(member) and type(value) is member:
            return {"type": _tag(member), **encode(value, member, keep)}
    return _scalar(value)


def _scalar(value: Any) -> Plain:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise CodecError(f"cannot store a {type(value).__name__}")


def _decode(plain: Plain, annotation: Any, take: TakeArray) -> Any:
    kind = get_origin(annotation)
    if kind in (Union, UnionType):
        return _decode_union(plain, annotation, take)
    if _is_dataclass(annotation):
        hints = _hints(annotation)
        return annotation(**{name: _decode(plain[name], hint, take) for name, hint in hints.items()})
    if annotation is np.ndarray:
        return take(plain)
    if annotation is bytes:
        return base64.b64decode(plain, validate=True)
    if kind is tuple:
        return tuple(_decode(p, hint, take) for p, hint in zip(plain, _item_hints(annotation, len(plain)), strict=True))
    if kind is not None and isinstance(plain, Mapping) and kind is not Literal:
        hint = get_args(annotation)[1]
        return {key: _decode(item, hint, take) for key, item in plain.items()}
    return _decode_scalar(plain, annotation)


def _decode_union(plain: Plain, annotation: Any, take: TakeArray) -> Any:
    if plain is None:
        return None
    members = _members(annotation)
    if len(members) == 1:
        return _decode(plain, members[0], take)
    for member in members:
        if is_dataclass(member) and isinstance(plain, Mapping) and plain.get("type") == _tag(member):
            return _decode(plain, member, take)
    return _decode_scalar(plain, annotation)


def _decode_scalar(plain: Plain, annotation: Any) -> Any:
    if isinstance(plain, Mapping):
        return _FLOAT_WORDS[plain["float"]]
    if annotation is float and not isinstance(plain, bool):
        return float(plain)
    allowed: tuple[Any, ...] = get_args(annotation)
    if get_origin(annotation) is Literal:
        if plain not in allowed:
            raise CodecError(f"{plain!r} is not one of {allowed}")
    elif isinstance(annotation, type) and not isinstance(plain, annotation):
        raise CodecError(f"{plain!r} is not {annotation.__name__}")
    return plain
