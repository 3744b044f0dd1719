"""The condition of an exhibit in one line, from its quality vector: what a reader must know before any weight."""

from __future__ import annotations

from collections.abc import Iterator

from ..perception.quality import Quality
from .markup import number

_SAVES = {1: "saved as JPEG once, as far as traces tell", 2: "saved as JPEG at least twice"}
_NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF", "heic": "HEIC", "tiff": "TIFF", "gif": "GIF"}


def said(quality: Quality) -> str:
    """Say in one line what state a file is in."""
    parts = {"image": _picture_file, "video": _clip, "audio": _recording}[quality.kind](quality)
    return "; ".join(part for part in parts if part)


def _picture_file(of: Quality) -> Iterator[str]:
    name = _NAMES.get(of.codec, of.codec)
    level = f" of quality {of.jpeg_quality}" if of.jpeg_quality is not None else ""
    yield f"{name}{level}, {of.width} × {of.height} pixels"
    if of.jpeg_quality is None and of.jpeg_saves:
        yield "with traces of an earlier save as JPEG"
    elif of.jpeg_saves:
        yield _SAVES[of.jpeg_saves]
    yield from _seen(of)


def _clip(of: Quality) -> Iterator[str]:
    rate = f", {number(round(of.fps, 2))} frames a second" if of.fps else ""
    length = f", {number(round(of.duration_s, 1))} s" if of.duration_s else ""
    yield f"{of.codec}, {of.width} × {of.height} pixels{rate}{length}"
    if of.kbps is not None and of.bits_per_pixel_frame is not None:
        yield f"{of.kbps:.0f} kbit/s ({number(float(f'{of.bits_per_pixel_frame:.2g}'))} bits a pixel and frame)"
    yield from _seen(of)
    if of.sound_codec:
        yield from _heard(of, f"sound: {of.sound_codec}")


def _recording(of: Quality) -> Iterator[str]:
    length = f"{number(round(of.duration_s, 1))} s of " if of.duration_s is not None else ""
    yield from _heard(of, f"{length}{of.codec}")


def _seen(of: Quality) -> Iterator[str]:
    if of.blur is not None:
        yield f"edges blurred by {number(round(of.blur, 1))} pixels"
    if of.noise is not None:
        yield f"noise of {number(round(of.noise, 1))} steps"
    if of.face_px is not None:
        more = f" (largest of {of.faces} faces)" if of.faces and of.faces > 1 else ""
        yield f"{of.face_px:.0f} pixels between the eyes{more}"
    elif of.faces == 0:
        yield "no face found"


def _heard(of: Quality, begins: str) -> Iterator[str]:
    rate = f" at {of.sound_kbps:.0f} kbit/s" if of.sound_kbps else ""
    yield f"{begins}{rate}, {number((of.sample_rate_hz or 0) / 1000)} kHz"
    if of.bandwidth_hz is not None:
        yield f"sound up to {number(round(of.bandwidth_hz / 1000, 1))} kHz"
    if of.speech_s is not None:
        yield f"{number(round(of.speech_s, 1))} s of speech"
    if of.snr_db is not None:
        yield f"{number(round(of.snr_db))} dB above its noise"
