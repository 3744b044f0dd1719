"""Pictures as CLIP takes them: planes of the colours, scaled by the mean and spread that it was trained with."""

from __future__ import annotations

import numpy as np

_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_SPREAD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def clip_planes(pixels: np.ndarray) -> np.ndarray:
    """Return a picture (224, 224, 3), uint8, RGB, as the input of CLIP, shape (1, 3, 224, 224), float32."""
    scaled = (pixels.astype(np.float32) / 255 - _MEAN) / _SPREAD
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])
