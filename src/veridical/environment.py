"""What runs: the versions of Python, the system and every library that veridical depends on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import requires, version


@cache
def versions() -> Mapping[str, str]:
    """Return name → version; a change of any of them may change what a percept holds."""
    names = [name_of(text) for text in requires("veridical") or () if "extra ==" not in text]
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return {"python": platform.python_version(), "system": system, **{name: version(name) for name in sorted(names)}}


def name_of(requirement: str) -> str:
    """Return the name at the start of a requirement such as "numpy>=1.26"."""
    for place, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:place]
    return requirement
