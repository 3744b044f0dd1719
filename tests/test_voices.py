from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from veridical import voices
from veridical.errors import UsageError

from .simulated import sounding


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_VOICES", str(tmp_path / "store"))
    return tmp_path / "store"


def test_a_voice_is_kept_and_comes_back_as_it_was(store: Path) -> None:
    heard = [sounding("anna", seed) for seed in range(3)]
    made = voices.enrol("anna", heard)
    assert voices.listed() == (made,) == (voices.load("anna"),)
    assert made.recordings == tuple(one.sha256 for one in heard)
    assert (made.seconds, made.windows) == (30.0, sum(len(one.embeddings) for one in heard))
    assert [path.name for path in store.iterdir()] == ["anna"]
    assert sorted(path.name for path in (store / "anna").iterdir()) == ["profile.npy", "voice.json"]
    mean = np.concatenate([one.embeddings for one in heard]).astype(float).mean(0)
    np.testing.assert_allclose(voices.profile(made), mean / np.linalg.norm(mean), atol=1e-6)


def test_others_may_not_read_it(store: Path) -> None:
    voices.enrol("anna", [sounding("anna", 0)])
    assert (store / "anna").stat().st_mode & 0o077 == 0
    assert store.stat().st_mode & 0o077 == 0  # nor who is enrolled


def test_own_pieces_are_judged_by_profiles_without_their_recording() -> None:
    heard = [sounding("anna", seed) for seed in range(3)]
    low, half_way, high = voices.enrol("anna", heard).own
    expected = []
    for held in heard:
        others = voices.middle(np.concatenate([one.embeddings for one in heard if one is not held]))
        pieces = np.array_split(held.embeddings, 2)  # 10 s in pieces of 5
        expected += [1 - float(voices.middle(piece) @ others) for piece in pieces]
    assert (low, half_way, high) == pytest.approx(np.percentile(expected, (5, 50, 95)))


def test_one_recording_is_halved_without_shared_sound() -> None:
    one = sounding("anna", 0)
    (low, half_way, high) = voices.enrol("anna", [one]).own
    half = len(one.embeddings) // 2
    first, second = (voices.middle(part) for part in (one.embeddings[:half], one.embeddings[half + 4 :]))
    expected = 1 - first @ second
    assert low <= half_way <= high
    assert half_way == pytest.approx(expected, abs=0.02)


def test_windows_that_hear_both_halves_of_one_recording_are_in_neither() -> None:
    plain = sounding("anna", 0)
    across = plain.embeddings.copy()
    across[11:15] = sounding("bert", 0).embeddings[11:15]  # of 22: windows of 1.6 s, one each 0.4 s
    own = [
        voices.enrol("anna", [replace(plain, embeddings=rows)], replace=True).own for rows in (plain.embeddings, across)
    ]
    assert own[1] == pytest.approx(own[0], abs=1e-9)
    across[15] = across[14]
    assert voices.enrol("anna", [replace(plain, embeddings=across)], replace=True).own[1] > own[0][1] + 0.005


def test_distances_are_one_less_the_cosine() -> None:
    profile = np.eye(256)[0]
    rows = np.stack([np.eye(256)[0], 7 * np.eye(256)[1], np.eye(256)[0] + np.eye(256)[1]])
    np.testing.assert_allclose(voices.distances(rows, profile), [0, 1, 1 - 0.5**0.5])


def test_too_little_speech_and_one_recording_twice_are_refused() -> None:
    with pytest.raises(UsageError, match=r"there are 4.0 s of speech; 6 s are needed"):
        voices.enrol("anna", [sounding("anna", 0, seconds=4)])
    with pytest.raises(UsageError, match="given twice"):
        voices.enrol("anna", [sounding("anna", 0)] * 2)
    assert voices.names() == ()


def test_a_taken_name_a_damaged_voice_and_a_missing_one_are_told_apart(store: Path) -> None:
    voices.enrol("anna", [sounding("anna", 0)])
    with pytest.raises(UsageError, match="enrolled already"):
        voices.enrol("anna", [sounding("anna", 1)])
    again = voices.enrol("anna", [sounding("anna", 1)], replace=True)
    assert again.recordings == (sounding("anna", 1).sha256,)
    np.save(store / "anna" / "profile.npy", np.zeros(256))
    with pytest.raises(UsageError, match="not the one that was made"):
        voices.profile(again)
    text = store / "anna" / "voice.json"
    plain = json.loads(text.read_text())
    del plain["seconds"]
    text.write_text(json.dumps(plain))
    with pytest.raises(UsageError, match="damaged"):
        voices.load("anna")
    with pytest.raises(UsageError, match=r"no voice 'ben' is enrolled.*veridical enrol voice NAME FILE"):
        voices.load("ben")
    voices.remove("anna")
    assert voices.names() == ()
