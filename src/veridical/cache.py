"""The percept cache on disk: one folder an entry, arrays as .npy files beside a JSON text, written atomically.

A key is a hash over everything the percept depends on; the cache never judges whether an entry is fresh. The oldest
entries go when the cache grows beyond its size. Losing it costs time, nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from . import settings
from .codec import CodecError, decode, encode

T = TypeVar("T")
_MAP_FROM_BYTES = 1 << 20


class PerceptCache:
    """Percepts by key; safe for several processes at once.

    Parameters
    ----------
    folder
        Where entries lie; None keeps nothing.
    most_bytes
        Size beyond which the least recently used entries are removed.
    """

    def __init__(self, folder: Path | None, *, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    @classmethod
    def of_user(cls) -> PerceptCache:
        """Return the cache that the settings name."""
        where = settings.text("cache")
        folder = None if where == "off" else (Path(where) if where else settings.user_cache() / "percepts")
        return cls(folder, most_bytes=int(settings.number("cache_gib") * 2**30))

    def load(self, key: str, kind: type[T]) -> T | None:
        """Return the percept stored under ``key``, or None; a damaged entry counts as none."""
        if self.folder is None:
            return None
        entry = self.folder / key[:2] / key
        try:
            plain = json.loads((entry / "percept.json").read_text())
            percept = decode(plain, kind, lambda name: _load_array(entry / f"{int(name)}.npy"))
            os.utime(entry)
        except (OSError, ValueError):
            return None
        return cast(T, percept)

    def store(self, key: str, percept: Any) -> None:
        """Store a percept under ``key``; a full or read-only disk is no error, the next run computes again."""
        if self.folder is None:
            return
        home = self.folder / key[:2]
        try:
            home.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        except OSError:
            return
        try:
            self._write(staging, percept)
            staging.replace(home / key)
        except CodecError:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        except OSError:  # full disk, or another process stored the same entry first
            shutil.rmtree(staging, ignore_errors=True)
        self._trim()

    def _write(self, folder: Path, percept: Any) -> None:
        count = 0

        def keep(array: np.ndarray) -> int:
            nonlocal count
            np.save(folder / f"{count}.npy", array, allow_pickle=False)
            count += 1
            return count - 1

        plain = encode(percept, type(percept), keep)
        (folder / "percept.json").write_text(json.dumps(plain, allow_nan=False))

    def _trim(self) -> None:
        entries = []
        for entry in (self.folder or Path()).glob("??/*"):
            try:
                size = sum(file.stat().st_size for file in entry.iterdir())
                entries.append((entry.stat().st_mtime, size, entry))
            except OSError:
                continue
        total = sum(size for _, size, _ in entries)
        for _, size, entry in sorted(entries):
            if total <= self.most_bytes:
                break
            shutil.rmtree(entry, ignore_errors=True)
            total -= size


def _load_array(path: Path) -> np.ndarray:
    large = path.stat().st_size > _MAP_FROM_BYTES
    return cast(np.ndarray, np.load(path, mmap_mode="r" if large else None, allow_pickle=False))
