"""The one place where an unforeseen exception is caught, to become the outcome of a question instead of the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .errors import DeclarationError, MediaError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Raised:
    """What a percept or an examination raised, for everyone who asks for it."""

    error: Exception


def attempt(make: Callable[[], T]) -> T | Raised:
    """Return what ``make`` returns, or what it raised.

    Raises
    ------
    MediaError, DeclarationError
        Always passed on: they concern the whole exhibit, or the program itself.
    """
    try:
        return make()
    except (MediaError, DeclarationError):
        raise
    except Exception as error:  # noqa: BLE001 - see the module's docstring
        return Raised(error)
