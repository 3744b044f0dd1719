"""Populations of voices are made of bona fide recordings alone, and leave those of pictures as they are."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from veridical.evidence import population

SCRIPT = Path(__file__).parents[2] / "docs/populations.py"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("populations_script", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_values_of_voices_enter_beside_what_is_there(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"settings": {}, "conditions": {"all": {"quantiles": [0.0] * 101, "files": 50, "sources": 2}}}
    out = tmp_path / "populations.json"
    out.write_text(json.dumps({"format": 1, "made_from": [7], "populations": {"spatial.pupils": kept}}))
    (tmp_path / "scores").mkdir()
    labels = ["real"] * 60 + ["fake"] * 30
    rows = [f"f{n},{label},s{n % 3}" for n, label in enumerate(labels)]
    (tmp_path / "rows.csv").write_text("\n".join(["file,label,source", *rows]))
    for name in script.VOICES:
        lines = [f"common,f{n},main,{n if n < 60 else 1000}" for n in range(90)]
        lines += [f"telephone,f{n},main,-5000" for n in range(90)] + [f"common,f{n},aside,-9000" for n in range(90)]
        (tmp_path / f"scores/{name}.csv").write_text("\n".join(["condition,file,statistic,value", *lines]))
    monkeypatch.setattr(sys, "argv", ["populations.py", "--voices", str(tmp_path), "--out", str(out)])
    script.main()
    table = json.loads(out.read_text())
    assert table["made_from"] == [7] and table["populations"]["spatial.pupils"] == kept
    for id in script.VOICES.values():
        found = table["populations"][id]["conditions"]
        assert set(found) == {population.ALL}
        assert (found["all"]["files"], found["all"]["sources"]) == (60, 3)
        assert (found["all"]["quantiles"][0], found["all"]["quantiles"][100]) == (0, 59)


def test_the_shipped_table_holds_every_detector_of_voices(script: ModuleType) -> None:
    from veridical import catalogue

    known = catalogue.load().examinations
    for id in script.VOICES.values():
        found = population.of(id, known[id].knobs, population.ALL)
        assert found is not None and found.files > 300 and found.sources > 5
