"""The examiner's report as one HTML file: no script, no network, made to be printed as much as to be read."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from ..markup import Child, Html, element
from .blocks import Block, Bullets, Document, Grid, Item, Paragraph, Part, Picture, Section, Sub, Summary

ENGLISH = "en"
_PHOTO = re.compile(r'<image href="data:image/jpeg;base64,[A-Za-z0-9+/=]+"[^<>]*/>')


def to_html(document: Document, *, summary_only: bool = False) -> str:
    """Write an examiner's report, or its one-page summary alone, as a self-contained page.

    Pictures under several drawings are stored once.
    """
    style = _style()
    policy = f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Html(policy)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"), element("title", document.title),
        element("style", Html(style)),
    )  # fmt: skip
    said = document.said
    rest: list[Child] = [] if summary_only else [
        _contents(document), _open(document), [_part(part, document) for part in document.parts], _glossary(document),
    ]  # fmt: skip
    foot = element(
        "footer", element("p", said["footer"]), None if summary_only else element("p", said["complete"], class_="note")
    )
    own = element("p", said["own"], class_="note") if said["own"] else None
    main = element("main", _summary(document.summary, document), own, rest)
    page = f"<!doctype html>\n{element('html', head, element('body', main, foot), lang=document.language)}\n"
    return _stored_once(page)


def _summary(summary: Summary, document: Document) -> Html:
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in summary.rows]
    told = [
        element("section", element("h3", heading), element("ul", [element("li", text) for text in texts]))
        for heading, texts in summary.told
    ]
    picture = _image(summary.picture, "thumb") if summary.picture else None
    return element(
        "section", element("p", document.said["summary"], class_="overline"), element("h1", document.title),
        element("div", element("dl", rows), picture, class_="head"),
        element("div", element("p", summary.band, class_="band"), element("p", summary.strength), class_="verdict"),
        told, element("p", document.said["summary.foot"], class_="note"), class_="summary", id="summary",
    )  # fmt: skip


def _contents(document: Document) -> Html:
    parts = [
        element("li", element("a", f"{part.id}  {part.title}", href=f"#{part.id}"), element("ul", [
            element("li", element("a", f"{one.id}  {one.title}", href=f"#{one.id}")) for one in part.sections
        ])) for part in document.parts
    ]  # fmt: skip
    return element("nav", element("h2", document.said["contents"]), element("ul", parts))


def _open(document: Document) -> Html:
    said = document.said
    if not document.open:
        return element("section", element("h2", said["left"]), element("p", said["left.none"]))
    listed = element("ul", [element("li", text) for text in document.open], class_="columns")
    return element("section", element("h2", said["left"]), element("p", said["left.lead"]), listed, id="open")


def _part(part: Part, document: Document) -> Html:
    lead = element("p", part.lead) if part.lead else None
    return element(
        "section", element("h2", f"{part.id}  {part.title}", id=part.id), lead,
        [_section(one, document) for one in part.sections], class_="part",
    )  # fmt: skip


def _section(section: Section, document: Document) -> Html:
    return element(
        "section",
        element("h3", f"{section.id}  {section.title}", id=section.id),
        [_item(one, document) for one in section.items],
    )


def _item(item: Item, document: Document) -> Html:
    boxes = " ".join(item.boxes)
    if isinstance(item.content, str):
        text = element("p", item.content, class_="open" if item.open else None)
        return element("div", element("h4", item.label), text, class_="item line", data_box=boxes)
    return element(
        "div", element("h4", item.label), [_block(one, document) for one in item.content], class_="item", data_box=boxes
    )


def _block(block: Block, document: Document) -> Html:
    if isinstance(block, Paragraph):
        own = block.style == "own" and document.language != ENGLISH
        return element("p", block.text, class_=None if block.style in ("plain", "own") else block.style,
                       lang=ENGLISH if own else None)  # fmt: skip
    if isinstance(block, Bullets):
        lang = ENGLISH if block.own and document.language != ENGLISH else None
        return element("ol" if block.ordered else "ul", [element("li", text) for text in block.items], lang=lang)
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Picture):
        return _figure(block)
    return _sub(block, document)


def _grid(grid: Grid) -> Html:
    head = None
    if grid.columns:
        head = element("thead", element("tr", [element("th", name, scope="col") for name in grid.columns]))
    total = sum(grid.widths)
    columns = element(
        "colgroup", [Html(f'<col class="w{round(100 * width / total / 5) * 5}">') for width in grid.widths]
    )
    rows = [
        element("tr", [element("td", element("code", cell) if i in grid.code else cell) for i, cell in enumerate(row)],
                class_="marked" if n == grid.marked else None)
        for n, row in enumerate(grid.rows)
    ]  # fmt: skip
    return element("div", element("table", columns, head, element("tbody", rows)), class_="scroll")


def _sub(sub: Sub, document: Document) -> Html:
    badge = element("span", sub.badge, class_="badge") if sub.badge else None
    rows = [element("div", element("dt", name), element("dd", text)) for name, text in sub.rows]
    figures = element("div", [_figure(one) for one in sub.pictures], class_="figures") if sub.pictures else None
    tables = [[element("p", name, class_="note"), _grid(grid)] for name, grid in sub.tables]
    lang = ENGLISH if document.language != ENGLISH else None
    return element("article", element("h5", sub.heading, lang=lang), element("p", element("code", sub.id), " ", badge),
                   element("dl", rows), figures, tables)  # fmt: skip


def _figure(picture: Picture) -> Html:
    size = "small" if picture.share < 0.55 else "middle" if picture.share < 0.8 else "wide"
    caption = element("figcaption", picture.caption) if picture.caption else None
    return element("figure", _image(picture, ""), caption, class_=size)


def _image(picture: Picture, class_: str) -> Html:
    """Put a drawing into the page; its own script, if text could bring one, is escaped already, and forbidden."""
    return element("div", Html(picture.svg), role="img", aria_label=picture.alt, class_=f"drawing {class_}".rstrip())


def _stored_once(page: str) -> str:
    """Move every picture that stands in several drawings into one place, and refer to it from there."""
    count: dict[str, int] = {}
    for found in _PHOTO.findall(page):
        count[found] = count.get(found, 0) + 1
    names = {photo: f"photo{i}" for i, photo in enumerate(p for p, n in count.items() if n > 1)}
    if not names:
        return page
    stored = "".join(photo.replace("<image ", f'<image id="{name}" ', 1) for photo, name in names.items())
    page = _PHOTO.sub(lambda found: f'<use href="#{names[found[0]]}"/>' if found[0] in names else found[0], page)
    return page.replace(
        "<main>", f'<svg width="0" height="0" class="store" aria-hidden="true"><defs>{stored}</defs></svg><main>', 1
    )


def _glossary(document: Document) -> Html:
    terms = [element("div", element("dt", name), element("dd", text)) for name, text in document.glossary]
    return element(
        "section", element("h2", document.said["glossary"]), element("dl", terms, class_="glossary"), id="glossary"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    widths = "".join(f".w{n}{{width:{n}%}}" for n in range(5, 101, 5))
    return (files("veridical.report") / "templates" / "formal.css").read_text("utf-8") + widths
