"""A validation as one page that holds everything it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .. import catalogue
from ..benchmark import output
from ..benchmark.dots import AXIS_NOTE, axis, dots
from ..benchmark.dots import STYLE as DOTS
from ..benchmark.intervals import Interval
from ..evidence import scale
from ..report.head import head, template
from ..report.markup import Html, element, identifier, joined, table
from . import plots
from .judge import Judged, Rate
from .own import never
from .validated import ALL, CONCLUSION, Media, Part, Validation, Weighing

JSON, CSV = "validation.json", "validation.csv"
_STYLE = """
.card h2{margin:0}.number{white-space:nowrap}.wide td,.wide th{padding-right:.7rem}
.overview td:nth-child(2){min-width:11rem;width:28%}
.overview td,.overview th{padding-right:.6rem;vertical-align:middle}.overview .auc{width:100%}
.how{margin:.8rem 0}.how>summary{color:inherit}
.media td,.media th{min-width:3.5rem}
"""
_WAYS = {
    "shipped": "As weighed by the tables in use",
    "own": "If tables were fitted on these media, each file weighed by the other sources",
}
_READ = (
    "These are the error rates of this program on your own known media, under the conditions that were run here and no others. "
    "They say nothing of files of other origin, of other generators, or of conditions that are not listed."
)
_HELP = (
    "A likelihood ratio (LR) above 1 speaks for a fake. Cllr is its cost in bits: 0 is perfect, 1 is no information, above 1 "
    "is worse than none; Cllr min is what remains after the best calibration of the same order, so that the difference is "
    "lost by calibration. A false alarm is a real file with an LR above the threshold, a miss a fake at or below it. devPAV "
    "is the mean distance, in decades, between what LRs said and what they were worth here. Ranges are 90 % "
    "intervals; files of one group (a person, a clip, a speaker) count as one case in it. AUC is the chance that a fake has "
    "the higher value; the square is what size, format, compression and the like alone reach on the same files. What does "
    "not stand clear of the square may come from how the files were made ready."
)


def to_html(found: Validation) -> str:
    """Return the page."""
    top = head("Validation · veridical", template("page.css") + _STYLE + DOTS + plots.STYLE)
    request, about, result = (found.run.get(name, {}) for name in ("request", "about", "result"))
    said = (
        f"veridical {request.get('version', '')}, run from {about.get('started', '')} to {result.get('finished', '')}. "
        f"Conditions: {', '.join(found.chains)}."
    )
    foot = f"All figures: {JSON}, {CSV}; each file: files.jsonl, rows.jsonl; the request and the models: run.json."
    body = element(
        "body", element("h1", "Validation on your own media"), element("p", _READ), element("p", said, class_="note"),
        element(
            "main", _cautions(found), _media(found.media), _overview(found),
            element("details", element("summary", "How to read the figures"), element("p", _HELP)),
            [_card(found, id) for id in found.ids], _audits(found),
        ),
        element("footer", element("p", foot)),
    )  # fmt: skip
    return f"<!doctype html>\n{element('html', top, body, lang='en')}\n"


def _cautions(found: Validation) -> Html | None:
    said = list(found.cautions)
    if found.lost:
        files = "One file" if found.lost == 1 else f"{found.lost} times a file"
        said.append(f"{files} could not be examined, and is in no figure; errors.jsonl says why.")
    if not any(one.shipped and one.shipped.judged for one in found.parts):
        said.append(
            "No table weighed any of these files: there are no error rates of LRs in use, only of what might be."
        )
    if not any(one.id == CONCLUSION for one in found.parts):
        said.append("No file has a conclusion with a likelihood ratio: there is nothing to say of conclusions.")
    notes = [element("p", one) for one in said]
    return element("section", element("h3", "What these media cannot show"), notes, class_="declares") if said else None


def _media(media: Sequence[Media]) -> Html:
    rows = [
        (one.kind, one.source, str(one.reals), str(one.fakes), str(one.groups), ", ".join(one.generators) or "–")
        for one in media
    ]
    columns = ("kind", "source", "real", "fake", "groups", "made by")
    return element(
        "section", element("h2", "The media"), table(columns, rows, label="Media", class_="media"), id="media"
    )


def _overview(found: Validation) -> Html:
    rows = []
    for part in (one for one in found.parts if one.state == ALL):
        about = f"{part.kind}, {part.chain}: {part.reals} real, {part.fakes} fake"
        name = joined(element("a", _named(part.id), href=f"#{_anchor(part.id)}"), element("div", about, class_="note"))
        cell = part.cell
        rows.append(
            (
                name, dots(cell.auc, cell.nuisance) if cell else None, _spread(cell.auc if cell else None),
                _cllr(part.shipped), _alarms(part.shipped), _cllr(part.own), _alarms(part.own),
            )
        )  # fmt: skip
    columns = (
        "",
        AXIS_NOTE,
        "AUC",
        "Cllr in use",
        "false alarms in use",
        "Cllr if fitted here",
        "false alarms if fitted here",
    )
    shown = element("div", table(columns, rows, label="Overview"), axis(), class_="overview")
    return element("section", element("h2", "Everything at a glance"), shown, id="overview")


def _card(found: Validation, id: str) -> Html:
    parts = found.of(id)
    known, barred = catalogue.load().examinations.get(id), never(id)
    whole = [one for one in parts if one.state == ALL]
    warnings = dict.fromkeys(f"{one.chain}: {text}" for one in whole if one.cell for text in one.cell.warnings)
    return element(
        "section", element("h2", _named(id)), element("p", known.question) if known else None,
        [element("p", text, class_="note") for text in warnings],
        element("p", f"Never weighed: {barred}.", class_="note") if barred else None, _values(whole), _absent(whole),
        [_detail(one) for one in whole], _states([one for one in parts if one.state != ALL]), class_="card", id=_anchor(id),
    )  # fmt: skip


def _values(parts: Sequence[Part]) -> Html | None:
    rows = [
        (
            f"{one.kind}, {one.chain}", _number(output.between(one.cell.auc)), _number(output.between(one.cell.within)),
            _number(output.between(one.cell.nuisance)), output.short(one.cell.eer), output.short(one.cell.cllr_min),
            output.absent_of(one.cell),
        )
        for one in parts if one.cell
    ]  # fmt: skip
    columns = ("condition", "AUC", "within sources", "nuisances alone", "EER", "Cllr min", "not measured")
    return table(columns, rows, "The value itself", label="The value itself", class_="wide") if rows else None


def _absent(parts: Sequence[Part]) -> Html | None:
    rows = [
        (f"{part.kind}, {part.chain}", one.outcome.replace("_", " "), one.reason, str(one.real), str(one.fake))
        for part in parts if part.cell for one in part.cell.absent
    ]  # fmt: skip
    shown = table(("condition", "outcome", "reason", "real", "fake"), rows, label="Not measured")
    return element("details", element("summary", "Why files gave no value"), shown) if rows else None


def _detail(part: Part) -> Html:
    """Show each way of weighing, folded up but for the conclusion: a page has many."""
    shown = []
    for way, weighing in ways(part):
        judged = weighing.judged
        cost = f"Cllr {output.between(judged.cllr)}" if judged else weighing.note
        inside = [_rates(judged), plots.plots_of(judged.figures)] if judged else []
        shown.append(
            element(
                "details", element("summary", element("strong", f"{_WAYS[way]} ({part.kind}, {part.chain}). "), cost),
                _without(weighing) if weighing.without else None, inside, open=part.id == CONCLUSION, class_="how",
            )
        )  # fmt: skip
    return joined(shown)


def _rates(one: Judged) -> Html:
    rows: list[tuple[str, str | Html, str | Html]] = [
        (_worded(errors.name, errors.at), _share(errors.false_alarms), _share(errors.misses)) for errors in one.errors
    ]
    rows += [
        ("misleading evidence", _share(one.misleading_real), _share(one.misleading_fake)),
        ("misleading by more than 100", _share(one.strong_real), _share(one.strong_fake)),
    ]
    figures = (
        f"Cllr {output.between(one.cllr)} bits, Cllr min {one.cllr_min:.3f}, lost by calibration "
        f"{one.cllr.point - one.cllr_min:.3f}; devPAV {output.short(one.devpav)}. {one.reals} real files of {one.groups_real} "
        f"groups, {one.fakes} fakes of {one.groups_fake}."
    )
    shown = table(("", "real files: false alarms", "fakes: misses"), rows, label="Error rates", class_="wide")
    return joined(element("p", figures), shown)


def _worded(name: str, at: float) -> str:
    """Name a threshold, with the band of the verbal scale that begins there."""
    words = [step.words for step in scale.load().steps[1:] if math.isclose(step.low, 10**at)]
    return f"{name} (“{words[0]}” or more)" if words else name


def _states(parts: Sequence[Part]) -> Html | None:
    """Show the conclusion and the tables in use by the state of the files."""
    rows = []
    for part in parts:
        judged = part.shipped.judged if part.shipped else None
        first = judged.errors[0] if judged else None
        rows.append(
            (
                part.state, part.chain, f"{part.reals} real, {part.fakes} fake", _cllr(part.shipped),
                _share(first.false_alarms) if first else "–", _share(first.misses) if first else "–",
            )
        )  # fmt: skip
    columns = (
        "state of the file",
        "condition",
        "files",
        "Cllr in use",
        "false alarms, LR above 1",
        "misses, LR above 1",
    )
    shown = table(columns, rows, label="By state of the file", class_="wide")
    return element("details", element("summary", f"By state of the file ({len(rows)})"), shown) if rows else None


def _without(weighing: Weighing) -> Html:
    rows = [(reason, str(real), str(fake)) for reason, (real, fake) in weighing.without.items()]
    total = sum(real + fake for real, fake in weighing.without.values())
    shown = table(("reason", "real", "fake"), rows, label="Without an LR")
    return element("details", element("summary", f"{total} files got no LR, and are in no figure below"), shown)


def _audits(found: Validation) -> Html:
    rows = [(f"{one.kind}, {one.chain}", f"{one.n_real} real, {one.n_fake} fake", one.verdict) for one in found.audits]
    return element(
        "section", element("h2", "Does the state of a file tell its label?"),
        table(("", "files", "verdict"), rows, label="Leak audit"), id="audit",
    )  # fmt: skip


def ways(part: Part) -> list[tuple[str, Weighing]]:
    """Return the ways in which a part was weighed, by name."""
    found = {"shipped": part.shipped, "own": part.own}
    return [(way, weighing) for way, weighing in found.items() if weighing is not None]


def _anchor(id: str) -> str:
    return f"of-{id}"


def _named(id: str) -> Html | str:
    return "The conclusion" if id == CONCLUSION else identifier(id)


def _cllr(weighing: Weighing | None) -> Html:
    return _spread(weighing.judged.cllr if weighing and weighing.judged else None)


def _spread(one: Interval | None) -> Html:
    """Write a figure with its interval below it."""
    if one is None:
        return _number("–")
    ends = "no interval" if one.low is None or one.high is None else f"{one.low:.2f}–{one.high:.2f}"
    return joined(_number(f"{one.point:.3f}"), element("div", ends, class_="note number"))


def _alarms(weighing: Weighing | None) -> Html:
    return _share(weighing.judged.errors[0].false_alarms) if weighing and weighing.judged else _number("–")


def _share(one: Rate) -> Html:
    ends = f"{100 * one.low:.1f}–{100 * one.high:.1f} %"
    below = [element("div", text, class_="note number") for text in (ends, f"{one.count} of {one.files}")]
    return joined(_number(f"{100 * one.share:.1f} %"), below)


def _number(text: str) -> Html:
    return element("span", text, class_="number")
