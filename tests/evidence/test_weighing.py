"""Weighing all findings: what lacks a part, and what only a table of the user's own reaches, never enters a sum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from veridical.evidence import calibration
from veridical.evidence.calibration import TABLES, Weight, load
from veridical.evidence.fusion import Fused
from veridical.evidence.fusion import load as load_model
from veridical.evidence.weighing import Weighing, weigh_all
from veridical.finding import Finding, Measurement

NET, LENGTH = "learned.ensemble", "learned.embedding_length"
USUAL = {"short_side_px": 256.0, "jpeg_quality": 75.0, "blur": 0.73, "noise": 0.74, "face_px": 65.0}
STRANGE = USUAL | {"jpeg_quality": 99.0, "short_side_px": 5000.0}


def found(id: str, partial: str = "") -> Finding:
    seen = Measurement(value=1.0, unit="1", observation="", partial=partial)
    return Finding(id=id, branch="classification", outcome="measured", settings={}, seconds=0.0, measurement=seen)


def weighed(findings: list[Finding], quality: dict[str, float]) -> Weighing:
    return weigh_all(findings, quality, aids=(), table_of=load, model=load_model("image"))


def test_a_value_that_lacks_a_part_is_another_statistic_and_enters_no_sum() -> None:
    whole = weighed([found(NET), found(LENGTH)], USUAL)
    assert isinstance(whole.weights[NET], Weight)
    part = weighed([found(NET, "half of image_net"), found(LENGTH)], USUAL)
    assert "lacks half of image_net" in str(part.weights[NET])
    assert isinstance(part.fused, Fused) and "half of image_net" in part.fused.missing[NET]
    alone = weighed([found(LENGTH)], USUAL)
    assert isinstance(alone.fused, Fused) and part.fused.log10_lr == alone.fused.log10_lr


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tables of a user's own that reach any file."""
    for id in (NET, LENGTH):
        plain: dict[str, Any] = json.loads((TABLES / f"{id}.json").read_text("utf-8"))
        plain |= {"version": "own", "quality": None, "conditions": [plain["conditions"][-1] | {"when": {}}]}
        (tmp_path / f"{id}.json").write_text(json.dumps(plain))
    monkeypatch.setattr(calibration, "text", lambda name: str(tmp_path) if name == "tables" else "")
    return tmp_path


@pytest.mark.usefixtures("own")
def test_a_table_of_ones_own_does_not_widen_what_the_fused_model_reaches() -> None:
    table = load(NET)
    assert table is not None and table.own and table.name == f"{NET} own"
    far = weighed([found(NET), found(LENGTH)], STRANGE)
    assert len(far.each) == 2 and all(one.table.endswith(" own") for one in far.each)
    assert isinstance(far.fused, str) and "was not calibrated" in far.fused
    near = weighed([found(NET), found(LENGTH)], USUAL)
    assert isinstance(near.fused, Fused) and not near.fused.missing


def test_tables_of_the_program_are_not_the_users_own() -> None:
    table = load(NET)
    assert table is not None and not table.own
