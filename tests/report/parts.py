"""What the reports of these tests are put together from."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import av
import cv2
import numpy as np

from veridical.finding import Clip
from veridical.media.audio import Audio
from veridical.media.image import upright
from veridical.media.listening import to_webm
from veridical.perception.sound_picture import picture_sound
from veridical.report.model import (
    Conclusion,
    FaceOutline,
    ListeningCopy,
    Preview,
    Record,
    ReportedFinding,
    SoundShown,
)

HOSTILE = "</script><script>alert(1)</script><img src=http://evil.test/x onerror=alert(2)>\"' \x1b[31m\u202egpj.\ud800"
PROPOSITIONS = (
    "The exhibit, or a part of it, was made or altered by synthesis, replacement, reenactment or editing.",
    "The exhibit is a recording of what was before the camera or microphone, with no more than ordinary processing.",
)


def scene(height: int, width: int, shift: float = 0.0) -> np.ndarray:
    """A picture with a sky, ground, and an off-centre disc, so that every turn of it looks different."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u, v = x / width, y / height
    picture = np.stack([90 + 120 * v, 140 + 60 * v + 20 * np.sin(9 * u), 220 - 120 * v], -1)
    disc = (u - 0.3 - shift) ** 2 + ((v - 0.4) * height / width) ** 2 < 0.02
    picture[disc] = (230, 180, 150)
    picture[(abs(u - 0.27 - shift) < 0.01) & (abs(v - 0.37) < 0.015)] = (30, 30, 30)
    picture[v > 0.8] *= 0.6
    return np.clip(picture, 0, 255).astype(np.uint8)


def preview(pixels: np.ndarray, *, orientation: int = 1, time_s: float | None = None, width: int = 640) -> Preview:
    shown = upright(pixels, orientation)
    size = (width, round(width * shown.shape[0] / shown.shape[1]))
    data = cv2.imencode(".jpg", cv2.resize(shown, size, interpolation=cv2.INTER_AREA)[..., ::-1])[1].tobytes()
    return Preview(jpeg=data, width=size[0], height=size[1], orientation=orientation, time_s=time_s)


def outlined(taken: Preview, person: int, left: float) -> Preview:
    """The same picture with a square face of 200 native pixels in it, its eyes and mouth smaller squares."""
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    lines = [square * 200, square * 30 + (30, 50), square * 30 + (140, 50), square * 60 + (70, 130)]
    points = (np.concatenate(lines) + (left, 100)).astype(np.int16)
    face = FaceOutline(person=person, box=(left, 100.0, left + 200, 300.0), points=points, ends=(4, 8, 12, 16))
    return replace(taken, faces=(*taken.faces, face))


def finding(id: str, branch: str, **more: object) -> ReportedFinding:
    given: dict[str, object] = {
        "question": f"Does {id} stand out?",
        "outcome": "measured",
        "value": 0.3125,
        "unit": "1",
        "observation": f"The statistic of {id} is 0.3125.",
        "reason": "",
        "where": (),
        "exhibits": (),
        "facts": {},
        "declares": (),
        "limits": (),
        "settings": {"step": 2, "mode": "fast"},
        "seconds": 0.125,
        "evidence": None,
        "unweighed": "no calibration table: the value is reported, but weighs nothing",
    }
    return ReportedFinding(id=id, branch=branch, **(given | more))  # type: ignore[arg-type]


def film(seconds: float = 2.0, *, side: int = 64, fps: int = 25) -> Clip:
    """A disc that goes around, as a film."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p"
        for index in range(round(seconds * fps)):
            picture = np.full((side, side, 3), 60, np.uint8)
            turn = 2 * np.pi * index / fps
            middle = (round(side / 2 + side / 4 * np.cos(turn)), round(side / 2 + side / 4 * np.sin(turn)))
            cv2.circle(picture, middle, side // 8, (230, 180, 150), -1)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return Clip(name="Magnified", mp4=target.getvalue(), width=side, height=side, seconds=seconds, starts_s=4.0)


def unable(id: str, branch: str, reason: str) -> ReportedFinding:
    return finding(
        id, branch, outcome="not_applicable", value=None, unit="", observation="", reason=reason, unweighed=""
    )


def record(**more: object) -> Record:
    given: dict[str, object] = {
        "version": "0.1.0",
        "commit": "7093f56",
        "models": {"face.short": "ab" * 32},
        "settings": {"spatial.error_level": {"quality": 90, "mode": "fast"}},
        "percepts": {"perception.faces": {"smallest_px": 24}},
        "environment": {"python": "3.11.9", "numpy": "2.4.6"},
        "limits": ("2.5 GiB of memory", "no network", "no file can be written"),
        "command": "veridical examine photo.jpg",
        "started": "2026-11-23T06:30:00+00:00",
        "seconds": 4.25,
    }
    return Record(**(given | more))  # type: ignore[arg-type]


def conclusion(**more: object) -> Conclusion:
    given: dict[str, object] = {
        "log10_lr": None,
        "interval": None,
        "band": "inconclusive",
        "category": None,
        "propositions": PROPOSITIONS,
        "statement": "No conclusion is drawn on how strongly the findings support either proposition: 3 findings were "
        "measured, and none has a calibration table yet, so none is weighed. Read them one by one, with their limits.",
        "declarations": (),
        "stability": None,
        "limits": (
            "What the exhibit claims, who or what it shows, and whether anyone meant to deceive are not examined.",
        ),
    }
    return Conclusion(**(given | more))  # type: ignore[arg-type]


def smooth(rows: int, columns: int, seed: int, sigma: float = 6.0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), sigma)
    return np.asarray(blurred / blurred.std(), np.float32)


def recorded(seconds: float, rate: int, *, start_s: float = 0.0, channels: int = 1) -> Audio:
    """A sound with a beep of a tenth of a second at the start of every second, higher from one to the next."""
    time = np.arange(round(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * (300 + 40 * np.floor(time)) * time) * (time % 1 < 0.1)
    samples = np.repeat(tone[:, None], channels, 1).astype(np.float32)
    return Audio(samples=samples, rate=rate, codec="flac", lossless=True, bits=16, start_s=start_s, bit_rate=0)


@cache
def sound(
    seconds: float, rate: int, *, start_s: float = 0.0, channels: int = 1, pieces: tuple[tuple[float, float], ...] = ()
) -> SoundShown:
    """The same as a report shows it; ``pieces`` of it, on the exhibit's time, can be heard, or all."""
    audio = recorded(seconds, rate, start_s=start_s, channels=channels)
    kept = pieces or ((start_s, start_s + seconds),)
    webm = to_webm(audio, [(start - start_s, end - start_s) for start, end in kept])
    seen = picture_sound(audio)
    return SoundShown(
        levels=seen.levels, starts_s=seen.starts_s, ends_s=seen.ends_s, highest_hz=seen.highest_hz, window_s=seen.window_s,
        channels=channels, copy=ListeningCopy(webm=webm, pieces=kept),
    )  # fmt: skip
