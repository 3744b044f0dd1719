"""Are the pupils round, or at least elliptic, as those of living eyes are?

Method
------
For each eye of a large face the iris is found (the circle across which brightness rises most, between the lids), in it the
pupil: the darker disc, cut out half-way between the brightness of pupil and iris, with what highlights hide taken to be
regular. An ellipse is fitted to its border by direct least squares. Pupil and ellipse are brought to one scale, at which
the major axis of the ellipse measures 64 pixels, and their borders are compared: of all pixels that lie inside either shape
and within 4 pixels of its border, the boundary intersection over union (BIoU) is the share that lie in both bands. The value
is 1 − BIoU, averaged over the eyes of a face that can be assessed; of several faces the largest.

What a high value means
-----------------------
The border of a pupil is not an ellipse: it is angular, lobed or ragged, as it was drawn by early generators of faces, which
knew no anatomy. An ellipse that fills its border without a flaw gives about 0.1, lobes of a tenth of the radius about 0.65.

What it cannot see
------------------
- eyes whose iris is as dark as the pupil: the two cannot be told apart, and nothing is said
- the pupils of small faces: below a radius of 16 pixels even a perfect ellipse loses up to a fifth of its agreement to the
  pixel grid, below 8 nothing is said
- generators that draw round pupils, as current ones mostly do
- parts of the border that a highlight or a lid covers

Also caused by
--------------
- coloboma, injury, eye surgery and some drugs
- the mirror image of a window, a ring light or spectacles across the border of the pupil
- shadow of the upper lid or of lashes on the iris, red-eye
- strong JPEG or video compression, sharpening, retouched eyes

Needs
-----
A face seen from the front (turned by at most 25°) with open, light eyes; at least one pupil with a radius of 8 pixels, better
16, that is told apart from its iris (separability 3) and of whose surroundings three quarters are free.

References
----------
- H. Guo, S. Hu, X. Wang, M.-C. Chang, S. Lyu, "Eyes Tell All: Irregular Pupil Shapes Reveal GAN-Generated Faces", ICASSP 2022.
- A. Fitzgibbon, M. Pilu, R. B. Fisher, "Direct Least Square Fitting of Ellipses", IEEE TPAMI, 1999.
- B. Cheng, R. Girshick, P. Dollár, A. C. Berg, A. Kirillov, "Boundary IoU", CVPR 2021.
- J. Daugman, "High Confidence Visual Recognition of Persons by a Test of Statistical Independence", IEEE TPAMI, 1993.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Check, Map, Measurement, Table
from ...media.image import Image
from ...perception.eyes import Eye, Eyes, Pair
from ...signals.ellipse import Agreement, agreement
from ...signals.patches import scattered

BRANCH = "artefacts"
DETECTS = ("synthesis",)
DEMO = "lab.eyes.pupils"

_SIDES = ("right eye", "left eye")
_LEAST_CLEAR = 0.75
_FULL_RADIUS = 16.0
_LEAST_CONTRAST = 10.0
_MOST_YAW = 25.0
# Measured on 10 of 290 photographs (FFHQ, Unsplash, web portraits): no other had pupils large and distinct enough.
_PRISTINE = (
    "In ten pristine photographs, with pupils of 8 to 12 pixels, the values lay between 0.3 and 0.8: at that size highlights, "
    "lids and compression spoil the border of true pupils as well."
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One eye: its pupil's radius in native pixels, and its agreement with an ellipse or why there is none."""

    eye: Eye
    side: str
    radius: float
    agreement: Agreement | None
    reason: str


def examine(image: Image, eyes: Eyes, *, least_radius_px: float = 8.0, least_separability: float = 3.0) -> Measurement:
    """Measure how far the border of the pupils departs from an ellipse.

    Parameters
    ----------
    image
        The picture.
    eyes
        The eyes of its large faces.
    least_radius_px
        Least radius of a pupil.
    least_separability
        Least difference between iris and pupil, in units of their spread.

    Raises
    ------
    NotApplicable
        If no pupil is large, free and distinct enough.
    """
    if least_radius_px < 4 or least_separability <= 0:
        raise UsageError(
            f"least_radius_px must be 4 or more and least_separability above 0; they are {least_radius_px:g} and "
            f"{least_separability:g}"
        )
    pairs = eyes.fit(least_radius_px=least_radius_px, most_yaw=_MOST_YAW)
    seen = [_assess(pair, least_radius_px, least_separability) for pair in pairs]
    assessed = [pair for pair in seen if any(one.agreement is not None for one in pair)]
    if not assessed:
        raise NotApplicable("; ".join(f"{one.side}: {one.reason}" for one in seen[0]))
    chosen = max(assessed, key=_departure)
    used = [(one, one.agreement) for one in chosen if one.agreement is not None]
    return Measurement(
        value=_departure(chosen), unit="1", observation=_said(used),
        where=tuple(
            one.eye.region(one.side, round(1 - found.score, 3)) for one, found in sorted(used, key=lambda u: u[1].score)
        ),
        exhibits=(_overlay(image, used), _enlarged(used), _table(chosen)),
        facts=_facts(chosen) | {"faces compared": len(assessed)},
        limits=_limits(chosen),
        checklist=(_check(chosen),),
    )  # fmt: skip


def _assess(pair: Pair, least_radius_px: float, least_separability: float) -> tuple[_Seen, ...]:
    return tuple(
        _one(eye, side, least_radius_px, least_separability) for eye, side in zip(pair.eyes, _SIDES, strict=True)
    )


def _one(eye: Eye, side: str, least_radius_px: float, least_separability: float) -> _Seen:
    radius = float(np.sqrt(eye.pupil.sum() / np.pi))
    reason, found = "", None
    if eye.separability < least_separability or eye.contrast < _LEAST_CONTRAST:
        reason = (
            f"pupil and iris cannot be told apart (contrast {eye.contrast:.0f} of 255 steps, separability "
            f"{eye.separability:.1f}; {_LEAST_CONTRAST:g} and {least_separability:g} are needed)"
        )
    elif eye.clear < _LEAST_CLEAR:
        reason = (
            f"lids or highlights leave {eye.clear:.2f} of the pupil's surroundings free; {_LEAST_CLEAR:g} is needed"
        )
    elif radius < least_radius_px:
        reason = f"its pupil has a radius of {radius:.1f} px; {least_radius_px:g} are needed"
    else:
        found = agreement(eye.pupil)
        reason = "" if found is not None else "no ellipse fits its pupil"
    return _Seen(eye, side, radius, found, reason)


def _limits(pair: tuple[_Seen, ...]) -> tuple[str, ...]:
    limits = [f"The {one.side} could not be assessed: {one.reason}." for one in pair if one.reason]
    least = min(one.radius for one in pair if one.agreement is not None)
    if least < _FULL_RADIUS:
        limits.append(
            f"A pupil has a radius of {least:.1f} px: below {_FULL_RADIUS:g} the pixel grid alone takes up to 0.2 of the "
            "agreement of a perfect ellipse."
        )
    return tuple(limits)


def _departure(pair: tuple[_Seen, ...]) -> float:
    return float(np.mean([1 - one.agreement.score for one in pair if one.agreement is not None]))


def _said(used: list[tuple[_Seen, Agreement]]) -> str:
    parts = [f"{found.score:.2f} in the {one.side} (radius {one.radius:.1f} px)" for one, found in used]
    return f"The border of the pupil agrees with its ellipse by a BIoU of {' and '.join(parts)}."


def _overlay(image: Image, used: list[tuple[_Seen, Agreement]]) -> Map:
    patches = [(one.eye.left, one.eye.top, found.placed(one.eye.pupil)) for one, found in used]
    return Map(
        name="Pupils and their ellipses in the picture", values=scattered(image.height, image.width, patches),
        unit="1", low=0.0, high=1.0,
        caption="0 where pupil and ellipse agree, 1 where only one of the two is.",
    )  # fmt: skip


def _enlarged(used: list[tuple[_Seen, Agreement]]) -> Map:
    tiles = []
    for _, found in used:
        shape, ellipse = found.shape, found.ellipse
        tile = np.full(shape.shape, np.nan, np.float32)
        tile[shape | ellipse] = 0
        tile[shape & ~ellipse], tile[ellipse & ~shape] = 1, -1
        tiles.append(tile)
    return Map(
        name="Pupils at one scale: " + ", ".join(one.side for one, _ in used), values=np.concatenate(tiles, axis=1),
        unit="1", low=-1.0, high=1.0, overlay=False, diverging=True,
        caption="Major axis 64 pixels. Middle of the scale: pupil and ellipse; upper end: pupil beyond the ellipse; lower "
        "end: ellipse that the pupil does not fill.",
    )  # fmt: skip


def _table(pair: tuple[_Seen, ...]) -> Table:
    return Table(
        name="Both eyes",
        columns=("eye", "BIoU", "radius of the pupil (px)", "radius of the iris (px)", "contrast", "separability", "free"),
        rows=tuple(
            (
                one.side, f"{one.agreement.score:.2f}" if one.agreement is not None else "not assessed",
                f"{one.radius:.1f}", f"{one.eye.radius:.1f}", f"{one.eye.contrast:.0f}", f"{one.eye.separability:.1f}",
                f"{one.eye.clear:.2f}",
            ) for one in pair
        ),
        caption="An ellipse of this size drawn in pixels reaches 0.9; lobes of 5, 10 and 20 % of the radius leave 0.6, 0.33 "
        f"and 0.14. {_PRISTINE}",
    )  # fmt: skip


def _facts(pair: tuple[_Seen, ...]) -> dict[str, float | None]:
    facts: dict[str, float | None] = {}
    for one in pair:
        facts[f"{one.side} BIoU"] = round(one.agreement.score, 4) if one.agreement is not None else None
        facts[f"{one.side} pupil radius (px)"] = round(one.radius, 2)
        facts[f"{one.side} separability"] = round(one.eye.separability, 2)
    return facts


def _check(pair: tuple[_Seen, ...]) -> Check:
    return Check(
        question="Is the border of a pupil angular, lobed or ragged?",
        hint="Look for the border between black and iris, not for the mirror image of a window on it. Surgery and coloboma "
        "leave irregular pupils too.",
        where=tuple(one.eye.region(one.side) for one in pair),
    )
