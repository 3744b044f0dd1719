"""Why examinations that were measured on labelled files have no calibration table: ``tables/unfit.json``, generated only.

An examination is weighed only if it separates fakes from real files on sources left out, under every condition. One that was
tried and did not is not the same as one that was never tried, and a report says which.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import DeclarationError
from .calibration import TABLES

FORMAT = 1


def why(id: str, folder: Path = TABLES) -> str:
    """Return why an examination has no table, in words; empty if that was not measured.

    Raises
    ------
    DeclarationError
        If the file is there but cannot be read.
    """
    return str(_read(folder).get(id, {}).get("why", ""))


@cache
def _read(folder: Path) -> dict[str, Any]:
    path = folder / "unfit.json"
    if not path.exists():
        return {}
    try:
        plain = json.loads(path.read_text("utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']}")
        return dict(plain["examinations"])
    except (ValueError, KeyError, TypeError) as error:
        raise DeclarationError(f"{path} is no list of what cannot be weighed: {error!r}") from error
