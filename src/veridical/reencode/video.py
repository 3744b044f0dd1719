"""Steps for videos, frame by frame in memory that does not grow with their length (only the sound is held whole).

Pictures are as a player shows them (turned). Every step writes MP4 with one H.264 or HEVC stream, no metadata, and the
sound as AAC in one channel. Encoders run in one thread and without x264's macroblock tree, so that the same clip gives the
same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import av
import numpy as np
from PIL import Image as Pillow

from ..errors import NotApplicable
from ..media.audio import Audio
from ..media.exhibit import Exhibit
from ..media.video import Frame, Video
from . import _sound
from ._coding import CONTAINER, Coder, Projector, Speaker, Voice, h264, hevc
from ._step import Step

COMMON_PX = 240
"""Short side after ``common``: the largest multiple of 16 below 256 px, the usual size of talking-head generators and of
cropped face datasets, so that these are resampled like all others."""
COMMON_FPS = 25
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_LATEST_S = 600

Pictures = Iterator[tuple[float, np.ndarray]]


def _common(exhibit: Exhibit, stem: Path, key: str) -> Path:
    video = exhibit.stream(Video)
    side = min(video.width, video.height)
    if side <= COMMON_PX:
        raise NotApplicable(f"too small: its short side has {side} px; common scales down to {COMMON_PX} px, never up")
    voice = _voice(_audio(exhibit), _sound.COMMON_RATE, 64, _to_one_band_and_level)
    pictures = ((time, _square(pixels)) for time, pixels in _at_rate(video.frames(why="chain"), COMMON_FPS))
    return _record(pictures, stem, h264(23), voice, rate=COMMON_FPS)


def coded(coder: Coder, exhibit: Exhibit, stem: Path, key: str, *, kbit: int = 128) -> Path:
    """Compress again, the sound at ``kbit`` kbit/s; every frame keeps its time."""
    video = exhibit.stream(Video)
    pictures = ((frame.time_s, frame.display) for frame in video.frames(why="chain"))
    return _record(pictures, stem, coder, _voice_as_it_is(exhibit, kbit), rate=video.claimed_fps)


def _fps(fps: int, exhibit: Exhibit, stem: Path, key: str) -> Path:
    pictures = _at_rate(exhibit.stream(Video).frames(why="chain"), fps)
    return _record(pictures, stem, h264(18), _voice_as_it_is(exhibit), rate=fps)


def resize(factor: float, exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Scale every picture."""

    def scaled(pixels: np.ndarray) -> np.ndarray:
        height, width = (max(1, round(factor * side)) for side in pixels.shape[:2])
        return _scaled(pixels, width, height)

    return changed(scaled, exhibit, stem, key)


def changed(change: Callable[[np.ndarray], np.ndarray], exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Change every picture, (height, width, 3), uint8, RGB, and compress it as little as is usual."""
    video = exhibit.stream(Video)
    pictures = ((frame.time_s, change(frame.display)) for frame in video.frames(why="chain"))
    return _record(pictures, stem, h264(18), _voice_as_it_is(exhibit), rate=video.claimed_fps)


def _at_rate(frames: Iterator[Frame], fps: int) -> Pictures:
    """Yield at each tick of a clock the frame that is nearest in time."""
    last: Frame | None = None
    tick, gap = 0, 1 / fps
    for frame in frames:
        if last is not None:
            gap = frame.time_s - last.time_s
            while tick / fps < last.time_s + gap / 2:
                yield tick / fps, last.display
                tick += 1
        last = frame
    while last is not None and (tick == 0 or tick / fps < last.time_s + gap / 2):
        yield tick / fps, last.display
        tick += 1


def _square(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    side = min(height, width)
    x, y = (width - side) // 2, (height - side) // 2
    return _scaled(pixels[y : y + side, x : x + side], COMMON_PX, COMMON_PX)


def _scaled(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Pillow.fromarray(pixels).resize((width, height), Pillow.Resampling.LANCZOS))


def _voice_as_it_is(exhibit: Exhibit, kbit: int = 128) -> Voice | None:
    """Return the sound at the rate of AAC nearest above its own."""
    audio = _audio(exhibit)
    rate = next((one for one in _AAC_RATES if audio and one >= audio.rate), _AAC_RATES[-1])
    return _voice(audio, rate, kbit, lambda samples: samples)


def _voice(audio: Audio | None, rate: int, kbit: int, change: Callable[[np.ndarray], np.ndarray]) -> Voice | None:
    if audio is None:
        return None
    if audio.start_s > _LATEST_S:
        raise NotApplicable(
            f"its sound starts {audio.start_s:.0f} s after its pictures; the chains go to {_LATEST_S} s"
        )
    samples = change(_sound.mono(audio, rate))
    late = round(audio.start_s * rate)
    samples = np.pad(samples, (late, 0)) if late > 0 else samples[-late:]
    return Voice(samples, rate, kbit)


def has_sound(exhibit: Exhibit) -> bool:
    """Return whether a video has sound."""
    return _audio(exhibit) is not None


def _audio(exhibit: Exhibit) -> Audio | None:
    try:
        return exhibit.stream(Audio)
    except NotApplicable:
        return None


def _to_one_band_and_level(samples: np.ndarray) -> np.ndarray:
    band = _sound.low_passed(samples)
    try:
        return _sound.levelled(band, _sound.COMMON_RATE)
    except NotApplicable:  # a silent track stays one
        return band


def _record(pictures: Pictures, stem: Path, coder: Coder, voice: Voice | None, *, rate: float) -> Path:
    """Write a clip at about ``rate`` pictures a second, each at its own time.

    An odd row or column at the edge is left out, as 4:2:0 needs.
    """
    path = stem.with_name(f"{stem.name}.mp4")
    with av.open(str(path), "w", format="mp4", options=CONTAINER) as out:
        start, first = next(pictures)
        height, width = (side // 2 * 2 for side in first.shape[:2])
        projector = Projector(out, coder, width=width, height=height, rate=rate)
        speaker = Speaker(out, voice) if voice else None
        for time, pixels in chain([(start, first)], pictures):
            even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
            projector.show(even, time)
            if speaker:
                speaker.speak(until_s=time)
        projector.finish()
        if speaker:
            speaker.finish()
    return path


STEPS = {
    "common": Step(
        f"centre square, scaled down to {COMMON_PX} px, {COMMON_FPS} frames a second (the nearest in time), H.264 CRF 23; "
        f"sound mono, {_sound.COMMON_RATE} Hz, band of {_sound.BAND_HZ} Hz, active level {_sound.LEVEL_DB:g} dBov, "
        "AAC 64 kbit/s",
        _common,
    ),
    **{f"h264_{crf}": Step(f"H.264 CRF {crf}", partial(coded, h264(crf))) for crf in (18, 23, 28, 33, 40)},
    "hevc_28": Step("HEVC CRF 28", partial(coded, hevc(28))),
    "fps_15": Step("15 frames a second (the nearest in time), H.264 CRF 18", partial(_fps, 15)),
    "resize_50": Step("scaled to 50 % (Lanczos), H.264 CRF 18", partial(resize, 0.5)),
}
