"""The command line: one file a command.

Exit codes: 0 everything was examined; 1 a file could not be examined, or a model is missing or wrong; 2 the command was
used wrongly, or a report could not be written; 3 an examination failed (a fault of veridical, in the report with its
traceback); 130 interrupted with Ctrl-C.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from ..errors import VeridicalError, VeridicalWarning

INTERRUPTED = 130


def __getattr__(name: str) -> Any:
    """Load the application when it is first used: from here on Ctrl-C must find ``main`` running."""
    if name != "app":
        raise AttributeError(f"module 'veridical.cli' has no attribute {name!r}")
    from ._app import app

    return app


def main() -> None:
    """Run the command line; errors on purpose become one line and an exit code."""
    try:
        _run()
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # Typer turns Ctrl-C into this, without a word
            _interrupted()
        raise


def _run() -> None:
    warnings.showwarning = _shown
    try:
        from ._app import app

        app(prog_name="veridical")
    except VeridicalError as error:
        from ._console import complain

        complain(str(error))
        sys.exit(2)


def _shown(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: object = None,
    line: str | None = None,
) -> None:
    """Show a warning on purpose as one line, and any other as Python does."""
    if not issubclass(category, VeridicalWarning):
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))
        return
    from ._console import caution

    caution(str(message))


def _interrupted() -> None:
    print("interrupted", file=sys.stderr)  # noqa: T201 - the console may not be imported yet
    sys.exit(INTERRUPTED)
