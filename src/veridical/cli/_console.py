"""Where the command line speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ..report.markup import one_line

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def caution(message: str) -> None:
    """Print a warning as one plain line."""
    err.print(Text("warning: ", "bold yellow") + Text(one_line(message), ""), soft_wrap=True)


def complain(message: str) -> None:
    """Print an error as one plain line: file names and messages are never read as markup, nor obeyed by the terminal."""
    err.print(Text("error: ", "bold red") + Text(one_line(message), ""), soft_wrap=True)
