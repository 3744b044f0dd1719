"""JSON in one form only: keys sorted, no spaces, ASCII, one line feed at the end; the same data is always the same bytes."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def write(plain: Any) -> bytes:
    """Write plain data; raises ValueError for numbers that are not finite."""
    return (json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")


def read(data: bytes) -> Any:
    """Read plain data that was written in this form.

    Raises
    ------
    ValueError
        If it is not JSON, or not in this form: other spacing or order, a key twice, numbers written otherwise.
    """
    try:
        plain = json.loads(data.decode("ascii"), parse_constant=_refuse)
        again = write(plain)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if again != data:
        place = next(
            (n for n, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), min(len(again), len(data))
        )
        raise ValueError(f"it is JSON, but not written in the one form of a bundle (from byte {place} on)")
    return plain


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")
