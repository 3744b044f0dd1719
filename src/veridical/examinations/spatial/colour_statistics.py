"""Are colours and clipping spread as in photographs?

Method
------
Clipping: of all 2 × 2 squares of pixels, the share in which every pixel has a channel at 254 or more, or no channel above 1.
Single clipped pixels, as JPEG leaves beside edges, do not count. The value is the negative decimal logarithm of that share plus
one millionth: 6 means that nothing is clipped, 2 that one square in a hundred is.

Chromaticity: r = R / (R + G + B) and g = G / (R + G + B) of every pixel that is neither dark nor clipped, counted in 12 × 12
cells and set beside the cells of a population of photographs in the same condition (JPEG quality, size). How far the two lie
apart is given as Hellinger distance and does not enter the value.

What a high value means
-----------------------
Nothing is clipped. Generators end in layers that keep colours away from the ends of the scale; a sensor before a scene with a
lamp, a window or deep shadow reaches them.

What it cannot see
------------------
- generators that clip, as many of today do
- anything once levels were stretched: two per cent at both ends make a clipped picture of any
- which part of the picture was generated

Also caused by
--------------
- even light, fog, a careful exposure, studio portraits with a grey background
- tone mapping and highlight recovery in phones and raw developers
- scaling down and blurring, which average single clipped pixels with their neighbours
- prints, scans and faded originals

Needs
-----
A picture of at least 128 × 128 pixels that is not one colour throughout.

References
----------
- S. McCloskey, M. Albright, "Detecting GAN-generated Imagery using Color Cues", arXiv:1812.08247, 2018.
- S. McCloskey, M. Albright, "Detecting GAN-Generated Imagery Using Saturation Cues", ICIP 2019.
"""

from __future__ import annotations

import cv2
import numpy as np

from ...errors import NotApplicable
from ...finding import Map, Measurement, Table
from ...knowledge.references import Reference, condition_of, reference
from ...media.image import Image
from ...signals import colours
from ...signals.blocks import covering

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.generated.unclipped"

_SMALLEST = 128
_BLOCK = 16
_LEAST_COLOURED = 1000
_BRIGHT, _DARK = 254, 1
_HIGH, _LOW = colours.HIGH.index(_BRIGHT), len(colours.HIGH) + colours.LOW.index(_DARK)
_NOTHING = 1e-6
_RARE = 1e-4  # shares of the r-g plane below this count as this
_FEATURE = "colours"


def examine(image: Image) -> Measurement:
    """Measure how little of the picture lies at the ends of the scale.

    Raises
    ------
    NotApplicable
        If the picture is too small, or has too few pixels whose colour can be told.
    """
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; colour statistics need {_SMALLEST} × {_SMALLEST}"
        )
    cells, counted = colours.chromaticity(image.pixels)
    if counted < _LEAST_COLOURED:
        raise NotApplicable(
            f"{counted} of the pixels looked at are neither dark nor clipped; colour statistics need {_LEAST_COLOURED}"
        )
    shares = colours.clipping_shares(image.pixels)
    bright, dark = float(shares[_HIGH]), float(shares[_LOW])
    condition = condition_of(image.jpeg.quality if image.jpeg else None, image.width, image.height)
    known = reference(condition, _FEATURE)
    apart = None if known is None else _apart(cells, known)
    grey = bool(cells.max() > 1 - _RARE)
    return Measurement(
        value=max(float(-np.log10(bright + dark + _NOTHING)), 0.0), unit="negative log10 of a share",
        observation=_said(bright, dark, apart, condition),
        exhibits=(
            _clipping(image), *([_plane(cells, known, condition)] if known and not grey else []), _table(shares, known),
        ),
        facts={
            "clipped bright": round(bright, 7), "clipped dark": round(dark, 7), "condition": condition,
            "distance of chromaticity": None if apart is None else round(apart, 4),
        },
        limits=("The picture is grey: its chromaticity says nothing.",) if grey else (),
        features=colours.colour_features(cells, shares),
    )  # fmt: skip


def _said(bright: float, dark: float, apart: float | None, condition: str) -> str:
    text = (
        f"Of all squares of 2 × 2 pixels, a share of {bright:.2g} is clipped at the bright end and of {dark:.2g} at the dark "
        "end."
    )
    if apart is None:
        return text
    return text + (
        f" The chromaticity lies {apart:.2f} from the mean of photographs of the condition '{condition}' (Hellinger distance, "
        "0 to 1)."
    )


def _apart(cells: np.ndarray, known: Reference) -> float:
    return float(np.sqrt(max(1 - np.sum(np.sqrt(cells * _typical(known))), 0.0)))


def _typical(known: Reference) -> np.ndarray:
    """Return the shares of the cells that photographs have, from the mean of their square roots."""
    roots = np.square(known.photographs.mean[_FEATURE][: colours.CELLS**2]).reshape(colours.CELLS, colours.CELLS)
    return np.asarray(roots / roots.sum())


def _clipping(image: Image) -> Map:
    """Share of clipped squares in each block, dark ones as negative."""
    rows, columns = image.height // _BLOCK * _BLOCK, image.width // _BLOCK * _BLOCK
    bright, dark = colours.flat_extremes(image.pixels)
    size = (columns // _BLOCK, rows // _BLOCK)
    ends = (
        cv2.threshold(bright, _BRIGHT - 1, 1, cv2.THRESH_BINARY)[1],
        cv2.threshold(dark, _DARK, 1, cv2.THRESH_BINARY_INV)[1],
    )
    high, low = (
        cv2.resize(plane[:rows, :columns].astype(np.float32), size, interpolation=cv2.INTER_AREA) for plane in ends
    )
    return Map(
        name="Clipping", values=covering(np.asarray(high - low), image.height, image.width, pitch=_BLOCK),
        unit="share of squares", low=-1.0, high=1.0, diverging=True,
        caption="1: every square of 2 × 2 pixels of a block has a channel at 254 or more throughout; −1: none has a channel "
        "above 1. Clipping is ordinary in photographs; its absence is what the value speaks of: of 808 pristine "
        "pictures half clip 0.0005 of their squares or more, one in ten none at all.",
    )  # fmt: skip


def _plane(cells: np.ndarray, known: Reference, condition: str) -> Map:
    typical = _typical(known)
    values = np.log(np.maximum(cells, _RARE) / np.maximum(typical, _RARE))
    values[np.maximum(cells, typical) < _RARE] = np.nan
    ends = [f"{low:g} to {high:g}" for low, high in (colours.RED, colours.GREEN)]
    return Map(
        name="Chromaticity beside photographs", values=values.astype(np.float32), unit="ln", low=-4.0, high=4.0, overlay=False,
        diverging=True,
        caption=f"Columns: r from {ends[0]}, rows: g from {ends[1]}, downwards. Above the middle: this picture has more of the "
        f"colour than {known.photographs.count} photographs of the condition '{condition}' have on average. What is shown in a "
        "picture decides this more than how it was made.",
    )  # fmt: skip


def _table(shares: np.ndarray, known: Reference | None) -> Table:
    names = [f"≥ {t}" for t in colours.HIGH] + [f"≤ {t}" for t in colours.LOW]
    start = colours.CELLS**2
    rows = []
    for i, share in enumerate(shares):
        what = "brightest channel" if i < len(names) else "luminance"
        usual = ""
        if known is not None:
            low, high = (
                max(10 ** float(part[_FEATURE][start + i]) - _NOTHING, 0.0) for part in (known.low, known.high)
            )
            usual = f"{low:.1g} to {high:.2g}"
        rows.append((what, names[i % len(names)], f"{share:.2g}", usual))
    return Table(
        name="Squares at the ends of the scale",
        columns=("of", "level", "share here", "eight in ten photographs"),
        rows=tuple(rows),
    )
