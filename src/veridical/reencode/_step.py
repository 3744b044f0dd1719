"""What a step of a chain is, and the numbers that it may draw."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..media.exhibit import Exhibit


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain for one kind of file.

    Parameters
    ----------
    description
        What it does, with its numbers.
    make
        Called with the exhibit, the path to write to without its suffix, and the key; returns the file that it wrote.
        Raises NotApplicable if the exhibit is not fit for it.
    """

    description: str
    make: Callable[[Exhibit, Path, str], Path]


def draw(name: str, key: str, choices: int) -> int:
    """Return a number from 0 to below ``choices``: uniform over keys, the same for ever for one name and key."""
    return int.from_bytes(_digest(name, key)[:8], "big") % choices


def generator(name: str, key: str) -> np.random.Generator:
    """Return a source of random numbers that depends on the name of the step and the key only."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(name, key)[:16], "big")))


def _digest(name: str, key: str) -> bytes:
    return hashlib.sha256(f"{name} {key}".encode()).digest()
