from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from veridical import persons
from veridical.errors import UsageError
from veridical.signals.behaviour import Windows

from .simulated import footage


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path / "store"))
    return tmp_path / "store"


def series(seed: int, seconds: float = 14.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((round(30 * seconds), 20)).cumsum(0)


CLIPS = footage([series(seed) for seed in range(3)])


def test_a_person_is_kept_and_comes_back_as_they_were(store: Path) -> None:
    made = persons.enrol("anna", CLIPS)
    assert persons.listed() == (made,) == (persons.load("anna"),)
    assert made.clips == tuple(one.sha256 for one in CLIPS)
    assert made.seconds == pytest.approx(3 * 14, abs=0.3) and made.windows == sum(len(one.windows) for one in CLIPS)
    features = np.concatenate([one.windows.features for one in CLIPS])
    np.testing.assert_array_equal(persons.behaviour(made).values(features), persons.learn(features).values(features))
    assert sorted(path.name for path in (store / "anna").iterdir()) == ["person.json", "profile.npy", "supports.npy"]
    assert [path.name for path in store.iterdir()] == ["anna"]  # nothing half-written is left
    for path in (store / "anna").glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_own_windows_are_judged_by_models_that_did_not_see_them() -> None:
    low, middle, high = persons.enrol("anna", CLIPS).own
    assert low <= middle <= high
    expected = [
        persons.learn(np.concatenate([one.windows.features for one in CLIPS if one is not held])).values(held.windows.features)
        for held in CLIPS
    ]  # fmt: skip
    assert (low, middle, high) == pytest.approx(np.percentile(np.concatenate(expected), (5, 50, 95)))
    # Random walks: what was left out looks stranger than what was learned.
    features = np.concatenate([one.windows.features for one in CLIPS])
    assert middle > np.median(persons.learn(features).values(features))


def test_one_long_clip_is_halved_without_shared_frames() -> None:
    (one,) = footage([series(9, seconds=44)])
    person = persons.enrol("anna", [one])
    windows = one.windows
    first, second = windows.ends_s <= 22, windows.starts_s >= 21.9
    expected = [
        persons.learn(windows.features[a]).values(windows.features[b]) for a, b in ((first, second), (second, first))
    ]
    assert person.own == pytest.approx(np.percentile(np.concatenate(expected), (5, 50, 95)), abs=0.02)


def test_too_little_footage_gives_its_seconds() -> None:
    with pytest.raises(UsageError, match=r"seen for 28 s, 28 s of it in windows of 10 s.*30 s are needed"):
        persons.enrol("anna", CLIPS[:2])
    short = footage([series(1, seconds=8)] * 1)
    with pytest.raises(UsageError, match="seen for 8 s, 0 s of it"):
        persons.enrol("anna", short)
    assert persons.names() == ()


def test_overlapping_windows_cover_each_second_once() -> None:
    empty = np.zeros((4, 190))
    windows = Windows(
        starts_s=np.array([0.0, 2, 4, 30]), ends_s=np.array([10.0, 12, 14, 40]), features=empty, flat=np.zeros((4, 20), bool)
    )  # fmt: skip
    assert persons.covered_s(windows) == pytest.approx(24)
    assert persons.covered_s(replace(windows, starts_s=np.zeros(0), ends_s=np.zeros(0))) == 0


def test_many_windows_are_thinned_evenly() -> None:
    features = np.random.default_rng(0).normal(0, 0.2, (4000, 6))
    model = persons.learn(features)
    assert len(model.region.supports) <= 1500
    assert model.mean == pytest.approx(features.mean(0), abs=0.02)


def test_a_name_that_is_taken_is_kept_unless_replaced() -> None:
    first = persons.enrol("anna", CLIPS)
    with pytest.raises(UsageError, match="a person 'anna' is enrolled already"):
        persons.enrol("anna", CLIPS)
    other = footage([series(seed) for seed in range(20, 24)])
    assert persons.enrol("anna", other, replace=True) == persons.load("anna") != first


def test_a_replacement_that_cannot_be_written_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    first = persons.enrol("anna", CLIPS)
    move = os.replace

    def fail(source: Path, target: Path) -> None:
        if Path(source).name.startswith(".new-"):
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UsageError, match=r"No space left on device.*still there"):
        persons.enrol("anna", footage([series(seed) for seed in range(20, 24)]), replace=True)
    assert persons.load("anna") == first
    persons.behaviour(first)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 99])
def test_names_that_are_no_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="a person's name holds letters"):
        persons.enrol(name, CLIPS)
    with pytest.raises(UsageError, match="a person's name holds letters"):
        persons.remove(name)


def test_the_same_clip_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="given twice"):
        persons.enrol("anna", [*CLIPS, CLIPS[0]])


def test_a_damaged_store_is_said(store: Path) -> None:
    made = persons.enrol("anna", CLIPS)
    profile = store / "anna" / "profile.npy"
    profile.write_bytes(profile.read_bytes()[:-2] + b"xx")
    with pytest.raises(UsageError, match="the profile of 'anna' is not the one that was made"):
        persons.behaviour(made)
    text = json.loads((store / "anna" / "person.json").read_text())
    (store / "anna" / "person.json").write_text(json.dumps(text | {"sha256": {}}))
    with pytest.raises(UsageError, match="damaged"):
        persons.load("anna")
    persons.remove("anna")
    with pytest.raises(UsageError, match="no person 'anna'"):
        persons.remove("anna")
