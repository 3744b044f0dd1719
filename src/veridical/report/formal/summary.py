"""The one page in plain words, and the glossary."""

from __future__ import annotations

import re

from .blocks import Picture, Summary
from .evaluation import ratio_text
from .figures import original
from .identification import moment
from .material import Material, sentence

TERMS = (
    "exhibit", "examination", "finding", "proposition", "ratio", "log10", "scale", "interval", "bound", "calibration",
    "condition", "pristine", "cllr", "group", "stability", "laundering", "inconclusive", "unsuitable", "sha256", "custody",
)  # fmt: skip
LONGEST = 420
"""Letters of the conclusion's own sentences on the one page; the whole stands in part E."""
_ASIDE, _LONG_ASIDE = re.compile(r" \((?:[^()]|\([^()]*\))*\)"), 60
_NAME, _FACT, _CAPS, _DECLARED, _PROPOSITION = 90, 150, 3, 2, 190


def clip(text: str, most: int) -> str:
    """Cut a text after a word, so that the one page stays one page."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ")
    return f"{cut[:space] if space > most * 0.7 else cut}…"


def summary(material: Material, left_open: int, number_: str) -> Summary:
    """Write the one page."""
    words, report, facts = material.words, material.report, material.facts
    what = report.conclusion

    def given(box: str, text: str) -> tuple[str, str]:
        return words(f"formal.{box}"), clip(text, _FACT) or words("formal.not_given")

    kind = words.get(f"kind.{report.exhibit.kind}", report.exhibit.kind)
    about = ", ".join(part for part in (kind, report.exhibit.format) if part)
    rows = [
        (words("formal.summary.file"), clip(f"{material.page.name} ({about})" if about else material.page.name, _NAME)),
        ("SHA-256", clip(report.exhibit.sha256, 64) or words("formal.not_given")),
        (words("formal.A1.examined"), clip(moment(report.record.started), 60)),
        given("A1.case", facts.case), given("A1.requester", facts.requester), given("A1.examiner", facts.examiner),
        (words("formal.summary.number"), number_),
    ]  # fmt: skip
    question = clip(facts.question, 260) or words("formal.summary.question")
    compared = tuple(f"({n}) {clip(one, _PROPOSITION)}" for n, one in enumerate(what.propositions, 1))
    return Summary(
        heading=words("formal.summary"), band=sentence(clip(what.band, 100)), strength=clip(_strength(material), LONGEST),
        rows=tuple(rows), told=((words("formal.summary.asked"), (question, *compared)), *_told(material, left_open)),
        picture=_small(material),
    )  # fmt: skip


def _small(material: Material) -> Picture | None:
    """Return the small picture of the exhibit; its share is how high it is for its width, at most a sixth more."""
    shown, previews = original(material), material.page.pictures
    if shown is None or previews.main is None:
        return None
    one = previews.previews[previews.main]
    return Picture(svg=shown.svg, alt=shown.alt, caption="", share=min(one.height / one.width, 1.16))


def _strength(material: Material) -> str:
    what = material.report.conclusion
    statement = plain(what.statement)
    return statement if what.log10_lr is None else f"{ratio_text(what, material)} {statement}"


def plain(text: str) -> str:
    """Leave out what stands in brackets, where it is long: ids and reasons of single findings."""
    return _ASIDE.sub(lambda found: "" if len(found[0]) > _LONG_ASIDE else found[0], text)


def _told(material: Material, left_open: int) -> list[tuple[str, tuple[str, ...]]]:
    words, report = material.words, material.report
    of = [finding.outcome for finding in report.findings]
    done = words("formal.summary.counts", asked=len(of), measured=of.count("measured"),
                 weighed=sum(one.evidence is not None for one in report.findings), unable=len(of) - of.count("measured"),
                 unasked=len(report.not_examined))  # fmt: skip
    told: list[tuple[str, tuple[str, ...]]] = [(words("formal.summary.done"), (done,))]
    said = tuple(clip(sentence(text), 160) for text in report.conclusion.declarations[:_DECLARED])
    if said:
        told.append((words("conclusion.declares"), (*said, words("conclusion.declares.note"))))
    caps = tuple(clip(sentence(plain(text)), 170) for text in report.conclusion.caps[:_CAPS])
    if caps:
        told.append((words("formal.summary.caps"), caps))
    told.append(
        (words("formal.summary.means"), tuple(words(f"formal.summary.means.{n}") for n in ("not", "absent", "scope")))
    )
    told.append((words("formal.summary.open"), (words("formal.summary.left_open", n=left_open),)))
    return told


def glossary(material: Material) -> tuple[tuple[str, str], ...]:
    """Return the terms and what they mean."""
    words = material.words
    return tuple((words(f"formal.term.{term}"), words(f"formal.term.{term}.text")) for term in TERMS)
