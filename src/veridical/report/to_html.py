"""The report as one HTML file that holds everything it shows: no network, opens from disk, prints.

The page is built from pure functions that return escaped HTML; its style and script are the files in ``templates``. A
content security policy in the page forbids everything but these two, by their hashes, and pictures inside the file.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from . import sections
from .branches import by_branch
from .cards import findings
from .checklist import observations
from .colours import PERSON_COLOURS, gradient
from .conclusion_section import conclusion
from .glance import glance
from .markup import Html, element, joined
from .model import Report
from .page import Explain, Page, page_of
from .pictures import definitions
from .stability_section import has_stability, stability
from .timeline import has_timeline, timeline

SCRIPTS = ("page.js", "timeline.js", "sound.js")
NOTHING: Explain = MappingProxyType({})


def to_html(report: Report, *, explain: Explain = NOTHING, language: str = "en") -> str:
    """Write a report as a self-contained HTML page.

    Parameters
    ----------
    explain
        For each examination, the sections of its description by heading: ``Examination.sections`` of the catalogue.
    language
        Language of the fixed wording.
    """
    page = page_of(report, explain, language)
    style, script = _style(), _script()
    head = element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Html(_policy(style, script))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", page.words("title", name=page.name)), element("style", Html(style)),
    )  # fmt: skip
    said = json.dumps(page.words.starting("js.")).replace("<", "\\u003c")
    body = element(
        "body", element("a", page.words("skip"), href="#conclusion", class_="skip"), definitions(page.pictures),
        sections.head(page), _contents(page),
        element("main", conclusion(page), stability(page), glance(page), sections.coverage(page),
                timeline(page), findings(page),
                observations(page), sections.record(page), id="main"),
        element("footer", element("p", page.words("footer", version=report.record.version))),
        element("script", Html(said), type="application/json", id="words"), element("script", Html(script)),
    )  # fmt: skip
    return f"<!doctype html>\n{element('html', head, body, lang=language)}\n"


def _contents(page: Page) -> Html:
    words = page.words
    compared = any(finding.population for finding in page.report.findings)
    ids = ["conclusion", *(["stability"] if has_stability(page) else []), *(["glance"] if compared else []), "coverage"]
    links = [element("a", words(id), href=f"#{id}") for id in ids]
    links += [element("a", words("timeline"), href="#timeline")] if has_timeline(page) else []
    links += [element("a", words.get(f"branch.{b}", b), href=f"#branch-{b}") for b in by_branch(page.report.findings)]
    asks = any(finding.checklist for finding in page.report.findings)
    links += [element("a", words("observed"), href="#observed")] if asks else []
    links.append(element("a", words("record"), href="#record"))
    names = {f"data_{mode}": words(f"theme.{mode}") for mode in ("auto", "light", "dark")}
    toggle = element(
        "button", element("span", words("theme"), class_="unseen"), element("span", names["data_auto"]), type="button",
        id="theme", hidden=True, **names,
    )  # fmt: skip
    listed = element("ul", [element("li", link) for link in links])
    return joined(element("nav", listed, toggle, aria_label=words("contents")))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data:; media-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    scales = f".bar.sequential{{background:{gradient(False)}}}.bar.diverging{{background:{gradient(True)}}}"
    persons = "".join(f".w{i}{{--w:#{''.join(f'{part:02x}' for part in c)}}}" for i, c in enumerate(PERSON_COLOURS))
    return (
        _template("page.css")
        + _template("sound.css")
        + _template("stability.css")
        + _template("conclusion.css")
        + scales
        + persons
    )


@cache
def _script() -> str:
    return '"use strict";\n(() => {\n' + "".join(map(_template, SCRIPTS)) + "})();\n"


@cache
def _template(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text("utf-8")
