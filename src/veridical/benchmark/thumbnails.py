"""Small pictures of the files that mislead, for a page that stays with whoever holds the media."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from ..errors import MediaError
from ..media.exhibit import open_exhibit
from ..media.image import Image
from ..media.video import Video

SIDE = 128
_QUALITY = 75


def thumbnails(root: Path, paths: Iterable[str], *, workers: int = 2) -> Mapping[str, bytes]:
    """Return a JPEG for each file that still is where it was and has a picture; the first frame of a video.

    Decoding is done by the decoder process of each file, so threads are enough.
    """
    names = sorted(set(paths))
    with ThreadPoolExecutor(workers) as pool:
        made = pool.map(lambda name: _thumbnail(root / name), names)
        return {name: jpeg for name, jpeg in zip(names, made, strict=True) if jpeg}


def _thumbnail(path: Path) -> bytes | None:
    try:
        with open_exhibit(path) as exhibit:
            if exhibit.kind == "image":
                return _small(exhibit.stream(Image).display)
            if exhibit.kind == "video":
                with closing(cast(Any, exhibit.stream(Video).frames(why="thumbnail"))) as frames:
                    return _small(next(frames).display)
    except MediaError:  # moved or replaced since the run; the file is named, only its picture is missing
        return None
    return None


def _small(pixels: np.ndarray) -> bytes:
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    _, data = cv2.imencode(
        ".jpg", cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    return bytes(data.tobytes())
