"""The head of a page that runs no script: its style, and a content security policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from .markup import Html, element


def template(name: str) -> str:
    """Return a file of ``report/templates``."""
    return (files("veridical.report") / "templates" / name).read_text("utf-8")


def head(title: str, style: str) -> Html:
    """Build the head: ``style`` is the only style that the page may have; pictures are inside the file."""
    key = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{key}'; base-uri 'none'; form-action 'none'"
    return element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Html(policy)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"), element("title", title), element("style", Html(style)),
    )  # fmt: skip
