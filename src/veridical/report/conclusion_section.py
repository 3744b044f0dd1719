"""The conclusion on the page: its sentence, the band on its scale, the weight, what adds to it and what lowered it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .concluding import band_of, disagreement
from .markup import Child, Html, element, identifier, joined, number, paragraphs, table
from .model import Conclusion
from .page import Page
from .sections import bullets, section
from .weighed import Step

_WIDTH, _EDGE, _HEIGHT = 400, 6, 24
_LEAST_REACH = 0.5
Ends = tuple[float, float]


def conclusion(page: Page) -> Html:
    """Say what all of it together means, before anything else."""
    words, report = page.words, page.report
    what = report.conclusion
    interrupted = element("p", words("conclusion.interrupted"), class_="notice") if report.record.interrupted else None
    problem = element("p", words("conclusion.error"), class_="notice") if report.error else None
    stability = what.stability.statement if what.stability else None
    return section(
        "conclusion", words("conclusion"), problem, element("div", paragraphs(what.statement), class_="statement"),
        element("p", what.band, class_="band"), _scale(page, what), interrupted, _declares(page, what), _weight(page, what),
        element("h3", words("conclusion.propositions")), element("ol", [element("li", p) for p in what.propositions]),
        _groups(page, what), _missing(page, what), _listed(words("conclusion.caps"), what.caps),
        _titled(words("conclusion.category"), what.category, what.category_note),
        _titled(words("conclusion.stability"), stability), _listed(words("conclusion.changes"), what.changes),
        _listed(words("conclusion.limits"), what.limits),
    )  # fmt: skip


def _scale(page: Page, what: Conclusion) -> Html | None:
    """Print the whole scale, with the band of this case marked."""
    if what.scale is None:
        return None
    here = band_of(what.scale, what.log10_lr)
    steps = [
        element("li", element("span", one.words, class_="what"), element("span", reach(page, one), class_="note"),
                class_="here" if one is here else None, aria_current="true" if one is here else None)
        for one in what.scale.steps
    ]  # fmt: skip
    note = page.words("conclusion.scale.note", edition=what.scale.edition)
    return joined(
        element("ol", steps, class_="scale", aria_label=page.words("conclusion.scale")),
        element("p", note, class_="note"),
    )


def reach(page: Page, step: Step) -> str:
    """Write the likelihood ratios that a band holds."""
    low = f"{step.low:,.10g}".replace(",", "\u202f")
    if step.high is None:
        return page.words("conclusion.scale.top", low=low)
    return page.words("conclusion.scale.step", low=low, high=f"{step.high:,.10g}".replace(",", "\u202f"))


def _declares(page: Page, what: Conclusion) -> Html | None:
    if not what.declarations:
        return None
    note = element("p", page.words("conclusion.declares.note"), class_="note")
    heading = element("h3", page.words("conclusion.declares"))
    return element("div", heading, bullets(what.declarations), note, class_="declares")


def _weight(page: Page, what: Conclusion) -> Html | None:
    if what.log10_lr is None:
        return None
    return joined(
        element("h3", page.words("conclusion.weight")), element("p", said_weight(page, what)),
        element("p", page.words("conclusion.weight.note"), class_="note"),
    )  # fmt: skip


def said_weight(page: Page, what: Conclusion) -> str:
    """Say the log10 LR with its interval and its bounds."""
    words = page.words
    ratio = _short(what.log10_lr or 0.0)
    text = words("conclusion.weight.point", ratio=ratio)
    if what.interval:
        low, high = (_short(end) for end in what.interval)
        text = words("conclusion.weight.value", ratio=ratio, low=low, high=high)
        text += f"; {words('conclusion.weight.cut')}" if what.caps else ""
    if what.bound is not None:
        lowest = -what.bound if what.lowest is None else what.lowest
        text += f"; {words('conclusion.weight.bound', low=_short(lowest), high=_short(what.bound))}"
    return text


def _groups(page: Page, what: Conclusion) -> Html | None:
    """Draw what each group adds, and the sum as it is claimed, on one scale."""
    if not what.groups:
        return None
    words, least = page.words, _least(what)
    ends = _ends(what, least)
    rows: list[list[Child]] = [
        [[one.group, _members(one.members)], _short(one.log10_lr),
         _bar(one.log10_lr, None, ends, least, words("conclusion.groups.alt", group=one.group, ratio=_short(one.log10_lr)))]
        for one in what.groups
    ]  # fmt: skip
    if what.log10_lr is not None:
        name = words("conclusion.groups.together")
        alt = words("conclusion.groups.alt", group=name, ratio=_short(what.log10_lr))
        rows.append([element("strong", name), element("strong", _short(what.log10_lr)),
                     _bar(what.log10_lr, what.interval, ends, least, alt)])  # fmt: skip
    bar = words("conclusion.groups.bar", low=_short(ends[0]), high=_short(ends[1]))
    columns = [*(words(f"conclusion.groups.{name}") for name in ("group", "ratio")), bar]
    apart = apart_in(page, what)
    heading = words("conclusion.groups")
    return joined(
        element("h3", heading), element("p", apart, class_="notice") if apart else None,
        table(columns, rows, label=heading, class_="weights"), element("p", words("conclusion.groups.note"), class_="note"),
    )  # fmt: skip


def apart_in(page: Page, what: Conclusion) -> str:
    """Say which groups speak for different sides; empty if none do."""
    return disagreement([(one.group, one.log10_lr) for one in what.groups], page.words)


def _least(what: Conclusion) -> float:
    high = what.scale.steps[0].high if what.scale else None
    return math.log10(high or 1.0)


def _members(ids: Sequence[str]) -> Html:
    links = [[", " if i else None, element("a", identifier(id), href=f"#finding-{id}")] for i, id in enumerate(ids)]
    return element("span", links, class_="members")


def _ends(what: Conclusion, least: float) -> Ends:
    known = [one.log10_lr for one in what.groups] + [what.log10_lr or 0.0, *(what.interval or ())]
    reach = max(_LEAST_REACH, 1.5 * least, *(abs(one) for one in known))
    return -reach, reach


def _bar(ratio: float, interval: Ends | None, ends: Ends, least: float, label: str) -> Html:
    """Draw one log10 LR as a bar from 0, with its interval as a line, over the band that supports neither side."""
    zero, low, high, end = (_along(ends, one) for one in (0.0, -least, least, ratio))
    side = "first" if ratio > least else "second" if -ratio > least else "none"
    parts = [
        element("rect", x=low, y=2, width=round(high - low, 1), height=_HEIGHT - 4, class_="neither"),
        element(
            "rect", x=min(zero, end), y=7, width=max(1.5, round(abs(end - zero), 1)), height=10, class_=f"bar-{side}"
        ),
        element("line", x1=zero, x2=zero, y1=0, y2=_HEIGHT, class_="zero"),
    ]
    if interval:
        start, stop = (_along(ends, one) for one in interval)
        parts += [element("line", x1=start, x2=stop, y1=12, y2=12, class_="range")]
        parts += [element("line", x1=x, x2=x, y1=8, y2=16, class_="range") for x in (start, stop)]
    return element(
        "svg", parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="weight", role="img", aria_label=label,
        preserveAspectRatio="none",
    )  # fmt: skip


def _along(ends: Ends, value: float) -> float:
    low, high = ends
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return round(_EDGE + (_WIDTH - 2 * _EDGE) * share, 1)


def _missing(page: Page, what: Conclusion) -> Html | None:
    if not what.missing:
        return None
    items = [element("li", identifier(id), f": {reason}") for id, reason in what.missing.items()]
    return joined(element("h3", page.words("conclusion.missing")), element("ul", items))


def _titled(heading: str, text: str | None, note: str = "") -> Html | None:
    if not text:
        return None
    named = element("p", element("strong", text)) if note else paragraphs(text)
    return joined(element("h3", heading), named, element("p", note, class_="note") if note else None)


def _listed(heading: str, texts: tuple[str, ...]) -> Html | None:
    return joined(element("h3", heading), bullets(texts)) if texts else None


def _short(value: float) -> str:
    return number(round(value, 2))
