"""The processing and the choice of files of the benchmark of voices, and its figures on values with a known answer."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

BENCH = Path(__file__).parents[2] / "bench"
RATE = 16000


@pytest.fixture
def voices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    module = import_module("voices")
    monkeypatch.setattr(module, "WORK", tmp_path / "voices")
    return module


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("voices_page")


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def share_above(sound: np.ndarray, hertz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float(power[round(hertz * len(sound) / RATE) :].sum() / power.sum())


def row(file: str, label: str, source: str, system: str = "") -> dict[str, str]:
    return {"file": file, "label": label, "source": source, "system": system, "speaker": "", "sha256": file}


def test_common_sound_has_one_band_level_and_no_silence_at_its_ends(voices: Any) -> None:
    silent = np.zeros(RATE, np.float32)
    made = [voices.common(gain * np.concatenate([silent, noise(2), silent])) for gain in (0.2, 5.0)]
    for sound in made:
        assert abs(len(sound) / RATE - 2) < 0.1
        assert abs(10 * np.log10(np.mean(sound**2)) + 26) < 0.5
        assert share_above(sound, 7400) < 1e-4
    assert np.allclose(*made, atol=1e-3)


@pytest.mark.parametrize(("condition", "above"), [("telephone", 3700), ("mp3_64", 7900), ("opus_16", 7900)])
def test_ways_of_transmission_keep_the_words_where_they_are(voices: Any, condition: str, above: float) -> None:
    loud = np.repeat(np.array([0, 1, 0, 1, 1, 0, 1, 0, 0, 1], np.float32), RATE // 4)
    sound = voices.common(noise(2.5) * (0.05 + loud))
    heard = voices.under(condition, sound)
    assert share_above(heard, above) < 0.01
    assert abs(len(heard) - len(sound)) < 0.2 * RATE
    count = min(len(heard), len(sound)) // 800 * 800
    before, after = (np.sqrt((one[:count].reshape(-1, 800) ** 2).mean(1)) for one in (sound, heard))
    assert np.corrcoef(before, after)[0, 1] > 0.95
    assert not np.array_equal(heard[:count], sound[:count])


def test_a_share_is_taken_of_every_source_and_system(voices: Any) -> None:
    rows = [row(f"a{n}", "real", "a") for n in range(10)] + [row(f"b{n}", "fake", "b", "x") for n in range(5)]
    rows += [row("c", "fake", "b", "y")]
    taken = [one["file"] for one in voices.chosen(rows, 0.4)]
    assert taken == ["a0", "a1", "a2", "a3", "b0", "b1", "c"]
    assert sorted(one["file"] for one in voices.chosen(rows, 1.0)) == sorted(one["file"] for one in rows)
    assert voices.chosen(rows[::-1], 0.4) == voices.chosen(rows, 0.4)


def test_scoring_that_was_stopped_goes_on(voices: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked = [row("a.wav", "real", "s"), row("b.wav", "fake", "s", "x")], []

    def ask(path: Path) -> dict[str, float]:
        asked.append((path.parent.name, path.name))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return {"length": float(len(path.name))} if path.name == "a.wav.wav" else {}

    monkeypatch.setattr(voices, "rows_at_hand", lambda: rows)
    monkeypatch.setattr(voices, "detector", lambda *_: ask)
    voices.WORK.mkdir()
    with pytest.raises(KeyboardInterrupt):
        voices.score("length", None)
    voices.score("length", None)
    found = list(voices.scored(voices.WORK / "scores/length.csv"))
    assert len(found) == 2 * len(voices.CONDITIONS) == len({(one["condition"], one["file"]) for one in found})
    assert len(asked) == len(found) + 1


def test_the_page_tells_a_perfect_statistic_from_chance(
    page: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [row(f"r{n}", "real", f"s{n % 2}") | {"speaker": f"p{n}"} for n in range(12)]
    rows += [row(f"f{n}", "fake", f"s{n % 2}", "maker") | {"speaker": f"q{n}"} for n in range(12)]
    rows += [row(f"t{n}", "real", "asterisk_en") for n in range(3)]
    (tmp_path / "scores").mkdir()
    (tmp_path / "common").mkdir()
    lines = ["condition,file,statistic,value", "telephone,r0,oracle,1"]  # the second condition is not finished
    for n, one in enumerate(rows):
        soundfile.write(tmp_path / "common" / f"{one['file']}.wav", noise(0.5 + n % 4 / 10, n), RATE)
        high = one["label"] == "fake" or one["source"] == "asterisk_en"
        lines.append(f"common,{one['file']},oracle,{int(high) + n / 1000}")
    (tmp_path / "scores/oracle.csv").write_text("\n".join(lines))
    (tmp_path / "natives.json").write_text(json.dumps({one["file"]: {"bytes": 1} for one in rows}))
    (tmp_path / "count.json").write_text(json.dumps({"listed": 99, "chosen": 28, "left": 27}))
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.write(tmp_path, rows, ("common",))
    text = (tmp_path / "page.md").read_text()
    assert "then telephone" not in text
    assert "28 of 99 recordings" in text
    oracle = next(line for line in text.splitlines() if line.startswith("| oracle | common"))
    assert oracle.split(" | ")[2:5] == ["12", "12", "1.00 (no interval)"]
    assert "| common | 3/3 | 0/0 | 0/0 | 0/0 | 12/12 |" in text
    assert "| maker | 12 | 1.00 (no interval) |" in text
    assert "| nuisances alone, other speakers | common | 12 | 12 |" in text
