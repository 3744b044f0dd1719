"""Recipes for visible slips of picture generators: an odd earring, a droplet, bent lines."""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import UsageError
from ..knowledge.ffhq_alignment import EYES
from .portrait import blend, eyes_of, face_of, oval
from .recipe import Box, Eye, Picture, Still, StillPair


def earring(picture: Picture, random: np.random.Generator, *, size: float = 0.09, face: str = "") -> StillPair:
    """Hang one earring at one ear: a drop of coloured stone on a gold hook.

    ``size`` is its radius in widths of the face. It goes to the ear on the left of the picture. The other ear is left bare.
    Both pictures are saved at 95.
    """
    box = face_of(picture, face)
    radius = size * box.width
    x, y = box.x - 0.01 * box.width, box.y + 0.62 * box.height
    drawn, alpha = picture.pixels.astype(np.float32), np.zeros(picture.pixels.shape[:2], np.float32)
    parts = (
        (0.0, 0.35, (190, 160, 60), 0.0),
        (1.3, 1.0, (20, 120, 90), 0.0),
        (1.1, 0.35, (210, 250, 230), -0.35),
    )
    for down, part, colour, aside in parts:
        spot = _disc(alpha.shape, x + aside * radius, y + down * radius, part * radius)
        drawn += spot[:, :, None] * (np.array(colour, np.float32) - drawn)
        alpha = np.maximum(alpha, spot)
    altered = blend(picture.pixels, drawn, (alpha > 0).astype(np.float32))
    return _pair(picture.pixels, altered, alpha > 0, {"x": x, "y": y, "radius": radius})


def template_eyes(picture: Picture, random: np.random.Generator, *, off: float = 0.1, eyes: str = "") -> StillPair:
    """Lay the head, resized, over the photograph so that its eyes stand where the FFHQ alignment puts them.

    In the control the same resized head stands higher and farther left by ``off`` picture widths each. Both have a soft oval
    edge, stop short of the label, and are saved at 95.
    """
    both = eyes_of(picture, eyes)
    altered, mask = _head_at(picture, both, 0.0)
    control, other = _head_at(picture, both, off)
    return _pair(control, altered, mask | other, {"off": off})


def _head_at(picture: Picture, eyes: tuple[Eye, ...], off: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the picture with its head laid over the template, shifted by ``off``; and where it was changed."""
    height, width = picture.pixels.shape[:2]
    source = np.array([[(eye.x0 + eye.x1) / 2, (eye.y0 + eye.y1) / 2] for eye in eyes])
    target = (np.array(EYES) - off) * width - 0.5
    step = float(np.hypot(*(target[1] - target[0])))
    if target[0, 1] + 2 * step > 1.05 * height:
        raise UsageError(f"a picture of {width}×{height} pixels is too wide for a head of {3 * step:.0f} pixels")
    turn = complex(*(target[1] - target[0])) / complex(*(source[1] - source[0]))
    move = complex(*target[0]) - turn * complex(*source[0])
    matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
    placed = cv2.warpAffine(
        picture.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    x, y = target.mean(0)
    head = Box(x=round(x - 1.5 * step), y=round(y - 1.9 * step), width=round(3 * step), height=round(3.7 * step))
    alpha = oval((height, width), head, feather=0.2)
    alpha[picture.label.cut] = 0
    return blend(picture.pixels, placed, alpha), alpha > 0


def droplet(
    picture: Picture, random: np.random.Generator, *, radius: float = 0.018, strength: float = 1.0
) -> StillPair:
    """Draw a droplet into the calmest of 40 places beside face and label, as the first StyleGAN leaves them.

    Its rim is brighter than its middle, and its middle has a colour of its own. ``radius`` is that of its ring as a share of
    the shorter side. Both pictures are saved at 95.
    """
    height, width = picture.pixels.shape[:2]
    ring = radius * min(height, width)
    x, y = _calm_place(picture, random, round(4 * ring))
    rows, columns = np.ogrid[:height, :width]
    from_middle = np.hypot(columns - x, rows - y) / ring
    rim = np.exp(-(((from_middle - 1) / 0.3) ** 2))[:, :, None]
    middle = np.exp(-((from_middle / 0.8) ** 4))[:, :, None]
    tint = np.array([-30.0, -5.0, 15.0])
    made = picture.pixels + strength * (45 * rim + tint * middle)
    mask = from_middle < 2
    return _pair(picture.pixels, blend(picture.pixels, made, mask.astype(np.float32)), mask, {"x": x, "y": y})


def colour_patch(
    picture: Picture, random: np.random.Generator, *, size: float = 0.18, strength: float = 0.7, face: str = ""
) -> StillPair:
    """Let a fluorescent colour run over the upper edge of the hair, on hair and background alike.

    ``size`` is the radius of the patch in widths of the face. Its hue is drawn at random between green and magenta, its
    lightness follows the picture. Both pictures are saved at 95.
    """
    box = face_of(picture, face)
    reach = size * box.width
    x, y = box.x + box.width * random.uniform(1.1, 1.2), box.y - 0.25 * box.height
    rows, columns = np.ogrid[: picture.pixels.shape[0], : picture.pixels.shape[1]]
    alpha = strength * np.exp(-((np.hypot(columns - x, (rows - y) * 0.8) / reach) ** 4)).astype(np.float32)
    alpha[(alpha < 0.01) | _within(picture.label, alpha.shape)] = 0
    hue = np.array([[[int(random.integers(60, 160)), 240, 235]]], np.uint8)
    colour = np.asarray(cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0], np.float32)
    made = 0.35 * picture.pixels + 0.65 * colour
    return _pair(picture.pixels, blend(picture.pixels, made, alpha), alpha > 0, {"x": x, "y": y})


def _within(box: Box, shape: tuple[int, ...]) -> np.ndarray:
    inside = np.zeros(shape, bool)
    inside[box.cut] = True
    return inside


def _calm_place(picture: Picture, random: np.random.Generator, reach: int) -> tuple[int, int]:
    """Return the place, of 40 drawn at random beside face and label, neither dark nor bright, whose surroundings vary least."""
    height, width = picture.pixels.shape[:2]
    best, least = None, np.inf
    for _ in range(40):
        x, y = int(random.integers(reach, width - reach)), int(random.integers(reach, height - reach))
        spot = Box(x=x - reach, y=y - reach, width=2 * reach, height=2 * reach)
        if any(spot.meets(box) for box in (picture.label, picture.face) if box is not None):
            continue
        part = picture.pixels[spot.cut]
        spread = float(part.std((0, 1)).sum())
        if spread < least and 60 < part.mean() < 200:
            best, least = (x, y), spread
    if best is None:
        raise UsageError(f"no free place of {2 * reach} pixels beside the face and the label; use a smaller radius")
    return best


def _disc(shape: tuple[int, ...], x: float, y: float, radius: float) -> np.ndarray:
    """Return a disc with an edge of one pixel: 0 to 1."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1), np.float32)


def _pair(control: np.ndarray, altered: np.ndarray, mask: np.ndarray, facts: dict[str, object]) -> StillPair:
    return StillPair(
        category="synthesis", control=Still(pixels=control), altered=Still(pixels=altered), mask=mask, facts=facts,
        altered_term="compositeWithTrainedAlgorithmicMedia",
    )  # fmt: skip
