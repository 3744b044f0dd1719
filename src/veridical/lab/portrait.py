"""Geometry of a face in a picture, soft masks, and eyelids that close."""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import UsageError
from .recipe import Box, Eye, Mouth, Opening, Picture


def face_of(picture: Picture, face: str) -> Box:
    """Return the face box: the knob ``face`` ("x,y,width,height" in pixels) if given, else the one that is known."""
    if face:
        numbers = _numbers(face, 4, "face=x,y,width,height")
        box = Box(x=round(numbers[0]), y=round(numbers[1]), width=round(numbers[2]), height=round(numbers[3]))
    elif picture.face is not None:
        box = picture.face
    else:
        raise UsageError("where is the face? give its box from hairline to chin: --set face=x,y,width,height (pixels)")
    height, width = picture.pixels.shape[:2]
    if box.x < 0 or box.y < 0 or box.x + box.width > width or box.y + box.height > height or box.width < 40:
        raise UsageError(f"the face box {box} does not lie in the {width}×{height} picture, or is less than 40 px wide")
    return box


def eyes_of(picture: Picture, eyes: str) -> tuple[Eye, ...]:
    """Return both eyes: the knob ``eyes`` if given (six numbers an eye, see `Eye`), else the known ones."""
    if eyes:
        numbers = _numbers(eyes, 12, "eyes=x0,y0,x1,y1,top,bottom,x0,y0,x1,y1,top,bottom")
        return tuple(Eye(x0=n[0], y0=n[1], x1=n[2], y1=n[3], top=n[4], bottom=n[5]) for n in (numbers[:6], numbers[6:]))
    if not picture.eyes:
        raise UsageError(
            "where are the eyes? give left and right corner and the rows of the lids, for both eyes: "
            "--set eyes=x0,y0,x1,y1,top,bottom,x0,y0,x1,y1,top,bottom (pixels)"
        )
    return picture.eyes


def mouth_of(picture: Picture, mouth: str) -> Mouth:
    """Return the mouth: the knob ``mouth`` if given (six numbers, see `Opening`), else the one that is known."""
    if mouth:
        n = _numbers(mouth, 6, "mouth=x0,y0,x1,y1,top,bottom")
        return Mouth(x0=n[0], y0=n[1], x1=n[2], y1=n[3], top=n[4], bottom=n[5])
    if picture.mouth is None:
        raise UsageError(
            "where is the mouth? give its left and right corner and the rows of the inner edges of the lips: "
            "--set mouth=x0,y0,x1,y1,top,bottom (pixels)"
        )
    return picture.mouth


def oval(shape: tuple[int, int], box: Box, *, feather: float) -> np.ndarray:
    """Return a soft ellipse in a box, zero outside it: shape (height, width), float32, 0 to 1.

    ``feather`` is the width of its edge as a share of the smaller radius.
    """
    y, x = np.ogrid[: shape[0], : shape[1]]
    across = (x - (box.x + (box.width - 1) / 2)) / (box.width / 2)
    down = (y - (box.y + (box.height - 1) / 2)) / (box.height / 2)
    inside = np.clip((1 - np.hypot(across, down)) / feather, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)


def blend(below: np.ndarray, above: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return ``above`` laid over ``below`` by ``alpha`` of shape (height, width); uint8, untouched where alpha is 0."""
    share = alpha[:, :, None]
    return np.asarray(np.clip(np.rint(below * (1 - share) + above * share), 0, 255), np.uint8)


def magnify(pixels: np.ndarray, spots: tuple[tuple[float, float, float, float, float], ...]) -> np.ndarray:
    """Warp a picture around some spots, each (x, y, reach, scale across, scale down); uint8."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    from_x, from_y = x.copy(), y.copy()
    for centre_x, centre_y, reach, across, down in spots:
        near = np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / (2 * reach**2))
        from_x += (x - centre_x) * (1 / across - 1) * near
        from_y += (y - centre_y) * (1 / down - 1) * near
    return cv2.remap(pixels, from_x, from_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def close_eyes(pixels: np.ndarray, eyes: tuple[Eye, ...], closed: float) -> np.ndarray:
    """Return a copy with the upper lids drawn down: 0 leaves the eyes open, 1 closes them.

    The skin between brow and lash line is stretched downwards over the eye; the lash line moves with its edge.
    """
    if closed <= 0:
        return pixels
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    from_y, lash = y.copy(), np.zeros((height, width), np.float32)
    for eye in eyes:
        upper, lower, inside = _lids(eye, x)
        fold = upper - 0.9 * (eye.bottom - eye.top)
        edge = upper + closed * (lower + 0.04 * (eye.bottom - eye.top) - upper)
        skin = inside & (y >= fold) & (y <= edge)
        stretched = fold + (y - fold) * (upper - 1.1 - fold) / np.maximum(edge - fold, 1e-3)
        from_y = np.where(skin, stretched, from_y)
        thickness = 0.09 * (eye.bottom - eye.top)
        lash = np.maximum(lash, np.where(inside, np.exp(-(((y - edge) / thickness) ** 2) / 2), 0))
    moved = cv2.remap(pixels, x, from_y.astype(np.float32), cv2.INTER_CUBIC)
    dark = (0.45 * min(1.0, 3 * closed) * lash)[:, :, None]
    return np.asarray(np.clip(moved * (1 - dark), 0, 255), np.uint8)


def open_mouth(pixels: np.ndarray, mouth: Mouth, chin: float, gap: float) -> np.ndarray:
    """Return a copy whose lips stand ``gap`` times as far apart: 0 closes the mouth, 1 leaves it as it is, 2 opens it wide.

    Lower lip and jaw move with the opening; the teeth keep their height, and below them it is dark. ``chin`` is the row of
    the lower end of the chin.
    """
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    upper, lower, inside = _lids(mouth, x)
    own = np.where(inside, lower - upper, 0)
    wanted = max(gap, 0.04) * own
    below = y - upper - wanted
    # The jaw comes along, and the throat takes up the difference.
    reach = 1.35 * (chin - mouth.bottom)
    moved = (wanted - own) * np.clip(1 - below / reach, 0, 1)
    squeezed = own / np.maximum(wanted, 1e-3) * (y - upper)
    within = np.where(wanted > own, np.minimum(y - upper, 0.9 * own), squeezed)
    from_y = np.where(y < upper, y, np.where(below < 0, upper + within, y - moved))
    opened = cv2.remap(pixels, x, from_y.astype(np.float32), cv2.INTER_CUBIC)
    dark = np.clip((y - upper - 0.85 * own) / 2, 0, 1) * np.clip(-below / 2, 0, 1) * inside
    shade = dark[:, :, None]
    return np.asarray(np.clip(opened * (1 - shade) + np.array([52, 18, 16]) * shade, 0, 255), np.uint8)


def _lids(eye: Opening, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows of both lids at every column, and where a column passes through the eye."""
    along = (x - eye.x0) / (eye.x1 - eye.x0)
    corner = eye.y0 + along * (eye.y1 - eye.y0)
    arch = np.clip(1 - (2 * along - 1) ** 2, 0, None) ** 0.7
    middle = (eye.y0 + eye.y1) / 2
    return corner - arch * (middle - eye.top), corner + arch * (eye.bottom - middle), (along > 0) & (along < 1)


def _numbers(text: str, count: int, form: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise UsageError(f"{text!r} is not of the form {form}")
    return numbers
