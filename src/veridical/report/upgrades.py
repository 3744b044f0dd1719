"""Reports of older schema versions, brought up step by step to the present one.

A new version adds one function here, from the version before it: plain data in, plain data out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ..errors import UsageError
from .model import SCHEMA_VERSION

Plain = dict[str, Any]
Step = tuple[str, Callable[[Plain], Plain]]


def _with_checklists(plain: Plain) -> Plain:
    """1.1 adds examiner's aids and what a person answered, pristine populations, and features."""
    added: Plain = {"aid": False, "population": None, "checklist": [], "features": None}
    return {**plain, "findings": [{**one, **added} for one in plain.get("findings", ())], "observations": []}


def _with_outlines(plain: Plain) -> Plain:
    """1.2 adds the faces seen in each picture and over time, the cuts, short films among the figures, and axes of maps."""
    exhibit = plain.get("exhibit", {})
    findings = [
        {**one, "checklist": [{**check, "pictures": _outlined(check["pictures"])} for check in one["checklist"]],
         "exhibits": [_with_axes(figure) for figure in one["exhibits"]]}
        for one in plain.get("findings", ())
    ]  # fmt: skip
    seen = {"previews": _outlined(exhibit.get("previews", ())), "people": [], "cuts": []}
    return {**plain, "exhibit": {**exhibit, **seen}, "findings": findings}


def _outlined(previews: list[Plain]) -> list[Plain]:
    return [{**preview, "faces": []} for preview in previews]


def _with_axes(figure: Plain) -> Plain:
    return {**figure, "x_name": "", "y_name": ""} if figure.get("type") == "map" else figure


def _with_sound(plain: Plain) -> Plain:
    """1.3 adds a spectrogram of the sound and a copy to listen to."""
    return {**plain, "exhibit": {**plain.get("exhibit", {}), "sound": None}}


def _with_evidence(plain: Plain) -> Plain:
    """1.4 adds the quality of the exhibit, what tables and fused model rest on, and stability as data."""
    added: Plain = {"lowest": None, "group": "", "fakes": 0, "reals": 0, "cllr": None}
    findings = [
        {**one, "evidence": {**one["evidence"], **added} if one.get("evidence") else None}
        for one in plain.get("findings", ())
    ]
    conclusion = plain.get("conclusion", {})
    said = conclusion.get("stability")
    tested: Plain = {
        "variants": [], "spread": None, "cap": None, "flipped": False, "statement": said, "unfinished": [], "left_out": [],
        "part_s": None, "seconds": 0.0, "budget_s": None, "interrupted": False,
    }  # fmt: skip
    stability = tested if said else None
    more: Plain = {
        "stability": stability, "bound": None, "lowest": None, "table": "", "groups": [], "caps": [], "category_note": "",
        "missing": {}, "changes": [], "scale": None,
    }  # fmt: skip
    exhibit = {**plain.get("exhibit", {}), "quality": {}, "condition": ""}
    record = {**plain.get("record", {}), "tables": {}}
    return {**plain, "exhibit": exhibit, "record": record, "findings": findings, "conclusion": {**conclusion, **more}}


STEPS: Mapping[str, Step] = MappingProxyType(
    {"1.0": ("1.1", _with_checklists), "1.1": ("1.2", _with_outlines), "1.2": ("1.3", _with_sound),
     "1.3": ("1.4", _with_evidence)}
)  # fmt: skip
"""From a version: the next version, and the function that leads there."""


def upgrade(plain: Any, steps: Mapping[str, Step] = STEPS, to: str = SCHEMA_VERSION) -> Plain:
    """Bring the plain data of a report to a schema version.

    Raises
    ------
    UsageError
        If this is no report, one of a newer version, or one of a version that no step leads from.
    """
    if not isinstance(plain, dict) or not isinstance(plain.get("schema_version"), str):
        raise UsageError("this is JSON, but no report of veridical: it has no schema_version")
    while (version := plain["schema_version"]) != to:
        if _order(version) > _order(to):
            raise UsageError(
                f"this report has schema version {version}; this veridical reads up to {to}. Install a newer veridical."
            )
        if version not in steps:
            raise UsageError(f"no way is known from report schema version {version} to {to}")
        following, step = steps[version]
        plain = {**step(plain), "schema_version": following}
    return dict(plain)


def _order(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        raise UsageError(f"{version!r} is no schema version of a report") from None
