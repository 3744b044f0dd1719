"""Two reports of the same file, field by field: what differs, and by how much."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import codec

_OMITTED = frozenset({"exhibit.path", "observations", "record", "schema_version"})
"""Not recomputed: where the file lay, what a person added; the record is compared in words of its own."""
_OMITTED_OF_FINDINGS = frozenset({"seconds", "traceback"})
_PICTURES = frozenset({"jpeg", "webm", "mp4"})
_NUMBER = re.compile(r"[-−+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")  # noqa: RUF001 - reports print a minus sign
_ARRAY = frozenset({"dtype", "shape", "deflate_base64"})
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may lie from each other: relative to the larger, or absolute; ``levels`` for arrays of whole numbers.

    Numbers that are printed in sentences may differ by one unit of their last digit; ``pictures`` False leaves out compressed
    pictures, films and sound, which another version of an encoder writes in other bytes.
    """

    relative: float
    absolute: float
    levels: int
    pictures: bool

    def allows(self, a: float, b: float) -> bool:
        """Say whether two numbers count as the same."""
        if a == b or (math.isnan(a) and math.isnan(b)):
            return True
        return abs(a - b) <= max(self.relative * max(abs(a), abs(b)), self.absolute)


EXACT = Tolerance(relative=0.0, absolute=0.0, levels=0, pictures=True)
"""For the same files of veridical, packages, models and processor: every bit."""
ACROSS = Tolerance(relative=1e-3, absolute=1e-6, levels=1, pictures=False)
"""For anything else; see docs/validation/bundles.md for what was measured."""


def differences(recorded: Mapping[str, Any], again: Mapping[str, Any], tolerance: Tolerance) -> Iterator[str]:
    """Yield a sentence for every field of a report that came out otherwise.

    Parameters
    ----------
    recorded, again
        Reports as plain data, of the same schema version.
    """
    yield from _walk("", _keyed(recorded), _keyed(again), tolerance)


def _keyed(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report with its findings by id, and without what is not compared."""
    kept = {name: value for name, value in report.items() if name not in _OMITTED}
    kept["exhibit"] = {name: value for name, value in report["exhibit"].items() if f"exhibit.{name}" not in _OMITTED}
    kept["findings"] = {
        str(one["id"]): {name: value for name, value in one.items() if name not in _OMITTED_OF_FINDINGS}
        for one in report["findings"]
    }
    kept["not_examined"] = {str(one["id"]): one["reason"] for one in report["not_examined"]}
    return kept


def _walk(path: str, a: Any, b: Any, tolerance: Tolerance) -> Iterator[str]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        if a.keys() == _ARRAY == b.keys():
            yield from _arrays(path, a, b, tolerance)
            return
        for name in [*a, *(one for one in b if one not in a)]:
            below = f"{path}.{name}" if path else str(name)
            if name not in a or name not in b:
                yield f"{below}: only {'now' if name not in a else 'recorded'}"
            elif tolerance.pictures or name not in _PICTURES:
                yield from _walk(below, a[name], b[name], tolerance)
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield f"{path}: {len(a)} recorded, {len(b)} now"
            return
        for number, (one, other) in enumerate(zip(a, b, strict=True), 1):
            yield from _walk(f"{path}[{number}]", one, other, tolerance)
    elif not _same(a, b, tolerance):
        yield f"{path}: {_shown(a)} recorded, {_shown(b)} now"


def _same(a: Any, b: Any, tolerance: Tolerance) -> bool:
    if _is_number(a) and _is_number(b):
        return tolerance.allows(float(a), float(b))
    if isinstance(a, str) and isinstance(b, str) and a != b and tolerance is not EXACT:
        return _same_words(a, b, tolerance)
    return type(a) is type(b) and bool(a == b)


def _same_words(a: str, b: str, tolerance: Tolerance) -> bool:
    """Say whether two texts differ in nothing but numbers, and these by no more than the tolerance or their last digit."""
    if _NUMBER.split(a) != _NUMBER.split(b):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(
        tolerance.allows(*(p := (_value(x), _value(y)))) or abs(p[0] - p[1]) <= _unit(x) * 1.001 for x, y in pairs
    )


def _arrays(path: str, a: Mapping[str, Any], b: Mapping[str, Any], tolerance: Tolerance) -> Iterator[str]:
    """Compare arrays; the recorded one is unpacked only if it is as large as the one that was made now."""
    if (a["dtype"], a["shape"]) != (b["dtype"], b["shape"]):
        yield f"{path}: an array of {_shown(a['dtype'])} {_shown(a['shape'])} recorded, {b['dtype']} {b['shape']} now"
        return
    if a["deflate_base64"] == b["deflate_base64"]:
        return
    try:
        one, other = codec.decode(dict(a), np.ndarray, codec.array_from_text), codec.array_from_text(b)
    except codec.CodecError:
        yield f"{path}: the recorded array cannot be read"
        return
    if np.issubdtype(other.dtype, np.floating):
        scale = float(np.nanmax(np.abs(other), initial=0.0)) if np.isfinite(other).any() else 0.0
        allowed = max(tolerance.relative * scale, tolerance.absolute) if tolerance is not EXACT else 0.0
    else:
        allowed = float(tolerance.levels)
    gap = np.abs(one.astype(np.float64) - other.astype(np.float64))
    unlike = (
        np.isnan(one) != np.isnan(other) if np.issubdtype(other.dtype, np.floating) else np.zeros(other.shape, bool)
    )
    off = unlike | (np.nan_to_num(gap, nan=0.0) > allowed)
    if off.any():
        yield f"{path}: {int(off.sum())} of {off.size} numbers differ, by up to {float(np.nanmax(gap, initial=0.0)):.3g}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(text: str) -> float:
    return float(text.replace("−", "-"))  # noqa: RUF001


def _unit(text: str) -> float:
    """Return one unit of the last digit of a printed number."""
    mantissa, _, exponent = text.lower().partition("e")
    return float(10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def first(texts: Sequence[str], most: int = 40) -> list[str]:
    """Return the first sentences, and how many more there are."""
    rest = len(texts) - most
    return [*texts[:most], *([f"and {rest} more"] if rest > 0 else [])]
