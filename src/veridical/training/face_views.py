"""Faces of the labelled pictures as the test conditions and random histories show them, without looking for them anew.

A face is looked for once, in the picture as it is; from then on its mesh follows what is done to the picture. So a condition
cannot make a face vanish or jump, and a thousand pictures take minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UsageError
from ..media.image import Image
from ..perception.faces import see_faces
from ..signals.face_chips import face_chip
from .launder import COMMON_SIDE, History
from .pictures import Row, load
from .pseudo_fakes import BEYOND

_LARGEST, _LEAST = 512, 160


@dataclass(frozen=True, slots=True)
class KeptFace:
    """The largest face of a picture.

    Parameters
    ----------
    row
        The picture.
    native
        shape (468, 2): its mesh in the picture.
    pixels, mesh
        An upright square around it at nearly its own size, 160 to 512 pixels wide, and the mesh in that.
    """

    row: Row
    native: np.ndarray
    pixels: np.ndarray
    mesh: np.ndarray


def kept_faces(folder: Path, rows: Sequence[Row], cache: Path) -> Iterator[KeptFace]:
    """Yield the largest face of each picture that shows one; what the cache holds is not looked for again."""
    cache.mkdir(parents=True, exist_ok=True)
    for row in rows:
        path = cache / f"{row['file']}.npz"
        if not path.exists():
            with path.open("wb") as file:
                np.savez(file, **_found(folder, row))  # type: ignore[arg-type]
        with np.load(path, allow_pickle=False) as held:
            if "native" in held.files:
                yield KeptFace(row, held["native"], held["pixels"], held["mesh"])


def _found(folder: Path, row: Row) -> dict[str, np.ndarray]:
    pixels = load(folder, row)
    image = Image(
        pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None
    )  # fmt: skip
    faces = see_faces(image).faces
    if not faces:
        return {}
    native = faces[0].mesh[:, :2]
    scale = face_chip(pixels, native, side=_LARGEST, beyond=BEYOND).scale
    side = int(np.clip(round(_LARGEST / max(scale, 1e-6)), _LEAST, _LARGEST))
    chip = face_chip(pixels, native, side=side, beyond=BEYOND)
    return {"native": native, "pixels": chip.pixels, "mesh": chip.points(native).astype(np.float32)}


def conditioned(points: np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return where points (n, 2) of a picture of ``shape`` (height, width) lie under a test condition.

    Raises UsageError for an unknown condition.
    """
    height, width = shape[:2]
    if name in ("native", "jpeg_75"):
        return points
    if name == "half":
        return resized(points, (height, width), (height // 2, width // 2))
    if name != "common":
        raise UsageError(f"no condition {name}")
    side = min(height, width)
    corner = np.array([(width - side) // 2, (height - side) // 2])
    return resized(points - corner, (side, side), (COMMON_SIDE, COMMON_SIDE))


def followed(points: np.ndarray, past: History) -> np.ndarray:
    """Return where points (n, 2) lie after a history."""
    shape = past.shape
    for name, step in zip(past.names, past.steps, strict=True):
        given = getattr(step, "keywords", {})
        if name == "scaled":
            points = resized(points, shape, (given["height"], given["width"]))
            shape = given["height"], given["width"]
        elif name == "cropped":
            points = points - np.array([given["left"], given["top"]])
            shape = shape[0] - given["top"], shape[1] - given["left"]
    return points


def resized(points: np.ndarray, now: tuple[int, int], then: tuple[int, int]) -> np.ndarray:
    """Return where points (n, 2) lie once a picture has another size, both (height, width)."""
    factor = np.array([then[1] / now[1], then[0] / now[0]])
    return np.asarray((points + 0.5) * factor - 0.5)
