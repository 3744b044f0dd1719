"""Two reports of the same file, field by field: what differs, by how much, and whether it decides anything.

Where the same files of veridical, packages, models and processor ran, every bit must come out again. Elsewhere sums are
added in another order, and networks carry that far beyond last digits (measured: docs/validation/bundles.md); the fields that
decide are then compared with tolerances of their own, and everything else is a detail.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import codec

VALUE_OF_SPREAD = 0.01
"""How far a value may lie off, of the range in which the middle nine tenths of pristine files lie."""
VALUE_OF_SIZE = 0.1
"""The same where that range is not known: of the value itself."""
LOG10_LR = 0.05
DETAIL = 1e-3
"""How far any number may lie off, of its size: most pristine files may have one and the same value, a range of nothing."""
_OMITTED = frozenset({"observations", "record", "schema_version"})
"""Not recomputed: what a person added. The record is compared in words of its own."""
_OMITTED_OF_FINDINGS = frozenset({"seconds", "traceback"})
_OMITTED_OF_STABILITY = frozenset({"seconds", "budget_s"})
_PICTURES = frozenset({"jpeg", "webm", "mp4"})
_DECIDE = {
    "exhibit": frozenset({"sha256", "kind", "format", "bytes"}), "findings": frozenset({"", "outcome", "value", "evidence"}),
    "conclusion": frozenset({"log10_lr", "interval", "band", "category", "bound", "lowest", "stability"}), "error": None,
}  # fmt: skip
_RATIOS = frozenset({"log10_lr", "interval", "bound", "lowest", "spread", "cap"})
_WORDS = frozenset({"statement", "condition", "table", "group"})
_NUMBER = re.compile(r"[-−+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")  # noqa: RUF001 - reports print a minus sign
_ARRAY = frozenset({"dtype", "shape", "deflate_base64"})
_SHOWN = 60
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that came out otherwise; ``decides`` tells it from a detail."""

    path: Path
    said: str
    decides: bool

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.said}"


def differences(recorded: Mapping[str, Any], again: Mapping[str, Any], *, exact: bool) -> list[Difference]:
    """Return every field of a report that came out otherwise.

    Parameters
    ----------
    recorded, again
        Reports as plain data, of the same schema version.
    exact
        True compares bit by bit; False with the tolerances, and without compressed pictures and sound.
    """
    a, b = _keyed(recorded), _keyed(again)
    _share_trials(a, b)
    spreads = {str(one["id"]): _spread(one.get("population")) for one in again["findings"]}
    return [Difference(path, said, _decides(path)) for path, said in _Walk(exact, spreads).between((), a, b)]


def trials(recorded: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """Say that other findings were asked again in benign re-encodings, which time decides; "" if the same were."""
    a, b = _variants(_keyed(recorded)), _variants(_keyed(again))
    other = [name for name in a if name in b and a[name]["values"].keys() != b[name]["values"].keys()]
    if not other:
        return ""
    return f"stability: time allowed for other findings in {len(other)} re-encodings; those of both runs are compared"


def first(found: Sequence[Difference], most: int = 40) -> tuple[str, ...]:
    """Return the first differences in words, and how many more there are."""
    rest = len(found) - most
    return (*map(str, found[:most]), *([f"and {rest} more"] if rest > 0 else []))


class _Walk:
    """Goes through two reports at once; yields where and how they differ."""

    def __init__(self, exact: bool, spreads: Mapping[str, float | None]) -> None:
        self.exact, self.spreads = exact, spreads

    def between(self, path: Path, a: Any, b: Any) -> Iterator[tuple[Path, str]]:
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from self._fields(path, a, b)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                yield path, f"{len(a)} recorded, {len(b)} now"
                return
            for number, (one, other) in enumerate(zip(a, b, strict=True), 1):
                yield from self.between((*path, str(number)), one, other)
        elif not self._same(path, a, b):
            yield path, f"{_shown(a)} recorded, {_shown(b)} now"

    def _fields(self, path: Path, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
        if a.keys() == _ARRAY == b.keys():
            if said := self._arrays(a, b):
                yield path, said
            return
        for name in [*a, *(one for one in b if one not in a)]:
            if name not in a or name not in b:
                yield (*path, name), f"only {'now' if name not in a else 'recorded'}"
            elif self.exact or name not in _PICTURES:
                yield from self.between((*path, name), a[name], b[name])

    def _same(self, path: Path, a: Any, b: Any) -> bool:
        if _is_number(a) and _is_number(b):
            return float(a) == float(b) if self.exact else abs(float(a) - float(b)) <= self._allowed(path, a, b)
        if isinstance(a, str) and isinstance(b, str) and a != b and not self.exact:
            return _same_words(a, b)
        return type(a) is type(b) and bool(a == b)

    def _allowed(self, path: Path, a: float, b: float) -> float:
        """Return how far two numbers may lie from each other."""
        size = max(abs(a), abs(b))
        if (path[0] == "findings" and path[2:] == ("value",)) or (path[0] == "conclusion" and "values" in path):
            spread = self.spreads.get(path[1] if path[0] == "findings" else path[-1])
            return VALUE_OF_SIZE * size if spread is None else max(VALUE_OF_SPREAD * spread, DETAIL * size, 1e-6)
        if _decides(path) and not _RATIOS.isdisjoint(path):
            return LOG10_LR
        return max(DETAIL * size, 1e-6)

    def _arrays(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
        """Compare arrays; the recorded one is unpacked only if it is as large as the one that was made now."""
        if (a["dtype"], a["shape"]) != (b["dtype"], b["shape"]):
            return f"an array of {_shown(a['dtype'])} {_shown(a['shape'])} recorded, {b['dtype']} {b['shape']} now"
        if a["deflate_base64"] == b["deflate_base64"]:
            return ""
        try:
            one, other = codec.decode(dict(a), np.ndarray, codec.array_from_text), codec.array_from_text(b)
        except codec.CodecError:
            return "the recorded array cannot be read"
        return _unlike(
            one.astype(np.float64), other.astype(np.float64), whole=other.dtype.kind in "iub", exact=self.exact
        )


def _unlike(one: np.ndarray, other: np.ndarray, *, whole: bool, exact: bool) -> str:
    finite = np.isfinite(one) & np.isfinite(other)
    scale = float(np.abs(other[finite]).max(initial=0.0))
    allowed = 0.0 if exact else 1.0 if whole else max(DETAIL * scale, 1e-6)
    gap = np.abs(np.where(finite, one, 0.0) - np.where(finite, other, 0.0))
    same_odd = (one == other) | (np.isnan(one) & np.isnan(other))
    off = np.where(finite, gap > allowed, ~same_odd)
    return (
        f"{int(off.sum())} of {off.size} numbers differ, by up to {float(gap.max(initial=0.0)):.3g}"
        if off.any()
        else ""
    )


def _keyed(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report with findings and re-encodings by name, and without what is not compared."""
    kept = {name: value for name, value in report.items() if name not in _OMITTED}
    kept["exhibit"] = {name: value for name, value in report["exhibit"].items() if name != "path"}
    kept["findings"] = {
        str(one["id"]): {name: value for name, value in one.items() if name not in _OMITTED_OF_FINDINGS}
        for one in report["findings"]
    }
    kept["not_examined"] = {str(one["id"]): one["reason"] for one in report["not_examined"]}
    if stability := report["conclusion"].get("stability"):
        said = {name: value for name, value in stability.items() if name not in _OMITTED_OF_STABILITY}
        said["variants"] = {str(one["name"]): dict(one) for one in stability["variants"]}
        kept["conclusion"] = {**report["conclusion"], "stability": said}
    return kept


def _share_trials(a: dict[str, Any], b: dict[str, Any]) -> None:
    """Keep of each re-encoding the values that both reports have: time decides which cheap findings are asked again."""
    ours, theirs = _variants(a), _variants(b)
    for name in ours.keys() & theirs.keys():
        both = ours[name]["values"].keys() & theirs[name]["values"].keys()
        for one in (ours[name], theirs[name]):
            one["values"] = {id: value for id, value in one["values"].items() if id in both}


def _variants(keyed: Mapping[str, Any]) -> dict[str, Any]:
    return dict((keyed["conclusion"].get("stability") or {}).get("variants", {}))


def _decides(path: Path) -> bool:
    fields = _DECIDE.get(path[0], frozenset())
    if fields is None:
        return True
    place = 2 if path[0] == "findings" else 1
    return (path[place] if len(path) > place else "") in fields and _WORDS.isdisjoint(path[place:])


def _spread(population: Mapping[str, Any] | None) -> float | None:
    return float(population["quantiles"][95] - population["quantiles"][5]) if population else None


def _same_words(a: str, b: str) -> bool:
    """Say whether two texts differ in nothing but numbers, and these by no more than a detail or their last digit."""
    if _NUMBER.split(a) != _NUMBER.split(b):
        return False
    for one, other in zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True):
        x, y = _value(one), _value(other)
        if abs(x - y) > max(DETAIL * max(abs(x), abs(y)), _unit(one) * 1.001):
            return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _value(text: str) -> float:
    return float(text.replace("−", "-"))  # noqa: RUF001


def _unit(text: str) -> float:
    """Return one unit of the last digit of a printed number."""
    mantissa, _, exponent = text.lower().partition("e")
    return math.pow(10.0, int(exponent or 0) - len(mantissa.partition(".")[2])) if len(exponent) < 4 else 0.0


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
