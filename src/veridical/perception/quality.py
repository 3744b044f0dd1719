"""The quality of a file: size, compression and its history, blur, noise, faces, sound.

Nothing of it says how a picture or a voice came about; it says how much of that can still be seen. Gates, calibration bins
and the condition line of the report read the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..errors import NoSuchStream
from ..finding import Scalar
from ..media.audio import Audio
from ..media.container import Container
from ..media.image import Image, JpegData
from ..media.video import Video
from ..signals.band_edge import find_cliff
from ..signals.condition import Grid, blur_of, grid_of, middle, noise_of, snr_of
from ..signals.quantisation import fit_twice, shifted_coefficients
from .faces import Faces
from .frame_quality import FrameQuality
from .spectrum import SoundSpectrum
from .speech import SpeechSegments
from .tracks import FaceTracks

GRID = 8.0
"""Strength from which a picture is said to carry a JPEG grid."""
_SIDE = 768
_SMALLEST = 256
_LEAST_GAIN = 0.02
# 46 photographs of known history (16 of them in docs/validation/state_of_file.md): what was saved once makes at most
# (7 frequencies, share 0.5) or (5, 0.995) of these, the latter with a gain of 0.004, and a second grid of at most 4.1
_FEWEST_FREQUENCIES, _LEAST_SHARE, _LEAST_SUM = 6, 0.75, 0.008
_SECOND_GRID = 6.0
_LEAST_DROP_DB = 15.0
_LABELS = frozenset({"kind", "codec", "sound_codec", "jpeg_grid_shifted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The quality of a file; None where it has no such thing, or none could be measured.

    One type serves images, videos and recordings. The fields of pictures are None for a recording, those of sound are None
    for a picture without sound.

    Parameters
    ----------
    kind
        "image", "video" or "audio".
    width, height, short_side_px, megapixels
        Of the stored picture.
    jpeg_quality
        Quality 1-100 of the standard tables nearest to the file's; None if the file is no JPEG.
    jpeg_saves
        How often the picture is known to have been saved as JPEG: 2 means at least twice. 0 means that no trace is left.
    jpeg_grid, jpeg_grid_shifted
        Strength of the 8 × 8 grid in the pixels, in standard deviations, and whether there is one that begins elsewhere than
        in the corner, as cropping after a save leaves it. `GRID` is the least strength of a grid.
    blur
        Blur of the edges in the middle of the picture: standard deviation in pixels (video: median of frames).
    noise
        Standard deviation of the noise of the luminance there, steps of 0-255 (video: median of frames).
    faces, face_px
        Faces that were found (video: tracks), and the distance between the eyes of the largest, pixels. None where nothing
        looked for faces; face_px is None without a face.
    codec
        Format of the picture file, codec of the moving picture, or codec of the recording.
    kbps
        Kilobits a second of the moving picture, or of the recording.
    bits_per_pixel_frame
        Bits of the file a pixel (image), bits of the stream a pixel and frame (video).
    fps, duration_s
        As claimed by the container for a video.
    sound_codec, sound_kbps, sample_rate_hz
        Of the sound of a video, or of the recording.
    bandwidth_hz
        Where the sound ends in a cliff; half the sampling rate if it does not. None for less than a window of sound.
    speech_s
        Seconds of speech.
    snr_db
        Power of what sounds over that of the steady noise beneath it, dB, -20 to 90.
    """

    kind: str
    width: int | None = None
    height: int | None = None
    short_side_px: int | None = None
    megapixels: float | None = None
    jpeg_quality: int | None = None
    jpeg_saves: int | None = None
    jpeg_grid: float | None = None
    jpeg_grid_shifted: bool | None = None
    blur: float | None = None
    noise: float | None = None
    faces: int | None = None
    face_px: float | None = None
    codec: str = ""
    kbps: float | None = None
    bits_per_pixel_frame: float | None = None
    fps: float | None = None
    duration_s: float | None = None
    sound_codec: str = ""
    sound_kbps: float | None = None
    sample_rate_hz: int | None = None
    bandwidth_hz: float | None = None
    speech_s: float | None = None
    snr_db: float | None = None

    def vector(self) -> dict[str, float]:
        """Return the numbers for calibration bins and the validity range; a field that is None is left out."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _LABELS}
        return {name: float(value) for name, value in plain.items() if value is not None}

    def plain(self) -> dict[str, Scalar]:
        """Return every field that is there, rounded to four digits, as the report shows it."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: float(f"{value:.4g}") if isinstance(value, float) else value
            for name, value in found.items() if value is not None and value != ""
        }  # fmt: skip


def see_quality(
    container: Container, image: Image | None, video: Video | None, frames: FrameQuality | None, faces: Faces | None,
    tracks: FaceTracks | None, audio: Audio | None, speech: SpeechSegments | None, spectrum: SoundSpectrum | None,
) -> Quality:  # fmt: skip
    """Gather the quality of an exhibit of any kind."""
    bits = 8 * (sum(part.size for part in container.parts if part.depth == 0) + container.trailing_bytes)
    if image is not None:
        return _of_image(image, faces, bits)
    if video is not None:
        return _of_video(video, frames, tracks, bits, _of_sound(container, audio, speech, spectrum))
    if audio is None:
        raise NoSuchStream("the exhibit has neither picture nor sound")
    sound = _of_sound(container, audio, speech, spectrum)
    kbps = _kbps(audio.bit_rate, bits, audio.duration_s)
    return Quality(
        kind="audio", codec=audio.codec, kbps=kbps, duration_s=audio.duration_s, **{**sound, "sound_kbps": kbps},
    )  # fmt: skip


def _of_image(image: Image, faces: Faces | None, bits: int) -> Quality:
    luma = middle(image.pixels)
    noise = noise_of(luma)
    grid = grid_of(image.pixels)
    return Quality(
        kind="image", **_size(image.width, image.height), jpeg_quality=image.jpeg.quality if image.jpeg else None,
        jpeg_saves=_saves(image, grid), jpeg_grid=grid.strength if grid else None,
        jpeg_grid_shifted=_shifted(grid) if grid else None,
        blur=blur_of(luma, noise), noise=noise, faces=None if faces is None else len(faces.faces),
        face_px=faces.faces[0].interocular if faces and faces.faces else None, codec=image.format,
        bits_per_pixel_frame=bits / (image.width * image.height),
    )  # fmt: skip


def _of_video(
    video: Video, frames: FrameQuality | None, tracks: FaceTracks | None, bits: int, sound: dict[str, Any]
) -> Quality:
    kbps = _kbps(video.bit_rate, bits, video.claimed_duration_s)
    rate = video.width * video.height * video.claimed_fps
    eyes = [float(np.median(track.interocular)) for track in tracks.tracks] if tracks else []
    return Quality(
        kind="video", **_size(video.width, video.height), blur=_median(frames.blur if frames else ()),
        noise=_median(frames.noise if frames else ()), faces=None if tracks is None else len(eyes),
        face_px=max(eyes, default=None), codec=video.codec, kbps=kbps,
        bits_per_pixel_frame=1000 * kbps / rate if kbps is not None and rate > 0 else None,
        fps=video.claimed_fps or None, duration_s=video.claimed_duration_s or None, **sound,
    )  # fmt: skip


def _of_sound(
    container: Container, audio: Audio | None, speech: SpeechSegments | None, spectrum: SoundSpectrum | None
) -> dict[str, Any]:
    if audio is None:
        return {}
    stream = next((one for one in container.streams if one.get("type") == "audio"), {})
    claimed = stream.get("bit_rate", "")
    rate = audio.bit_rate or (int(claimed) if claimed.isdigit() else 0)
    return {
        "sound_codec": audio.codec, "sound_kbps": rate / 1000 if rate else None, "sample_rate_hz": audio.rate,
        "bandwidth_hz": _bandwidth(spectrum), "speech_s": speech.speech_seconds if speech else None,
        "snr_db": snr_of(audio.samples, audio.rate),
    }  # fmt: skip


def _bandwidth(spectrum: SoundSpectrum | None) -> float | None:
    if spectrum is None:
        return None
    cliff = find_cliff(spectrum.frequencies, spectrum.average_db, _LEAST_DROP_DB)
    return cliff.top_hz if cliff else spectrum.nyquist


def _size(width: int, height: int) -> dict[str, Any]:
    return {
        "width": width, "height": height, "short_side_px": min(width, height), "megapixels": width * height / 1e6,
    }  # fmt: skip


def _saves(image: Image, grid: Grid | None) -> int | None:
    """Count the saves as JPEG that left a trace: the file's own, one before on its grid, or one on another grid."""
    if image.jpeg is None:
        return None if grid is None else int(grid.strength >= GRID)
    return 2 if (grid is not None and _shifted(grid)) or _saved_before(image, image.jpeg) else 1


def _shifted(grid: Grid) -> bool:
    """Tell whether the picture carries a grid that does not begin in its corner."""
    return grid.second >= _SECOND_GRID or (grid.strength >= GRID and grid.place != (0, 0))


def _saved_before(image: Image, jpeg: JpegData) -> bool:
    """Whether most of the middle was compressed once before on the same grid, with other quantisation steps."""
    rows, columns = ((size // 8) for size in image.pixels.shape[:2])
    if min(rows, columns) * 8 < _SMALLEST:
        return False
    top, left = (max(0, (size - _SIDE // 8) // 2) for size in (rows, columns))
    part = slice(top, top + _SIDE // 8), slice(left, left + _SIDE // 8)
    coefficients = jpeg.coefficients[0][:rows, :columns][part]
    pixels = image.pixels[top * 8 : top * 8 + _SIDE, left * 8 : left * 8 + _SIDE]
    textured = np.count_nonzero(coefficients[:, :, :3, :3], axis=(2, 3)) >= 2
    if np.count_nonzero(textured) < _SMALLEST:
        return False
    table = jpeg.tables[jpeg.component_tables[0]]
    fitted = fit_twice(coefficients, table, shifted_coefficients(pixels), textured, _LEAST_GAIN)
    told = sum(step > 0 for step in fitted.steps)
    return told >= _FEWEST_FREQUENCIES and fitted.share >= _LEAST_SHARE and fitted.gain >= _LEAST_SUM


def _kbps(claimed: int, bits: int, seconds: float) -> float | None:
    return claimed / 1000 if claimed else bits / seconds / 1000 if seconds > 0 and bits else None


def _median(values: Sequence[float] | np.ndarray) -> float | None:
    finite = np.asarray(values, np.float64)
    finite = finite[np.isfinite(finite)]
    return float(np.median(finite)) if len(finite) else None
