"""Benign re-encodings: what happens to a file on its way without changing what it shows or says.

Eight for each kind of file, those that differ most first, so that fewer still say much where time is short. Each changes one
thing beside the compression that every save brings along: pictures become JPEG files, as nearly all that are passed on are,
and as those are that calibration tables were fitted on. What they write holds no metadata, and sound in one channel. Rewrapping
a clip without encoding it anew is not among them: it leaves every decoded sample as it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from ..errors import NotApplicable
from ..media.audio import Audio
from ..media.exhibit import Exhibit
from ..media.image import Image
from . import _sound, audio, images, video
from ._coding import h264
from ._step import Step, generator

_CUT_PX = 7
"""Not a multiple of 8: whoever cuts a picture does not aim at the grid of its compression."""
_BRIGHTER = 1.02
_QUIETER_DB = 6.0
_NOISE_DB = 40.0
_CUT_S = 0.2
_RATE = 16000
_LEAST_PX = 64
_NEAR_LOSSLESS = 10
_WEBP = 80


def _cut(pixels: np.ndarray) -> np.ndarray:
    """Take a few pixels off every edge."""
    height, width = pixels.shape[:2]
    if min(height, width) < _LEAST_PX:
        raise NotApplicable(f"too small to be cut at its edges: {width} × {height} px")
    return np.ascontiguousarray(pixels[_CUT_PX:-_CUT_PX, _CUT_PX:-_CUT_PX])


def _brighter(pixels: np.ndarray) -> np.ndarray:
    curve = np.minimum(_BRIGHTER * np.arange(256), 255)
    return np.asarray(np.rint(curve).astype(np.uint8)[pixels])


def _scaled(factor: float, pixels: np.ndarray) -> np.ndarray:
    height, width = (max(1, round(factor * side)) for side in pixels.shape[:2])
    return images.scaled(pixels, width, height)


def _through_webp(pixels: np.ndarray) -> np.ndarray:
    if max(pixels.shape[:2]) > images.WEBP_PX:
        raise NotApplicable(f"too large for WebP: its long side has {max(pixels.shape[:2])} px")
    held = io.BytesIO()
    Pillow.fromarray(pixels).save(held, "WEBP", quality=_WEBP, method=4)
    return np.asarray(Pillow.open(held).convert("RGB"))


def _picture(change: Callable[[np.ndarray], np.ndarray], quality: int, exhibit: Exhibit, stem: Path, key: str) -> Path:
    return images.jpeg(change(exhibit.stream(Image).display), stem, quality=quality)


def _jpeg(quality: int) -> Step:
    return Step(f"JPEG of quality {quality}", partial(_picture, lambda pixels: pixels, quality))


def _saved(what: str, change: Callable[[np.ndarray], np.ndarray], quality: int = 90) -> Step:
    return Step(f"{what}, JPEG of quality {quality}", partial(_picture, change, quality))


def _resampled(exhibit: Exhibit, stem: Path, key: str) -> Path:
    sound = exhibit.stream(Audio)
    if sound.rate <= _RATE:
        raise NotApplicable(f"sampled at {sound.rate} Hz already")
    return audio.wav(_sound.mono(sound, _RATE), _RATE, stem)


def _quieter(exhibit: Exhibit, stem: Path, key: str) -> Path:
    sound = exhibit.stream(Audio)
    return audio.wav(_sound.mono(sound, sound.rate) * np.float32(10 ** (-_QUIETER_DB / 20)), sound.rate, stem)


def _later(exhibit: Exhibit, stem: Path, key: str) -> Path:
    sound = exhibit.stream(Audio)
    if sound.duration_s < 10 * _CUT_S:
        raise NotApplicable(f"too short to be cut: {sound.duration_s:.1f} s")
    return audio.wav(_sound.mono(sound, sound.rate)[round(_CUT_S * sound.rate) :], sound.rate, stem)


def _noisier(exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Add white noise far below the voice: at 40 dB it is heard as little as the noise of a good microphone."""
    sound = exhibit.stream(Audio)
    samples = _sound.mono(sound, sound.rate)
    scale = np.float32(10 ** ((_sound.active_level(samples, sound.rate) - _NOISE_DB) / 20))
    noise = generator("noise_40db", key).standard_normal(len(samples), np.float32)
    return audio.wav(samples + scale * noise, sound.rate, stem)


def _small_sound(exhibit: Exhibit, stem: Path, key: str) -> Path:
    if not video.has_sound(exhibit):
        raise NotApplicable("it has no sound to be encoded anew")
    return video.coded(h264(18), exhibit, stem, key, kbit=48)


IMAGE: Mapping[str, Step] = {
    "jpeg_85": _jpeg(85),
    "resize_75": _saved("scaled to 75 % (Lanczos)", partial(_scaled, 0.75)),
    "webp_80": _saved(f"WebP of quality {_WEBP}", _through_webp, 95),
    "cut_7": _saved(f"{_CUT_PX} px taken off every edge", _cut),
    "jpeg_75": _jpeg(75),
    "brighter_2": _saved("grey levels × 1.02", _brighter),
    "resize_50": _saved("scaled to 50 % (Lanczos)", partial(_scaled, 0.5)),
    "jpeg_95": _jpeg(95),
}
AUDIO: Mapping[str, Step] = {
    "mp3_64": audio.STEPS["mp3_64"],
    "resample_16k": Step(f"{_RATE} Hz, mono, 16-bit WAV", _resampled),
    "opus_32": audio.STEPS["opus_32"],
    "noise_40db": Step(f"white noise {_NOISE_DB:g} dB below the active level, 16-bit WAV", _noisier),
    "quieter_6": Step(f"{_QUIETER_DB:g} dB quieter, 16-bit WAV", _quieter),
    "aac_64": audio.STEPS["aac_64"],
    "cut_02": Step(f"the first {_CUT_S:g} s cut off, 16-bit WAV", _later),
    "mp3_128": audio.STEPS["mp3_128"],
}
VIDEO: Mapping[str, Step] = {
    "h264_23": video.STEPS["h264_23"],
    "resize_75": Step("scaled to 75 % (Lanczos), H.264 CRF 18", partial(video.resize, 0.75)),
    "h264_28": video.STEPS["h264_28"],
    "cut_7": Step(f"{_CUT_PX} px taken off every edge, H.264 CRF 18", partial(video.changed, _cut)),
    "brighter_2": Step("grey levels × 1.02, H.264 CRF 18", partial(video.changed, _brighter)),
    "hevc_28": video.STEPS["hevc_28"],
    "resize_50": video.STEPS["resize_50"],
    "sound_48": Step("sound AAC 48 kbit/s, H.264 CRF 18", _small_sound),
}
BENIGN: Mapping[str, Mapping[str, Step]] = {"image": IMAGE, "audio": AUDIO, "video": VIDEO}
"""By kind of file and name, in the order in which they are tried."""


def _first_pictures(exhibit: Exhibit, stem: Path, key: str) -> Path:
    return video.coded(h264(_NEAR_LOSSLESS), exhibit, stem, key, kbit=192)


def _first_sound(exhibit: Exhibit, stem: Path, key: str) -> Path:
    sound = exhibit.stream(Audio)
    return audio.wav(_sound.mono(sound, sound.rate), sound.rate, stem)


PLAIN: Mapping[str, Step] = {
    "audio": Step("16-bit WAV", _first_sound),
    "video": Step(f"H.264 CRF {_NEAR_LOSSLESS}", _first_pictures),
}
"""What comes nearest to the exhibit itself, where only a part of it can be tried."""
