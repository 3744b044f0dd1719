"""The findings of a page: a card each, grouped by branch."""

from __future__ import annotations

from itertools import groupby

from ..finding import Chart, Clip, Map, Place, Region, Span, Table
from .branches import by_branch, is_of_sound
from .charts import at, chart_figure
from .checklist import questions
from .clips import clip_figure
from .maps import map_figure
from .markup import Child, Html, element, joined, number, pairs, paragraphs, quantity, table
from .model import Evidence, ReportedFinding
from .page import Page
from .pictures import drawing, seconds
from .sections import bullets, section, settings_list
from .sound import hears, played
from .strips import population_strip
from .wording import Words, of_face

MOST_BOXES = 40
MOST_FRAMES = 4
SHOWN_FIGURES = 2
"""Figures of a finding that stand open; the rest is folded, so that a page of many findings can be gone through."""
PLACES = 12
"""Places of a finding that stand open; the rest is folded, so that an hour of blinks does not hide the limits below."""
BESIDE = ("Also caused by", "What it cannot see")
Numbered = list[tuple[int, Region]]


def findings(page: Page) -> Html:
    """Build all cards."""
    words = page.words
    groups = [
        element("section", element("h3", words.get(f"branch.{branch}", branch), id=f"branch-{branch}"),
                [card(finding, page) for finding in group], class_="branch", aria_labelledby=f"branch-{branch}")
        for branch, group in by_branch(page.report.findings).items()
    ]  # fmt: skip
    own = element("p", words("formal.own"), class_="note") if words("formal.own") else None
    return section("findings", words("findings"), own, groups or element("p", words("findings.none")))


def card(finding: ReportedFinding, page: Page) -> Html:
    """Build the card of one finding."""
    words = page.words
    anchor = f"finding-{finding.id}"
    badges = [element("span", words(f"outcome.{finding.outcome}"), class_="badge")]
    badges += [element("span", words("finding.aid"), class_="badge aid")] if finding.aid else []
    top = element(
        "header",
        element("h4", finding.question or finding.id, id=anchor),
        element("p", element("code", finding.id), badges),
    )
    inside = _measured(finding, page) if finding.outcome == "measured" else _reason(finding, page)
    return element("article", top, inside, class_=f"card {finding.outcome}", aria_labelledby=anchor)


def _reason(finding: ReportedFinding, page: Page) -> list[Child]:
    words = page.words
    trace = element("pre", finding.traceback, tabindex="0") if finding.traceback else None
    return [
        element(
            "p", element("strong", f"{words('finding.reason')}: "), finding.reason or words("finding.weight.unknown")
        ),
        _folded(words("finding.traceback"), trace),
    ]


def _measured(finding: ReportedFinding, page: Page) -> list[Child]:
    words = page.words
    return [
        element("p", finding.observation, class_="observation"),
        pairs(_value_and_weight(finding, page), "value"),
        _headed(words("finding.declares"), bullets(finding.declares)),
        _figures(finding, page),
        _headed(words("finding.where"), _places(finding, page)),
        _headed(words("finding.limits"), bullets(finding.limits)),
        questions(finding, page),
        _explained(finding, page),
        _folded(words("finding.facts"), settings_list(finding.facts)),
        _folded(
            words("finding.settings"),
            joined(settings_list(finding.settings),
                   pairs([(words("finding.seconds"), f"{number(finding.seconds)} s")], "plain")),
        ),
    ]  # fmt: skip


def _value_and_weight(finding: ReportedFinding, page: Page) -> list[tuple[str, Child]]:
    words, evidence = page.words, finding.evidence
    value = "" if finding.value is None else quantity(finding.value, finding.unit)
    note = element("span", words("finding.value.note"), class_="note")
    rows: list[tuple[str, Child]] = [(words("finding.value"), [element("strong", value), " ", note])]
    if evidence is None:
        reason = finding.unweighed or words("finding.weight.unknown")
        text = words("finding.weight.none", reason=reason[:1].upper() + reason[1:])
    else:
        text = _weight(evidence, words)
    if strip := population_strip(finding, page):
        rows.append((words("population"), strip))
    return [*rows, (words("finding.weight"), text)]


def _weight(evidence: Evidence, words: Words) -> str:
    low, high = (number(round(end, 2)) for end in evidence.interval)
    ratio, bound = number(round(evidence.log10_lr, 2)), number(round(evidence.bound, 2))
    if evidence.lowest is None:
        said = [words("finding.weight.value", ratio=ratio, low=low, high=high, bound=bound) + "."]
    else:
        least = number(round(evidence.lowest, 2))
        said = [words("finding.weight.between", ratio=ratio, low=low, high=high, least=least, most=bound)]
    said.append(words("finding.weight.holds", condition=evidence.condition, table=evidence.table))
    if evidence.fakes and evidence.reals:
        said.append(words("finding.weight.fitted", fakes=evidence.fakes, reals=evidence.reals))
    if evidence.cllr is not None:
        said.append(words("finding.weight.cost", cllr=number(round(evidence.cllr, 2))))
    said.append(
        words("finding.weight.group", group=evidence.group) if evidence.group else words("finding.weight.apart")
    )
    return " ".join(said)


def _figures(finding: ReportedFinding, page: Page) -> list[Html]:
    numbered: Numbered = [(i, p) for i, p in enumerate(finding.where, 1) if isinstance(p, Region)]
    drawn, left = numbered[:MOST_BOXES], len(numbered) - MOST_BOXES
    spans = [p for p in finding.where if isinstance(p, Span)]
    main = page.pictures.main
    on_main = [(i, r) for i, r in drawn if page.pictures.nearest(r.time_s) == main]
    over = any(isinstance(figure, Map) and figure.overlay for figure in finding.exhibits)
    done = [] if main is None else _marked(page, drawn, skip=main if over else None)
    for figure in finding.exhibits:
        if isinstance(figure, Map):
            done.append(map_figure(figure, page.pictures, page.words, cells=page.cells, regions=on_main))
        elif isinstance(figure, Chart):
            hear = hears(page) and is_of_sound(finding)
            done.append(chart_figure(figure, page.words, time=page.time, spans=spans, frames=page.timed, hears=hear))
        elif isinstance(figure, Clip):
            done.append(clip_figure(figure, page.words))
        elif isinstance(figure, Table):
            rows = table(figure.columns, figure.rows, figure.name, label=figure.name)
            caption = element("figcaption", figure.caption) if figure.caption else None
            done.append(element("figure", rows, caption, class_="table"))
    done, more = done[:SHOWN_FIGURES], done[SHOWN_FIGURES:]
    done = _side_by_side(done)
    if more:
        folded = _folded(page.words("finding.figures", n=len(more)), joined(_side_by_side(more)))
        done += [folded] if folded else []
    if left > 0 and main is not None:
        done.append(element("p", page.words("regions.more", n=left), class_="note"))
    return done


def _side_by_side(figures: list[Html]) -> list[Html]:
    """Put maps that follow each other beside each other, where the screen has room."""
    runs = [list(run) for _, run in groupby(figures, key=lambda figure: figure.startswith('<figure class="map'))]
    return [
        element("div", run, class_="maps") if len(run) > 1 and run[0].startswith('<figure class="map') else joined(run)
        for run in runs
    ]


def _marked(page: Page, regions: Numbered, skip: int | None) -> list[Html]:
    groups: dict[int, Numbered] = {}
    for number_, region in regions:
        index = page.pictures.nearest(region.time_s)
        if index is not None and index != skip:
            groups.setdefault(index, []).append((number_, region))
    return [_marked_frame(page, index, group) for index, group in list(groups.items())[:MOST_FRAMES]]


def _marked_frame(page: Page, index: int, group: Numbered) -> Html:
    time = page.pictures.previews[index].time_s
    alt = page.words("regions.alt", n=len(group))
    caption = alt if time is None else page.words("frame.at", time=seconds(time))
    picture = drawing(page.pictures, index, alt=alt, regions=group)
    return element("figure", picture, element("figcaption", caption, class_="note"), class_="marked")


def _places(finding: ReportedFinding, page: Page) -> Html | None:
    heard = hears(page) and is_of_sound(finding)
    items = [element("li", _place(one, page, heard)) for one in finding.where]
    if not items:
        return None
    first = element("ol", items[:PLACES], class_="places")
    more = items[PLACES:]
    if not more:
        return first
    rest = element("ol", more, class_="places", start=PLACES + 1)
    return joined([first, element("details", element("summary", page.words("finding.where.more", n=len(more))), rest)])


def _place(one: Place, page: Page, heard: bool) -> list[Child]:
    words = page.words
    more = "" if one.value is None else f", {words('finding.where.value', value=number(one.value))}"
    if isinstance(one, Span):
        play = played(one) if heard else {}
        return [
            _seek(at(one), (one.start_s + one.end_s) / 2, page, **play),
            f" {of_face(one.label, one.track, words)}{more}",
        ]
    sides = {"x": one.x, "y": one.y, "width": one.width, "height": one.height}
    text = words("finding.where.region", label=one.label, **{name: number(round(v, 1)) for name, v in sides.items()})
    when: list[Child] = [] if one.time_s is None else [" ", _seek(f"{seconds(one.time_s)} s", one.time_s, page)]
    return [text + more, *when]


def _seek(text: str, time_s: float, page: Page, **play: object) -> Html:
    if not (page.timed or play):
        return element("strong", text)
    return element("button", text, type="button", class_="time", data_seek=round(time_s, 3), **play)


def _explained(finding: ReportedFinding, page: Page) -> list[Child]:
    words, sections = page.words, page.explain.get(finding.id, {})
    names = {"Also caused by": words("finding.also"), "What it cannot see": words("finding.blind")}
    beside = [
        element("div", element("h5", names[heading]), paragraphs(sections[heading]))
        for heading in BESIDE if sections.get(heading)
    ]  # fmt: skip
    rest = [
        joined(element("h5", heading), paragraphs(text))
        for heading, text in sections.items() if heading not in BESIDE and text
    ]  # fmt: skip
    return [
        element("div", beside, class_="beside") if beside else None,
        _folded(words("finding.explain"), joined(rest) if rest else None),
    ]


def _headed(heading: str, inner: Html | None) -> Html | None:
    return joined(element("h5", heading), inner) if inner else None


def _folded(summary: str, inner: Html | None) -> Html | None:
    return element("details", element("summary", summary), inner) if inner else None
