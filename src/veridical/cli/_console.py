"""Where the command line speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def complain(message: str) -> None:
    """Print an error as plain text: file names and messages are never read as markup."""
    err.print(Text("error: ", "bold red") + Text(message, ""), soft_wrap=True)
