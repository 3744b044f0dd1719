"""Regenerate the generated parts of the documentation, or check with --check that they are fresh."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from veridical.models.catalogue import markdown
from veridical.report.json_schema import schema_text

ROOT = Path(__file__).parents[1]


def cli_help() -> str:
    """Return the help of every command."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from veridical.cli import app

    runner = CliRunner(env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"})
    parts = []
    for words in _commands(get_command(app)):
        text = runner.invoke(app, [*words, "--help"], prog_name="veridical").output
        parts.append(f"## veridical {' '.join(words)}\n\n```\n{text.strip()}\n```")
    return "\n\n".join(re.sub(r"[ \t]+$", "", part, flags=re.MULTILINE) for part in parts)


def _commands(group: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups before what they hold."""
    for name, command in getattr(group, "commands", {}).items():
        yield (*above, name)
        yield from _commands(command, (*above, name))


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/commands.md": {"commands": cli_help},
    "docs/models.md": {"models": markdown},
}
WHOLE: dict[str, Callable[[], str]] = {"docs/report.schema.json": schema_text}


def fresh(path: Path, parts: dict[str, Callable[[], str]]) -> str:
    """Return the text of a document with its generated parts made anew."""
    text = path.read_text()
    for name, make in parts.items():
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        new = make()
        text, count = pattern.subn(lambda m, new=new: f"{m[1]}{new}\n{m[2]}", text)
        if count != 1:
            raise SystemExit(f"{path} has {count} parts named {name}")
    return text


def main() -> None:
    """Write what is stale; with --check, only say so."""
    texts = {ROOT / name: fresh(ROOT / name, parts) for name, parts in PARTS.items()}
    texts |= {ROOT / name: make() for name, make in WHOLE.items()}
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv and stale:
        raise SystemExit(f"stale: {', '.join(str(path.relative_to(ROOT)) for path in stale)}; run: make docs")
    for path in stale:
        path.write_text(texts[path])


if __name__ == "__main__":
    main()
