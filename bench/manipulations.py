"""Manipulated photographs with a known mask, for measuring maps: splice, copy-move, inpainting, face swap by warp and blend.

They exist while a map of them is measured and are deleted then. Each carries the lab's visible label; the watermark is left
out, because it would change the very noise that is measured.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow

from veridical.lab import label
from veridical.lab.recipe import Box
from veridical.lab.swap import swap_face

KINDS = ("splice", "copy-move", "inpainting", "face swap")
LONGEST = 1024
QUALITIES = (75, 98)


@dataclass(frozen=True, slots=True)
class Photo:
    """A pristine photograph as a camera would have saved it, with the mesh of its largest face, if it has one."""

    name: str
    source: str
    pixels: np.ndarray
    mesh: np.ndarray | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A manipulated photograph: the JPEG file, where it was altered, and how it was made.

    ``mask`` is True where the picture was altered, ``scored`` False where the visible label stands.
    """

    jpeg: bytes
    mask: np.ndarray
    scored: np.ndarray
    kind: str
    quality: int
    resized: bool
    photo: str
    source: str


def saved(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Return what a JPEG of that quality keeps."""
    return np.asarray(Pillow.open(io.BytesIO(_jpeg(pixels, quality))).convert("RGB"))


def make(kind: str, photo: Photo, donor: Photo, random: np.random.Generator) -> Made | None:
    """Manipulate a photograph; None if it does not suit the kind (no face, no room)."""
    if kind == "face swap":
        if photo.mesh is None or donor.mesh is None:
            return None
        swap = swap_face(photo.pixels, photo.mesh, donor.pixels, donor.mesh, poisson=bool(random.random() < 0.5))
        altered, mask = swap.pixels, swap.alpha > 0.1
    else:
        found = _MAKERS[kind](photo.pixels, donor.pixels, random)
        if found is None:
            return None
        altered, mask = found
    resized = bool(random.random() < 0.5)
    if resized:
        scale = float(random.uniform(0.6, 0.95))
        size = (round(altered.shape[1] * scale), round(altered.shape[0] * scale))
        method = cv2.INTER_AREA if random.random() < 0.5 else cv2.INTER_CUBIC
        altered = cv2.resize(altered, size, interpolation=method)
        mask = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    where = _label(mask)
    altered = altered.copy()
    label.draw(altered, where)
    scored = np.ones(mask.shape, bool)
    scored[where.cut] = False
    quality = int(random.integers(QUALITIES[0], QUALITIES[1] + 1))
    return Made(
        jpeg=_jpeg(altered, quality), mask=mask, scored=scored, kind=kind, quality=quality, resized=resized,
        photo=photo.name, source=photo.source,
    )  # fmt: skip


def _jpeg(pixels: np.ndarray, quality: int) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=2)
    return buffer.getvalue()


def _label(mask: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = Box(
        x=int(columns[0]), y=int(rows[0]), width=int(np.ptp(columns)) + 1, height=int(np.ptp(rows)) + 1
    )  # fmt: skip
    return label.place(mask.shape[1], mask.shape[0], box)


def _splice(base: np.ndarray, donor: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """Paste a shape from another photograph, turned and resized as an editor would."""
    height, width = base.shape[:2]
    shape = _blob((height, width), random, float(random.uniform(0.05, 0.2)))
    scale = float(random.uniform(0.7, 1.3)) * max(height / donor.shape[0], width / donor.shape[1])
    centre = (donor.shape[1] / 2, donor.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, float(random.uniform(-15, 15)), max(scale, 1.2 * scale))
    turn[:, 2] += np.array([width / 2, height / 2]) - centre
    moved = cv2.warpAffine(donor, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return _laid(base, moved, shape), shape


def _copy_move(base: np.ndarray, _: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """Repeat a shape elsewhere in the same photograph; half of the time turned and resized a little."""
    height, width = base.shape[:2]
    target = _blob((height, width), random, float(random.uniform(0.03, 0.12)))
    rows, columns = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    size = np.array([np.ptp(columns) + 1, np.ptp(rows) + 1])
    first = np.array([columns[0], rows[0]])
    for _attempt in range(200):
        start = random.integers(0, np.maximum(np.array([width, height]) - size, 1))
        if (np.abs(start - first) > size * 0.9).any():
            break
    else:
        return None
    shift = (start - first).astype(float)
    moved = random.random() < 0.5
    turn, scale = (float(random.uniform(-12, 12)), float(random.uniform(0.85, 1.15))) if moved else (0.0, 1.0)
    centre = first + size / 2
    matrix = cv2.getRotationMatrix2D(tuple(map(float, centre + shift)), turn, scale)
    matrix[:, 2] -= shift
    copied = cv2.warpAffine(base, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    origin = cv2.warpAffine(target.astype(np.uint8), back, (width, height), flags=cv2.INTER_NEAREST) > 0
    return _laid(base, copied, target), target | origin


def _inpaint(base: np.ndarray, _: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    """Remove a shape and fill it from its surroundings (Telea 2004 or Navier-Stokes)."""
    shape = _blob(base.shape[:2], random, float(random.uniform(0.01, 0.05)))
    method = cv2.INPAINT_TELEA if random.random() < 0.5 else cv2.INPAINT_NS
    return cv2.inpaint(base, shape.astype(np.uint8) * 255, 5, method), shape


def _laid(base: np.ndarray, above: np.ndarray, shape: np.ndarray) -> np.ndarray:
    soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), 1.2)[..., None]
    return np.clip(np.rint(base * (1 - soft) + above * soft), 0, 255).astype(np.uint8)


def _blob(size: tuple[int, int], random: np.random.Generator, share: float) -> np.ndarray:
    """Return a smooth random shape that covers about that share of the picture, away from its edges; bool."""
    height, width = size
    radius = np.sqrt(share * height * width / np.pi)
    margin = min(1.25 * radius, 0.45 * min(size))
    middle = random.uniform(margin, height - margin), random.uniform(margin, width - margin)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle = np.arctan2(y - middle[0], x - middle[1])
    waves = 1 + sum(random.uniform(-0.12, 0.12) * np.cos(k * angle + random.uniform(0, 2 * np.pi)) for k in (2, 3, 4))
    return np.asarray(np.hypot(y - middle[0], x - middle[1]) < radius * waves)


_Maker = Callable[[np.ndarray, np.ndarray, np.random.Generator], "tuple[np.ndarray, np.ndarray] | None"]
_MAKERS: dict[str, _Maker] = {"splice": _splice, "copy-move": _copy_move, "inpainting": _inpaint}
