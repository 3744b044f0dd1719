"""What all recipes have in common: they are found by looking, take arguments, and leave a card beside what they make.

A recipe is a module of ``training/recipes``. The first line of its docstring says what it makes. ``add_arguments(parser)``
names what it takes, and ``run(given, tell)`` makes it and returns `cards.Made`; ``NEEDS`` names packages beyond those of the
program. Both ways to start it do the same and write the card::

    veridical train NAME ...
    python -m veridical.training.recipes.NAME ...
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from ..errors import NotInstalled, UsageError
from . import cards, recipes

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


def names() -> list[str]:
    """Return the names of all recipes, in alphabetical order."""
    return sorted(one.name for one in iter_modules(recipes.__path__) if not one.name.startswith("_"))


def summary(name: str) -> str:
    """Return what a recipe makes: the first line of its docstring, as plain text."""
    return _plain(_module(name)).splitlines()[0]


def start(name: str, arguments: Sequence[str], tell: Tell | None = None) -> Path:
    """Run a recipe and return the path of its card.

    Raises
    ------
    UsageError
        If there is no such recipe, or what it is given does not fit.
    NotInstalled
        If a package that it needs is missing.
    SystemExit
        If the arguments are wrong, or ask for help.
    """
    module = _module(name)
    parser = argparse.ArgumentParser(
        f"veridical train {name}", description=_plain(module), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    given = parser.parse_args(list(arguments))
    for package in getattr(module, "NEEDS", ()):
        if find_spec(package) is None:
            raise NotInstalled(f"{package} is not installed; run: pip install 'veridical[train]'")
    began = time.monotonic()
    made = module.run(given, tell)
    command = shlex.join(["veridical", "train", name, *arguments])
    return cards.write(
        made, recipe=name, makes=summary(name), command=command, seconds=time.monotonic() - began
    )  # fmt: skip


def as_script(name: str, arguments: Sequence[str] | None = None) -> None:
    """Run a recipe as a script: errors become one line, and the path of the card is printed."""
    try:
        card = start(name, sys.argv[1:] if arguments is None else arguments, _Lines())
    except (UsageError, NotInstalled) as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
    sys.stdout.write(f"{card}\n")


def folder(text: str) -> Path:
    """Return the path of a folder that is there; for ``add_argument(type=folder)``."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"no such folder: {text}")
    return path


def file(text: str) -> Path:
    """Return the path of a file that is there; for ``add_argument(type=file)``."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return path


def _module(name: str) -> Any:
    if name not in names():
        raise UsageError(f"no recipe {name}; there are {', '.join(names())}")
    return import_module(f"{recipes.__name__}.{name}")


def _plain(module: Any) -> str:
    return (module.__doc__ or "").strip().replace("``", "")


class _Lines:
    """A line on standard error at most every ten seconds."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        if time.monotonic() - self._last >= 10 or done == of:
            self._last = time.monotonic()
            sys.stderr.write(f"{what}: {done} of {of}\n")
