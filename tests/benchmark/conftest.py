"""Rows of a run that nobody has to wait for: values drawn from known distributions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from veridical.benchmark.rows import Row

MakeRow = Callable[..., Row]


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    def made(path: str, label: str, value: float | None, **changed: Any) -> Row:
        plain: dict[str, Any] = {
            "id": "spatial.planted", "value": value, "outcome": "measured" if value is not None else "not_applicable",
            "reason": "", "seconds": 0.25, "quality": {"kind": "image", "bytes": 1000 + len(path), "width": 512},
            "exhibit": path, "path": path, "label": label, "category": "synthesis" if label == "fake" else "real",
            "generator": "g1" if label == "fake" else "", "source": "s", "group": path, "chain": "native",
        }  # fmt: skip
        return Row(**(plain | changed))

    return made


@pytest.fixture(scope="session")
def planted(make_row: MakeRow) -> list[Row]:
    """Two hundred files: unit normals two apart (AUC 0.921), a useless examination, and one that only fakes are fit for."""
    random = np.random.default_rng(11)
    rows = []
    for i in range(200):
        fake = i % 2
        label = "fake" if fake else "real"
        shared = {
            "quality": {"kind": "image", "bytes": int(random.normal(9000, 900)), "width": 512},
            "generator": ("g1", "g2")[i // 2 % 2] if fake else "", "source": "ab"[i % 3 == 0],
        }  # fmt: skip
        path = f"{i:03}.jpg"
        rows.append(make_row(path, label, float(random.normal(2 * fake, 1)), **shared))
        rows.append(make_row(path, label, float(random.normal()), id="spatial.useless", **shared))
        fit = bool(fake) or i % 10 == 0
        reason = "" if fit else f"the face is {i + 20} px wide; at least 240 px are needed"
        rows.append(
            make_row(path, label, float(random.normal()) if fit else None, id="temporal.picky", reason=reason, **shared)
        )
        rows.append(make_row(path, label, None, id="audio.other", reason="the exhibit has no sound", **shared))
    return rows
