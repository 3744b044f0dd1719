"""The report of a run: one HTML page that holds everything it shows, the weakest examination first."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import catalogue
from ..report.head import head, template
from ..report.markup import Html, element, identifier, joined, number, table
from . import output, results
from .audit import Audit
from .cells import Cell
from .dots import AXIS_NOTE, axis, dots
from .dots import STYLE as DOTS
from .tables import Misleading, Table, make
from .thumbnails import thumbnails as pictures_of

REPORT, TABLE, FIGURES = "report.html", "table.json", "table.csv"
_STYLE = """
.overview td:nth-child(2){min-width:13rem;width:40%}.overview td,.overview th{padding-right:.6rem;vertical-align:middle}
.misleading{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.75rem;font-size:.8rem}
.misleading img{max-height:8rem;max-width:100%;display:block;border-radius:.2rem}
.card h2{margin:0}.card p.declares{margin:.5rem 0}.card td:nth-child(2){min-width:10rem}.number{white-space:nowrap}
"""
_COLUMNS = (
    "fakes", AXIS_NOTE, "AUC", "within sources", "nuisances alone", "nuisances within", "files", "EER", "AP",
    "TPR at FPR 1 %", "Cllr_min", "s/file",
)  # fmt: skip
_READ = (
    "AUC is the chance that a fake has a higher value than a real file; 0.5 is chance. In brackets and as a line: the 90 % "
    "interval when whole groups (persons, clips, speakers) are drawn again. The square is what a model of nuisances alone "
    "reaches on the same files: size, format, compression, rate, duration, level, mean colour. A figure that does not stand "
    "clear of the square may come from how the files were made ready, not from how the pictures or voices were made."
)


def write_report(folder: Path, *, thumbnails: bool = True, made: Table | None = None) -> Path:
    """Write the report of a run, ``table.json`` and ``table.csv`` into its folder; return the page.

    Parameters
    ----------
    folder
        What ``veridical benchmark`` has written.
    thumbnails
        True shows small pictures of the most misleading files; False where the page leaves the machine of the media.
    made
        The table of the run, if it is at hand; computed from its rows otherwise.

    Raises
    ------
    UsageError
        If the folder holds no finished run, or scikit-learn is missing.
    """
    if made is None:
        made = make(results.read_rows(folder), results.read_errors(folder))
    run = results.read_json(folder / results.REQUEST) or {}
    root = run.get("about", {}).get("root")
    small = pictures_of(Path(root), {one.path for one in made.misleading}) if thumbnails and root else {}
    (folder / TABLE).write_text(output.to_json(made), "utf-8")
    (folder / FIGURES).write_text(output.to_csv(made), "utf-8")
    page = folder / REPORT
    page.write_text(to_html(made, small=small, version=str(run.get("request", {}).get("version", ""))), "utf-8")
    return page


def to_html(made: Table, *, small: Mapping[str, bytes], version: str = "") -> str:
    """Return the page of a table; ``small`` holds thumbnails by path."""
    top = head("Benchmark · veridical", template("page.css") + _STYLE + DOTS)
    body = element(
        "body", element("h1", "What each examination is worth on these files"), element("p", _READ),
        element("main", _audits(made.audits), _overview(made), _left_out(made),
                [_card(made, id, small) for id in made.ids], _lost(made)),
        element("footer", element("p", f"veridical {version}. Figures for other programs: {TABLE}, {FIGURES}; one line a "
                                       f"finding: {results.ROWS}.")),
    )  # fmt: skip
    return f"<!doctype html>\n{element('html', top, body, lang='en')}\n"


def _audits(audits: Sequence[Audit]) -> Html:
    return element("section", element("h2", "Leak audit"), [_audit(one) for one in audits], id="audit")


def _audit(one: Audit) -> Html:
    leaks = bool(one.leaks) or one.leaks_together
    verdict = element("p", one.verdict[:1].upper() + one.verdict[1:], class_="declares" if leaks else None)
    about = (
        f"{one.n_real} real and {one.n_fake} fake files of {len(one.sources)} sources; {len(one.sources_with_both)} "
        "of these hold both labels."
    )
    rows = [
        (joined(name, element("div", how, class_="note")), dots(auc, None), _number(output.between(auc)),
         _number(output.between(within)))
        for name, how, auc, within in output.lines_of(one)
    ]  # fmt: skip
    title = f"{one.kind}, {one.chain}"
    listed = table(("nuisance", AXIS_NOTE, "AUC", "within sources"), rows, label=f"Nuisances, {title}")
    drawn = element("div", listed, class_="overview")
    return joined(element("h3", title), element("p", about, class_="note"), verdict, drawn if rows else None)


def _overview(made: Table) -> Html:
    rows = [
        (
            joined(element("a", identifier(cell.id), href=f"#{cell.id}"), element("div", cell.chain, class_="note")),
            dots(cell.auc, cell.nuisance), _number(output.between(cell.auc)), _number(output.between(cell.nuisance)),
            f"{cell.n_real} real, {cell.n_fake} fake",
        )
        for id in made.ids for cell in made.of(id, "all")
    ]  # fmt: skip
    columns = ("examination", AXIS_NOTE, "AUC", "nuisances alone", "files")
    shown = element("div", table(columns, rows, label="Overview"), axis(), class_="overview")
    return element("section", element("h2", "All fakes together, weakest first"), shown, id="overview")


def _left_out(made: Table) -> Html | None:
    if not made.left_out:
        return None
    rows = []
    for one in made.left_out:
        id, chain, model, width, *counts, ours, nuisance, gain = output.cells_left_out(one)
        named = joined(identifier(id.strip("`")), element("div", f"{chain}, {model}, {width} numbers", class_="note"))
        files = "{} pairs, {} real, {} fake".format(*counts)
        rows.append((named, dots(one.auc, one.nuisance), *map(_number, (ours, nuisance, gain)), files))
    columns = ("examination", AXIS_NOTE, "AUC", "nuisances alone", "difference", "files")
    shown = element("div", table(columns, rows, label="Sources left out"), axis(), class_="overview")
    return element(
        "section", element("h2", "On sources that nothing was learned from"), element("p", output.LEFT_OUT_NOTE), shown,
        id="left-out",
    )  # fmt: skip


def _card(made: Table, id: str, small: Mapping[str, bytes]) -> Html:
    cells = made.of(id)
    known = catalogue.load().examinations.get(id)
    listed = [_row(cell) for cell in cells if cell.level != "generator"]
    generators = [_row(cell) for cell in cells if cell.level == "generator" and cell.auc]
    more = element(
        "details", element("summary", f"By generator ({len(generators)})"),
        table(_COLUMNS, generators, label=f"{id} by generator"),
    )  # fmt: skip
    return element(
        "section", element("h2", identifier(id)), element("p", known.question) if known else None,
        [element("p", element("strong", f"{cell.chain}, {output.fakes_of(cell)}. "), " ".join(cell.warnings),
                 class_="declares") for cell in cells if cell.warnings and cell.level == "all"],
        table(_COLUMNS, listed, label=f"{id}, figures"), more if generators else None,
        _absent([cell for cell in cells if cell.level == "all"], id),
        [_misleading(made, id, chain, small) for chain in made.chains], class_="card", id=id,
    )  # fmt: skip


def _row(cell: Cell) -> list[Html | str | None]:
    fakes = {"all": "all", "category": cell.name, "generator": cell.name}[cell.level]
    named = joined(fakes, element("div", cell.chain, class_="note"))
    auc, within, nuisance, nuisance_within, *rates = output.cells_of(cell)[output.FIRST_FIGURE :]
    counts = f"{cell.n_real} real, {cell.n_fake} fake"
    spread = [_number(text) for text in (auc, within, nuisance, nuisance_within)]
    return [named, dots(cell.auc, cell.nuisance), *spread, counts, *map(_number, rates)]


def _absent(cells: Sequence[Cell], id: str) -> Html | None:
    rows = [
        [cell.chain, one.outcome.replace("_", " "), one.reason, str(one.real), str(one.fake)]
        for cell in cells for one in cell.absent
    ]  # fmt: skip
    if not rows:
        return None
    shown = table(("chain", "outcome", "reason", "real", "fake"), rows, label=f"{id}, not measured")
    counts = "; ".join(f"{cell.chain}: {output.absent_of(cell)}" for cell in cells if cell.absent)
    return element("details", element("summary", f"Not measured ({counts})"), shown)


def _misleading(made: Table, id: str, chain: str, small: Mapping[str, bytes]) -> Html | None:
    found = [one for one in made.misleading if (one.id, one.chain) == (id, chain)]
    if not found:
        return None
    parts = []
    for label, text in (("real", "Real files with the highest values"), ("fake", "Fake files with the lowest values")):
        some = [element("li", _file(one, small)) for one in found if one.label == label]
        parts += [element("h5", text), element("ul", some, class_="misleading")] if some else []
    return element("details", element("summary", f"Most misleading files, {chain}"), parts)


def _file(one: Misleading, small: Mapping[str, bytes]) -> Html:
    jpeg = small.get(one.path)
    source = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else None
    other = "fakes" if one.label == "real" else "real files"
    return joined(
        element("img", src=Html(source), alt="", loading="lazy") if source else None,
        element("div", one.path), element("div", one.generator or one.source, class_="note"),
        element("div", f"value {number(one.value)}, beyond {one.beaten:.0%} of the {other}"),
    )  # fmt: skip


def _lost(made: Table) -> Html | None:
    if not made.lost:
        return None
    rows = [[one.chain, one.problem, str(one.real), str(one.fake), str(one.unknown)] for one in made.lost]
    columns = ("chain", "problem", "real", "fake", "label not known here")
    note = "No examination was asked about these. Where the labels differ in how many are lost, the rest is a choice."
    shown = table(columns, rows, label="Files that were not examined")
    return element("section", element("h2", "Files that were not examined"), element("p", note), shown, id="lost")


def _number(text: str) -> Html:
    return element("span", text, class_="number")
