"""Steps for still images, on the pixels as a viewer shows them (turned by EXIF); what they write holds no metadata.

Colours are the file's own numbers: a colour profile is neither applied nor kept. What is not compressed by the step's own
codec is written as PNG, so that the step alone is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from .. import settings
from ..errors import NotApplicable
from ..media.exhibit import Exhibit
from ..media.image import Image
from ._step import Step, draw, generator

COMMON_PX = 256
"""Short side after ``common``: the least that the examinations of spectra and blocks accept. Pictures that are not larger are
left out rather than passed unscaled, so that no class keeps its own pixels and JPEG grid."""
SMALL_PX = 112
"""Short side after ``common_small``, for collections of small faces: below the 128 px of the smallest common generators."""
QUALITIES = range(60, 96)
_LONG_SIDE = 1280
_SCREEN = 0.83
WEBP_PX = 16383
"""Longest side that WebP holds."""
_420 = 2
_BAND_ROWS = 256


def _common(px: int, name: str, exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Cut out the centre square, scale it down to ``px`` and compress it with a quality that the key draws."""
    pixels = exhibit.stream(Image).display
    height, width = pixels.shape[:2]
    side = min(height, width)
    if side <= px:
        raise NotApplicable(f"too small: its short side has {side} px; {name} scales down to {px} px and never up")
    x, y = (width - side) // 2, (height - side) // 2
    square = scaled(pixels[y : y + side, x : x + side], px, px)
    return jpeg(square, stem, quality=QUALITIES[draw(name, key, len(QUALITIES))])


def _of_pixels(save: Callable[[np.ndarray, Path], Path], exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Save the picture as it is."""
    return save(exhibit.stream(Image).display, stem)


def _resize(factor: float, exhibit: Exhibit, stem: Path, key: str) -> Path:
    pixels = exhibit.stream(Image).display
    height, width = (max(1, round(factor * side)) for side in pixels.shape[:2])
    most = settings.number("max_megapixels")
    if width * height > most * 1e6:
        raise NotApplicable(f"too large: {width} × {height} px after scaling; the limit is {most:g} megapixels")
    return png(scaled(pixels, width, height), stem)


def _blur(sigma: float, pixels: np.ndarray, stem: Path) -> Path:
    return png(np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma)), stem)


def _gamma(exponent: float, pixels: np.ndarray, stem: Path) -> Path:
    return png(_toned((np.arange(256) / 255) ** exponent, pixels), stem)


def _noise(name: str, sigma: float, exhibit: Exhibit, stem: Path, key: str) -> Path:
    pixels = exhibit.stream(Image).display
    noisy = np.empty_like(pixels)
    random = generator(name, key)
    for first in range(0, len(pixels), _BAND_ROWS):
        band = pixels[first : first + _BAND_ROWS]
        noise = random.standard_normal(band.shape, np.float32)
        noisy[first : first + _BAND_ROWS] = np.clip(np.rint(band + np.float32(sigma) * noise), 0, 255)
    return png(noisy, stem)


def _crop(name: str, share: float, exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Cut out a part at a place that the key draws: a fixed place would keep the grid of earlier compression."""
    pixels = exhibit.stream(Image).display
    height, width = (max(1, round(share * side)) for side in pixels.shape[:2])
    y = draw(f"{name} y", key, pixels.shape[0] - height + 1)
    x = draw(f"{name} x", key, pixels.shape[1] - width + 1)
    return png(np.ascontiguousarray(pixels[y : y + height, x : x + width]), stem)


def _screenshot(pixels: np.ndarray, stem: Path) -> Path:
    """Scale as a browser does, and round sRGB to a display of gamma 2.2 in 8 bits."""
    height, width = (max(1, round(_SCREEN * side)) for side in pixels.shape[:2])
    shown = scaled(pixels, width, height, Pillow.Resampling.BILINEAR)
    x = np.arange(256) / 255
    light = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return png(_toned(light ** (1 / 2.2), shown), stem)


def _messenger(pixels: np.ndarray, stem: Path) -> Path:
    height, width = pixels.shape[:2]
    factor = min(1.0, _LONG_SIDE / max(height, width))
    if factor < 1:
        pixels = scaled(pixels, max(1, round(factor * width)), max(1, round(factor * height)))
    sharp = Pillow.fromarray(pixels).filter(ImageFilter.UnsharpMask(radius=1, percent=50, threshold=0))
    return jpeg(np.asarray(sharp), stem, quality=75, progressive=True)


def scaled(
    pixels: np.ndarray, width: int, height: int, filter: Pillow.Resampling = Pillow.Resampling.LANCZOS
) -> np.ndarray:
    """Scale with a filter as wide as the reduction; Pillow's integer arithmetic is the same on every machine."""
    return np.asarray(Pillow.fromarray(pixels).resize((width, height), filter))


def _toned(curve: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Map grey levels by a curve of shape (256,), 0–1."""
    return np.asarray(np.rint(255 * curve).astype(np.uint8)[pixels])


def jpeg(pixels: np.ndarray, stem: Path, *, quality: int, progressive: bool = False) -> Path:
    """Write a picture as JPEG, 4:2:0, and return where it lies."""
    path = stem.with_name(f"{stem.name}.jpg")
    Pillow.fromarray(pixels).save(path, "JPEG", quality=quality, subsampling=_420, progressive=progressive)
    return path


def _webp(quality: int, pixels: np.ndarray, stem: Path) -> Path:
    if max(pixels.shape[:2]) > WEBP_PX:
        raise NotApplicable(f"too large: its long side has {max(pixels.shape[:2])} px; WebP holds {WEBP_PX} px")
    path = stem.with_name(f"{stem.name}.webp")
    Pillow.fromarray(pixels).save(path, "WEBP", quality=quality, method=4)
    return path


def png(pixels: np.ndarray, stem: Path) -> Path:
    """Write a picture without loss and return where it lies."""
    path = stem.with_name(f"{stem.name}.png")
    Pillow.fromarray(pixels).save(path, "PNG", compress_level=3)
    return path


def _steps() -> dict[str, Step]:
    random_jpeg = f"JPEG of a quality drawn from {QUALITIES[0]} to {QUALITIES[-1]}, 4:2:0, no metadata"
    steps = {
        name: Step(f"centre square, scaled down to {px} px, {random_jpeg}", partial(_common, px, name))
        for name, px in (("common", COMMON_PX), ("common_small", SMALL_PX))
    }
    for q in (50, 75, 90):
        steps[f"jpeg_{q}"] = Step(f"JPEG of quality {q}, 4:2:0", partial(_of_pixels, partial(jpeg, quality=q)))
    steps["webp_80"] = Step("WebP of quality 80", partial(_of_pixels, partial(_webp, 80)))
    for percent in (50, 75, 150, 200):
        steps[f"resize_{percent}"] = Step(f"scaled to {percent} % (Lanczos), PNG", partial(_resize, percent / 100))
    for sigma in (1, 2):
        step = partial(_of_pixels, partial(_blur, float(sigma)))
        steps[f"blur_{sigma}"] = Step(f"Gaussian blur of σ {sigma} px, PNG", step)
    for sigma in (2, 5):
        name = f"noise_{sigma}"
        steps[name] = Step(f"white noise of σ {sigma} grey levels, PNG", partial(_noise, name, float(sigma)))
    for tenths in (7, 14):
        step = partial(_of_pixels, partial(_gamma, tenths / 10))
        steps[f"gamma_{tenths:02}"] = Step(f"gamma {tenths / 10:g}, PNG", step)
    steps["crop_80"] = Step(
        "80 % of width and height at a place drawn from the key, PNG", partial(_crop, "crop_80", 0.8)
    )
    steps["screenshot"] = Step(
        f"scaled to {_SCREEN * 100:.0f} % (bilinear), sRGB rounded to gamma 2.2 in 8 bits, PNG",
        partial(_of_pixels, _screenshot),
    )
    steps["messenger"] = Step(
        f"long side of at most {_LONG_SIDE} px, light sharpening, progressive JPEG of quality 75, 4:2:0, no metadata",
        partial(_of_pixels, _messenger),
    )
    return steps


STEPS = _steps()
