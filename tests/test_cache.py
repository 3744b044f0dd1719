"""The percept cache: what comes back, what is dropped, what a damaged entry does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from veridical.cache import PerceptCache


@dataclass(frozen=True)
class Seen:
    name: str
    values: np.ndarray


def seen(count: int = 10) -> Seen:
    return Seen("seen", np.arange(count, dtype=np.float32))


def test_a_percept_comes_back(tmp_path: Path) -> None:
    cache = PerceptCache(tmp_path, most_bytes=1 << 30)
    assert cache.load("ab" * 32, Seen) is None
    cache.store("ab" * 32, seen())
    back = cache.load("ab" * 32, Seen)
    assert back is not None and back.name == "seen" and np.array_equal(back.values, seen().values)
    cache.store("ab" * 32, seen())  # the same again is no error
    assert len(list(tmp_path.glob("*/*"))) == 1


def test_large_arrays_come_back_as_memory_maps(tmp_path: Path) -> None:
    cache = PerceptCache(tmp_path, most_bytes=1 << 30)
    cache.store("k" * 64, seen(1 << 19))
    back = cache.load("k" * 64, Seen)
    assert back is not None and isinstance(back.values, np.memmap)


@pytest.mark.parametrize("damage", ["percept.json", "0.npy"])
def test_a_damaged_entry_counts_as_none(tmp_path: Path, damage: str) -> None:
    cache = PerceptCache(tmp_path, most_bytes=1 << 30)
    cache.store("k" * 64, seen())
    victim = tmp_path / "kk" / ("k" * 64) / damage
    victim.write_bytes(victim.read_bytes()[:20])
    assert cache.load("k" * 64, Seen) is None


def test_the_least_recently_used_entries_go_first(tmp_path: Path) -> None:
    cache = PerceptCache(tmp_path, most_bytes=10_000)
    for age, key in ((300, "a"), (200, "b"), (100, "c")):
        cache.store(key * 64, seen(1000))  # 4 kB each: two fit
        entry = tmp_path / (key * 2) / (key * 64)
        if entry.exists():
            moment = entry.stat().st_mtime - age
            os.utime(entry, (moment, moment))
    assert [key for key in "abc" if cache.load(key * 64, Seen)] == ["b", "c"]


def test_no_folder_keeps_nothing_and_a_read_only_one_is_no_error(tmp_path: Path) -> None:
    PerceptCache(None, most_bytes=1).store("k" * 64, seen())
    blocked = tmp_path / "file"
    blocked.write_text("")
    PerceptCache(blocked, most_bytes=1).store("k" * 64, seen())
    assert PerceptCache(blocked, most_bytes=1).load("k" * 64, Seen) is None


def test_the_settings_choose_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_CACHE", "off")
    assert PerceptCache.of_user().folder is None
    monkeypatch.setenv("VERIDICAL_CACHE", str(tmp_path))
    assert PerceptCache.of_user().folder == tmp_path
    monkeypatch.delenv("VERIDICAL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert PerceptCache.of_user().folder == tmp_path / "veridical" / "percepts"
