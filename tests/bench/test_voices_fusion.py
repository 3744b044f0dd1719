"""The fused score: every detector alike, in the spread of real recordings of other folds, and nothing of its own fold."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCH = Path(__file__).parents[2] / "bench"
SOURCES = ("vits_demo", "vqmivc_demo", "tortoise_tts", "nii_nsf")


@pytest.fixture
def fusion(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("voices_fusion")


@pytest.fixture
def rows() -> list[dict[str, str]]:
    made = [
        {"file": f"{s}-{label}-{n}", "source": s, "label": label}
        for s in SOURCES
        for label in ("real", "fake")
        for n in range(40)
    ]
    return [*made, {"file": "prompt", "source": "asterisk_en", "label": "real"}]


def values(
    rows: list[dict[str, str]], *, scale: float = 1.0, offset: float = 0.0, seed: int = 0
) -> dict[tuple[str, str], float]:
    rng = np.random.default_rng(seed)
    return {
        ("common", row["file"]): float(offset + scale * (rng.standard_normal() + 2 * (row["label"] == "fake")))
        for row in rows
    }


def test_units_of_a_detector_do_not_matter(fusion: Any, rows: list[dict[str, str]]) -> None:
    one, other = values(rows), values(rows, seed=1)
    coarse = {key: 1000 * value + 5 for key, value in other.items()}
    plain = fusion.fused({key: {"a": one[key], "b": other[key]} for key in one}, rows, ["a", "b"])
    scaled = fusion.fused({key: {"a": one[key], "b": coarse[key]} for key in one}, rows, ["a", "b"])
    np.testing.assert_allclose(list(plain.values()), list(scaled.values()), atol=1e-9)


def test_two_detectors_rank_better_than_one(fusion: Any, rows: list[dict[str, str]]) -> None:
    from veridical.benchmark.metrics import auc

    one, other = values(rows), values(rows, seed=1)
    both = fusion.fused({key: {"a": one[key], "b": other[key]} for key in one}, rows, ["a", "b"])
    labels = np.array([int(row["label"] == "fake") for row in rows])
    assert auc(np.array(list(both.values())), labels) > auc(np.array(list(one.values())), labels) + 0.02


def test_the_scale_of_a_fold_comes_from_the_others(fusion: Any, rows: list[dict[str, str]]) -> None:
    by_file = {row["file"]: row for row in rows}
    plain = values(rows)
    moved = {key: value + 50 * (by_file[key[1]]["source"] == "tortoise_tts") for key, value in plain.items()}
    before, after = (fusion.standardised(one, by_file) for one in (plain, moved))
    own = [key for key in plain if by_file[key[1]]["source"] == "tortoise_tts"]
    assert all(after[key] == fusion.FARTHEST for key in own)  # far from what the others hold, cut off
    middle = np.median([before[key] for key in plain if by_file[key[1]]["source"] == "vits_demo" and "real" in key[1]])
    assert abs(middle) < 0.5
    assert "prompt" in {file for _, file in after}


def test_what_was_not_measured_says_nothing(fusion: Any, rows: list[dict[str, str]]) -> None:
    one = values(rows)
    found = {key: {"a": value} for key, value in one.items()}
    key = ("common", "tortoise_tts-fake-0")
    full = fusion.fused(found, rows, ["a"])
    # The other detector says the same of all but this one, of which it says nothing.
    both = {one: said | ({} if one == key else {"b": 1.0}) for one, said in found.items()}
    halved = fusion.fused(both, rows, ["a", "b"])
    assert halved[key] == pytest.approx(full[key] / 2)


def test_only_the_first_statistic_of_a_file_is_weighed(fusion: Any, tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    (tmp_path / "scores/one.csv").write_text("condition,file,statistic,value\ncommon,x,main,1\ncommon,x,aside,9\n")
    found, statistics = fusion.table(tmp_path, ["one"])
    assert statistics == ["main"] and found == {("common", "x"): {"main": 1.0}}
