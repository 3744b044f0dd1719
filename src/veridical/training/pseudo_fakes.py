"""Blends made from real faces alone, each beside the face it was made of: what networks that look for blends learn from.

Of a face, or of two, and a soft mask a blend is made; then blend and untouched face go through the same history. Half of the
blends are of a face with itself, one of the two changed a little (Shiohara and Yamasaki 2022); half take the inner face of
another person whose mesh is alike (Li et al. 2020). Nothing but the blend tells the two pictures of a pair apart.

References
----------
K. Shiohara, T. Yamasaki, Detecting deepfakes with self-blended images, CVPR 2022.
L. Li et al., Face X-ray for more general face forgery detection, CVPR 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..signals.face_crops import moved, similarity
from . import blend_masks
from .launder import FILTERS, history, jpeg, scaled

SIDE = 256
MAP_SIDE = 64
BEYOND = 1.625
"""How far the chips that blends are made of reach (see `veridical.signals.face_chips`); the pairs show less of it."""
_NEAREST = 10
_GREY = (127, 127, 127)


@dataclass(frozen=True, slots=True)
class FaceChip:
    """A face to blend: a square of uint8 RGB, its mesh (468, 2) in it, and whose it is."""

    pixels: np.ndarray
    mesh: np.ndarray
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A face, and the same with a blend.

    Parameters
    ----------
    real, fake
        shape (256, 256, 3), uint8, RGB, after the same history.
    mask
        shape (64, 64), float32: share of the pasted face in the blend, 0 to 1.
    kind
        "self" or "other", and the part of the face.
    """

    real: np.ndarray
    fake: np.ndarray
    mask: np.ndarray
    kind: str


def pairs(faces: Sequence[FaceChip], random: np.random.Generator, *, own: float = 0.5) -> Iterator[Pair]:
    """Make pairs without end; ``own`` is the share of the faces that are blended with themselves."""
    like = _alike(faces)
    while True:
        number = int(random.integers(len(faces)))
        donor = None
        if len(like[number]) and random.random() >= own:
            donor = faces[int(random.choice(like[number]))]
        made = make_pair(faces[number], donor, random)
        if made is not None:
            yield made


def make_pair(face: FaceChip, donor: FaceChip | None, random: np.random.Generator) -> Pair | None:
    """Blend a face with a donor's, or with itself if there is none; None if hardly anything of the mask is left."""
    side = min(len(face.pixels), int(np.exp(random.uniform(np.log(190), np.log(420)))))
    target, mesh = _sized(face, side)
    mask = blend_masks.drawn(mesh, (side, side), random)
    if float((mask.values > 0.3).mean()) < 0.004:
        return None
    if donor is None:
        target, source = _one_changed(target, random)
        source = _nudged(source, mask.values, random)
    else:
        if random.random() < 0.4:
            target = changed(target, random, strong=False)
        source = _laid_on(donor, mesh, side, random)
        if random.random() < 0.5:
            source = changed(source, random, strong=False)
        source = _coloured_like(source, target, mask.values, random)
    ratio = float(random.choice((0.7, 0.85, 1.0, 1.0, 1.0, 1.0)))
    fake = _blended(target, source, mask.values * ratio, random)
    return _shown(target, fake, mask.values, f"{'self' if donor is None else 'other'}, {mask.kind}", random)


def changed(pixels: np.ndarray, random: np.random.Generator, *, strong: bool = True) -> np.ndarray:
    """Return a picture after one or several changes of colour, sharpness, noise and coding."""
    out, kind = pixels, random.random()
    if random.random() < 0.5 or (strong and kind >= 0.85):
        shift, gain = random.normal(0, 7, 3), 1 + random.normal(0, 0.05) + random.normal(0, 0.02, 3)
        out = np.clip(out * gain + shift, 0, 255).astype(np.uint8)
        if random.random() < 0.4:
            grey = out.mean(2, keepdims=True)
            out = np.clip(grey + (out - grey) * random.uniform(0.75, 1.3), 0, 255).astype(np.uint8)
    if kind < 0.25:
        out = cv2.GaussianBlur(out, (0, 0), random.uniform(0.4, 1.8))
    elif kind < 0.55:
        small = max(round(len(out) / random.uniform(1.3, 4)), 8)
        out = scaled(out, small, small, FILTERS[random.integers(len(FILTERS))])
        out = scaled(out, len(pixels), len(pixels), FILTERS[random.integers(1, 3)])
    elif kind < 0.75:
        soft = cv2.GaussianBlur(out, (0, 0), random.uniform(0.7, 2.0))
        out = cv2.addWeighted(out, 1 + (weight := random.uniform(0.3, 1.2)), soft, -weight, 0)
    elif kind < 0.85:
        out = cv2.bilateralFilter(np.ascontiguousarray(out), 5, random.uniform(10, 40), 3)
    if random.random() < 0.15:
        out = np.clip(out + random.normal(0, random.uniform(1, 6), out.shape), 0, 255).astype(np.uint8)
    if random.random() < 0.35:
        out = jpeg(out, int(random.integers(35, 93)))
    return np.ascontiguousarray(out, np.uint8)


def _alike(faces: Sequence[FaceChip]) -> list[np.ndarray]:
    """Return for each face the numbers of those of others whose meshes lie nearest, sizes and places taken off."""
    shapes = np.stack([_shape(face.mesh) for face in faces])
    people = np.array([face.person for face in faces])
    found = []
    for shape, person in zip(shapes, people, strict=True):
        far = np.abs(shapes - shape).mean(1)
        far[people == person] = np.inf
        found.append(np.argsort(far)[: min(_NEAREST, int(np.isfinite(far).sum()))])
    return found


def _shape(mesh: np.ndarray) -> np.ndarray:
    points = mesh[::4, :2] - mesh[:, :2].mean(0)
    return np.asarray((points / max(float(np.sqrt((points**2).sum(1).mean())), 1e-6)).ravel())


def _sized(face: FaceChip, side: int) -> tuple[np.ndarray, np.ndarray]:
    now = len(face.pixels)
    if now == side:
        return face.pixels, face.mesh
    smaller = cv2.resize(face.pixels, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(smaller), (face.mesh + 0.5) * (side / now) - 0.5


def _one_changed(face: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the face and a copy of it, one of the two changed: the seam must not tell which."""
    other = changed(face, random)
    return (face, other) if random.random() < 0.5 else (other, face)


def _nudged(face: np.ndarray, mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Move, turn and bend a face a little, about the middle of the mask."""
    side = len(face)
    rows, columns = np.nonzero(mask > 0.3)
    turn = cv2.getRotationMatrix2D(
        (float(columns.mean()), float(rows.mean())), random.normal(0, 1.5), random.uniform(0.95, 1.05)
    )
    turn[:, 2] = turn[:, 2] + random.normal(0, 0.012, 2) * side
    method = cv2.INTER_CUBIC if random.random() < 0.5 else cv2.INTER_LINEAR
    out = cv2.warpAffine(face, turn, (side, side), flags=method, borderMode=cv2.BORDER_REFLECT_101)
    return blend_masks.bent(out, side * random.uniform(0, 0.008), random) if random.random() < 0.4 else np.asarray(out)


def _laid_on(donor: FaceChip, mesh: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """Move the donor's face onto a mesh: by a similarity, or by a smooth bend (squares of the place) that fits all points."""
    points = np.asarray(donor.mesh[:, :2], np.float64)
    if random.random() < 0.5:
        return moved(donor.pixels, similarity(points, mesh[:, :2]), side, _GREY)
    own = min(len(donor.pixels), round(1.2 * side))
    pixels, points = _sized(donor, own)
    basis, *_ = np.linalg.lstsq(_squares(mesh[:, :2], side), points, rcond=None)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    origin = (_squares(np.column_stack([x.ravel(), y.ravel()]), side) @ basis).astype(np.float32).reshape(side, side, 2)
    return np.asarray(
        cv2.remap(pixels, origin[..., 0], origin[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    )


def _squares(points: np.ndarray, side: int) -> np.ndarray:
    x, y = (points / side - 0.5).T
    return np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _coloured_like(
    source: np.ndarray, target: np.ndarray, mask: np.ndarray, random: np.random.Generator
) -> np.ndarray:  # fmt: skip
    """Bring the colours under the mask to the target's: not at all, their mean, or mean and spread in CIE Lab."""
    kind = random.random()
    if kind < 0.08:
        return source
    inside = mask > 0.3
    if kind < 0.4:
        shift = target[inside].mean(0) - source[inside].mean(0)
        return np.clip(source + shift, 0, 255).astype(np.uint8)
    ours, theirs = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB).astype(np.float32) for one in (source, target))
    gain = np.clip(theirs[inside].std(0) / np.maximum(ours[inside].std(0), 1.0), 0.6, 1.6)
    like = (ours - ours[inside].mean(0)) * gain + theirs[inside].mean(0)
    return np.asarray(cv2.cvtColor(np.clip(like, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB))


def _blended(target: np.ndarray, source: np.ndarray, mask: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if random.random() < 0.12:
        area = (mask > 0.05).astype(np.uint8)
        area[[0, 1, -2, -1]] = 0
        area[:, [0, 1, -2, -1]] = 0
        x, y, width, height = cv2.boundingRect(area)
        if width > 8 and height > 8:
            source = cv2.seamlessClone(
                source, target, area * 255, (x + width // 2, y + height // 2), cv2.NORMAL_CLONE
            )  # fmt: skip
    share = mask[:, :, None]
    return np.clip(np.rint(target * (1 - share) + source * share), 0, 255).astype(np.uint8)


def _shown(real: np.ndarray, fake: np.ndarray, mask: np.ndarray, kind: str, random: np.random.Generator) -> Pair:
    """Give both the same history, and show the same part of both."""
    past = history(real.shape[:2], random)
    real, fake = past.applied(real), past.applied(fake)
    plane = np.repeat(np.rint(mask * 255).astype(np.uint8)[:, :, None], 3, 2)
    for name, step in zip(past.names, past.steps, strict=True):
        if name in ("scaled", "cropped"):
            plane = step(plane)
    height, width = real.shape[:2]
    reach = random.uniform(1.15, 1.5) / BEYOND * max(height, width)
    move = cv2.getRotationMatrix2D(
        (width / 2 + random.normal(0, 0.015) * width, height / 2 + random.normal(0, 0.015) * height),
        random.normal(0, 4), SIDE / reach,
    )  # fmt: skip
    move[:, 2] = move[:, 2] + SIDE / 2 - np.array([width, height]) / 2
    if random.random() < 0.5:
        move[0] = -move[0]
        move[0, 2] += SIDE - 1
    pictures = [moved(one, move, SIDE, _GREY) for one in (real, fake)]
    small = cv2.resize(moved(plane, move, SIDE, (0, 0, 0))[:, :, 0], (MAP_SIDE, MAP_SIDE), interpolation=cv2.INTER_AREA)
    return Pair(real=pictures[0], fake=pictures[1], mask=np.asarray(small / 255, np.float32), kind=kind)
