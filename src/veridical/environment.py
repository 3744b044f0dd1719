"""What runs: the versions of Python, the system and every library that veridical depends on; the machine, and its own files."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path

SOURCES = Path(__file__).parent


@cache
def versions() -> Mapping[str, str]:
    """Return name → version; a change of any of them may change what a percept holds."""
    names = [name_of(text) for text in requires("veridical") or () if "extra ==" not in text]
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return {"python": platform.python_version(), "system": system, **{name: version(name) for name in sorted(names)}}


def machine() -> Mapping[str, str]:
    """Return what else may change a value or its last digits: the processor and veridical's own files."""
    return {"cpu": _cpu(), "veridical files": f"SHA-256 {own_files()}"}


@cache
def own_files() -> str:
    """Return a SHA-256 over the names and contents of veridical's own files: code, tables and shipped networks."""
    total = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(SOURCES).as_posix()} {content}\n".encode())
    return total.hexdigest()


def name_of(requirement: str) -> str:
    """Return the name at the start of a requirement such as "numpy>=1.26"."""
    for place, letter in enumerate(requirement):
        if not (letter.isalnum() or letter in "-_."):
            return requirement[:place]
    return requirement


@cache
def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
