"""The nuisances of a file: size, format, compression, rate, length, level, mean colour.

None of them says how a picture or a voice came about. Where they tell the labels of a collection apart, every
statistic measured on it is in doubt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import closing
from typing import Any, cast

import cv2
import numpy as np

from ..errors import MediaError
from ..finding import Scalar
from ..media.audio import Audio
from ..media.container import Container
from ..media.exhibit import Exhibit
from ..media.image import Image
from ..media.metadata import Metadata
from ..media.video import Video

SILENCE_DBFS = -120.0
_COLOUR_SIDE = 256


def quality_of(exhibit: Exhibit) -> Mapping[str, Scalar]:
    """Return the nuisance vector of an open exhibit; what a kind of file does not have is left out.

    Call it last, before the exhibit is closed: the first frame of a video ends its decoder process. The sound of a
    video is described, not decoded.

    Raises
    ------
    MediaError
        If the metadata or the sound cannot be decoded.
    """
    metadata = exhibit.stream(Metadata)
    found: dict[str, Scalar] = {
        "kind": exhibit.kind, "format": exhibit.format, "bytes": exhibit.bytes,
        "has_exif": bool(metadata.exif), "has_xmp": bool(metadata.xmp), "has_metadata": not metadata.empty,
    }  # fmt: skip
    if exhibit.kind == "image":
        return found | _of_image(exhibit.stream(Image), exhibit.bytes)
    if exhibit.kind == "video":
        return found | _of_video(exhibit)
    return found | _of_audio(exhibit.stream(Audio), exhibit.bytes)


def _of_image(image: Image, size: int) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {
        **_size(image.width, image.height), "bits": image.bits, "mode": image.mode,
        "bits_per_pixel": _rounded(8 * size / (image.width * image.height)),
    }  # fmt: skip
    if image.jpeg:
        jpeg = image.jpeg
        found |= {
            "jpeg_quality": jpeg.quality, "jpeg_quality_error": _rounded(jpeg.quality_error),
            "subsampling": jpeg.subsampling, "progressive": jpeg.progressive,
        }  # fmt: skip
    return found | _colours(image.pixels)


def _of_video(exhibit: Exhibit) -> dict[str, Scalar]:
    video = exhibit.stream(Video)
    duration = video.claimed_duration_s
    found: dict[str, Scalar] = {
        **_size(video.width, video.height), "codec": video.codec, "pixel_format": video.pixel_format,
        "fps": _rounded(video.claimed_fps), "duration_s": _rounded(duration),
        "bit_rate": video.bit_rate or (round(8 * exhibit.bytes / duration) if duration > 0 else None),
        "rotation": video.rotation,
    }  # fmt: skip
    sound = next((one for one in exhibit.stream(Container).streams if one["type"] == "audio"), None)
    found["sound_codec"] = sound["codec"] if sound else "none"
    if sound:
        found["sample_rate"] = _claimed(sound, "sample_rate")
        found["channels"] = _claimed(sound, "channels")
        found["sound_bit_rate"] = _claimed(sound, "bit_rate")
    return found | _first_frame(video)


def _of_audio(audio: Audio, size: int) -> dict[str, Scalar]:
    power = float(np.mean(np.square(audio.mono, dtype=np.float64))) if len(audio.samples) else 0.0
    peak = float(np.max(np.abs(audio.mono), initial=0.0))
    return {
        "codec": audio.codec, "sample_rate": audio.rate, "channels": audio.channels, "bits": audio.bits,
        "bit_rate": audio.bit_rate or (round(8 * size / audio.duration_s) if audio.duration_s else None),
        "duration_s": _rounded(audio.duration_s), "level_dbfs": _rounded(_decibels(power, 10)),
        "peak_dbfs": _rounded(_decibels(peak, 20)),
    }  # fmt: skip


def _size(width: int, height: int) -> dict[str, Scalar]:
    return {"width": width, "height": height, "megapixels": _rounded(width * height / 1e6)}


def _first_frame(video: Video) -> dict[str, Scalar]:
    """Measure the colours of the first frame; a stream that breaks there has none, as its examinations say."""
    with closing(cast(Any, video.frames(why="quality"))) as frames:
        try:
            return _colours(next(frames).pixels)
        except MediaError:
            return {}


def _colours(pixels: np.ndarray) -> dict[str, Scalar]:
    """Return the mean of each channel and of the saturation ((largest - smallest) / largest channel), on a small copy."""
    height, width = pixels.shape[:2]
    scale = _COLOUR_SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    flat = pixels.reshape(-1, 3).astype(np.float32)
    red, green, blue = (float(v) for v in flat.mean(0))
    top = flat.max(1)
    saturation = float(np.mean((top - flat.min(1)) / np.maximum(top, 1)))
    return {
        "mean_red": _rounded(red), "mean_green": _rounded(green), "mean_blue": _rounded(blue),
        "mean_saturation": _rounded(saturation),
    }  # fmt: skip


def _claimed(stream: Mapping[str, str], name: str) -> int | None:
    return int(stream[name]) if stream.get(name, "").isdigit() else None


def _decibels(value: float, factor: float) -> float:
    return max(SILENCE_DBFS, factor * math.log10(value)) if value > 0 else SILENCE_DBFS


def _rounded(value: float) -> float:
    """Keep six significant digits, so that a row reads well and compares exactly."""
    return float(f"{value:.6g}")
