"""Recipes for eyes and teeth that generators got wrong: drawn eyes in an enlarged face, right in the control."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np

from .portrait import eyes_of, face_of, oval
from .recipe import Box, Eye, Portrait, Still, StillPair

_IRIS_SHARE, _PUPIL_SHARE = 0.19, 0.48
_HUE, _SATURATION = 205.0, 0.45
# Where one far light stands in the drawn eyes: direction (degrees, counter-clockwise from the right) and distance (radii).
_LIGHT = (125.0, 0.7)
# The mouth in a box from hairline to chin: left, top, width, height as shares.
_TEETH = (0.26, 0.6, 0.48, 0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """How one eye is drawn: hue of the iris (degrees), lobes of the pupil (share of its radius), direction of the light."""

    hue: float = _HUE
    lobes: float = 0.0
    phase: float = 0.0
    light: float = _LIGHT[0]


def pupils(portrait: Portrait, random: np.random.Generator, *, lobes: float = 0.2, eyes: str = "") -> StillPair:
    """Draw eyes into an enlarged face, with pupils of three lobes instead of round ones.

    Iris, highlight, lids and grain are the same in both; ``lobes`` is the height of a lobe as a share of the radius.
    """
    phase = float(random.uniform(0, 2 * np.pi))
    return _drawn(portrait, random, eyes, (_Look(lobes=lobes, phase=phase), _Look(lobes=lobes, phase=phase + 1)))


def highlights(portrait: Portrait, random: np.random.Generator, *, turn: float = 120.0, eyes: str = "") -> StillPair:
    """Draw eyes into an enlarged face, lit from two directions instead of one.

    In the altered picture the highlight of one eye is turned about the pupil by ``turn`` degrees.
    """
    return _drawn(portrait, random, eyes, (_Look(), _Look(light=_LIGHT[0] - turn)))


def colour(portrait: Portrait, random: np.random.Generator, *, hue: float = 180.0, eyes: str = "") -> StillPair:
    """Draw eyes into an enlarged face, with irises of two colours instead of one.

    In the altered picture the hue of one iris is turned by ``hue`` degrees.
    """
    return _drawn(portrait, random, eyes, (_Look(), _Look(hue=_HUE + hue)))


def smooth(
    portrait: Portrait, random: np.random.Generator, *, blur: float = 0.012, face: str = "", eyes: str = ""
) -> StillPair:
    """Draw eyes into an enlarged face, and blur eyes and teeth as early face swaps did.

    ``blur`` is the standard deviation of the blur as a share of the face's width. Both have the same drawn eyes and furrows
    between the teeth before that.
    """
    box, both = face_of(portrait, face), eyes_of(portrait, eyes)
    grain = [random.standard_normal((2, *portrait.pixels.shape[:2])).astype(np.float32) for _ in both]
    teeth = _teeth(portrait.pixels, box)
    control = _grooved(_draw(portrait.pixels, both, (_Look(), _Look()), grain), teeth, box, random)
    open_eyes = np.max([_opening(_opened(eye, _radius(both)), teeth.shape) for eye in both], axis=0)
    altered, width = control.astype(np.float32), blur * box.width
    for share in (teeth, open_eyes):
        blurred = cv2.GaussianBlur(altered * share[:, :, None], (0, 0), width)
        around = np.maximum(cv2.GaussianBlur(share, (0, 0), width), 1e-3)
        altered += share[:, :, None] * (blurred / around[:, :, None] - altered)
    done = np.clip(np.rint(altered), 0, 255).astype(np.uint8)
    return _pair(portrait, control, done, {"blur_px": round(width, 1)})


def _drawn(portrait: Portrait, random: np.random.Generator, eyes: str, looks: tuple[_Look, _Look]) -> StillPair:
    """Return the portrait with two good eyes, and with eyes of the given looks; all else is the same."""
    both = eyes_of(portrait, eyes)
    grain = [random.standard_normal((2, *portrait.pixels.shape[:2])).astype(np.float32) for _ in both]
    control = _draw(portrait.pixels, both, (_Look(), _Look()), grain)
    altered = _draw(portrait.pixels, both, looks, grain)
    facts: dict[str, object] = {"iris_radius_px": round(_radius(both), 1)}
    for side, look in zip(("left", "right"), looks, strict=True):
        facts |= {f"{side}_in_picture_{name}": round(getattr(look, name), 3) for name in ("hue", "lobes", "light")}
    return _pair(portrait, control, altered, facts)


def _pair(portrait: Portrait, control: np.ndarray, altered: np.ndarray, facts: dict[str, object]) -> StillPair:
    for pixels in (control, altered):
        pixels[portrait.label.cut] = portrait.pixels[portrait.label.cut]
    return StillPair(
        category="synthesis", control=Still(pixels=control, format="png"), altered=Still(pixels=altered, format="png"),
        mask=(control != altered).any(2), facts=facts,
    )  # fmt: skip


def _radius(eyes: tuple[Eye, ...]) -> float:
    return _IRIS_SHARE * float(np.mean([np.hypot(eye.x1 - eye.x0, eye.y1 - eye.y0) for eye in eyes]))


def _draw(pixels: np.ndarray, eyes: tuple[Eye, ...], looks: tuple[_Look, _Look], grain: list[np.ndarray]) -> np.ndarray:
    radius = _radius(eyes)
    picture = pixels.astype(np.float32)
    for eye, look, noise in zip(eyes, looks, grain, strict=True):
        opened = _opened(eye, radius)
        opening = _opening(opened, pixels.shape[:2])
        # Lashes and their shadow: the upper edge of the opening, seen through a blur.
        edge = cv2.GaussianBlur(opening, (0, 0), radius / 9)
        lash = np.clip(edge - np.roll(edge, round(radius / 8), axis=0), 0, 1)
        picture += opening[:, :, None] * (_ball(opened, look, radius, noise) - picture)
        picture *= 1 - 0.75 * np.sqrt(lash)[:, :, None]
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _opened(eye: Eye, radius: float) -> Eye:
    """Return the eye with lids that cover little of the iris, so that the whole pupil is seen."""
    middle = (eye.top + eye.bottom) / 2
    return Eye(x0=eye.x0, y0=eye.y0, x1=eye.x1, y1=eye.y1, top=middle - 0.88 * radius, bottom=middle + 0.96 * radius)


def _opening(eye: Eye, shape: tuple[int, ...]) -> np.ndarray:
    """Share of each pixel that lies between the lids: shape (height, width), float32, 0 to 1."""
    x, y = np.arange(shape[1], dtype=np.float32)[None], np.arange(shape[0], dtype=np.float32)[:, None]
    along = (x - eye.x0) / (eye.x1 - eye.x0)
    corner = eye.y0 + along * (eye.y1 - eye.y0)
    arch = np.clip(1 - (2 * along - 1) ** 2, 0, None) ** 0.6
    middle = (eye.y0 + eye.y1) / 2
    upper, lower = corner - arch * (middle - eye.top), corner + arch * (eye.bottom - middle)
    inside = np.clip((y - upper) / 3 + 0.5, 0, 1) * np.clip((lower - y) / 3 + 0.5, 0, 1)
    return np.asarray(np.where((along > 0) & (along < 1), inside, 0), np.float32)


def _ball(eye: Eye, look: _Look, radius: float, noise: np.ndarray) -> np.ndarray:
    """Draw white, iris, pupil and highlight over a whole picture: shape (height, width, 3), float32."""
    height, width = noise.shape[1:]
    x = np.arange(width, dtype=np.float32)[None] - (eye.x0 + eye.x1) / 2
    y = np.arange(height, dtype=np.float32)[:, None] - (eye.top + eye.bottom) / 2
    r, angle = np.hypot(x, y) / radius, np.arctan2(y, x)
    white = np.array([214, 204, 198], np.float32) * (1 - 0.22 * np.clip(-y / radius, 0, 1) ** 2)[:, :, None]
    # Grain stretched along the radius makes the fibres of the iris.
    fine = cv2.GaussianBlur(noise[0], (0, 0), 1.2) * 2.4
    ring = np.clip(1.15 - np.abs(r - 0.6), 0, 1) * (1 - 0.55 * _step(r - 0.86, 0.12))
    level = 118 * ring * (1 + 0.10 * fine + 0.08 * np.sin(angle * 29 + 2 * np.sin(5 * angle)))
    picture = _over(white, level[:, :, None] * _tint(look.hue), 1 - _step((r - 1) * radius, 4))
    rim = _PUPIL_SHARE * (1 + look.lobes * np.cos(3 * angle + look.phase))
    picture = _over(picture, np.array([13, 11, 11], np.float32), 1 - _step((r - rim) * radius, 2))
    away, turn = _LIGHT[1] * radius, np.radians(look.light)
    spot = np.hypot(x - away * np.cos(turn), y + away * np.sin(turn)) - 0.13 * radius
    picture = _over(picture, np.array([250, 250, 248], np.float32), 1 - _step(spot, 2))
    return np.asarray(picture + 1.5 * cv2.GaussianBlur(noise[1], (0, 0), 0.7)[:, :, None], np.float32)


def _tint(hue: float) -> np.ndarray:
    return np.array(colorsys.hsv_to_rgb(hue / 360 % 1, _SATURATION, 1.0), np.float32)


def _step(distance: np.ndarray, width: float) -> np.ndarray:
    """Rise from 0 to 1 over ``width`` around a distance of 0."""
    t = np.clip(distance / width + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _over(below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.asarray(below + share[:, :, None] * (above - below), np.float32)


def _teeth(pixels: np.ndarray, face: Box) -> np.ndarray:
    """Return how far each pixel is a tooth, bright and less red than lips and skin, in the place of the mouth: 0 to 1."""
    left, top, width, height = _TEETH
    mouth = Box(
        x=face.x + round(left * face.width), y=face.y + round(top * face.height), width=round(width * face.width),
        height=round(height * face.height),
    )  # fmt: skip
    red, green, _ = np.moveaxis(cv2.GaussianBlur(pixels, (0, 0), face.width / 200).astype(np.float32), 2, 0)
    white = np.clip((green - 150) / 30, 0, 1) * np.clip((29 - red + green) / 5, 0, 1)
    return np.asarray(white * oval((pixels.shape[0], pixels.shape[1]), mouth, feather=0.2), np.float32)


def _grooved(pixels: np.ndarray, teeth: np.ndarray, face: Box, random: np.random.Generator) -> np.ndarray:
    """Give teeth thin furrows and grain, as they have when they are seen from near."""
    pitch = face.width / 26
    x = np.arange(pixels.shape[1], dtype=np.float32)[None]
    furrow = np.exp(-(((x + pitch / 2) % pitch - pitch / 2) ** 2) / (2 * (pitch / 14) ** 2))
    grain = cv2.GaussianBlur(random.standard_normal(teeth.shape).astype(np.float32), (0, 0), 1.5)
    drawn = pixels * (1 - 0.3 * teeth * furrow)[:, :, None] + 9 * (teeth * grain)[:, :, None]
    return np.asarray(np.clip(np.rint(drawn), 0, 255), np.uint8)
