"""From a report and the facts of its case to the examiner's report as data."""

from __future__ import annotations

import hashlib

from ..casework import CaseFacts
from ..model import Report
from ..page import Explain, page_of
from ..to_json import to_json
from .blocks import Document, Item
from .evaluation import assurance, evaluation
from .identification import identification, propositions
from .material import Material
from .methods import methods
from .results import results
from .summary import clip, glossary, summary

NO_FACTS = CaseFacts()
_SAID = ("contents", "glossary", "left", "left.lead", "left.none", "own", "letters", "summary", "summary.foot")


def build(
    report: Report, facts: CaseFacts = NO_FACTS, *, explain: Explain, language: str = "en", data_sha256: str = ""
) -> Document:  # fmt: skip
    """Write the examiner's report as data.

    Parameters
    ----------
    explain
        For each examination, the sections of its description by heading.
    data_sha256
        SHA-256 of the file that holds the report as data; computed from the report if it is not given.
    """
    sha256 = data_sha256 or hashlib.sha256(to_json(report).encode("utf-8")).hexdigest()
    material = Material(page=page_of(report, explain, language), stored=report, facts=facts, data_sha256=sha256)
    words = material.words
    parts = (
        identification(material), propositions(material), methods(material), results(material), evaluation(material),
        assurance(material),
    )  # fmt: skip
    left = [one for part in parts for section in part.sections for one in section.items if one.open]
    number = sha256[:16]
    return Document(
        language=language, title=words("formal.title", name=material.page.name), number=number,
        date=report.record.started, summary=summary(material, len(left), number), parts=parts, glossary=glossary(material),
        open=_named(left),
        said={**{name: words(f"formal.{name}") for name in _SAID},
              "page": words("formal.page", page="{page}", pages="{pages}"),
              "footer": words("formal.footer", version=clip(report.record.version, 30), number=number),
              "complete": words("formal.complete", sha256=sha256)},
    )  # fmt: skip


def _named(left: list[Item]) -> tuple[str, ...]:
    return tuple(f"{one.boxes[0].partition('.')[0]} {one.label}" for one in left)
