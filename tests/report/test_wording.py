"""Wording: every text that is asked for exists, every text is asked for, all languages have the same places to fill."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import veridical.report
from veridical.catalogue import BRANCHES
from veridical.errors import UsageError
from veridical.report.wording import LANGUAGES, Words, of_face

SOURCES = [
    p.read_text("utf-8")
    for p in Path(veridical.report.__file__).parent.rglob("*.py")
    if not p.name.startswith("_english")
]
SCRIPT = "".join(p.read_text("utf-8") for p in (Path(veridical.report.__file__).parent / "templates").glob("*.js"))
FAMILIES = (
    "branch.",
    "outcome.",
    "formal.",
    "kind.",
    "theme.",
    "coverage.",
    "terminal.",
    "head.rotated.",
    "check.",
    "observed.",
    "glance.",
    "stability.",
    "said.",
    "conclusion.groups.",
    "formal.",
)  # the rest of the key comes from data


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_key_that_the_code_names_exists() -> None:
    named = {key for source in SOURCES for key in re.findall(r"words\([\"']([a-z0-9_.]+)[\"']", source)}
    assert len(named) > 60
    assert named <= set(LANGUAGES["en"])


def test_every_text_is_used() -> None:
    source = "".join(SOURCES).replace("'", '"')
    used = {key for key in LANGUAGES["en"] if f'"{key}"' in source or key.startswith(FAMILIES)}
    used |= {key for key in LANGUAGES["en"] if key.startswith("js.") and f"words.{key[3:]}" in SCRIPT}
    assert set(LANGUAGES["en"]) == used


def test_script_asks_for_nothing_else() -> None:
    assert set(re.findall(r"\bwords\.(\w+)", SCRIPT)) == set(Words().starting("js."))


def test_every_branch_has_a_name() -> None:
    assert {f"branch.{branch}" for branch in BRANCHES} <= set(LANGUAGES["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_agree(language: str) -> None:
    texts = LANGUAGES[language]
    assert set(texts) == set(LANGUAGES["en"])
    for key, text in texts.items():
        assert places(text) == places(LANGUAGES["en"][key]), key


def test_number_chooses_the_form() -> None:
    words = Words()
    assert words("head.bytes", n=1) == "1 byte"
    assert words("head.bytes", n=0) == "0 bytes"


def test_forbidden_words_are_absent() -> None:
    for key, text in LANGUAGES["en"].items():
        assert not re.search(r"authentic|genuine|%|\bproven\b|\bAI\b", text, re.IGNORECASE), key


def test_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="en"):
        Words("xx")


def test_a_face_is_named_once() -> None:
    words = Words()
    assert of_face("blink", 1, words) == "blink, face 2"
    assert of_face("blink", None, words) == "blink"
    assert of_face("Face 2, left eye", 1, words) == "Face 2, left eye"
    assert of_face("face 21 beside it", 1, words) == "face 21 beside it, face 2"
