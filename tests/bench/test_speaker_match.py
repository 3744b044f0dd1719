"""The bench of voices cuts pieces that share no sound, and keeps files of one speaker on one side only."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_speaker_match", ROOT / "bench" / "speaker_match.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(names: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"file": file, "label": "real", "source": who[0], "speaker": who, "system": ""} for file, who in names.items()
    ]


def test_pieces_hold_so_many_windows_and_share_none(bench: ModuleType) -> None:
    windows = np.eye(30)
    found = bench.pieces([windows[:13], windows[13:]], 3.2)  # 5 windows, then 3 that overlap are passed over
    seen = [np.flatnonzero(piece).tolist() for piece in found]
    assert seen == [[0, 1, 2, 3, 4], [8, 9, 10, 11, 12], [13, 14, 15, 16, 17], [21, 22, 23, 24, 25]]


def test_a_short_file_is_joined_with_the_next(bench: ModuleType) -> None:
    windows = np.eye(8)
    (one,) = bench.pieces([windows[:3], windows[3:]], 3.2)
    assert np.flatnonzero(one).tolist() == [0, 1, 2, 3, 4]


def test_own_and_others_are_told_apart_and_no_file_is_on_both_sides(bench: ModuleType) -> None:
    whose = {"a1": "xa", "a2": "xa", "b1": "xb", "b2": "xb", "c1": "xc"}
    files = {file: np.eye(8)[[i]] * np.ones((5, 1)) for i, file in enumerate(whose)}
    trials = bench.Trials(rows(whose), files, files, 3.2)
    assert trials.names == ["x/xa", "x/xb"] and trials.whose == ["x/xa", "x/xb", "x/xc"]
    np.testing.assert_allclose(trials.distances, 1)  # a file on both sides would be at 0
    assert trials.same.tolist() == [[True, False], [False, True], [False, False]]
