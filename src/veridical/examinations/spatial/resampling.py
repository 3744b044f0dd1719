"""Was one area resized by a factor of its own?

Method
------
A pixel of the green channel is predicted from its eight neighbours by one fixed rule. What is left, as a magnitude and
levelled by its mean over 15 × 15 pixels, is larger and smaller in turn where a picture was resized, with a period that
depends on the factor. Its power spectrum is taken in overlapping windows of 128 × 128 pixels and divided, frequency by
frequency, by the mean of those around. Along the two axes, where resizing shows, the mean over 2 × 2 windows (192 × 192
pixels) is compared with what seven in ten places of the picture exceed (at least 1, what noise has). The value is the
largest such ratio, as a natural logarithm, over all places and all frequencies from 12/128 cycles a pixel on. Multiples of
1/8 are left out if the picture as a whole shows JPEG's blocks there. At 1/2, where generators show,
spatial.convolutional_trace looks. A factor that the whole picture shares is mostly cancelled in this way; it stands in a
table of its own.

What a high value means
-----------------------
An area was enlarged, reduced or turned before it was put where it is, and its surroundings were not, or by another factor.

What it cannot see
------------------
- areas smaller than about 150 pixels a side
- enlarging by exactly two, and pasting without resizing
- anything after the whole picture was resized again, filtered, or compressed below a JPEG quality of about 95
- after JPEG compression, factors whose period falls on its blocks': 4/3, 8/7, 8/5, 8/9, 4/5, 8/11
- turning by a few degrees or warping, most of the time
- reduction to less than half

Also caused by
--------------
- regular texture in part of the picture: fabric, blinds, fences, tiles, hair, print
- logos, captions and pictures within the picture, which were resized quite openly
- an area that is nearly flat, where rounding to whole grey levels makes patterns
- resizing of the whole picture, where it shows in some parts much more than in most
- lens correction and panorama stitching, which enlarge the edges of a picture more than its middle

Needs
-----
At least 256 × 256 pixels with enough texture in four windows at least. It says most about files that were never compressed.

References
----------
- A. C. Popescu, H. Farid, "Exposing Digital Forgeries by Detecting Traces of Resampling", IEEE Transactions on Signal
  Processing, 2005.
- M. Kirchner, "Fast and Reliable Resampling Detection by Spectral Analysis of Fixed Linear Predictor Residue", ACM Multimedia
  and Security Workshop, 2008.
- B. Mahdian, S. Saic, "Blind Authentication Using Periodic Properties of Interpolation", IEEE Transactions on Information
  Forensics and Security, 2008.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement, Region, Table
from ...media.image import Image
from ...signals.blocks import bounding
from ...signals.resampling import WINDOW, Rhythms, over_picture, places, rhythms

BRANCH = "forensics"
DETECTS = ("editing", "replacement")
DEMO = "lab.resample.patch"

_SMALLEST = 256
_LEAST_PLACES = 4
_SHARE = 0.3  # a patch may touch more than half of the places of a small picture
_LOWEST = 12
_GRID = WINDOW // 8
_BLOCKS = 2.0  # times the surroundings at odd multiples of 1/8; never-compressed pictures have about 1
_LISTED, _MOST_PLACES = 5, 5
_WAYS = ("down", "across")


@dataclass(frozen=True, slots=True)
class _Departure:
    """For each 2 × 2 windows: largest excess over the picture (ln, NaN without texture), its direction and frequency."""

    excess: np.ndarray
    way: np.ndarray
    frequency: np.ndarray


def examine(image: Image, *, beyond: float = 2.5) -> Measurement:
    """Measure how far one place has a rhythm of resizing that the rest of the picture lacks.

    Parameters
    ----------
    image
        The picture.
    beyond
        Excess (ln) beyond which places are listed.

    Raises
    ------
    NotApplicable
        If the picture is too small, or too little of it has texture.
    """
    if beyond <= 0:
        raise UsageError(f"beyond must be above 0; it is {beyond}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; traces of resizing need {_SMALLEST} × {_SMALLEST}"
        )
    seen = rhythms(image.pixels[..., 1])
    departure = _depart(seen)
    if (count := int(np.isfinite(departure.excess).sum())) < _LEAST_PLACES:
        raise NotApplicable(
            f"{int(seen.fit.sum())} of {seen.fit.size} windows of {WINDOW} × {WINDOW} pixels have enough texture, in "
            f"{count} places; {_LEAST_PLACES} places are needed"
        )
    at = np.unravel_index(int(np.nanargmax(departure.excess)), departure.excess.shape)
    value, way, cycles = float(departure.excess[at]), _WAYS[departure.way[at]], float(departure.frequency[at])
    whole = _whole(seen)
    return Measurement(
        value=value, unit="ln",
        observation=(
            f"Of {count} places the one at x {_middle(at[1], seen.step)}, y {_middle(at[0], seen.step)} departs most from the "
            f"picture: at {cycles:.3f} cycles a pixel {way} its residue has {np.exp(value):.1f} times the picture's power, "
            f"as resizing by {_factors(cycles)} would leave."
        ),
        where=_places(departure, seen.step, beyond), exhibits=(_map(image, departure, seen.step), _plane(seen), whole),
        facts={
            "places": count, "step": seen.step, "cycles a pixel": round(cycles, 4), "direction": way,
            "possible factors": _factors(cycles), "whole picture": whole.rows[0][1],
            "whole picture, ln": float(whole.rows[0][2]), "windows": int(seen.fit.sum()),
        },
        limits=_limits(image, seen),
    )  # fmt: skip


def _judged(seen: Rhythms) -> np.ndarray:
    """Return which of 0 to 64 cycles a window are looked at."""
    cycles = np.arange(WINDOW // 2 + 1)
    odd = [level for line in (seen.plane[: WINDOW // 2 + 1, 0], seen.plane[0]) for level in line[_GRID :: 2 * _GRID]]
    blocks = np.abs(cycles - np.rint(cycles / _GRID) * _GRID) <= 1
    half = cycles >= WINDOW // 2 - 1
    return np.asarray((cycles >= _LOWEST) & ~half & ~(blocks & (np.median(odd) > _BLOCKS)))


def _depart(seen: Rhythms) -> _Departure:
    judged = np.flatnonzero(_judged(seen))
    mean = places(seen.axes[..., judged], seen.fit)
    good = np.isfinite(mean[:, :, 0, 0])
    usual = np.maximum(np.quantile(mean[good], _SHARE, axis=0), 1) if good.any() else np.ones(mean.shape[2:])
    excess = np.log(np.maximum(np.nan_to_num(mean), 1e-6) / usual).reshape(*good.shape, -1)
    way, index = np.divmod(excess.argmax(-1), len(judged))
    return _Departure(np.where(good, excess.max(-1), np.nan).astype(np.float32), way, judged[index] / WINDOW)


def _middle(index: np.integer, step: int) -> int:
    return int(index) * step + (WINDOW + step) // 2


def _factors(cycles: float) -> str:
    """Name the factors that fold to this frequency: enlarging to twice at most, reducing, enlarging beyond twice."""
    return f"×{1 / (1 - cycles):.2f} or ×{1 / (1 + cycles):.2f} or ×{1 / cycles:.2f}"


def _places(departure: _Departure, step: int, beyond: float) -> tuple[Region, ...]:
    labels, count = ndimage.label(np.nan_to_num(departure.excess) > beyond)
    found = []
    for number in range(1, count + 1):
        mask = labels == number
        row, column = np.unravel_index(int(np.where(mask, departure.excess, -1).argmax()), mask.shape)
        box = bounding(mask, pitch=step, label="", value=0.0)
        found.append(
            Region(
                x=box.x + WINDOW / 2, y=box.y + WINDOW / 2, width=box.width, height=box.height,
                label=f"possibly resized by {_factors(float(departure.frequency[row, column]))}",
                value=round(float(departure.excess[row, column]), 3),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda place: -(place.value or 0))[:_MOST_PLACES])


def _map(image: Image, departure: _Departure, step: int) -> Map:
    return Map(
        name="Rhythm of resizing that the rest of the picture lacks",
        values=over_picture(departure.excess, step, image.height, image.width), unit="ln of power over the picture's",
        low=0.0, high=4.0,
        caption="Each cell stands for 192 × 192 pixels around it or more. Empty: too smooth to tell. Regular texture has "
        "rhythms of its own. In nine of ten of 156 pristine photographs it stays below 2.1 everywhere; the larger the "
        "picture, the less easily.",
    )  # fmt: skip


def _plane(seen: Rhythms) -> Map:
    mirrored = np.roll(seen.plane[::-1], 1, axis=0)
    full = np.concatenate([seen.plane, mirrored[:, -2:0:-1]], axis=1)
    return Map(
        name="Rhythms of the whole picture", values=np.log(np.maximum(np.fft.fftshift(full), 1e-3)).astype(np.float32),
        unit="ln of power over surroundings", low=0.0, high=3.0, overlay=False,
        caption="Frequency 0 in the middle, 1/2 cycle a pixel at the edges; mean over the windows. JPEG shows on the axes at "
        "multiples of 1/8, resizing of the whole picture at other points, turning at points off the axes.",
    )  # fmt: skip


def _whole(seen: Rhythms) -> Table:
    """List the strongest frequencies of the whole picture, off JPEG's grid."""
    down = np.abs(np.fft.fftfreq(WINDOW, 1 / WINDOW))
    across = np.arange(WINDOW // 2 + 1)
    near = [np.abs(f - np.rint(f / _GRID) * _GRID) <= 1 for f in (down, across)]
    free = ~(near[0][:, None] & near[1]) & (np.hypot(down[:, None], across) >= _LOWEST)
    free[:, 0], free[0] = _judged(seen)[down.astype(int)], _judged(seen)
    for slow in (1, 2):
        free[:, slow] = False
        free[[slow, -slow]] = False
    level = np.where(free, np.log(np.maximum(seen.plane, 1e-6)), -np.inf)
    level[WINDOW // 2 + 1 :, [0, -1]] = -np.inf  # these two columns hold every frequency twice
    rows = []
    for _ in range(_LISTED):
        row, column = np.unravel_index(int(level.argmax()), level.shape)
        v, u = float(np.fft.fftfreq(WINDOW)[row]), column / WINDOW
        one = _factors(abs(v) or u) if v == 0 or u == 0 else "turned, or both directions"
        rows.append((f"{v:+.3f} cycles a pixel down, {u:.3f} across", one, f"{level[row, column]:.2f}"))
        cv2.rectangle(level, (int(column) - 2, int(row) - 2), (int(column) + 2, int(row) + 2), -np.inf, cv2.FILLED)
    return Table(
        name="Strongest rhythms of the whole picture", columns=("where", "possible factors", "ln"), rows=tuple(rows),
        caption="A factor that the whole picture shares is what a web site or a camera's zoom leaves, and hardly counts.",
    )  # fmt: skip


def _limits(image: Image, seen: Rhythms) -> tuple[str, ...]:
    limits = []
    if image.jpeg is not None:
        limits.append(
            f"The file is a JPEG of quality about {image.jpeg.quality}: below 95 most traces of resizing are lost."
        )
    if seen.step > WINDOW:
        limits.append(f"Windows lie {seen.step} pixels apart: what is between them was not looked at.")
    if (share := float(seen.fit.mean())) < 0.5:
        limits.append(f"{1 - share:.0%} of the windows are too smooth to tell.")
    return tuple(limits)
