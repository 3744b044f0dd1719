"""Do both eyes mirror the same lights in the same places?

Method
------
In both eyes of a large face the iris is found (the circle across which brightness rises most, between the lids), and in it
the highlights: spots of at least 3 pixels that outshine the iris by 40 steps of 255 in each colour and by Yen's threshold,
and that reach neither its rim nor a lid. Both irises are brought to one size and laid over each other; only what the lids
leave free in both counts. Of the pixels that are a highlight in either eye the intersection over union (IoU) is the share
that are one in both, at the best of all shifts by up to ``slack`` of the iris's radius. The value is 1 − IoU; 1 if only one
eye has highlights. Of several faces the largest counts.

What a high value means
-----------------------
The two eyes mirror different surroundings. Eyes that look at the same far lights show nearly the same highlights; generators
of faces draw each eye for itself, and eyes from two pictures stood under two lights.

What it cannot see
------------------
- generators that keep the lights of both eyes alike, as current ones often do
- a face that was put into another scene as a whole: its eyes agree with each other
- eyes without highlights, and irises of fewer than 12 pixels

Also caused by
--------------
- lamps, windows and ring lights near the face: each eye sees them from its own place
- light from one side, which nose or brow keeps from one eye
- spectacles, contact lenses, tears, eye drops
- a turned head, a squint, lids and lashes over part of the iris
- small irises, in which one pixel is a large share of a highlight
- highlights added or removed in retouching

Needs
-----
A face seen from the front (turned by at most 20°) with open eyes, irises with a radius of 12 pixels or more, and a highlight
in at least one of them.

References
----------
- S. Hu, Y. Li, S. Lyu, "Exposing GAN-Generated Faces Using Inconsistent Corneal Specular Highlights", ICASSP 2021.
- J.-C. Yen, F.-J. Chang, S. Chang, "A New Criterion for Automatic Multilevel Thresholding", IEEE Transactions on Image
  Processing, 1995.
- M. K. Johnson, H. Farid, "Exposing Digital Forgeries Through Specular Highlights on the Eye", Information Hiding, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Table
from ...media.image import Image
from ...perception.eyes import Eye, Eyes, Pair
from ...signals.patches import centred, scattered

BRANCH = "artefacts"
DETECTS = ("synthesis", "editing")
DEMO = "lab.eyes.highlights"

_SIDE = 96
_SIDES = ("right eye", "left eye")
_MOST_YAW = 20.0
# More than this share of an iris is no light source but the mirror image of a room, or of spectacles.
_MOST_SHARE = 0.35
# Measured on 48 of 290 photographs (46 of FFHQ, 2 web portraits); the others had smaller or covered irises.
_PRISTINE = (
    "In half of 48 pristine photographs the value exceeds 0.7, in more than one of ten it is 1: near lights, glancing light "
    "and small irises make true eyes differ too."
)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Highlights of both eyes at one size, and the part of the iris that is free in both."""

    pair: Pair
    right: np.ndarray
    left: np.ndarray
    free: np.ndarray
    iou: float


def examine(image: Image, eyes: Eyes, *, least_radius_px: float = 12.0, slack: float = 0.1) -> Measurement:
    """Measure how far the highlights of both eyes differ.

    Parameters
    ----------
    image
        The picture.
    eyes
        The eyes of its large faces.
    least_radius_px
        Least radius of an iris.
    slack
        Farthest shift between both irises, in radii: it makes up for the error with which an iris is found.

    Raises
    ------
    NotApplicable
        If no face is fit, or its eyes show no highlights.
    """
    if least_radius_px < 6 or not 0 <= slack <= 0.3:
        raise UsageError(
            f"least_radius_px must be 6 or more and slack 0 to 0.3; they are {least_radius_px:g} and {slack:g}"
        )
    pairs = eyes.fit(least_radius_px=least_radius_px, most_yaw=_MOST_YAW)
    compared = [one for one in (_compare(pair, slack) for pair in pairs) if one.right.any() or one.left.any()]
    if not compared:
        raise NotApplicable(
            f"neither eye of {len(pairs)} face{'s' * (len(pairs) > 1)} shows a highlight where both irises are free"
        )
    least = [one for one in compared if max(one.right.sum(), one.left.sum()) <= _MOST_SHARE * one.free.sum()]
    if not least:
        raise NotApplicable(
            f"highlights cover more than {_MOST_SHARE:g} of an iris: the mirror image of a room or of spectacles"
        )
    chosen = min(least, key=lambda one: one.iou)
    lights = [_lights(mask) for mask in (chosen.right, chosen.left)]
    return Measurement(
        value=1 - chosen.iou, unit="1", observation=_said(chosen, lights),
        where=tuple(eye.region(side) for eye, side in zip(chosen.pair.eyes, _SIDES, strict=True)),
        exhibits=(_overlay(image, chosen), _registered(chosen), _table(chosen, lights)),
        facts=_facts(chosen, lights) | {"faces compared": len(least)}, limits=_limits(chosen), checklist=(_check(chosen),),
    )  # fmt: skip


def _compare(pair: Pair, slack: float) -> _Compared:
    right, left = (_centred(eye, eye.highlights) for eye in pair.eyes)
    free = _centred(pair.eyes[0], pair.eyes[0].iris) & _centred(pair.eyes[1], pair.eyes[1].iris)
    right, left = right & free, left & free
    reach = round(slack * _SIDE / 2)
    best, placed = -1.0, left
    # The smallest shift wins among equals.
    for dy, dx in sorted(
        np.ndindex(2 * reach + 1, 2 * reach + 1), key=lambda at: np.hypot(at[0] - reach, at[1] - reach)
    ):
        moved = _moved(left, dx - reach, dy - reach)
        iou = _iou(right, moved)
        if iou > best + 1e-9:
            best, placed = iou, moved
    return _Compared(pair, right, placed, free, best)


def _centred(eye: Eye, mask: np.ndarray) -> np.ndarray:
    return centred(mask, eye.x - eye.left, eye.y - eye.top, eye.radius, _SIDE)


def _moved(mask: np.ndarray, dx: int, dy: int) -> np.ndarray:
    out = np.zeros_like(mask)
    height, width = mask.shape
    out[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = mask[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return out


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    either = int((one | other).sum())
    return float((one & other).sum() / either) if either else 0.0


def _lights(mask: np.ndarray) -> list[tuple[float, float, float]]:
    """Direction (degrees, counter-clockwise from the right), distance (radii) and share of the iris, largest first."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    lights = []
    for number in range(1, count + 1):
        y, x = (axis - (_SIDE - 1) / 2 for axis in np.nonzero(labels == number))
        angle = float(np.degrees(np.arctan2(-y.mean(), x.mean())))
        lights.append((angle, float(np.hypot(x.mean(), y.mean()) * 2 / _SIDE), len(x) / (np.pi * _SIDE**2 / 4)))
    return sorted(lights, key=lambda light: -light[2])


def _said(chosen: _Compared, lights: list[list[tuple[float, float, float]]]) -> str:
    counts = [f"{len(one) or 'no'} highlight{'' if len(one) == 1 else 's'}" for one in lights]
    start = f"The right eye shows {counts[0]}, the left eye {counts[1]}"
    if not all(lights):
        return f"{start}: one eye mirrors a light that the other does not."
    return f"{start}; laid over each other they have {chosen.iou:.2f} of their area in common (IoU)."


def _overlay(image: Image, chosen: _Compared) -> Map:
    patches = []
    for eye, other in zip(chosen.pair.eyes, (chosen.left, chosen.right), strict=True):
        rows, columns = np.nonzero(eye.highlights & eye.iris)
        values = np.where(eye.iris, np.float32(0), np.float32(np.nan))
        scale = _SIDE / 2 / eye.radius
        x = np.rint((columns + eye.left - eye.x) * scale + (_SIDE - 1) / 2).astype(int).clip(0, _SIDE - 1)
        y = np.rint((rows + eye.top - eye.y) * scale + (_SIDE - 1) / 2).astype(int).clip(0, _SIDE - 1)
        near = ndimage.binary_dilation(other, iterations=round(0.1 * _SIDE / 2))
        values[rows, columns] = np.where(near[y, x], 0.5, 1.0)
        patches.append((eye.left, eye.top, values))
    return Map(
        name="Highlights in the picture", values=scattered(image.height, image.width, patches), unit="1", low=0.0, high=1.0,
        caption="0: iris; ½: a highlight that the other eye has too, within a tenth of the radius; 1: one that it lacks.",
    )  # fmt: skip


def _registered(chosen: _Compared) -> Map:
    values = np.where(chosen.free, np.float32(0), np.float32(np.nan))
    values[chosen.right & chosen.left] = 1
    values[chosen.right & ~chosen.left] = 2
    values[chosen.left & ~chosen.right] = 3
    return Map(
        name="Both irises laid over each other", values=values, unit="which eye", low=0.0, high=3.0, overlay=False,
        caption="0: iris that is free in both eyes; 1: highlight in both; 2: in the right eye only; 3: in the left eye only "
        f"(the person's own right and left). {_PRISTINE}",
    )  # fmt: skip


def _table(chosen: _Compared, lights: list[list[tuple[float, float, float]]]) -> Table:
    rows = [
        (side, str(number), f"{angle:.0f}", f"{distance:.2f}", f"{100 * share:.2f}")
        for side, several in zip(_SIDES, lights, strict=True)
        for number, (angle, distance, share) in enumerate(several[:5], 1)
    ]
    return Table(
        name="Highlights",
        columns=("eye", "highlight", "direction (°)", "distance from the centre (radii)", "share of the iris (%)"),
        rows=tuple(rows), caption="Direction counter-clockwise from the right of the picture; largest first.",
    )  # fmt: skip


def _facts(chosen: _Compared, lights: list[list[tuple[float, float, float]]]) -> dict[str, float | None]:
    both = all(lights)
    areas = [sum(light[2] for light in several) for several in lights]
    turn = abs((lights[0][0][0] - lights[1][0][0] + 180) % 360 - 180) if both else None
    return {
        "IoU": round(chosen.iou, 4), "highlights right": len(lights[0]), "highlights left": len(lights[1]),
        "angle between the largest (°)": round(turn, 1) if turn is not None else None,
        "area ratio": round(min(areas) / max(areas), 3) if both else None,
        "iris radius right (px)": round(chosen.pair.eyes[0].radius, 1),
        "iris radius left (px)": round(chosen.pair.eyes[1].radius, 1), "yaw (°)": round(chosen.pair.yaw, 1),
    }  # fmt: skip


def _limits(chosen: _Compared) -> tuple[str, ...]:
    limits = []
    share = float(chosen.free.sum() / (np.pi * _SIDE**2 / 4))
    if share < 0.6:
        limits.append(f"Lids leave {share:.2f} of the irises free in both eyes; highlights beyond are not compared.")
    smallest = min(int(eye.highlights.sum()) for eye in chosen.pair.eyes)
    if 0 < smallest < 12:
        limits.append(f"The highlights of one eye are {smallest} pixels in all; single pixels weigh heavily.")
    return tuple(limits)


def _check(chosen: _Compared) -> Check:
    return Check(
        question="Do the lights mirrored in the two eyes differ in number, shape or place?",
        hint="Near lamps and windows shift a little between the eyes, and a nose can shade one of them; shape and number stay.",
        where=tuple(eye.region(side) for eye, side in zip(chosen.pair.eyes, _SIDES, strict=True)),
    )
