"""Languages: what a stored report says in fixed words is said in the other language, and nothing is left or lost."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import veridical
from veridical.errors import UsageError
from veridical.report.languages import STORED, chosen, in_language, reworded
from veridical.report.to_html import to_html
from veridical.report.weighed import Evidence, Scale, Step
from veridical.report.wording import LANGUAGES, Words

from .parts import conclusion
from .reports import make_clip, make_photo

SOURCE = Path(veridical.__file__).parent
ENGLISH, ITALIAN = Words("en"), Words("it")


def filled(key: str, words: Words) -> str:
    places = re.findall(r"\{(\w+)\}", LANGUAGES["en"][key])
    return words(key, **{place: str(3 + i) for i, place in enumerate(places)})


@pytest.mark.parametrize("key", [key for key in LANGUAGES["en"] if key.startswith(STORED)])
def test_every_kept_sentence_comes_back_in_italian(key: str) -> None:
    """Filled in English, recognised, and filled again: the same as if it had been written in Italian."""
    assert reworded(filled(key, ENGLISH), "it") == filled(key, ITALIAN)


def test_numbers_choose_the_italian_form() -> None:
    for n in (1, 7):
        said = ENGLISH("said.entered", n=n, measured=9)
        assert reworded(said, "it") == ITALIAN("said.entered", n=n, measured=9)


def test_sentences_are_told_apart() -> None:
    apart = {"first": "sensor noise", "second": "networks that judge a picture"}
    said = " ".join(
        [ENGLISH("said.neither"), ENGLISH("conclusion.groups.disagree", **apart), "A sentence of nobody's."]
    )
    wanted = {"first": "rumore del sensore", "second": "reti che giudicano un'immagine"}
    disagree = ITALIAN("conclusion.groups.disagree", **wanted)
    assert reworded(said, "it") == f"{ITALIAN('said.neither')} {disagree} A sentence of nobody's."


def test_what_was_filled_in_is_carried_over() -> None:
    reason = "the value lies outside the calibrated range −1.2 to 3.4"
    said = ENGLISH("said.cap.refused", reason=reason)
    assert reworded(said, "it") == ITALIAN(
        "said.cap.refused", reason="il valore è fuori dell'intervallo calibrato da −1.2 a 3.4"
    )
    assert reworded(ENGLISH("said.error", problem="the picture is truncated", remedy="Fetch it again"), "it").endswith(
        ": the picture is truncated. Fetch it again."
    )


def test_bands_and_lists() -> None:
    assert reworded("moderately strong support for the first proposition", "it") == (
        "sostegno moderatamente forte per la prima proposizione"
    )
    assert reworded("reenactment (there were no media of it), editing", "it") == (
        "rianimazione (non ve n'era materiale), modifica"
    )
    assert reworded("JPEG of quality 85, 720 × 540 pixels; no face found", "it") == (
        "JPEG di qualità 85, 720 × 540 pixel; nessun volto trovato"
    )


@pytest.mark.parametrize("said", ["", "What the examination itself says, 3 of 4.", "x" * 5000, "{n} {0} %s \\1 (("])
def test_other_text_stays(said: str) -> None:
    assert reworded(said, "it") == said


def test_english_reports_are_not_touched() -> None:
    made = make_photo()
    assert in_language(made, "en") is made


def test_every_place_of_a_conclusion_is_reworded() -> None:
    steps = (Step(low=1, high=2, words="no support either way"), Step(low=2, high=None, words="weak"))
    what = conclusion(
        band="weak support for the second proposition", category="synthesis", scale=Scale(edition="x", steps=steps),
        caps=(ENGLISH("said.cap.flipped"),), changes=(ENGLISH("said.changes.origin"),),
        category_note=ENGLISH("said.category.learned", learned="editing, synthesis"), missing={"a.b": "not measured"},
    )  # fmt: skip
    made = make_photo()
    evidence = Evidence(
        log10_lr=0.1,
        interval=(0.0, 0.2),
        bound=1.0,
        condition="files of any quality in the calibration set",
        table="t 1",
    )
    first = replace(made.findings[0], evidence=evidence)
    said = in_language(replace(made, conclusion=what, findings=(first, *made.findings[1:])), "it")
    it = said.conclusion
    assert (it.band, it.category) == ("sostegno debole per la seconda proposizione", "sintesi")
    assert it.caps == (ITALIAN("said.cap.flipped"),)
    assert it.changes == (ITALIAN("said.changes.origin"),)
    assert it.category_note == ITALIAN("said.category.learned", learned="modifica, sintesi")
    assert it.missing == {"a.b": ITALIAN("stability.missing")}
    assert it.scale is not None and it.scale.steps[1].words == "debole"
    assert it.propositions[0].startswith("Il reperto")
    assert said.findings[0].evidence is not None
    assert said.findings[0].evidence.condition == "file di qualsiasi qualità nell'insieme di calibrazione"
    assert said.findings[0].observation == made.findings[0].observation
    assert said.findings[0].unweighed.startswith("nessuna tabella")


def test_sentences_outside_the_catalogue_are_still_said_somewhere() -> None:
    """If a lower layer changes a sentence, its Italian wording would silently be missing: then this fails."""
    from veridical.report._italian_said import SAID

    kept = [p for p in SOURCE.rglob("*") if p.suffix in (".py", ".json") and not p.name.startswith("_italian")]
    joined = re.sub(r'"\s+f?"', "", "\n".join(p.read_text("utf-8") for p in kept if p.stat().st_size < 400_000))
    for english, italian in SAID:
        pieces = [piece for piece in re.split(r"\{\w+\}|\(", english) if len(piece.strip()) > 3]
        if english.startswith(("No conclusion is drawn on how", "one finding was")):
            continue  # of earlier versions
        for piece in pieces:
            assert piece.strip() in joined, english
        assert re.findall(r"\{(\w+)\}", english) == re.findall(r"\{(\w+)\}", italian), english


def test_a_page_in_italian_has_no_fixed_english_left() -> None:
    page = re.sub(r"<script[^>]*>.*?</script>", "", to_html(make_clip(), language="it"), flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", "\n", page)
    lines = {line.strip() for line in text.split("\n")}
    same = {text for key, text in LANGUAGES["it"].items() if text == LANGUAGES["en"][key]}
    left = {text for text in LANGUAGES["en"].values() if len(text) > 3 and text in lines} - same
    assert left <= {"none"}, left
    assert 'lang="it"' in page


def test_the_language_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(None) == "en"
    assert chosen("IT ") == "it"
    monkeypatch.setenv("VERIDICAL_LANGUAGE", "it")
    assert chosen(None) == "it"
    with pytest.raises(UsageError, match="choose with --language"):
        chosen("tlh")
