"""HTML that cannot be broken by what it shows: every text is escaped, and what a person cannot see is made visible.

``element`` takes children and attributes; only ``Html``, which nothing but this module makes of text, passes unescaped.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from html import escape

from ..finding import Scalar

VOID = frozenset(
    {"meta", "link", "img", "input", "br", "hr", "wbr", "image", "use", "line", "rect", "path", "polyline"}
)
SELF_CLOSED = frozenset({"image", "use", "line", "rect", "path", "polyline"})
_JOINERS = frozenset("\u200c\u200d")
_KEPT_CONTROLS = _JOINERS | frozenset("\n\t")


class Html(str):
    """Finished HTML."""

    __slots__ = ()


Child = str | Html | None | Iterable["Child"]


def visible(text: str) -> str:
    """Write control, direction-changing and unpaired characters as escapes, so that no text can disguise itself."""
    return text if text.isprintable() else "".join(_seen(letter) for letter in text)


def one_line(text: str) -> str:
    """Make text visible for a terminal: line breaks and tabs are escapes too, spaces stay as they are."""
    return text if text.isprintable() else "".join(_seen(letter, kept=_JOINERS) for letter in text)


def _seen(letter: str, *, kept: frozenset[str] = _KEPT_CONTROLS) -> str:
    kind = unicodedata.category(letter)
    if letter not in kept and kind in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return letter.encode("ascii", "backslashreplace").decode() if ord(letter) > 127 else f"\\x{ord(letter):02x}"
    return letter


def joined(*children: Child) -> Html:
    """Escape and join; None is left out, lists are gone through."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, Html):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(visible(child)))
        elif child is not None:
            parts.append(joined(*child))
    return Html("".join(parts))


def element(tag: str, /, *children: Child, **attributes: object) -> Html:
    """Build one element.

    Attribute names end in "_" where Python reserves them ("class_"), and have "_" for "-"; None and False leave an
    attribute out, True writes it without a value.
    """
    head = tag
    for name, value in attributes.items():
        written = name if name == "viewBox" else name.rstrip("_").replace("_", "-")
        if value is True:
            head += f" {written}"
        elif value is not None and value is not False:
            text = str(value)
            head += f' {written}="{text if isinstance(value, Html) else escape(visible(text))}"'
    if tag in SELF_CLOSED:
        return Html(f"<{head}/>")
    return Html(f"<{head}>" if tag in VOID else f"<{head}>{joined(*children)}</{tag}>")


def number(value: float) -> str:
    """Write a number with four significant digits, a true minus sign, and powers of ten only where needed."""
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "not a number")
    if value == int(value) and abs(value) < 1e7:
        text = str(int(value))
    else:
        text = f"{value:.4g}"
        if "e" in text:
            digits, power = text.split("e")
            text = f"{digits}·10^{int(power)}"
    return text.replace("-", "−")


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit; the unit "1" is left out."""
    return number(value) if unit in ("", "1") else f"{number(value)} {unit}"


def scalar(value: Scalar) -> str:
    """Write one plain value of any kind."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    return "none" if value is None else value


def identifier(id: str) -> Html:
    """Write an id, which may break after its dots."""
    first, *rest = id.split(".")
    return element("code", first, [joined(".", element("wbr"), part) for part in rest])


def paragraphs(text: str) -> Html:
    """Turn plain text into paragraphs (blank line between) and bullet lists (lines that start with "- ").

    What stands between double backquotes is code.
    """
    done: list[Html] = []
    for block in text.strip().split("\n\n"):
        lead, *items = f"\n{block.strip()}".split("\n- ")
        if lead.strip():
            done.append(element("p", _coded(lead)))
        if items:
            done.append(element("ul", [element("li", _coded(item)) for item in items]))
    return joined(done)


def _coded(text: str) -> list[Child]:
    parts = " ".join(text.split()).split("``")
    if len(parts) % 2 == 0:  # a mark without its partner is text
        return ["``".join(parts)]
    return [element("code", part) if i % 2 else part for i, part in enumerate(parts)]


def pairs(entries: Mapping[str, Child] | Iterable[tuple[str, Child]], class_: str | None = None) -> Html | None:
    """Build a list of names and values, or nothing if there are none."""
    rows = list(entries.items() if isinstance(entries, Mapping) else entries)
    if not rows:
        return None
    return element("dl", [element("div", element("dt", n), element("dd", v)) for n, v in rows], class_=class_)


def table(
    columns: Iterable[str], rows: Iterable[Iterable[Child]], caption: Child = None, *, label: str, class_: str = "",
) -> Html:  # fmt: skip
    """Build a table that scrolls sideways by itself where it is too wide; ``label`` names it to a screen reader."""
    head = element("thead", element("tr", [element("th", name, scope="col") for name in columns]))
    body = element("tbody", [element("tr", [element("td", cell) for cell in row]) for row in rows])
    inner = element("table", element("caption", caption) if caption else None, head, body)
    return element("div", inner, class_=f"scroll {class_}".rstrip(), tabindex="0", role="group", aria_label=label)
