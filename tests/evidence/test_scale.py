"""The verbal scale: its bands against the public test cases, borders, other editions, and files that are none."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from veridical.errors import UsageError
from veridical.evidence import scale as scales
from veridical.evidence.scale import FILE, load


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1, "no support either way"), (1.9, "no support either way"), (5, "weak"), (50, "moderate"), (500, "moderately strong"),
     (5000, "strong"), (5e5, "very strong"), (5e7, "extremely strong")],
)  # fmt: skip
def test_bands_are_those_of_public_test_cases_on_either_side(ratio: float, words: str) -> None:
    scale = load(FILE)
    assert scale.band(math.log10(ratio)).words == words == scale.band(-math.log10(ratio)).words


def test_a_border_takes_the_weaker_words() -> None:
    scale = load(FILE)
    assert scale.band(2.0).words == "moderate" and scale.band(2.001).words == "moderately strong"
    assert scale.band(scale.least).words == scale.steps[0].words


def test_no_word_of_it_says_authentic_or_gives_a_percentage() -> None:
    text = FILE.read_text("utf-8").lower()
    assert "authentic" not in text and "%" not in text and "enfsi" in text


def test_a_setting_names_another_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = json.loads(FILE.read_text("utf-8"))
    plain |= {"edition": "of our lab, 2026", "steps": [
        {"low": 1, "high": 10, "words": "none"}, {"low": 10, "high": None, "words": "some"},
    ]}  # fmt: skip
    path = tmp_path / "scale.json"
    path.write_text(json.dumps(plain))
    monkeypatch.setenv("VERIDICAL_SCALE", str(path))
    scale = load()
    assert scale.edition == "of our lab, 2026" and scale.band(0.9).words == "none" and scale.least == 1.0


@pytest.mark.parametrize(
    "changes",
    [{"format": 2}, {"edition": ""}, {"steps": []}, {"alone": 5, "laundered": 10},
     {"steps": [{"low": 2, "high": None, "words": "a"}]},
     {"steps": [{"low": 1, "high": 2, "words": "a"}, {"low": 3, "high": None, "words": "b"}]},
     {"steps": [{"low": 1, "high": 2, "words": "a"}, {"low": 2, "high": 10, "words": "b"}]}],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    path = tmp_path / "scale.json"
    path.write_text(json.dumps(json.loads(FILE.read_text("utf-8")) | changes))
    monkeypatch.setenv("VERIDICAL_SCALE", str(path))
    with pytest.raises(UsageError, match="VERIDICAL_SCALE"):
        load()
    monkeypatch.setenv("VERIDICAL_SCALE", str(tmp_path / "none.json"))
    with pytest.raises(UsageError):
        load()


def test_the_strongest_words_lie_beyond_what_a_few_hundred_files_can_support() -> None:
    scale = scales.load(FILE)
    assert scale.band(math.log10(300 + 1)).words == "moderately strong"
