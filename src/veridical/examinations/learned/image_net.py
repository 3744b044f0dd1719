"""Do the native pixels of a picture look, to a network, more like those of generators than like those of photographs?

Method
------
Tiles of 128 pixels are cut from the picture at its native size, never scaled: all that cover it, or 36 that are textured
and lie far apart. Each goes through the first blocks of a network that learned from ImageNet (EfficientNet-Lite0, up to
strides 8 and 16), and mean and standard deviation of its maps are taken. This project learned one direction at either
stride, from pairs of a real and a generated picture that were brought to one size, cut at one place and sent through one
history of noise, tone and compression, relative to how such pairs differ. The value is the mean over the tiles of the log-
odds that both directions give. The mean of all features is compared with where photographs and pictures of known generators
lie.

What a high value means
-----------------------
Fine structure of the kind that generated pictures showed oftener than photographs of the same size and history. The number is
log-odds of a rule that was fitted with few sources; it is not calibrated, and 0 is no border.

What it cannot see
------------------
- what the picture shows: hands, text, perspective, shadows
- a generated part in a real picture, unless it fills many tiles; the map shows single tiles, which vary much
- copies of a photograph through the encoder and decoder of a generator: learning from such copies made it worse
- how well it does on sources and generators that it was not taught: docs/models/image_net.md

Also caused by
--------------
- strong or missing compression, sharpening, beauty filters, enlargement by a network
- kinds of pictures it has not seen: drawings, renderings, screens, scans
- collections that were processed in one way, such as portraits of a studio

Needs
-----
A still image of at least 64 × 64 pixels.

References
----------
- S.-Y. Wang et al., "CNN-generated images are surprisingly easy to spot... for now", CVPR 2020 (one history for both labels).
- C. Tan et al., "Rethinking the Up-Sampling Operations in CNN-based Generative Network for Generalizable Deepfake Detection",
  CVPR 2024 (native pixels).
- M. Tan, Q. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019.
- A. O. Hatch et al., "Within-class covariance normalization for SVM-based speaker recognition", Interspeech 2006 (directions
  relative to how pairs differ).
"""

from __future__ import annotations

import numpy as np

from ...finding import Map, Measurement, Region, Scalar, Table
from ...knowledge.image_net import UNKNOWN, GeneratorClouds, generator_clouds
from ...media.image import Image
from ...perception.picture_traces import PictureTraces

BRANCH = "classification"
DETECTS = ("synthesis",)
DEMO = "lab.generated.unclipped"

_MAP_SIDE, _SCALE, _REGIONS = 512, 4.0, 3
_FEW = 3


def examine(image: Image, traces: PictureTraces, *, stands_out: float = 1.5) -> Measurement:
    """Say how generated the pixels look, tile by tile and together, and which known generator they are nearest to.

    Parameters
    ----------
    image
        The picture.
    traces
        What the network reads from its tiles.
    stands_out
        How far above the middle of the tiles, in log-odds, one is named as a place.
    """
    clouds = generator_clouds()
    distances = clouds.distances(traces.features)
    nearest = clouds.nearest_generator(distances)
    middle = float(np.median(traces.log_odds))
    facts: dict[str, Scalar] = {
        "tiles": len(traces.log_odds),
        "tiles_that_cover": traces.covering,
        "highest_tile": round(float(traces.log_odds.max()), 3),
        "lowest_tile": round(float(traces.log_odds.min()), 3),
        "middle_tile": round(middle, 3),
        "nearest_generator": nearest,
        "halves_that_spoke": "pixels",
    }
    return Measurement(
        value=traces.value, unit="ln of odds, not calibrated",
        observation=_observation(traces, nearest), where=_places(traces, middle + stands_out),
        exhibits=(_map(image, traces), _kinds(clouds, distances)), facts=facts, limits=_limits(traces, nearest),
    )  # fmt: skip


def _observation(traces: PictureTraces, nearest: str) -> str:
    tiles = "the one tile" if len(traces.log_odds) == 1 else f"{len(traces.log_odds)} tiles"
    near = (
        "no generator that it knows" if nearest == UNKNOWN else f"those of this kind, of all that it knows: {nearest}"
    )
    return (
        f"Over {tiles} of native pixels the network gives log-odds of {traces.value:+.2f} of a generated picture, which are "
        f"not calibrated. Their features lie nearest {near}."
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
        caption="One value for each tile of native pixels; single tiles vary much, the mean of all is the value. Nothing is "
        "said where no tile was read.",
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


def _limits(traces: PictureTraces, nearest: str) -> tuple[str, ...]:
    limits = [
        "Learned from about a thousand pictures of fifteen sources; on sources and generators left out it told them apart only "
        "in part (docs/models/image_net.md)."
    ]
    if len(traces.log_odds) < _FEW:
        limits.append("So small a picture gives few tiles: their mean varies much.")
    if traces.covering > len(traces.log_odds):
        limits.append(f"{len(traces.log_odds)} of {traces.covering} tiles were read, textured ones first.")
    if nearest != UNKNOWN:
        limits.append(
            "The nearest generator is the nearest of those known: it is not the generator that made the picture."
        )
    return tuple(limits)
