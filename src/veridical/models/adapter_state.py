"""What is known on this machine of each adapter: pinned files, conversion, polarity test, calibration; one JSON file each."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .. import settings
from ..errors import UsageError

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known of an adapter.

    Parameters
    ----------
    pins
        SHA-256 and bytes of each file that came without, as it was when it was added; by model.
    converted
        Of a converted network: ``sha256`` of the ONNX file, ``source`` (SHA-256 of what it was made from), ``difference``.
    polarity
        ``passed``, the values ``real`` and ``fake``, and ``model`` (SHA-256) that was tested.
    calibration
        ``offset``, ``slope``, ``real``, ``fake`` (counts), ``cllr`` on files left out, ``auc``, ``low``, ``high``, ``files``
        (hashes of the decoded content), and ``model`` (SHA-256).
    """

    pins: dict[str, dict[str, Any]] = field(default_factory=dict)
    converted: dict[str, Any] = field(default_factory=dict)
    polarity: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)


def folder() -> Path:
    """Return where the user's adapters and their states are; it may not exist yet."""
    where = settings.text("adapters")
    return Path(where) if where else settings.user_data() / "adapters"


def load(name: str) -> State:
    """Return what is known of an adapter; raises UsageError if its file is damaged."""
    path = folder() / f"{name}.json"
    if not path.exists():
        return State()
    try:
        plain = json.loads(path.read_text("utf-8"))
        if plain.pop("format") != _FORMAT:
            raise ValueError("another format")
        if not all(isinstance(one, dict) for one in (*plain.values(), *plain.get("pins", {}).values())):
            raise ValueError("not made of tables")
        return State(**plain)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path} is damaged ({error}); remove it, and check and calibrate again") from None


def keep(name: str, state: State) -> None:
    """Write what is known of an adapter, in one step; raises UsageError if the folder cannot be written to."""
    write(folder() / f"{name}.json", json.dumps(asdict(state) | {"format": _FORMAT}, indent=1) + "\n")


def write(path: Path, text: str) -> None:
    """Write a text in one step; raises UsageError if the folder cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, staged = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(staged).replace(path)
    except OSError as error:
        raise UsageError(
            f"cannot write to {path.parent} ({error.strerror}); set VERIDICAL_ADAPTERS to another folder"
        ) from None
