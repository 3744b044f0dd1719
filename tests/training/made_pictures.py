"""A handful of generated pictures in the sources of the folds: noise of two kinds, smooth for the fakes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = (
    ("fakefaces", "fake"), ("ffhq", "real"), ("kurlyto", "fake"), ("kurlyto", "real"), ("sd14", "fake"),
    ("webportraits", "real"), ("nanobanana", "fake"), ("unsplash", "real"), ("laboratoriet", "fake"),
    ("laboratoriet", "real"), ("attgan", "fake"), ("attgan", "real"),
)  # fmt: skip


def make(folder: Path, each: int = 2, side: int = 288) -> Path:
    """Write pictures and their manifest; those of attgan are too small for the condition common."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for source, label in KINDS:
        for n in range(each):
            name = f"{source}-{label}-{n}.png"
            random = np.random.default_rng([len(rows), 7])
            own = 128 if source == "attgan" else side
            picture = random.normal(128, 40, (own, own, 3)).clip(0, 255).astype(np.uint8)
            if label == "fake":
                small = Image.fromarray(picture).resize((own // 8, own // 8))
                picture = np.asarray(small.resize((own, own), Image.Resampling.BICUBIC))
            Image.fromarray(picture).save(folder / name)
            rows.append([name, label, source, f"{source} {label}", f"{source}-{n}"])
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["file", "label", "source", "generator", "group"], *rows])
    return folder
