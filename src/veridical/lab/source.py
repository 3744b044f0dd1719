"""What recipes work on: the demonstration photograph, speech-like sound of our own, or the user's file with consent."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np

from ..errors import UsageError
from ..media.audio import Audio
from ..media.exhibit import open_exhibit
from ..media.image import Image
from . import label, speech, watermark
from .recipe import Box, Eye, Mouth, Picture, Portrait, Recipe, Sound, Source

DEMO_NAME = "skimage.data.astronaut (Eileen Collins, NASA, public domain)"
DEMO_FACE = Box(x=178, y=74, width=92, height=108)
DEMO_EYES = (
    Eye(x0=193.0, y0=101.5, x1=213.5, y1=103.2, top=97.2, bottom=104.4),
    Eye(x0=235.8, y0=105.0, x1=259.5, y1=104.0, top=98.8, bottom=106.6),
)
DEMO_MOUTH = Mouth(x0=204.0, y0=139.8, x1=242.4, y1=141.9, top=141.9, bottom=150.2)
# The square of the demonstration photograph that the face fills, and how many times it is enlarged for a portrait.
DEMO_HEAD, ENLARGED = Box(x=160, y=64, width=128, height=128), 10
PORTRAIT_SIDE = 1000
SHORTEST_S, LONGEST_S = 2.0, 120.0


def load(
    recipe: Recipe, path: Path | None, consent: str, random: np.random.Generator
) -> tuple[Picture | Sound, Source]:
    """Return the material for a recipe and where it comes from.

    Raises
    ------
    UsageError
        If the user's material comes without consent, or does not suit the recipe.
    MediaError
        If the file cannot be read.
    """
    if path is None:
        if recipe.wants == "sound":
            return _own_sound(random)
        picture, origin = _demo_picture()
        return (_enlarged(picture) if recipe.wants == "portrait" else picture), origin
    if not consent.strip():
        raise UsageError(
            f"{path}: state who agreed to the use of this file in the lab, and how (--consent TEXT); "
            "the text is kept in the truth file"
        )
    with open_exhibit(path) as exhibit:
        source = Source(name=path.name, sha256=exhibit.sha256, consent=consent.strip())
        if recipe.wants != "sound":
            picture = _picture(exhibit.stream(Image).display)
            return (_portrait(picture) if recipe.wants == "portrait" else picture), source
        audio = exhibit.stream(Audio)
        samples, rate = _mono(audio)
    return Sound(samples=samples, rate=rate), source


def _demo_picture() -> tuple[Picture, Source]:
    try:
        from skimage import data
    except ImportError:
        raise UsageError(
            'the demonstration photograph comes with scikit-image: pip install "veridical[demo]", or name a --source'
        ) from None
    pixels = np.ascontiguousarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    picture = replace(_picture(pixels, DEMO_FACE), eyes=DEMO_EYES, mouth=DEMO_MOUTH)
    return picture, Source(name=DEMO_NAME, sha256=digest, consent="public domain (NASA)")


def _enlarged(picture: Picture) -> Portrait:
    """Return the head of the demonstration photograph, cut out and enlarged by a cubic filter."""
    pixels = cv2.resize(picture.pixels[DEMO_HEAD.cut], None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    x, y = (DEMO_FACE.x - DEMO_HEAD.x) * ENLARGED, (DEMO_FACE.y - DEMO_HEAD.y) * ENLARGED
    face = Box(x=x, y=y, width=DEMO_FACE.width * ENLARGED, height=DEMO_FACE.height * ENLARGED)
    return replace(
        _portrait(_picture(np.asarray(pixels, np.uint8), face)), eyes=tuple(_enlarged_eye(eye) for eye in picture.eyes)
    )


def _enlarged_eye(eye: Eye) -> Eye:
    """Pixel centres of the photograph at pixel centres of the portrait."""

    def across(x: float) -> float:
        return (x - DEMO_HEAD.x + 0.5) * ENLARGED - 0.5

    def down(y: float) -> float:
        return (y - DEMO_HEAD.y + 0.5) * ENLARGED - 0.5

    return Eye(
        x0=across(eye.x0),
        y0=down(eye.y0),
        x1=across(eye.x1),
        y1=down(eye.y1),
        top=down(eye.top),
        bottom=down(eye.bottom),
    )


def _portrait(picture: Picture) -> Portrait:
    height, width = picture.pixels.shape[:2]
    if min(height, width) < PORTRAIT_SIDE:
        raise UsageError(
            f"the picture has {width}×{height} pixels; this recipe needs a face that fills {PORTRAIT_SIDE} a side"
        )
    return Portrait(**{field.name: getattr(picture, field.name) for field in fields(picture)})


def _own_sound(random: np.random.Generator) -> tuple[Sound, Source]:
    samples = speech.babble(random, 12.0)
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    source = Source(name="speech-like sound, synthesised", sha256=digest, consent="nobody's voice")
    return Sound(samples=samples, rate=speech.RATE), source


def _picture(pixels: np.ndarray, face: Box | None = None) -> Picture:
    height, width = pixels.shape[:2]
    if min(height, width) < watermark.SMALLEST:
        raise UsageError(f"the picture has {width}×{height} pixels; the lab needs {watermark.SMALLEST} a side")
    return Picture(pixels=pixels, label=label.place(width, height, face), face=face)


def _mono(audio: Audio) -> tuple[np.ndarray, int]:
    samples = audio.mono[: round(LONGEST_S * audio.rate)]
    if len(samples) < SHORTEST_S * audio.rate:
        raise UsageError(f"the recording lasts {len(samples) / audio.rate:.1f} s; the lab needs {SHORTEST_S:g} s")
    return np.asarray(samples, np.float32), audio.rate
