"""Was one area compressed as JPEG once, where the rest was compressed twice on the same grid, or the other way round?

Method
------
Quantising a DCT coefficient by one step and then by another leaves gaps and peaks at regular distances in its histogram.
The quantised luminance coefficients of the 15 lowest frequencies are read from the file. What they would be before any
quantisation is taken from the same pixels on a grid shifted by 4 × 4. From it follow, for each frequency, the histogram after
the file's own step alone, and after each possible first step (2 to 60), rounding of the pixels (standard deviation 0.5) and
the file's own step. The share of blocks that were compressed twice, common to all frequencies, and the first step of each
frequency are chosen so that their mixture explains the file best; a first step is believed if it gains ``least_gain`` nats a
coefficient, and an area is named if 5 or more frequencies have one. Steps that divide the file's own, or lie beside a last
step of 3 or less, and zeros of all frequencies but the mean say nothing and are left out. So are blocks in which one pixel in
20 is clipped, or all coefficients but the mean are zero: their pixels were not rounded at random between the saves. Each
block then has a log likelihood ratio of the two histories, the sum over its coefficients (each at most 3 nats, together at
most 6), averaged over 5 × 5 blocks. Where most blocks were compressed twice, areas that speak for once are sought, else areas
that speak for twice: touching windows beyond ``beyond`` nats a block. The value is the largest mean of an area times the
square root of its share of the judged blocks.

What a high value means
-----------------------
A connected area has another compression history than the rest, as when something was pasted into a JPEG that was then saved
again: what came off the grid, or was never compressed, shows one compression only.

What it cannot see
------------------
- edits saved last at a quality well below the one before
- an earlier save on another grid, after cropping or resizing: see the alignment of the grid
- an area that went through both saves, such as one copied in steps of 8 pixels
- a first save with the very steps of the last, or with steps that divide them
- smooth and clipped areas

Also caused by
--------------
- areas of strong texture or noise beside plain ones, whose coefficients fit the models less well
- overlaid logos, captions and frames that were added before the last save
- pictures of pictures that were themselves JPEG

Needs
-----
A JPEG of at least 256 × 256 pixels with at least 5000 coefficients of the 15 lowest frequencies that are not zero, in blocks
that are neither flat nor clipped.

References
----------
- A. C. Popescu, H. Farid, "Statistical Tools for Digital Forensics", Information Hiding 2004.
- Z. Lin, J. He, X. Tang, C.-K. Tang, "Fast, automatic and fine-grained tampered JPEG image detection via DCT coefficient
  analysis", Pattern Recognition, 2009.
- T. Bianchi, A. Piva, "Image Forgery Localization via Block-Grained Analysis of JPEG Artifacts", IEEE Transactions on
  Information Forensics and Security, 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from ...errors import NotApplicable, UsageError
from ...finding import Chart, Line, Map, Measurement, Table
from ...media.image import Image, JpegData
from ...signals.blocks import block_mean, bounding, covering
from ...signals.quantisation import FREQUENCIES, Twice, fit_twice, shifted_coefficients

BRANCH = "blending"
DETECTS = ("editing", "replacement")
DEMO = "lab.edit.paste"

_BLOCK = 8
_SMALLEST = 256
_FEWEST = 5000
_WINDOW = 5
_STRONGEST = 6.0
_SMALLEST_AREA = 12
_MOST_PLACES = 4
_FEWEST_FREQUENCIES = 5
# 100 photographs as published, and the same saved at quality 60–95 and again at 75–98 on one grid
_PRISTINE, _PRISTINE_HIGH = 200, 1.4
_SHOWN = 40
_STRIP = 64
_DARK, _LIGHT, _CLIPPED = 2, 253, 0.05
_TEXTURE = 1  # coefficients other than the mean that are not zero: the pixels of a flat block all round the same way


@dataclass(frozen=True, slots=True)
class _Area:
    strength: float
    evidence: float
    mask: np.ndarray


def examine(image: Image, *, least_gain: float = 0.02, beyond: float = 0.7) -> Measurement:
    """Measure how strongly one area speaks for another number of compressions than the rest.

    Parameters
    ----------
    image
        The picture.
    least_gain
        Nats a coefficient that a first quantisation step must gain before it is believed.
    beyond
        Nats a block beyond which blocks form an area.

    Raises
    ------
    NotApplicable
        If the picture is no JPEG, too small, or too smooth.
    """
    if least_gain <= 0 or beyond <= 0:
        raise UsageError(f"least_gain and beyond must be above 0; they are {least_gain} and {beyond}")
    if image.jpeg is None:
        raise NotApplicable(f"the file is {image.format.upper()}; only a JPEG holds quantised coefficients")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; double compression needs {_SMALLEST} × {_SMALLEST}"
        )
    coefficients = _whole_blocks(image, image.jpeg)
    judged = _judged(image, coefficients)
    count = sum(int(np.count_nonzero(coefficients[judged][:, u, v])) for u, v in FREQUENCIES)
    if count < _FEWEST:
        raise NotApplicable(
            f"in blocks that are neither flat nor clipped {count} coefficients of the 15 lowest frequencies are not zero; "
            f"{_FEWEST} are needed"
        )
    table = image.jpeg.tables[image.jpeg.component_tables[0]]
    fitted = fit_twice(coefficients, table, shifted_coefficients(image.pixels), judged, least_gain)
    other = _other(fitted)
    areas = _areas(other, beyond) if _told(fitted) >= _FEWEST_FREQUENCIES else []
    return Measurement(
        value=areas[0].strength if areas else 0.0, unit="nats", observation=_said(fitted, areas, other, beyond),
        where=tuple(
            bounding(a.mask, pitch=_BLOCK, label=_history(fitted), value=round(a.evidence, 2)) for a in areas
        ),
        exhibits=(_map(image, fitted, other), _steps(fitted, table), *_chart(fitted, coefficients, table)),
        facts={
            "first compression": any(fitted.steps),
            "share of blocks compressed twice": fitted.share if any(fitted.steps) else None,
            "gain": round(fitted.gain, 4), "frequencies that tell": _told(fitted),
            "areas": len(areas), "JPEG quality": image.jpeg.quality, "coefficients": count,
        },
        limits=_limits(fitted),
    )  # fmt: skip


def _whole_blocks(image: Image, jpeg: JpegData) -> np.ndarray:
    """Luminance coefficients of the blocks that lie wholly in the picture."""
    return jpeg.coefficients[0][: image.height // _BLOCK, : image.width // _BLOCK]


def _judged(image: Image, coefficients: np.ndarray) -> np.ndarray:
    """Blocks that are neither clipped nor flat: there the pixels were not rounded at random between two saves."""
    rows, columns = coefficients.shape[:2]
    clipped = np.empty((rows, columns), np.float32)
    for row in range(0, rows, _STRIP):
        strip = image.pixels[row * _BLOCK : min(row + _STRIP, rows) * _BLOCK, : columns * _BLOCK]
        extreme = cv2.inRange(strip, (_DARK,) * 3, (_LIGHT,) * 3) == 0
        clipped[row : row + _STRIP] = block_mean(extreme, _BLOCK)
    textured = sum((coefficients[:, :, u, v] != 0).astype(np.int8) for u, v in FREQUENCIES[1:]) >= _TEXTURE
    return np.asarray((clipped <= _CLIPPED) & textured)


def _other(fitted: Twice) -> np.ndarray:
    """Nats a block for the history that most of the picture does not have; NaN where nothing was said."""
    evidence = np.clip(fitted.evidence, -_STRONGEST, _STRONGEST)
    if fitted.share >= 0.5:
        evidence = -evidence
    told = (fitted.informative > 0).astype(np.float32)
    mean, number = (
        cv2.boxFilter(plane, -1, (_WINDOW, _WINDOW), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for plane in (evidence, told)
    )
    return np.where(number >= _WINDOW, mean / np.maximum(number, 1), np.nan).astype(np.float32)


def _areas(other: np.ndarray, beyond: float) -> list[_Area]:
    labels, count = ndimage.label(other > beyond)
    total = int(np.isfinite(other).sum())
    if not count:
        return []
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    means = np.bincount(labels.ravel(), np.nan_to_num(other).ravel(), count + 1)[1:] / sizes
    strengths = np.where(sizes >= _SMALLEST_AREA, means * np.sqrt(sizes / total), 0)
    best = [int(i) for i in np.argsort(-strengths, kind="stable")[:_MOST_PLACES] if strengths[i] > 0]
    return [_Area(float(strengths[i]), float(means[i]), labels == i + 1) for i in best]


def _told(fitted: Twice) -> int:
    return sum(step > 0 for step in fitted.steps)


def _history(fitted: Twice) -> str:
    return "compressed once" if fitted.share >= 0.5 else "compressed twice"


def _said(fitted: Twice, areas: list[_Area], other: np.ndarray, beyond: float) -> str:
    if not any(fitted.steps):
        return "The histograms of the coefficients show no earlier compression on this file's grid."
    start = (
        f"{_told(fitted)} of {len(FREQUENCIES)} frequencies show an earlier compression on the same "
        f"grid, best explained by a share of {fitted.share:g} of the blocks; "
    )
    if not areas:
        return start + f"no area speaks for being {_history(fitted)} by more than {beyond:g} nats a block."
    size, total = int(areas[0].mask.sum()), int(np.isfinite(other).sum())
    return start + (
        f"an area of {size} blocks (share {size / total:.3f} of those judged) speaks for being {_history(fitted)}, by "
        f"{areas[0].evidence:.1f} nats a block."
    )


def _map(image: Image, fitted: Twice, other: np.ndarray) -> Map:
    return Map(
        name=f"Evidence for being {_history(fitted)}",
        values=covering(other, image.height, image.width, pitch=_BLOCK), unit="nats a block", low=0.0, high=_STRONGEST,
        caption="Log likelihood ratio against the history of most of the picture, mean of 5 × 5 blocks. Where no coefficient "
        f"tells the two apart the map is empty. In nine of ten of {_PRISTINE} pristine photographs, saved once or twice, no "
        f"block exceeds {_PRISTINE_HIGH:g}.",
    )  # fmt: skip


def _steps(fitted: Twice, table: np.ndarray) -> Table:
    rows = tuple(
        (str(u), str(v), str(int(table[u, v])), str(step) if step else "none told")
        for (u, v), step in zip(FREQUENCIES, fitted.steps, strict=True)
    )
    return Table(
        name="Quantisation steps", columns=("row", "column", "step of this file", "step of an earlier save"), rows=rows,
        caption="Steps of an earlier save that follow a common table speak for a real save; steps without order do not.",
    )  # fmt: skip


def _chart(fitted: Twice, coefficients: np.ndarray, table: np.ndarray) -> tuple[Chart, ...]:
    if not any(fitted.steps):
        return ()
    u, v = FREQUENCIES[int(np.argmax(np.array(fitted.steps) / [table[u, v] for u, v in FREQUENCIES]))]
    values = np.arange(-_SHOWN, _SHOWN + 1)
    counts = np.bincount(np.clip(coefficients[:, :, u, v].ravel(), -_SHOWN - 1, _SHOWN + 1) + _SHOWN + 1)
    counts = np.pad(counts, (0, 2 * _SHOWN + 3 - len(counts)))[1:-1]
    return (
        Chart(
            name=f"Histogram of the coefficient at row {u}, column {v}", x_name="quantised value", x_unit="1",
            y_name="blocks", y_unit="1",
            lines=(Line(name="this file", x=values.astype(np.float32), y=counts.astype(np.float32)),),
            caption="Gaps and peaks at regular distances are what two compressions leave; one leaves a smooth fall.",
        ),
    )  # fmt: skip


def _limits(fitted: Twice) -> tuple[str, ...]:
    if not any(fitted.steps):
        return ("Without an earlier compression on this grid, areas cannot be told apart by it.",)
    if _told(fitted) < _FEWEST_FREQUENCIES:
        return (f"Fewer than {_FEWEST_FREQUENCIES} frequencies tell: an earlier compression is not certain.",)
    return ()
