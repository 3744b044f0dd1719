"""Round trips of every supported annotation, and refusal of what does not fit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veridical.codec import CodecError, array_from_text, array_to_text, decode, encode


@dataclass(frozen=True)
class Circle:
    radius: float


@dataclass(frozen=True)
class Square:
    side: float


@dataclass(frozen=True)
class Drawing:
    name: str
    kind: Literal["sketch", "plan"]
    shapes: tuple[Circle | Square, ...]
    pair: tuple[int, str]
    notes: Mapping[str, float | str | None]
    blob: bytes
    points: np.ndarray
    maybe: Circle | None = None


def there_and_back(value: object, annotation: object) -> object:
    text = json.dumps(encode(value, annotation, array_to_text), allow_nan=False)
    return decode(json.loads(text), annotation, array_from_text)


@given(
    st.text(), st.floats(), st.lists(st.floats(allow_nan=False), max_size=4), st.binary(max_size=50),
    st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False) | st.text(max_size=5) | st.none(), max_size=3),
)  # fmt: skip
def test_everything_comes_back(
    name: str, radius: float, sides: list[float], blob: bytes, notes: dict[str, object]
) -> None:
    shapes = (Circle(radius), *(Square(side) for side in sides))
    points = np.arange(len(sides) * 2, dtype=np.float32).reshape(-1, 2)
    before = Drawing(name, "plan", shapes, (3, "x"), notes, blob, points)  # type: ignore[arg-type]
    after = there_and_back(before, Drawing)
    assert isinstance(after, Drawing)
    assert math.isnan(radius) == math.isnan(after.shapes[0].radius)  # type: ignore[union-attr]
    assert after.shapes[1:] == shapes[1:]
    assert (after.name, after.kind, after.pair, after.blob, after.maybe) == (name, "plan", (3, "x"), blob, None)
    assert dict(after.notes) == notes
    assert after.points.dtype == np.float32 and np.array_equal(after.points, points)


def test_infinities_and_numpy_scalars_are_plain_json() -> None:
    assert there_and_back(Circle(-math.inf), Circle) == Circle(-math.inf)
    assert there_and_back(Circle(np.float32(0.5)), Circle) == Circle(0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plain", "annotation"),
    [
        ({"radius": "wide"}, Circle),
        ({}, Circle),
        ({"radius": True}, Circle),
        ([1, "x", 2], tuple[int, str]),
        ("drawing", Literal["sketch", "plan"]),
        ({"type": "triangle"}, Circle | Square),
        ({"dtype": "float32", "shape": [3], "deflate_base64": "eJwDAAAAAAE="}, np.ndarray),
        ({"dtype": "object", "shape": [1], "deflate_base64": ""}, np.ndarray),
    ],
)
def test_what_does_not_fit_is_refused(plain: object, annotation: object) -> None:
    with pytest.raises(CodecError):
        decode(plain, annotation, array_from_text)


def test_an_array_that_inflates_beyond_its_shape_is_refused() -> None:
    bomb = array_to_text(np.zeros(1_000_000, np.uint8)) | {"shape": [10]}
    with pytest.raises(CodecError):
        decode(bomb, np.ndarray, array_from_text)


def test_objects_cannot_be_stored() -> None:
    with pytest.raises(CodecError, match="cannot store a set"):
        encode({1}, set, array_to_text)
