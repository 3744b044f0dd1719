"""Have both irises the same colour?

Method
------
In both eyes of a large face the iris is found (the circle across which brightness rises most, between the lids). Pupil,
highlights, and the darkest and brightest twentieth of the pixels are left out; the rest gives the mean colour of each iris in
hue, saturation and value, and the histograms of its red, green and blue. Six features compare both eyes: the circular
distance of the hues / 90, the distances of saturation and value / 255, and for each colour (1 − correlation of the histograms
of 64 bins) / 2. The value is the training-free score: hue distance (0–90 of OpenCV's half degrees) + saturation distance +
value distance (0–255 each). It is given only if both irises were found alike: their offset in the eye, the widths of the eyes
and the radii must agree. Of several faces the largest value counts.

What a high value means
-----------------------
The irises differ in colour or brightness. Early generators of faces drew each eye for itself and gave one person two eye
colours.

What it cannot see
------------------
- generators since about 2019, which have learnt that eyes match: the method describes fakes of 2018
- a difference in pattern at equal mean colour
- the eyes of faces below some 500 pixels, closed or turned away

Also caused by
--------------
- people with two eye colours, or an eye injury
- light from one side, coloured light, one eye in shadow (a difference in value or saturation, not in hue)
- reflections of the surroundings on one iris, spectacles, contact lenses, red-eye
- grey or very dark irises, whose hue is noise
- strong compression, which spreads the colour of the skin into the eye

Needs
-----
A face seen from the front (turned by at most 25°) with open eyes, irises with a radius of 12 pixels or more, and at least 60
pixels of iris that are neither pupil nor highlight in each.

References
----------
- F. Matern, C. Riess, M. Stamminger, "Exploiting Visual Artifacts to Expose Deepfakes and Face Manipulations", IEEE
  WACVW 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Chart, Check, Line, Map, Measurement, Table
from ...media.image import Image
from ...perception.eyes import Eye, Eyes, Pair
from ...signals.patches import scattered

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.eyes.colour"

_SIDES = ("right eye", "left eye")
_MOST_YAW = 25.0
# Measured on 25 of 290 photographs (22 of FFHQ, 3 web portraits); the others were gated.
_PRISTINE = "In nine of ten of 25 pristine photographs the value stays below 35, in half below 24."
_FEWEST_PX = 60
_BINS = 64
# Validity gates of the method: offsets (half widths), relative differences of width and radius.
_MOST_OFFSET, _MOST_WIDTH, _MOST_RADIUS = 0.1, 0.4, 0.4
_NAMES = ("hue", "saturation", "value", "red histogram", "green histogram", "blue histogram")


@dataclass(frozen=True, slots=True)
class _Colour:
    """Colour of one iris: mean hue (0–180), saturation and value (0–255), mean RGB, its pixels (n, 3) and their mask."""

    hsv: np.ndarray
    rgb: np.ndarray
    pixels: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True, slots=True)
class _Compared:
    pair: Pair
    colours: tuple[_Colour, _Colour]
    features: np.ndarray

    @property
    def score(self) -> float:
        return float(self.features[0] * 90 + (self.features[1] + self.features[2]) * 255)


def examine(image: Image, eyes: Eyes, *, least_radius_px: float = 12.0) -> Measurement:
    """Measure how far the colours of both irises differ.

    Parameters
    ----------
    image
        The picture.
    eyes
        The eyes of its large faces.
    least_radius_px
        Least radius of an iris.

    Raises
    ------
    NotApplicable
        If the picture is grey, no face is fit, or its irises were not found alike.
    """
    if least_radius_px < 6:
        raise UsageError(f"least_radius_px must be 6 or more; it is {least_radius_px:g}")
    pairs = eyes.fit(least_radius_px=least_radius_px, most_yaw=_MOST_YAW)
    reasons, compared = [], []
    for pair in pairs:
        reason = _unlike(pair)
        colours = None if reason else _colours(image, pair)
        if colours is None:
            reasons.append(reason or f"fewer than {_FEWEST_PX} pixels of an iris are neither pupil nor highlight")
        else:
            compared.append(_Compared(pair, colours, _features(*colours)))
    if not compared:
        raise NotApplicable(reasons[0])
    if all(np.ptp(image.pixels[eye.cut], axis=2).max() == 0 for eye in compared[0].pair.eyes):
        raise NotApplicable("the picture is grey: its irises have no colour")
    chosen = max(compared, key=lambda one: one.score)
    return Measurement(
        value=chosen.score, unit="steps", observation=_said(chosen),
        where=tuple(eye.region(side) for eye, side in zip(chosen.pair.eyes, _SIDES, strict=True)),
        exhibits=(_overlay(image, chosen), _table(chosen), _chart(chosen)),
        facts={name: round(float(v), 4) for name, v in zip(_NAMES, chosen.features, strict=True)}
        | {"faces compared": len(compared)},
        limits=_limits(chosen), checklist=(_check(chosen),), features=chosen.features,
    )  # fmt: skip


def _unlike(pair: Pair) -> str:
    """Say why the irises were not found alike; empty if they were."""
    right, left = pair.eyes
    widths, radii = (right.width, left.width), (right.radius, left.radius)
    offset = float(np.mean(np.abs(_offset(right) - _offset(left))))
    width = abs(widths[0] - widths[1]) / max(*widths, 1e-6)
    radius = abs(radii[0] - radii[1]) / max(*radii, 1e-6)
    if offset > _MOST_OFFSET or width > _MOST_WIDTH or radius > _MOST_RADIUS:
        return (
            f"the irises were not found alike: their offsets differ by {offset:.2f} half widths of the eye, the widths by "
            f"{width:.2f}, the radii by {radius:.2f} (at most {_MOST_OFFSET:g}, {_MOST_WIDTH:g} and {_MOST_RADIUS:g})"
        )
    return ""


def _offset(eye: Eye) -> np.ndarray:
    """Place of the iris relative to the middle between the corners, in half widths of the eye."""
    return np.asarray((np.array([eye.x, eye.y]) - eye.corners.mean(0)) / (eye.width / 2))


def _colours(image: Image, pair: Pair) -> tuple[_Colour, _Colour] | None:
    found = [_colour(image.pixels[eye.cut], eye) for eye in pair.eyes]
    right, left = found
    return None if right is None or left is None else (right, left)


def _colour(crop: np.ndarray, eye: Eye) -> _Colour | None:
    """Colour of what lies between pupil and limbus and is free of lids, highlights, black and white."""
    rows, columns = np.ogrid[: crop.shape[0], : crop.shape[1]]
    distance = np.hypot(columns + eye.left - eye.x, rows + eye.top - eye.y) / eye.radius
    glare = cv2.dilate(eye.highlights.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    shade = cv2.erode(eye.opening.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    # Without a pupil that can be told apart, the inner part of a dark iris is left out all the same.
    inner = eye.pupil if eye.separability >= 2 and eye.pupil.any() else np.zeros_like(eye.pupil)
    ring = (distance < 0.9) & (distance > 0.4) & shade & ~glare & ~inner
    value = crop.max(2)
    if ring.sum() < _FEWEST_PX:
        return None
    low, high = np.percentile(value[ring], [5, 95])
    mask = ring & (value >= low) & (value <= high)
    pixels = crop[mask]
    rgb = pixels.mean(0)
    hsv = cv2.cvtColor((rgb / 255).astype(np.float32)[None, None], cv2.COLOR_RGB2HSV)[0, 0] * (0.5, 255, 255)
    return _Colour(np.asarray(hsv, np.float64), rgb, pixels, mask)


def _features(right: _Colour, left: _Colour) -> np.ndarray:
    hue = abs(right.hsv[0] - left.hsv[0])
    features = [min(hue, 180 - hue) / 90, *(np.abs(right.hsv[1:] - left.hsv[1:]) / 255)]
    for channel in range(3):
        one, other = (np.histogram(c.pixels[:, channel], _BINS, (0, 256))[0].astype(np.float64) for c in (right, left))
        one, other = one - one.mean(), other - other.mean()
        features.append((1 - float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-9))) / 2)
    return np.array(features, np.float32)


def _said(chosen: _Compared) -> str:
    hue, saturation, value = chosen.features[:3]
    return (
        f"The irises differ by {hue * 90:.0f} of 90 steps in hue, {saturation * 255:.0f} of 255 in saturation and "
        f"{value * 255:.0f} of 255 in value: {chosen.score:.0f} in all."
    )


def _overlay(image: Image, chosen: _Compared) -> Map:
    """Distance of each pixel of an iris from the mean colour of the other."""
    patches = []
    for eye, own, other in zip(chosen.pair.eyes, chosen.colours, chosen.colours[::-1], strict=True):
        values = np.full(own.mask.shape, np.nan, np.float32)
        values[own.mask] = np.linalg.norm(own.pixels - other.rgb, axis=1) / np.sqrt(3)
        patches.append((eye.left, eye.top, values))
    return Map(
        name="Difference from the other iris", values=scattered(image.height, image.width, patches), unit="steps of 255",
        low=0.0, high=80.0, caption="Root mean square difference, over red, green and blue, of each pixel used from the "
        "mean colour of the other iris.",
    )  # fmt: skip


def _table(chosen: _Compared) -> Table:
    rows = []
    for side, eye, colour in zip(_SIDES, chosen.pair.eyes, chosen.colours, strict=True):
        red, green, blue = (f"{c:.0f}" for c in colour.rgb)
        hue, saturation, value = (f"{c:.0f}" for c in colour.hsv)
        rows.append((side, red, green, blue, hue, saturation, value, str(len(colour.pixels)), f"{eye.radius:.1f}"))
    return Table(
        name="Mean colours",
        columns=("iris", "red", "green", "blue", "hue (0–180)", "saturation", "value", "pixels", "radius (px)"),
        rows=tuple(rows), caption=_PRISTINE,
    )  # fmt: skip


def _chart(chosen: _Compared) -> Chart:
    bins = (np.arange(_BINS, dtype=np.float32) + 0.5) * 256 / _BINS
    lines = []
    for side, colour in zip(_SIDES, chosen.colours, strict=True):
        for channel, name in enumerate(("red", "green", "blue")):
            share = np.histogram(colour.pixels[:, channel], _BINS, (0, 256))[0] / len(colour.pixels)
            lines.append(Line(name=f"{name}, {side}", x=bins, y=share.astype(np.float32)))
    return Chart(
        name="Brightness of the irises by colour", lines=tuple(lines), x_name="brightness", x_unit="steps of 255",
        y_name="share of the pixels", y_unit="1",
    )  # fmt: skip


def _limits(chosen: _Compared) -> tuple[str, ...]:
    limits = ["The method describes generators of about 2018; those that came later give both eyes one colour."]
    faint = min(float(colour.hsv[1]) for colour in chosen.colours)
    if faint < 40:
        limits.append(f"The saturation of an iris is {faint:.0f} of 255: the hue of a nearly grey iris is uncertain.")
    return tuple(limits)


def _check(chosen: _Compared) -> Check:
    return Check(
        question="Have the two irises different colours, in the same light?",
        hint="Light from one side changes brightness more than hue. Some people have two eye colours.",
        where=tuple(eye.region(side) for eye, side in zip(chosen.pair.eyes, _SIDES, strict=True)),
    )
