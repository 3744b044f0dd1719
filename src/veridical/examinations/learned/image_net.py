"""Does a picture look, to networks for pixels and for the whole, more like generated pictures than like photographs?

Method
------
Tiles of 128 pixels are cut from the picture at its native size, never scaled: all that cover it, or 64 that are textured
and lie far apart. Each goes through the first blocks of a network that learned from ImageNet (EfficientNet-Lite0), in two
halves: one as published, with a direction learned at strides 8 and 16; one taught further, which also sees what a small
blur takes off the pixels. Both learned from pairs of a real and a generated picture that were brought to one size, cut at
one place and sent through one history of noise, tone and compression. Where the model clip.b16 is installed, the whole
picture is also encoded by it, and a linear head of this project gives log-odds. The value is the mean over the tiles, and
the log-odds of the whole, each divided by its spread among real pictures, and the mean of the two. The mean features of the
tiles are compared with where photographs and pictures of known generators lie.

What a high value means
-----------------------
Fine structure, and a look of the whole, as generated pictures showed oftener than photographs. The number rests on rules that
were fitted with few sources; it is not calibrated, and 0 is no border.

What it cannot see
------------------
- errors in what is shown: hands, text, perspective, shadows
- a generated part in a real picture, unless it fills many tiles; the map shows single tiles, which vary much
- copies of a photograph through the encoder and decoder of a generator: it was not taught with such copies
- how well it does on sources and generators that it was not taught: docs/models/image_net.md

Also caused by
--------------
- strong or missing compression, sharpening, beauty filters, enlargement by a network
- kinds of pictures it has not seen: drawings, renderings, screens, scans
- collections that were processed in one way, such as portraits of a studio

Needs
-----
A still image of at least 64 × 64 pixels; the model clip.b16 for the look of the whole.

References
----------
- S.-Y. Wang et al., "CNN-generated images are surprisingly easy to spot... for now", CVPR 2020 (one history for both labels).
- C. Tan et al., "Rethinking the Up-Sampling Operations in CNN-based Generative Network for Generalizable Deepfake Detection",
  CVPR 2024 (native pixels).
- M. Tan, Q. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019.
- U. Ojha, Y. Li, Y. J. Lee, "Towards Universal Fake Image Detectors that Generalize Across Generative Models", CVPR 2023 (a
  general network with a linear head).
- A. O. Hatch et al., "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006 (directions
  relative to how pairs differ).
"""

from __future__ import annotations

import numpy as np

from ...finding import Map, Measurement, Region, Scalar, Table
from ...knowledge.image_net import UNKNOWN, GeneratorClouds, fused, generator_clouds
from ...knowledge.picture_head import picture_head
from ...media.image import Image
from ...perception.picture_encoding import PictureEncoding
from ...perception.picture_traces import PictureTraces

BRANCH = "classification"
DETECTS = ("synthesis",)
DEMO = "lab.generated.unclipped"

_MAP_SIDE, _SCALE, _REGIONS = 512, 4.0, 3
_FEW = 3


def examine(
    image: Image, traces: PictureTraces, encoding: PictureEncoding | None, *, stands_out: float = 1.5
) -> Measurement:
    """Say how generated the pixels look, tile by tile and together, and which known generator they are nearest to.

    Parameters
    ----------
    image
        The picture.
    traces
        What the network reads from its tiles.
    encoding
        What a general network makes of the whole; None if its model is not installed.
    stands_out
        How far above the middle of the tiles, in log-odds, one is named as a place.
    """
    clouds = generator_clouds()
    distances = clouds.distances(traces.features)
    nearest = clouds.nearest_generator(distances)
    middle = float(np.median(traces.log_odds))
    whole = None if encoding is None else float(picture_head().log_odds(encoding.vector))
    value = fused(traces.value, whole)
    facts: dict[str, Scalar] = {
        "tiles": len(traces.log_odds),
        "tiles_that_cover": traces.covering,
        "highest_tile": round(float(traces.log_odds.max()), 3),
        "lowest_tile": round(float(traces.log_odds.min()), 3),
        "middle_tile": round(middle, 3),
        "nearest_generator": nearest,
        "halves_that_spoke": "pixels" if whole is None else "pixels, whole picture",
        "log_odds_of_pixels": round(traces.value, 3),
        "log_odds_of_whole_picture": None if whole is None else round(whole, 3),
    }
    return Measurement(
        value=value, unit="spreads of real pictures",
        observation=_observation(traces, whole, nearest), where=_places(traces, middle + stands_out),
        exhibits=(_map(image, traces), _kinds(clouds, distances)), facts=facts, limits=_limits(traces, whole, nearest),
    )  # fmt: skip


def _observation(traces: PictureTraces, whole: float | None, nearest: str) -> str:
    tiles = "the one tile" if len(traces.log_odds) == 1 else f"{len(traces.log_odds)} tiles"
    near = (
        "no generator that it knows" if nearest == UNKNOWN else f"those of this kind, of all that it knows: {nearest}"
    )
    other = "" if whole is None else f"What the whole picture looks like to a general network gives {whole:+.2f}. "
    return (
        f"Over {tiles} of native pixels the network gives log-odds of {traces.value:+.2f} of a generated picture, which are "
        f"not calibrated. {other}The features of the tiles lie nearest {near}."
    )


def _places(traces: PictureTraces, least: float) -> tuple[Region, ...]:
    order = np.argsort(-traces.log_odds, kind="stable")[:_REGIONS]
    return tuple(
        Region(
            x=float(x), y=float(y), width=float(width), height=float(height), label="stands out among the tiles",
            value=round(float(traces.log_odds[n]), 3),
        )
        for n in order
        if traces.log_odds[n] > least
        for x, y, width, height in [traces.boxes[n]]
    )  # fmt: skip


def _map(image: Image, traces: PictureTraces) -> Map:
    """Lay the tiles over the picture; where they overlap, their mean."""
    scale = min(1.0, _MAP_SIDE / max(image.height, image.width))
    total = np.zeros((max(round(image.height * scale), 1), max(round(image.width * scale), 1)))
    count = np.zeros_like(total)
    for (x, y, width, height), odds in zip(traces.boxes, traces.log_odds, strict=True):
        left, top, right, bottom = (round(float(n) * scale) for n in (x, y, x + width, y + height))
        total[top:bottom, left:right] += odds
        count[top:bottom, left:right] += 1
    values = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return Map(
        name="Log-odds of tiles", values=values, unit="ln of odds", low=-_SCALE, high=_SCALE, diverging=True,
        caption="One value for each tile of native pixels; single tiles vary much, the mean of all is what the "
        "pixels say. Nothing is said where no tile was read.",
    )  # fmt: skip


def _kinds(clouds: GeneratorClouds, distances: np.ndarray) -> Table:
    order = np.argsort(distances, kind="stable")
    rows = tuple(
        (clouds.names[n], f"{distances[n]:.1f}", f"{clouds.gates[n]:.1f}", str(clouds.counts[n])) for n in order
    )
    return Table(
        name="Kinds of pictures by distance", columns=("kind", "distance", "95 % of its own lie within", "pictures"), rows=rows,
        caption="Distances in standard deviations within kinds. A generator that is none of these can lie near any of them.",
    )  # fmt: skip


def _limits(traces: PictureTraces, whole: float | None, nearest: str) -> tuple[str, ...]:
    limits = [
        "Learned from about a thousand pictures of fifteen sources; on sources and generators left out it told them apart only "
        "in part (docs/models/image_net.md)."
    ]
    if whole is None:
        limits.append("Only the pixels spoke: the model clip.b16 for the whole picture is not installed.")
    if len(traces.log_odds) < _FEW:
        limits.append("So small a picture gives few tiles: their mean varies much.")
    if traces.covering > len(traces.log_odds):
        limits.append(f"{len(traces.log_odds)} of {traces.covering} tiles were read, textured ones first.")
    if nearest != UNKNOWN:
        limits.append(
            "The nearest generator is the nearest of those known: it is not the generator that made the picture."
        )
    return tuple(limits)
