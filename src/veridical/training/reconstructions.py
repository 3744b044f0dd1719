"""Copies of photos that went through what ends a generator: pairs that differ in nothing but what the decoder leaves.

A way turns a photo into a copy of the same size, the same for the same seed. Three families: small autoencoders of our own
(`veridical.training.autoencoders`), published networks that enlarge (`veridical.training.upscalers`), and interpolation there
and back. A copy keeps the broad colours of its photo, and a grey photo stays grey, so that neither tells the copy. What
else would tell it and is no trace of a generator can be taken away: `with_spectrum_of` gives a copy the power that its photo
has at each frequency whatever the direction, so that blur tells nothing; `halved` gives both the same reduction first.

References
----------
Zhang, Karaman and Chang, Detecting and simulating artifacts in GAN fake images, WIFS 2019, arXiv:1907.06515 (reconstructed
photos instead of generated ones).
Wang et al., DIRE for diffusion-generated image detection, ICCV 2023, arXiv:2303.09295 (a reconstruction and its source).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ..errors import NotInstalled
from ..signals import wavelet
from .launder import scaled

Way = Callable[[np.ndarray, int], np.ndarray]
"""From a photo, shape (height, width, 3), RGB, uint8, and a seed to a copy of the same shape."""

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_TILE, _MARGIN = 512, 32  # multiples of every decoder's factor; what lies beyond the margin hardly counts
_BATCH = 4
_BROAD, _BROAD_COLOUR = (
    8.0,
    2.0,
)  # standard deviation in pixels: what is smoother stays the photo's own, brightness and colour
_FACTORS = 1.5, 3.5
_MOST_DEGREES = 8.0
_QUANTA = 6.0, 20.0
_RINGS, _LEAST_GAIN, _MOST_GAIN = 48, 0.25, 4.0


def autoencoded(photo: np.ndarray, seed: int, net: Any) -> np.ndarray:
    """Return a copy through an autoencoder (from `autoencoder`)."""
    torch = _torch()

    def run(tiles: Any) -> Any:
        return net(tiles)

    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return settled(photo, _tiled(photo.astype(np.float32), run, factor=1))


def enlarged(photo: np.ndarray, seed: int, net: Any) -> np.ndarray:
    """Return a copy that was reduced by the network's factor, with a filter drawn by chance, and enlarged by the network.

    Where the factor does not divide a side, the enlarged picture is some pixels larger and is brought to size.
    """
    height, width = photo.shape[:2]
    random = np.random.default_rng(seed)
    how = (Image.Resampling.BOX, Image.Resampling.LANCZOS, Image.Resampling.BICUBIC)[int(random.integers(3))]
    rest = (-height % net.factor, -width % net.factor)
    whole = cv2.copyMakeBorder(photo, 0, rest[0], 0, rest[1], cv2.BORDER_REFLECT_101)
    small = scaled(whole, whole.shape[1] // net.factor, whole.shape[0] // net.factor, how)

    def run(tiles: Any) -> Any:
        return net(tiles * 255) / 255  # the weights were trained on levels of 0–255

    return settled(
        photo, _tiled(small.astype(np.float32), run, factor=net.factor, margin=_MARGIN // 2)[:height, :width]
    )


def resampled(photo: np.ndarray, seed: int, how: Image.Resampling) -> np.ndarray:
    """Return a copy that was reduced by a factor of 1.5 to 3.5, drawn by chance, and enlarged again by the same filter."""
    height, width = photo.shape[:2]
    factor = float(np.random.default_rng(seed).uniform(*_FACTORS))
    return settled(photo, scaled(scaled(photo, round(width / factor), round(height / factor), how), width, height, how))


def rounded_wavelets(photo: np.ndarray, seed: int) -> np.ndarray:
    """Return a copy whose finest wavelet coefficients are whole multiples of a step drawn by chance, as a coder leaves them."""
    step = float(np.random.default_rng(seed).uniform(*_QUANTA))
    planes = []
    for plane in np.moveaxis(photo.astype(np.float32), 2, 0):
        approximation, details = wavelet.split(np.ascontiguousarray(plane))
        rounded = tuple(np.trunc(band / step) * np.float32(step) for band in details)
        planes.append(wavelet.join(approximation, rounded, plane.shape))
    return settled(photo, np.stack(planes, axis=2))


def rotated(photo: np.ndarray, seed: int) -> np.ndarray:
    """Return a copy that was turned by up to 8 degrees and back, bilinear or bicubic."""
    random = np.random.default_rng(seed)
    height, width = photo.shape[:2]
    degrees = float(random.uniform(1, _MOST_DEGREES) * random.choice((-1, 1)))
    how = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(random.integers(2))]
    edge = int(np.ceil(max(height, width) * np.sin(np.radians(_MOST_DEGREES)))) + 2
    turned = cv2.copyMakeBorder(photo, edge, edge, edge, edge, cv2.BORDER_REFLECT_101)
    size = turned.shape[1::-1]
    for angle in (degrees, -degrees):
        matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), angle, 1.0)
        turned = cv2.warpAffine(turned, matrix, size, flags=how, borderMode=cv2.BORDER_REFLECT_101)
    return settled(photo, turned[edge : edge + height, edge : edge + width])


INTERPOLATED: Mapping[str, Way] = {
    **{f"resampled_{name}": partial(resampled, how=how) for name, how in FILTERS.items()},
    "wavelet": rounded_wavelets,
    "rotated": rotated,
}
"""The ways that need no network."""


def ways(own: Path | None = None, published: Mapping[str, Path] | None = None) -> dict[str, Way]:
    """Return all ways for which there are weights.

    Parameters
    ----------
    own
        Folder of autoencoders, ``NAME.npz`` each, as the recipe writes them.
    published
        Folders of networks that enlarge, by the name that the way shall have.

    Raises
    ------
    NotInstalled
        If there are weights but no torch.
    UsageError
        If a file holds other weights.
    """
    found = dict(INTERPOLATED)
    for path in sorted(own.glob("*.npz")) if own else ():
        found[f"decoded_{path.stem}"] = partial(autoencoded, net=autoencoder(path))
    for name, folder in (published or {}).items():
        _torch()
        found[name] = partial(enlarged, net=import_module(".upscalers", __package__).load(folder))
    return found


def autoencoder(path: Path) -> Any:
    """Return an autoencoder with the weights of a file, named for its plan.

    Raises
    ------
    NotInstalled
        If torch is not installed.
    UsageError
        If the file holds other weights.
    """
    _torch()
    return import_module(".autoencoders", __package__).load(path)


def halved(photo: np.ndarray, seed: int, way: Way) -> tuple[np.ndarray, np.ndarray]:
    """Return a photo and a copy of it, both of half the size: shape (height // 2, width // 2, 3).

    Both were reduced by the same filter last, the copy after it went the way: it is about as sharp as the photo.
    """
    height, width = (side // 2 for side in photo.shape[:2])
    original = scaled(photo, width, height)
    return original, settled(original, scaled(way(photo, seed), width, height))


def with_spectrum_of(photo: np.ndarray, copy: np.ndarray) -> np.ndarray:
    """Return a copy whose power at each frequency, averaged over all directions, is its photo's: shape and type of both."""
    height, width = photo.shape[:2]
    y, x = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    radius = np.hypot(y, x)
    ring = np.minimum((radius / radius.max() * _RINGS).astype(int), _RINGS - 1)
    original, spectrum = (np.fft.rfft2(one.mean(2)) for one in (photo, copy))
    power = [
        np.bincount(ring.ravel(), (abs(one) ** 2).ravel(), _RINGS) / np.maximum(np.bincount(ring.ravel()), 1)
        for one in (original, spectrum)
    ]
    of_rings = np.clip(np.sqrt((power[0] + 1e-6) / (power[1] + 1e-6)), _LEAST_GAIN, _MOST_GAIN)
    gain = np.interp(radius / radius.max() * _RINGS - 0.5, np.arange(_RINGS), of_rings)
    changed = np.fft.irfft2(np.fft.rfft2(copy, axes=(0, 1)) * gain[..., None], (height, width), axes=(0, 1))
    return settled(photo, changed)


def settled(photo: np.ndarray, copy: np.ndarray) -> np.ndarray:
    """Return a copy with the broad colours of its photo, grey where that is grey, as uint8."""
    levels = np.asarray(copy, np.float32)
    missing = photo.astype(np.float32) - levels
    bright = missing.mean(2, keepdims=True)
    colour = cv2.GaussianBlur(missing - bright, (0, 0), _BROAD_COLOUR)
    levels = levels + colour + cv2.GaussianBlur(bright, (0, 0), _BROAD)[..., None]
    if (photo == photo[..., :1]).all():
        levels = np.repeat(levels.mean(2, keepdims=True), 3, axis=2)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _tiled(picture: np.ndarray, run: Callable[[Any], Any], *, factor: int, margin: int = _MARGIN) -> np.ndarray:
    """Return what a network makes of a picture, tile by tile: shape (factor · H, factor · W, 3), float32 in levels."""
    torch = _torch()
    height, width = picture.shape[:2]
    made = np.empty((factor * height, factor * width, 3), np.float32)
    for places, tiles in _tiles(picture, margin):
        with torch.inference_mode():
            batch = torch.from_numpy(tiles.transpose(0, 3, 1, 2) / np.float32(255)).contiguous()
            out = run(batch).float().numpy().transpose(0, 2, 3, 1) * 255
        for (top, left), one in zip(places, out, strict=True):
            inner = one[margin * factor : -margin * factor, margin * factor : -margin * factor]
            target = made[factor * top :, factor * left :][: inner.shape[0], : inner.shape[1]]
            target[...] = inner[: target.shape[0], : target.shape[1]]
    return made


def _tiles(picture: np.ndarray, margin: int) -> Iterator[tuple[list[tuple[int, int]], np.ndarray]]:
    """Yield tiles with margins, a batch at a time, and where their inner parts begin."""
    height, width = picture.shape[:2]
    inner = [min(_TILE, -(-side // margin) * margin) for side in (height, width)]
    rest = [-side % step for side, step in zip((height, width), inner, strict=True)]
    borders = (margin, rest[0] + margin, margin, rest[1] + margin)
    padded = np.pad(picture, (borders[:2], borders[2:], (0, 0)), mode="symmetric")
    places = [(top, left) for top in range(0, height, inner[0]) for left in range(0, width, inner[1])]
    for first in range(0, len(places), _BATCH):
        part = places[first : first + _BATCH]
        yield part, np.stack([padded[y : y + inner[0] + 2 * margin, x : x + inner[1] + 2 * margin] for y, x in part])


def _torch() -> Any:
    try:
        return import_module("torch")
    except ModuleNotFoundError:
        raise NotInstalled("torch is not installed; run: pip install 'veridical[train]'") from None
