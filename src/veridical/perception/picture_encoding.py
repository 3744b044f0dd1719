"""What a general network (CLIP) makes of a whole picture at several depths: from texture to what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow

from ..media.image import Image
from ..models import runtime
from ..signals.clip_planes import clip_planes

MODELS = ("clip.b16",)
BLOCKS = {"embedding": 512, "layer 12 class": 768, "layer 12 mean": 768, "layer 7 mean": 768, "layer 5 class": 768}
"""Parts of the encoding and how many numbers each has: the class token, or the mean over the 196 patches, after a layer."""
_SIDE = 224
_LAYERS = ("/vision_model/encoder/layers.6/Add_1_output_0", "/vision_model/encoder/layers.4/Add_1_output_0")


@dataclass(frozen=True, slots=True)
class PictureEncoding:
    """The middle square of a still image, encoded.

    Parameters
    ----------
    vector
        shape (3584,), float32: the parts of `BLOCKS`, one after another.
    """

    vector: np.ndarray


def see_picture_encoding(image: Image) -> PictureEncoding:
    """Encode the middle square of a picture as it is displayed, brought to 224 pixels."""
    return PictureEncoding(encoded(image.display))


def encoded(pixels: np.ndarray) -> np.ndarray:
    """Return the encoding of a picture (height, width, 3), uint8, RGB: shape (3584,), float32."""
    net = runtime.onnx_inside(MODELS[0], _LAYERS)
    embedding, last, seventh, fifth = net(clip_planes(square(pixels)))
    parts = (embedding[0], last[0, 0], last[0, 1:].mean(0), seventh[0, 1:].mean(0), fifth[0, 0])
    return np.concatenate(parts).astype(np.float32)


def square(pixels: np.ndarray) -> np.ndarray:
    """Return the middle square of a picture, shape (224, 224, 3), uint8: the whole is scaled, with a filter as wide as that."""
    height, width = pixels.shape[:2]
    scale = _SIDE / min(height, width)
    size = max(round(width * scale), _SIDE), max(round(height * scale), _SIDE)
    whole = np.asarray(Pillow.fromarray(pixels).resize(size, Pillow.Resampling.BICUBIC))
    top, left = (size[1] - _SIDE) // 2, (size[0] - _SIDE) // 2
    return whole[top : top + _SIDE, left : left + _SIDE]
