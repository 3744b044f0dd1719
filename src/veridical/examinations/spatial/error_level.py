"""Does one area change more, or less, under JPEG compression than its texture explains?

Method
------
Error level analysis. The picture is compressed in memory as a JPEG (quality 90, 4:2:0) and decoded again; the error level is
the absolute difference, here averaged over the three channels and over blocks of 16 × 16 pixels. Texture explains most of
it, so the logarithm of each block's error is fitted on the logarithm of its activity (mean absolute Laplacian of the
luminance, plus 1) by a straight line with Huber weights. Before the logarithm 0.25 steps are added to the error, so that
changes far below one step do not count. What is left is divided by its robust standard deviation (at least 0.25, about a
quarter of the error) and averaged over 3 × 3 blocks; neighbouring blocks that depart in the same direction by more than
``beyond`` form an area. The value is the largest, over all areas, of the mean departure (clipped at 6) times the square
root of the area's share of the judged blocks: what the area adds to the root-mean-square departure of the picture. Areas
brighter and darker than expected count alike.

What a high value means
-----------------------
A connected area has another compression or processing history than its texture suggests, as after pasting, retouching or
local regeneration. It does not say which side is the original: an edit can be darker than its surroundings.

What it cannot see
------------------
- a picture made as a whole by a generator: its error level is uniform
- edits after which the picture was resized, shown on a screen and captured, or compressed again at low quality
- a difference between two areas that were both saved again at one high quality
- anything in flat or clipped areas, which are left out

Also caused by
--------------
- areas out of focus beside sharp ones, and motion blur
- fine regular texture, lettering and hard edges, which compress worse than the fit expects
- strong colours, which lose detail by chroma subsampling
- local sharpening, noise reduction or beautification by a phone camera
- a last save at just the quality used here: most blocks then hardly change, and strongly coloured ones stand out
- overlaid logos, captions and frames

Needs
-----
A picture of at least 256 × 256 pixels with at least 100 blocks that are neither flat nor clipped. It says most about a file
whose last lossy save was a JPEG.

References
----------
- N. Krawetz, "A Picture's Worth…: Digital Image Analysis and Forensics", Black Hat 2007.
- P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics, 1964.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Map, Measurement
from ...media.image import Image
from ...signals.areas import Area, coherent_areas
from ...signals.blocks import block_mean, bounding, covering, grey, tiles
from ...signals.recompression import recompress
from ...signals.robust import huber_fit

BRANCH = "blending"
DETECTS = ("editing", "replacement")
DEMO = "lab.edit.paste"

_BLOCK = 16
_SMALLEST = 256
_FEWEST_BLOCKS = 100
_FLAT = 0.5
_CLIP = 6.0
# In a file last saved at the very quality used here, most blocks hardly change and their spread is next to nothing.
_OFFSET, _LEAST_SPREAD = 0.25, 0.25
_MOST_PLACES = 5


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Per block of 16 × 16 pixels: mean error, activity, and whether it can be judged; per channel: mean error."""

    error: np.ndarray
    activity: np.ndarray
    judged: np.ndarray
    channels: np.ndarray


def examine(image: Image, *, quality: int = 90, beyond: float = 1.0) -> Measurement:
    """Measure the strongest coherent departure of the error level from what texture explains.

    Parameters
    ----------
    image
        The picture.
    quality
        JPEG quality of the compression in memory, 1–100.
    beyond
        Departure, in robust standard deviations, beyond which blocks form an area.

    Raises
    ------
    NotApplicable
        If the picture is too small, or too much of it is flat or clipped.
    """
    if not 1 <= quality <= 100 or beyond <= 0:
        raise UsageError(f"quality must be 1 to 100 and beyond above 0; they are {quality} and {beyond}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; error levels need {_SMALLEST} × {_SMALLEST}"
        )
    blocks = _measure(image.pixels, quality)
    if (count := int(blocks.judged.sum())) < _FEWEST_BLOCKS:
        raise NotApplicable(
            f"{count} of {blocks.judged.size} blocks are neither flat nor clipped; the fit needs {_FEWEST_BLOCKS}"
        )
    departure, line = _departure(blocks)
    areas = coherent_areas(departure, blocks.judged, beyond=beyond, clip=_CLIP)
    facts = {f"mean error {name}": round(float(mean), 3) for name, mean in zip("RGB", blocks.channels, strict=True)}
    facts |= {"blocks judged": count, "blocks": blocks.judged.size, "areas": len(areas)}
    facts |= {f"fit {name}": round(v, 4) for name, v in zip(("intercept", "slope", "robust SD"), line, strict=True)}
    return Measurement(
        value=areas[0].strength if areas else 0.0, unit="robust SD", observation=_said(blocks, areas, quality, beyond),
        where=tuple(
            bounding(a.mask, pitch=_BLOCK, label=_side(a), value=round(a.departure, 3)) for a in areas[:_MOST_PLACES]
        ),
        exhibits=_maps(image, blocks, departure, quality), facts=facts, limits=_limits(image, quality),
    )  # fmt: skip


def _measure(pixels: np.ndarray, quality: int) -> _Blocks:
    height, width = pixels.shape[:2]
    shape = (height // _BLOCK, width // _BLOCK)
    error, activity, clipped = (np.empty(shape, np.float32) for _ in range(3))
    channels = np.zeros(3)
    for rows, columns in tiles(shape[0] * _BLOCK, shape[1] * _BLOCK):
        tile = pixels[rows, columns]
        place = tuple(slice(s.start // _BLOCK, s.stop // _BLOCK) for s in (rows, columns))
        means = block_mean(
            cv2.absdiff(np.ascontiguousarray(tile), _saved_again(pixels, rows, columns, quality)), _BLOCK
        )
        channels += means.sum((0, 1), np.float64) / error.size
        luma = grey(tile)
        error[place] = means.mean(2)
        activity[place] = block_mean(np.abs(cv2.Laplacian(luma, cv2.CV_32F)), _BLOCK)
        clipped[place] = block_mean((luma < 2.5) | (luma > 252.5), _BLOCK)
    return _Blocks(error, activity, (activity >= _FLAT) & (clipped < 0.5), channels)


def _saved_again(pixels: np.ndarray, rows: slice, columns: slice, quality: int) -> np.ndarray:
    """One tile as it looks when the whole picture is compressed: chroma is interpolated across the edges of tiles."""
    top, left = (max(s.start - _BLOCK, 0) for s in (rows, columns))
    wide = pixels[top : rows.stop + _BLOCK, left : columns.stop + _BLOCK]
    inner = (slice(s.start - start, s.stop - start) for s, start in ((rows, top), (columns, left)))
    return np.ascontiguousarray(recompress(np.ascontiguousarray(wide), quality)[tuple(inner)])


def _departure(blocks: _Blocks) -> tuple[np.ndarray, tuple[float, float, float]]:
    """Residual of log error on log activity in robust SD (NaN where not judged); intercept, slope and robust SD."""
    x = np.log(blocks.activity[blocks.judged].astype(np.float64) + 1)
    y = np.log(blocks.error[blocks.judged].astype(np.float64) + _OFFSET)
    step = max(len(x) // 50_000, 1)
    kept = x[::step]
    intercept, slope = huber_fit(np.stack([np.ones_like(kept), kept], 1), y[::step]).tolist()
    residual = y - intercept - slope * x
    spread = max(1.4826 * float(np.median(np.abs(residual))), _LEAST_SPREAD)
    out = np.full(blocks.error.shape, np.nan, np.float32)
    out[blocks.judged] = residual / spread
    return out, (intercept, slope, spread)


def _side(area: Area) -> str:
    return "brighter than its texture explains" if area.departure > 0 else "darker than its texture explains"


def _said(blocks: _Blocks, areas: list[Area], quality: int, beyond: float) -> str:
    mean = float(blocks.error.mean())
    start = f"Compressed again at JPEG quality {quality}, the picture changes by {mean:.2f} steps of 255 on average; "
    if not areas:
        return start + f"no area departs by more than {beyond:g} robust SD from what its texture explains."
    first = areas[0]
    share = first.mask.sum() / blocks.judged.sum()
    return start + (
        f"the strongest of {len(areas)} departing areas is {_side(first)}, by {abs(first.departure):.2f} robust SD on "
        f"average over {int(first.mask.sum())} blocks (share {share:.3f} of those judged)."
    )


def _maps(image: Image, blocks: _Blocks, departure: np.ndarray, quality: int) -> tuple[Map, Map]:
    size = {"height": image.height, "width": image.width}
    return (
        Map(
            name="Departure from what texture explains", values=covering(departure, **size, pitch=_BLOCK),
            unit="robust SD", low=-4.0, high=4.0, diverging=True,
            caption="Bright does not mean edited: areas above and below the fit both have another history than expected. "
            "Blocks that are flat or clipped are left empty.",
        ),
        Map(
            name="Error level", values=covering(blocks.error, **size, pitch=_BLOCK), unit="steps of 255",
            low=0.0, high=20.0,
            caption=f"Mean change of each block when compressed at JPEG quality {quality}, gain 1. Bright does not mean "
            "edited: edges and texture are bright in every photograph.",
        ),
    )  # fmt: skip


def _limits(image: Image, quality: int) -> tuple[str, ...]:
    if image.jpeg is None:
        return (
            f"The file is {image.format.upper()}, not JPEG: whether its last lossy save was a JPEG is not known, "
            "and without one error levels show texture only.",
        )
    if image.jpeg.quality < quality:
        return (
            f"The file was saved at about JPEG quality {image.jpeg.quality}, below the {quality} used here: "
            "differences between older saves are mostly erased.",
        )
    if image.jpeg.quality == quality:
        return (
            f"The file itself was saved at about JPEG quality {quality}: unaltered areas hardly change a second time, so "
            "any area that does stands out.",
        )
    return ()
