"""Does one area, or a face, hold more or less noise than its brightness and texture explain?

Method
------
Noise is taken from the luminance by the filter [1 −2 1; −2 4 −2; 1 −2 1] / 6, which is blind to flat areas, slopes and
straight horizontal and vertical edges: in blocks of 16 × 16 pixels the mean absolute answer, times 1.2533, is the standard
deviation of white noise. Sensor noise depends on brightness, and fine texture passes the filter too. Therefore the logarithm
of the noise (plus 0.3 steps, so that differences far below one step do not count) is fitted over the picture, with Huber
weights, by a smooth function of brightness (six knots, the noise level function) plus a multiple of the logarithm of the
texture (mean gradient after blurring with σ 1.2, less what noise alone would give). What is left is a block's departure, in
decibels: +6 dB is twice the noise.
Neighbouring blocks that depart in one direction by more than ``beyond`` (averaged over 3 × 3) form an area, whose strength
is its mean departure (clipped at 20 dB) times the square root of its share of the judged blocks. For each face that is large
enough, the median departure inside it is also compared with that in the ring around it, background and hair included. The
value is the larger of the strongest area and the largest absolute difference of a face. More noise and less count alike.

What a high value means
-----------------------
A connected area, or a face, has passed another sensor, enlargement, smoothing or grain than the rest of the picture. It does
not say which side is the original.

What it cannot see
------------------
- a picture made as a whole by a generator
- edits after which the whole picture was reduced, compressed at low quality, denoised, or given new grain
- a face from a picture of like noise and size
- areas much smaller than a face, in pictures much larger than it

Also caused by
--------------
- skin beside hair, beards and fabric: their texture is explained in part only
- areas out of focus beside sharp ones
- make-up, skin-smoothing and night modes of phone cameras, local retouching
- strong vignetting, lifted shadows, high dynamic range
- regular texture and lettering

Needs
-----
A picture of at least 256 × 256 pixels with at least 100 blocks that are not clipped. A face is compared if at least six
blocks lie wholly in it and six in its ring: it is then about 80 pixels wide.

References
----------
- J. Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64(2), 1996.
- C. Liu, W. T. Freeman, R. Szeliski, S. B. Kang, "Noise Estimation from a Single Image", CVPR, 2006.
- B. Mahdian, S. Saic, "Using Noise Inconsistencies for Blind Image Forensics", Image and Vision Computing 27(10), 2009.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable, UsageError
from ...finding import Chart, Line, Map, Measurement, Region, Scalar
from ...media.image import Image
from ...perception.faces import Faces
from ...signals.areas import Area, coherent_areas
from ...signals.blocks import block_mean, bounding, covering, grey
from ...signals.face_areas import covered, oval
from ...signals.robust import huber_fit
from ...signals.strips import strips

BRANCH = "environment"
DETECTS = ("replacement", "editing")
DEMO = "lab.environment.noise"

_BLOCK = 16
_SMALLEST = 256
_FEWEST_BLOCKS, _FEWEST_OF_FACE = 100, 6
_FILTER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
_WHITE = float(np.sqrt(np.pi / 2))
# Mean gradient of white noise of unit standard deviation after blurring with σ 1.2.
_GRADIENT_OF_NOISE = 0.1366
_OFFSET, _TEXTURE_OFFSET = 0.3, 0.5
_KNOTS = np.array([16.0, 64.0, 112.0, 160.0, 208.0, 240.0])
# How stiff the noise level function is: curvature counts as this share of all blocks.
_STIFF = 0.02
_DB = 20 / np.log(10)
_CLIP_DB = 20.0
_MOST_PLACES, _MOST_FITTED = 5, 50_000
_INNER, _RING = 0.85, (1.15, 1.8)
# Of the 382 real photographs of the labelled media with 256 pixels a side, as they are: nine in ten blocks of the typical one
# (of 100 drawn) stay within the first, nine in ten values below the second.
_PHOTOGRAPHS, _USUAL_BLOCK_DB, _USUAL_DB = 382, 4.7, 3.6


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Per block of 16 × 16 pixels: noise (steps of 255), brightness, texture (steps a pixel), whether it is judged."""

    noise: np.ndarray
    brightness: np.ndarray
    texture: np.ndarray
    judged: np.ndarray


@dataclass(frozen=True, slots=True)
class _OfFace:
    """Median departure (dB) inside a face and in the ring around it, and the box of the face's blocks."""

    inside: float
    around: float
    mask: np.ndarray

    @property
    def apart(self) -> float:
        return self.inside - self.around


def examine(image: Image, faces: Faces | None, *, beyond: float = 2.5) -> Measurement:
    """Measure the strongest departure of noise, of an area or a face, from what brightness and texture explain.

    Parameters
    ----------
    image
        The picture.
    faces
        Its faces, if faces can be looked for.
    beyond
        Departure in decibels beyond which blocks form an area.

    Raises
    ------
    NotApplicable
        If the picture is too small, or too much of it is clipped.
    """
    if beyond <= 0:
        raise UsageError(f"beyond must be above 0 dB; it is {beyond}")
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; noise is compared from {_SMALLEST} × {_SMALLEST}"
        )
    blocks = _measure(image.pixels)
    if (count := int(blocks.judged.sum())) < _FEWEST_BLOCKS:
        raise NotApplicable(f"{count} of {blocks.judged.size} blocks are not clipped; the fit needs {_FEWEST_BLOCKS}")
    fit = _fit(blocks)
    departure = _departure(blocks, fit)
    areas = coherent_areas(departure, blocks.judged, beyond=beyond, clip=_CLIP_DB, most=_MOST_PLACES)
    compared = _of_faces(departure, faces)
    strongest = areas[0].strength if areas else 0.0
    return Measurement(
        value=max([strongest, *(abs(one.apart) for one in compared)]), unit="dB",
        observation=_said(blocks, areas, compared, beyond), where=_places(areas, compared),
        exhibits=(*_maps(image, blocks, departure), _chart(blocks, fit)),
        facts=_facts(blocks, areas, compared, fit), limits=_limits(image, faces, compared),
    )  # fmt: skip


def _measure(pixels: np.ndarray) -> _Blocks:
    shape = (pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK)
    noise, brightness, texture, clipped = (np.empty(shape, np.float32) for _ in range(4))
    for rows, wide, inner in strips(pixels, _BLOCK):
        luma = grey(wide)
        noise[rows] = block_mean(np.abs(cv2.filter2D(luma, -1, _FILTER)[inner]), _BLOCK) * _WHITE
        brightness[rows] = block_mean(luma[inner], _BLOCK)
        clipped[rows] = block_mean((luma[inner] < 2.5) | (luma[inner] > 252.5), _BLOCK)
        smooth = cv2.GaussianBlur(luma, (0, 0), 1.2)
        across, down = (cv2.Sobel(smooth, cv2.CV_32F, *axis, scale=1 / 8)[inner] for axis in ((1, 0), (0, 1)))
        texture[rows] = block_mean(cv2.magnitude(across, down), _BLOCK)
    # Noise makes gradients of its own: without this a grainy area would pass for a textured one.
    texture = np.sqrt(np.maximum(texture**2 - (_GRADIENT_OF_NOISE * noise) ** 2, 0))
    return _Blocks(noise, brightness, texture, clipped < 0.3)


def _explained(brightness: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Rows of the linear model: share of each knot of brightness, and the logarithm of the texture."""
    place = np.clip(np.interp(brightness, _KNOTS, np.arange(len(_KNOTS))), 0, len(_KNOTS) - 1)
    hats = np.clip(1 - np.abs(place[:, None] - np.arange(len(_KNOTS))), 0, None)
    return np.column_stack([hats, np.log(texture + _TEXTURE_OFFSET)])


def _fit(blocks: _Blocks) -> np.ndarray:
    """Coefficients of the model: six of the noise level function, one of the texture."""
    noise, brightness, texture = (
        plane[blocks.judged].astype(np.float64) for plane in (blocks.noise, blocks.brightness, blocks.texture)
    )
    step = max(len(noise) // _MOST_FITTED, 1)
    noise, brightness, texture = noise[::step], brightness[::step], texture[::step]
    bend = np.diff(np.eye(len(_KNOTS)), 2, axis=0) * np.sqrt(_STIFF * len(noise))
    penalty = np.pad(bend, ((0, 0), (0, 1)))
    return huber_fit(_explained(brightness, texture), np.log(noise + _OFFSET), penalty)


def _departure(blocks: _Blocks, fit: np.ndarray) -> np.ndarray:
    """Departure of each block in decibels; NaN where not judged."""
    out = np.full(blocks.noise.shape, np.nan, np.float32)
    judged = blocks.judged
    expected = _explained(blocks.brightness[judged], blocks.texture[judged]) @ fit
    out[judged] = _DB * (np.log(blocks.noise[judged] + _OFFSET) - expected)
    return out


def _of_faces(departure: np.ndarray, faces: Faces | None) -> list[_OfFace]:
    found = []
    rows, columns = departure.shape
    for face in () if faces is None else faces.faces:
        inside, wide, narrow = (
            covered(oval(face.mesh, scale), rows, columns, _BLOCK) for scale in (_INNER, _RING[1], _RING[0])
        )
        inner, ring = inside > 0.9, (wide > 0.9) & (narrow < 0.1)
        values = [departure[mask & np.isfinite(departure)] for mask in (inner, ring)]
        if min(map(len, values)) >= _FEWEST_OF_FACE:
            found.append(_OfFace(float(np.median(values[0])), float(np.median(values[1])), inner))
    return found


def _said(blocks: _Blocks, areas: list[Area], compared: list[_OfFace], beyond: float) -> str:
    said = [f"The noise of a typical block is {float(np.median(blocks.noise[blocks.judged])):.2f} steps of 255"]
    if areas:
        first = areas[0]
        share = first.mask.sum() / blocks.judged.sum()
        said.append(
            f"the strongest of {len(areas)} departing areas holds {_side(first.departure)} than its brightness and texture "
            f"explain, by {abs(first.departure):.1f} dB on average over a share of {share:.3f} of the blocks"
        )
    else:
        said.append(f"no area departs by more than {beyond:g} dB from what brightness and texture explain")
    if compared:
        most = max(compared, key=lambda one: abs(one.apart))
        which = "the face" if len(compared) == 1 else f"the most different of {len(compared)} faces"
        said.append(f"{which} holds {_side(most.apart)} than its surroundings, by {abs(most.apart):.1f} dB")
    return "; ".join(said) + "."


def _side(departure: float) -> str:
    return "more noise" if departure > 0 else "less noise"


def _places(areas: list[Area], compared: list[_OfFace]) -> tuple[Region, ...]:
    found = [
        (one.strength, one.mask, f"{_side(one.departure)} than explained", one.departure)
        for one in areas[:_MOST_PLACES]
    ]
    found += [
        (abs(one.apart), one.mask, f"face: {_side(one.apart)} than its surroundings", one.apart) for one in compared
    ]
    found.sort(key=lambda row: -row[0])
    return tuple(
        bounding(mask, pitch=_BLOCK, label=label, value=round(value, 2))
        for _, mask, label, value in found[:_MOST_PLACES]
    )


def _facts(blocks: _Blocks, areas: list[Area], compared: list[_OfFace], fit: np.ndarray) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {
        "blocks judged": int(blocks.judged.sum()), "blocks": blocks.judged.size, "areas": len(areas),
        "strength of the strongest area, dB": round(areas[0].strength, 3) if areas else 0.0,
        "exponent of texture": round(float(fit[-1]), 4), "faces compared": len(compared),
    }  # fmt: skip
    for number, one in enumerate(compared, 1):
        facts[f"face {number} inside, dB"] = round(one.inside, 3)
        facts[f"face {number} around, dB"] = round(one.around, 3)
    return facts


def _maps(image: Image, blocks: _Blocks, departure: np.ndarray) -> tuple[Map, Map]:
    size = {"height": image.height, "width": image.width}
    return (
        Map(
            name="Departure of noise from what brightness and texture explain",
            values=covering(departure, **size, pitch=_BLOCK), unit="dB", low=-12.0, high=12.0, diverging=True,
            caption="Above 0: more noise than explained, below 0: less; 6 dB is a factor of two. In "
            f"{_PHOTOGRAPHS} pristine photographs nine in ten blocks stay within {_USUAL_BLOCK_DB:g} dB, and nine in ten "
            f"values below {_USUAL_DB:g} dB. Clipped blocks are left empty.",
        ),
        Map(
            name="Noise", values=covering(blocks.noise, **size, pitch=_BLOCK), unit="steps of 255", low=0.0, high=8.0,
            caption="Standard deviation of what the noise filter passes. Texture is bright in every photograph.",
        ),
    )  # fmt: skip


def _chart(blocks: _Blocks, fit: np.ndarray) -> Chart:
    """Draw the noise level function at the typical texture, and the medians of the blocks' noise around the knots."""
    noise, brightness, texture = (plane[blocks.judged] for plane in (blocks.noise, blocks.brightness, blocks.texture))
    at = np.linspace(0, 255, 52)
    typical = np.full(len(at), float(np.median(texture)))
    fitted = np.exp(_explained(at, typical) @ fit) - _OFFSET
    own = _explained(brightness, texture)[:, -1] - np.log(typical[0] + _TEXTURE_OFFSET)
    levelled = np.exp(np.log(noise + _OFFSET) - fit[-1] * own) - _OFFSET
    nearest = np.abs(brightness[:, None] - _KNOTS).argmin(1)
    filled = [knot for knot in range(len(_KNOTS)) if (nearest == knot).sum() >= 5]
    medians = [float(np.median(levelled[nearest == knot])) for knot in filled]
    return Chart(
        name="Noise by brightness", x_name="brightness", x_unit="steps of 255", y_name="noise", y_unit="steps of 255",
        lines=(
            Line(name="fitted, at the typical texture", x=at.astype(np.float32), y=fitted.astype(np.float32)),
            Line(name="medians of blocks", x=_KNOTS[filled].astype(np.float32), y=np.array(medians, np.float32)),
        ),
        caption="The noise level function that is taken off each block, with its texture.",
    )  # fmt: skip


def _limits(image: Image, faces: Faces | None, compared: list[_OfFace]) -> tuple[str, ...]:
    limits = []
    if image.jpeg is not None and image.jpeg.quality < 75:
        limits.append(
            f"The file was saved at about JPEG quality {image.jpeg.quality}: compression removes most of the noise, and "
            "what is left follows texture."
        )
    if faces is not None and (small := len(faces.faces) - len(compared)) > 0:
        limits.append(f"{small} of {len(faces.faces)} faces are too small, or too near the edge, to be compared.")
    return tuple(limits)
