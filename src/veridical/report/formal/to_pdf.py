"""The examiner's report as PDF/A-2b, set by typst from a template of our own.

No text of a report ever is markup: all of it reaches the template as JSON strings, so that nothing in it can be run. The
typesetter gets its files from memory and has no folder to read from, and the typefaces are those that it carries.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from ...errors import VeridicalError
from .blocks import Document
from .letters import breakable, printable

STANDARD = "a-2b"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {"text": "paragraph", "items": "bullets", "columns": "grid", "svg": "picture", "pictures": "sub"}


def to_pdf(document: Document, *, summary_only: bool = False) -> bytes:
    """Set an examiner's report, or its one-page summary alone, as PDF/A-2b; the same report gives the same bytes.

    Raises
    ------
    VeridicalError
        If the typesetter refuses it.
    """
    made = compile_files(document, "pdf", summary_only=summary_only)
    return bytes(made) if not isinstance(made, list) else b"".join(made)


def compile_files(document: Document, format: str, *, summary_only: bool = False, ppi: float = 110) -> Any:
    """Set a document in a format of the typesetter: "pdf" gives bytes, "png" bytes or a list of them, one a page."""
    import typst

    inputs = files_of(document, summary_only=summary_only)
    more: dict[str, Any] = (
        {"pdf_standards": STANDARD, "timestamp": moment_of(document)} if format == "pdf" else {"ppi": ppi}
    )
    compiled: Any = typst.compile  # files in memory are missing from its declared types
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return compiled(inputs, format=format, ignore_system_fonts=True, **more)
    except (typst.TypstError, typst.TypstWarning) as error:
        raise VeridicalError(
            f"the PDF could not be set ({error}); write the report with --html, and report this"
        ) from error


def files_of(document: Document, *, summary_only: bool = False) -> dict[str, bytes]:
    """Return the files that the typesetter is given: the template, the data, and the pictures."""
    pictures: dict[str, bytes] = {}
    plain = _plain(
        {**asdict(document), "parts": [] if summary_only else [asdict(part) for part in document.parts]}, pictures
    )
    at = moment_of(document)
    plain["date"] = [at.year, at.month, at.day, at.hour, at.minute, at.second]
    plain["summary_only"] = summary_only
    # the title and the language are metadata of the file, which cannot be broken
    plain |= {"title": printable(document.title), "language": document.language, "number": document.number}
    text = json.dumps(plain, ensure_ascii=False).encode("utf-8")
    return {"main.typ": _template(), "report.json": text, **pictures}


def moment_of(document: Document) -> datetime:
    """Return the moment that the PDF carries: when the exhibit was examined."""
    try:
        at = datetime.fromisoformat(document.date)
    except ValueError:
        return _EPOCH
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _plain(value: Any, pictures: dict[str, bytes]) -> Any:
    """Make text printable, name each kind of block, and take the pictures out."""
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, Mapping):
        kind = next((name for key, name in reversed(_KINDS.items()) if key in value), "")
        made = {key: _picture(one, pictures) if key == "svg" else _plain(one, pictures) for key, one in value.items()}
        return {**made, "kind": kind} if kind else made
    if isinstance(value, list | tuple):
        return [_plain(one, pictures) for one in value]
    return value


def _picture(svg: str, pictures: dict[str, bytes]) -> str:
    content = svg.encode("utf-8", "replace")
    name = next((known for known, held in pictures.items() if held == content), f"p{len(pictures)}.svg")
    pictures[name] = content
    return name


@cache
def _template() -> bytes:
    return re.sub(rb"\r\n", b"\n", (files("veridical.report") / "templates" / "examiner.typ").read_bytes())
