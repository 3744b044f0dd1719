"""Are the picture's pixels laid down in a rhythm of two or four, as by a generator that enlarges on its way?

Method
------
Convolutional traces. For squares of 256 × 256 native pixels, expectation maximisation finds, for each colour channel, the
linear rule by which a pixel follows from its 3 × 3 (5 × 5, 7 × 7) neighbours, and for each pixel the probability that it
follows the rule: the posterior map. Layers that enlarge by two leave pixels that are made alternately, so that the map of
the green channel repeats every two or four pixels. Its power spectrum (Hann window, variation slower than 4 pixels taken
off, mean over the squares) is compared with its surroundings, bin by bin: the mean logarithm 3 to 10 bins away. Counted
is the excess, as a natural logarithm, at 1/2 cycle a pixel along one direction and at multiples of 1/4; from the latter
what JPEG's 8 × 8 blocks show at odd multiples of 1/8 is taken off. Since such a rhythm often survives in smooth parts
only, the whole picture is also gone through in overlapping windows of 128 × 128 pixels with one fixed rule (see
spatial.resampling), and the power at 1/2 is compared with its surroundings: the geometric mean of down and across, over
2 × 2 windows. The value is the largest of all these. At 1/2 in both directions at once every camera
with a colour filter leaves a peak of its own; it is shown and not counted. The kernels are the vector by which pictures of
one generator are compared with those of others.

What a high value means
-----------------------
Pixels were interpolated by a factor of two or four and hardly worked over afterwards: by the last layers of a generator, or
by any program that enlarged the picture.

What it cannot see
------------------
- generators whose last layers hide their rhythm, which today is most of them
- enlarging by two around the centres of pixels, which weighs all pixels alike but mirrored, as many programs do
- anything after a reduction in size, or after JPEG compression at usual qualities, both of which lay their own rule over it

Also caused by
--------------
- enlarging by two in a viewer, phone zoom or web site
- reading the colour filter of a camera without smoothing between its directions
- screens that were photographed, printed dots, woven fabric, brickwork of just that pitch

Needs
-----
At least 128 × 128 pixels, more than half of them neither flat nor clipped. It says most about a file that was never
compressed or resized.

References
----------
- L. Guarnera, O. Giudice, S. Battiato, "DeepFake Detection by Analyzing Convolutional Traces", CVPR Workshops, 2020.
- L. Guarnera, O. Giudice, S. Battiato, "Fighting Deepfake by Exposing the Convolutional Traces on Images", IEEE Access, 2020.
- A. C. Popescu, H. Farid, "Exposing Digital Forgeries in Color Filter Array Interpolated Images", IEEE Transactions on Signal
  Processing, 2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...finding import Map, Measurement, Region, Table
from ...media.image import Image
from ...perception.neighbour_prediction import SIDE, NeighbourPrediction
from ...signals.periodicity import GRID, above, power
from ...signals.resampling import WINDOW, over_picture, places, rhythms

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.synthesis.upsample"

_SIGMA = 4.0
_CELLS = 1_500_000
_SLOW = 0.06
_LEAST = 1e-3
_SHOWN = 2.0  # none of 156 pristine photographs goes beyond 1.6
_LISTED = 5
_CHANNELS = "RGB"


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Excess at the places that count, (down, across) in sixteenths; what JPEG's grid shows; a camera's own peak."""

    counted: dict[tuple[int, int], float]
    grid_axes: float
    grid_between: float
    camera: float


@dataclass(frozen=True, slots=True)
class _Local:
    """The strongest rhythm of two over the picture, the words for it, its place and its map; the last three may be empty."""

    strongest: float
    said: str
    where: tuple[Region, ...]
    maps: tuple[Map, ...]


def examine(image: Image, prediction: NeighbourPrediction) -> Measurement:
    """Measure how far the posterior map repeats every two or four pixels.

    Parameters
    ----------
    image
        The picture.
    prediction
        The rules by which its pixels follow from their neighbours.
    """
    excess = above(np.mean([power(part.astype(np.float32), sigma=_SIGMA) for part in prediction.posterior], axis=0))
    rhythm = _rhythm(excess)
    place = max(rhythm.counted, key=lambda key: rhythm.counted[key])
    local = _local(image)
    strongest = rhythm.counted[place]
    value = max(strongest, local.strongest)
    return Measurement(
        value=value, unit="ln",
        observation=(
            f"The strongest rhythm of two or four pixels in the posterior map, {_cycles(place)}, has {np.exp(strongest):.1f} "
            f"times the power of its surroundings, less what JPEG's grid explains{local.said}."
        ),
        where=local.where,
        exhibits=(
            *local.maps, _spectrum(excess), *(_kernels(k) for k in prediction.kernels), _posterior(image, prediction),
            _table(excess, rhythm),
        ),
        facts={
            "posterior map": round(strongest, 4), "rhythm": _cycles(place),
            "strongest place": round(local.strongest, 4) if local.maps else None, "squares": len(prediction.boxes),
            "camera's colour filter (1/2, 1/2)": round(rhythm.camera, 3),
            "JPEG grid": round(max(rhythm.grid_axes, rhythm.grid_between), 3),
            **{
                f"σ {name} (3 × 3)": round(float(sigma), 4)
                for name, sigma in zip(_CHANNELS, np.median(prediction.sigma_three, 0), strict=True)
            },
        },
        limits=_limits(image, prediction), features=prediction.features,
    )  # fmt: skip


def _local(image: Image) -> _Local:
    """Look for a rhythm of two pixels, down and across at once, all over the picture."""
    nothing = _Local(-np.inf, "", (), ())
    if min(image.height, image.width) < WINDOW * 3 // 2:
        return nothing
    seen = rhythms(image.pixels[..., 1])
    halves = places(seen.axes[..., WINDOW // 2], seen.fit)
    level = np.log(np.maximum(halves, _LEAST)).mean(-1)
    if not np.isfinite(level).any():
        return nothing
    row, column = np.unravel_index(int(np.nanargmax(level)), level.shape)
    strongest, side = float(level[row, column]), WINDOW + seen.step
    x, y = int(column) * seen.step, int(row) * seen.step
    drawn = Map(
        name="Rhythm of two pixels", values=over_picture(level, seen.step, image.height, image.width),
        unit="ln of power over surroundings", low=0.0, high=4.0,
        caption="At 1/2 cycle a pixel, mean of down and across. Each cell stands for 192 × 192 pixels around it or more. "
        "Empty: too smooth to tell. In nine of ten of 156 pristine photographs it stays below 1.2 everywhere.",
    )  # fmt: skip
    where = Region(
        x=float(x), y=float(y), width=float(side), height=float(side), label="strongest rhythm of two pixels",
        value=round(strongest, 3),
    )  # fmt: skip
    said = (
        f"; over the picture a rhythm of two is strongest, {np.exp(strongest):.1f} times its surroundings, around "
        f"x {x + side // 2}, y {y + side // 2}"
    )
    return _Local(strongest, said, (where,) if strongest > _SHOWN else (), (drawn,))


def _rhythm(excess: np.ndarray) -> _Rhythm:
    rows, columns = (side // GRID for side in excess.shape)

    def at(down: int, across: int) -> float:
        return float(excess[down * rows % excess.shape[0], across * columns % excess.shape[1]])

    # The spectrum of a real map is symmetric: one half of the plane holds all of it.
    odd_axes = max(at(2, 0), at(6, 0), at(0, 2), at(0, 6), 0.0)
    between = [at(r, c) for r in (2, 4, 6, 8, 10, 12, 14) for c in (2, 4, 6, 8) if r % 4 or c % 4]
    odd_between = max(float(np.quantile(between, 0.9)), 0.0)
    counted = {(8, 0): at(8, 0), (0, 8): at(0, 8)}
    counted |= {place: at(*place) - odd_axes for place in ((4, 0), (0, 4))}
    counted |= {place: at(*place) - odd_between for place in ((4, 4), (12, 4), (8, 4), (4, 8))}
    return _Rhythm(counted, odd_axes, odd_between, at(8, 8))


def _cycles(place: tuple[int, int]) -> str:
    down, across = ((part - GRID if part > GRID // 2 else part) / GRID for part in place)
    return f"{down:g} cycles a pixel down, {across:g} across"


def _spectrum(excess: np.ndarray) -> Map:
    return Map(
        name="Spectrum of the posterior map", values=np.fft.fftshift(excess).astype(np.float32),
        unit="ln of power over surroundings", low=0.0, high=6.0, overlay=False,
        caption="Frequency 0 in the middle, 1/2 cycle a pixel at the edges. A rhythm of two pixels shows as points in the "
        "middle of the edges, one of four half way. JPEG shows as points on the axes at multiples of 1/8, a camera's "
        "colour filter in the corners.",
    )  # fmt: skip


def _kernels(kernels: np.ndarray) -> Map:
    """Draw the kernels of R, G and B beside each other, with an empty column between them."""
    size = kernels.shape[1]
    drawn = np.full((size, 3 * size + 2), np.nan, np.float32)
    for i, kernel in enumerate(kernels):
        shown = kernel.astype(np.float32).copy()
        shown[size // 2, size // 2] = np.nan
        drawn[:, i * (size + 1) : i * (size + 1) + size] = shown
    return Map(
        name=f"Prediction from {size} × {size} neighbours", values=drawn, unit="weight", low=-1.0, high=1.0,
        overlay=False, diverging=True,
        caption="Red, green and blue from left to right; the pixel itself is left empty. Exact bilinear enlarging by two "
        "has 1/2 beside, above and below and −1/4 in the corners.",
    )  # fmt: skip


def _posterior(image: Image, prediction: NeighbourPrediction) -> Map:
    pitch = 1
    while image.height * image.width > _CELLS * pitch**2:
        pitch *= 2
    shape = (max(round(image.height / pitch), 1), max(round(image.width / pitch), 1))
    drawn = np.full(shape, np.nan, np.float32)
    for (x, y, width, height), part in zip(prediction.boxes.tolist(), prediction.posterior, strict=True):
        whole = np.full((height // pitch * pitch, width // pitch * pitch), np.nan, np.float32)
        inside = part.astype(np.float32)[: whole.shape[0] - 2, : whole.shape[1] - 2]
        whole[2 : 2 + inside.shape[0], 2 : 2 + inside.shape[1]] = inside
        cells = _known_mean(whole, pitch)
        to = drawn[y // pitch : y // pitch + cells.shape[0], x // pitch : x // pitch + cells.shape[1]]
        to[:] = cells[: to.shape[0], : to.shape[1]]
    return Map(
        name="Probability of following the rule (green)", values=drawn, unit="1", low=0.0, high=1.0,
        caption="The squares that were looked at; empty where a pixel equals all its neighbours. Edges and texture follow "
        "the rule less in every photograph: only a regular pattern tells, and the spectrum shows that.",
    )  # fmt: skip


def _known_mean(plane: np.ndarray, size: int) -> np.ndarray:
    """Mean over square blocks of what is not NaN."""
    if size == 1:
        return plane
    known = np.isfinite(plane)
    shape = (plane.shape[1] // size, plane.shape[0] // size)
    total, share = (
        cv2.resize(part.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
        for part in (np.where(known, plane, 0), known)
    )
    return np.where(share > 0, total / np.maximum(share, 1e-6), np.nan).astype(np.float32)


def _table(excess: np.ndarray, rhythm: _Rhythm) -> Table:
    counted = sorted(rhythm.counted.items(), key=lambda item: -item[1])
    rows = [("counted", _cycles(place), f"{level:+.2f}") for place, level in counted]
    rows.append(("camera's colour filter", _cycles((8, 8)), f"{rhythm.camera:+.2f}"))
    rows.append(("JPEG grid", "odd multiples of 1/8 on the axes", f"{rhythm.grid_axes:+.2f}"))
    for down, across, level in _elsewhere(excess):
        rows.append(("elsewhere", f"{down:.3f} cycles a pixel down, {across:.3f} across", f"{level:+.2f}"))
    return Table(
        name="Rhythms of the posterior map", columns=("kind", "where", "ln of power over surroundings"), rows=tuple(rows),
        caption="In noise the strongest of all other frequencies reaches about 2.3; strong ones there speak of resizing by "
        "another factor or of regular texture.",
    )  # fmt: skip


def _elsewhere(excess: np.ndarray) -> list[tuple[float, float, float]]:
    """Return the strongest frequencies off the multiples of 1/8 and the axes: cycles a pixel down, across, and level."""
    down, across = (np.fft.fftfreq(side) for side in excess.shape)
    apart = [np.abs(f * 8 - np.rint(f * 8)) * len(f) / 8 > 2.5 for f in (down, across)]
    free = apart[0][:, None] | apart[1]
    free &= (np.abs(down)[:, None] > _SLOW) & (across > _SLOW)
    level = np.where(free, excess, -np.inf)
    found = []
    for _ in range(_LISTED):
        row, column = np.unravel_index(int(level.argmax()), level.shape)
        found.append((float(down[row]), float(across[column]), float(level[row, column])))
        level[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = -np.inf
    return found


def _limits(image: Image, prediction: NeighbourPrediction) -> tuple[str, ...]:
    limits = []
    if image.jpeg is not None:
        limits.append(
            f"The file is a JPEG of quality about {image.jpeg.quality}: the rules describe its compression as much as the "
            "picture's making."
        )
    smallest = int(prediction.boxes[:, 2:].min())
    if smallest < SIDE:
        limits.append(
            f"With {smallest} pixels a side, less than {SIDE}, the rules depend more on the picture's content."
        )
    return tuple(limits)
