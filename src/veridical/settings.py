"""All settings of veridical: one tuple, read from the environment.

Parameters of examinations are not settings; they stand in the signatures of the examinations and are set with
``--set id.knob=value``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; its environment variable is VERIDICAL_ and the name in capitals."""

    name: str
    default: float | str
    help: str

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"VERIDICAL_{self.name.upper()}"


SETTINGS = (
    Setting("cache", "", "folder for cached percepts (default: the user's cache folder); 'off' keeps nothing on disk"),
    Setting("cache_gib", 4, "size of the percept cache in GiB; the oldest entries go first"),
    Setting("models", "", "folder of model files; looked into before the cache, never written to (air-gapped use)"),
    Setting("adapters", "", "folder of added adapters and of their calibrations (default: the user's data folder)"),
    Setting("cameras", "", "folder of enrolled cameras (default: the user's data folder)"),
    Setting("persons", "", "folder of enrolled persons, biometric data (default: the user's data folder)"),
    Setting("voices", "", "folder of enrolled voices, biometric data (default: the user's data folder)"),
    Setting("tables", "", "folder of calibration tables of one's own; they go before those that come with the program"),
    Setting("scale", "", "file of the verbal scale that conclusions are worded by (default: the one of the program)"),
    Setting("keys", "", "folder of keys that sign bundles (default: the user's data folder)"),
    Setting("language", "en", "language of the reports: en or it"),
    Setting("max_megapixels", 200, "largest image, in megapixels"),
    Setting("max_hours", 4, "longest recording, in hours"),
    Setting("max_gib", 16, "largest file, in GiB"),
    Setting("decode_gib", 2.5, "address space of the decoder process, in GiB"),
    Setting("decode_seconds", 60, "longest wait for the next answer of the decoder, in seconds"),
    Setting("threads", 2, "threads for numerical work"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def text(name: str) -> str:
    """Return a setting as text."""
    setting = _BY_NAME[name]
    return os.environ.get(setting.variable, "") or str(setting.default)


def number(name: str) -> float:
    """Return a setting as a positive number; raises UsageError if the variable holds none."""
    setting = _BY_NAME[name]
    try:
        value = float(text(name))
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise UsageError(f"{setting.variable} must be a number above zero ({setting.help}); it is {text(name)!r}")
    return value


def user_cache() -> Path:
    """Return the folder that holds everything veridical keeps for this user."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "veridical"


def user_data() -> Path:
    """Return the folder that holds what this user has made and would miss, such as enrolled cameras."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "veridical"
