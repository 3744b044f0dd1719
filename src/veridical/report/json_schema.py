"""The JSON Schema of a report, from the annotations of its dataclasses: the shape of what ``veridical.codec`` writes."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from .model import SCHEMA_VERSION, Report

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Plain = dict[str, Any]
_SPECIAL: Mapping[Any, Plain] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"$ref": "#/$defs/float"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    np.ndarray: {"$ref": "#/$defs/array"},
    NoneType: {"type": "null"},
    Any: {"$ref": "#/$defs/plain"},
}
_COMMON: Mapping[str, Plain] = {
    "float": {
        "description": "A number; the three that JSON cannot write are written as a word.",
        "anyOf": [
            {"type": "number"},
            {
                "type": "object",
                "properties": {"float": {"enum": ["NaN", "Infinity", "-Infinity"]}},
                "required": ["float"],
                "additionalProperties": False,
            },
        ],
    },
    "array": {
        "description": "An array: its values in C order, little-endian, deflated (zlib), in base64.",
        "type": "object",
        "properties": {
            "dtype": {"type": "string", "pattern": "^(bool|u?int(8|16|32|64)|float(16|32|64))$"},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "deflate_base64": {"type": "string", "contentEncoding": "base64"},
        },
        "required": ["dtype", "shape", "deflate_base64"],
        "additionalProperties": False,
    },
    "plain": {
        "anyOf": [{"type": ["string", "boolean", "integer", "null"]}, {"$ref": "#/$defs/float"}],
    },
}


def schema() -> Plain:
    """Return the JSON Schema (draft 2020-12) of what ``to_json`` writes."""
    title = f"Report of veridical, schema version {SCHEMA_VERSION}"
    return schema_of(Report, id=f"urn:veridical:report:{SCHEMA_VERSION}", title=title)


def schema_text() -> str:
    """Return the JSON Schema as it is published."""
    return json.dumps(schema(), indent=1) + "\n"


def schema_of(root: type, *, id: str, title: str) -> Plain:
    """Return the JSON Schema of a dataclass and of every dataclass that it holds."""
    found: dict[str, Plain] = {}
    _define(root, found)
    top = found.pop(root.__name__)
    text = json.dumps([top, *found.values()])
    found = {name: shape for name, shape in found.items() if f'"#/$defs/{name}"' in text}
    return {"$schema": DRAFT, "$id": id, "title": title, **top, "$defs": {**_COMMON, **found}}


def _define(of: Any, found: dict[str, Plain]) -> None:
    if of.__name__ in found:
        return
    found[of.__name__] = {}
    hints = get_type_hints(of)
    shapes = {one.name: _shape(hints[one.name], found) for one in fields(of)}
    found[of.__name__] = {
        "description": _summary(of), "type": "object", "properties": shapes, "required": list(shapes),
        "additionalProperties": False,
    }  # fmt: skip


def _summary(of: Any) -> str:
    text = re.split(r"\n\s*Parameters\n", inspect.getdoc(of) or "")[0]
    return " ".join(text.split()).replace("``", "`")


def _shape(annotation: Any, found: dict[str, Plain]) -> Plain:
    if annotation in _SPECIAL:
        return _SPECIAL[annotation]
    if is_dataclass(annotation):
        _define(annotation, found)
        return {"$ref": f"#/$defs/{annotation.__name__}"}  # type: ignore[union-attr]
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind is Literal:
        return {"enum": list(inner)}
    if kind in (Union, UnionType):
        return _shape_of_union(inner, found)
    if kind is tuple:
        return _shape_of_tuple(inner, found)
    if kind is not None and issubclass(kind, Mapping):
        return {"type": "object", "additionalProperties": _shape(inner[1], found)}
    raise TypeError(f"a report cannot hold {annotation}")


def _shape_of_union(members: tuple[Any, ...], found: dict[str, Plain]) -> Plain:
    kinds = [member for member in members if member is not NoneType]
    shapes = []
    for member in kinds:
        shape = _shape(member, found)
        shapes.append(_tagged(member.__name__, found) if is_dataclass(member) and len(kinds) > 1 else shape)  # type: ignore[union-attr]
    return {"anyOf": [*shapes, *([{"type": "null"}] if NoneType in members else [])]}


def _tagged(name: str, found: dict[str, Plain]) -> Plain:
    """Define the form that a dataclass has among others: with its name as "type"."""
    properties = {"type": {"const": name.lower()}, **found[name]["properties"]}
    found[f"Tagged{name}"] = {**found[name], "properties": properties, "required": list(properties)}
    return {"$ref": f"#/$defs/Tagged{name}"}


def _shape_of_tuple(inner: tuple[Any, ...], found: dict[str, Plain]) -> Plain:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return {"type": "array", "items": _shape(inner[0], found)}
    items = [_shape(one, found) for one in inner]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
