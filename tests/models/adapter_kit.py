"""What tests of adapters share: an empty home, a detector of bright pictures, and pictures for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from veridical import catalogue
from veridical.models import adapter_state, adapters, runtime, store
from veridical.models.adapters import Adapter

from . import tiny_nets

TEXT = """
name = "mine"
question = "Is this picture bright?"
detects = ["synthesis"]
licence = "MIT"
licence_read = "a test"
card = "Brightness."
references = ["nobody"]
[model]
file = "net.onnx"
engine = "onnx"
[input]
crop = "whole"
side = 16
[output]
kind = "logit"
fake = 1
"""


def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's models, adapters and percepts out of a test; return where adapters are."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("VERIDICAL_CACHE", "off")
    monkeypatch.setenv("VERIDICAL_ADAPTERS", str(folder / "adapters"))
    monkeypatch.delenv("VERIDICAL_MODELS", raising=False)
    runtime.forget()
    catalogue.load.cache_clear()
    (folder / "adapters").mkdir()
    return folder / "adapters"


def installed(text: str = TEXT, content: bytes | None = None) -> Adapter:
    """Add an adapter and put its network in place, as ``veridical models add`` does."""
    content = tiny_nets.brightness(16) if content is None else content
    name = adapters.parse(text, origin="test").name
    digest = hashlib.sha256(content).hexdigest()
    (adapters.folder() / f"{name}.toml").write_text(text)
    adapter_state.keep(name, adapter_state.State(pins={f"{name}.model": {"sha256": digest, "bytes": len(content)}}))
    adapter = adapters.need(name)
    store.cache().mkdir(parents=True, exist_ok=True)
    store.cached(adapter.model).write_bytes(content)
    return adapter


def picture(path: Path, level: float, *, size: tuple[int, int] = (40, 30), seed: int = 0) -> Path:
    """Write a noisy grey picture of a mean level from 0 to 1."""
    noise = np.random.default_rng(seed).normal(255 * level, 8, (size[1], size[0], 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8)).save(path)
    return path
