"""Model files on this machine: the user's own folder first (never written to), then the cache.

No file is handed out unless it is the one that the catalogue pins.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from .. import settings
from ..errors import HashMismatch, ModelMissing, UsageError
from .catalogue import Model, get


def cache() -> Path:
    """Return the folder that fetched models are kept in; it may not exist yet."""
    return settings.user_cache() / "models"


def cached(model: Model) -> Path:
    """Return where a fetched model is kept, whether it is there or not."""
    return cache() / model.file


def locate(name: str) -> Path | None:
    """Return the file of a model, unchecked, or None; raises UnknownModel."""
    model = get(name)
    own = settings.text("models")
    if own and not Path(own).is_dir():
        raise UsageError(f"VERIDICAL_MODELS names {own}, which is not a folder; correct or unset it")
    candidates = [Path(own) / model.file] if own else []
    candidates.append(cached(model))
    return next((path for path in candidates if path.is_file()), None)


def is_present(name: str) -> bool:
    """Say whether a file of the model is on this machine (its hash is checked when it is used); raises UnknownModel."""
    return locate(name) is not None


def path(name: str) -> Path:
    """Return the checked file of a model; raises UnknownModel, ModelMissing or HashMismatch."""
    found = _found(name)
    with found.open("rb") as stream:
        check(get(name), hashlib.file_digest(stream, "sha256").hexdigest(), found)
    return found


verify = path


def read(name: str) -> bytes:
    """Return the checked content of a model; raises as ``path``. What was checked is what is returned."""
    found = _found(name)
    content = found.read_bytes()
    check(get(name), hashlib.sha256(content).hexdigest(), found)
    return content


def check(model: Model, digest: str, where: Path | str) -> None:
    """Raise HashMismatch unless the SHA-256 of a file is the one that the catalogue pins."""
    if digest == model.sha256:
        return
    own = settings.text("models")
    remedy = f"run: veridical models fetch {model.name}"
    if own and Path(where).parent == Path(own):
        remedy = f"replace it with the right file, or take it out of that folder and {remedy}"
    raise HashMismatch(
        f"{where} is not the model {model.name}: its SHA-256 is {digest}, the catalogue has {model.sha256}; {remedy}"
    )


def _found(name: str) -> Path:
    found = locate(name)
    if found is None:
        raise ModelMissing(name)
    return found
