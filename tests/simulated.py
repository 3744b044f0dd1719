"""The simulated camera of the lab: its pictures, and its enrolment in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from skimage import data

from veridical import cameras
from veridical.lab.camera import OWN, photographed

NAME, SIDE = "simulated", 512


def pictures(folder: Path, *, flats: int = 6, ordinary: int = 4, sensor: int = OWN, side: int = SIDE) -> list[Path]:
    """Write pictures that a simulated sensor took: evenly lit walls, and ordinary ones, none of the scene that is examined."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(sensor)
    rows, columns = np.mgrid[:side, :side] / side
    scenes = [110 + 15 * i + 30 * columns * (i % 2) + 20 * rows for i in range(flats)]
    made = [np.repeat(scene[..., None], 3, 2) for scene in scenes]
    photographs = [
        data.coffee()[:400, :400],
        data.chelsea()[:300, :300],
        data.rocket()[:400, :400],
        data.immunohistochemistry(),
    ]
    made += [np.asarray(Pillow.fromarray(p).resize((side, side)), float) for p in photographs[:ordinary]]
    paths = []
    for i, scene in enumerate(made):
        path = folder / f"{i:02d}.jpg"
        Pillow.fromarray(photographed(scene, sensor, rng)).save(path, quality=95)
        paths.append(path)
    return paths


@contextmanager
def simulated_camera(folder: Path) -> Iterator[cameras.Camera]:
    """Enrol the simulated camera where VERIDICAL_CAMERAS points for the time being."""
    before = os.environ.get("VERIDICAL_CAMERAS")
    os.environ["VERIDICAL_CAMERAS"] = str(folder / "store")
    try:
        yield cameras.enrol(pictures(folder / "pictures"), NAME)[0]
    finally:
        if before is None:
            del os.environ["VERIDICAL_CAMERAS"]
        else:
            os.environ["VERIDICAL_CAMERAS"] = before
