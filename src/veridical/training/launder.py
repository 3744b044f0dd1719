"""What happens to pictures on their way: the same histories for real and generated ones.

A history is drawn from a generator of random numbers and the shape of the picture alone, never from its content. So a
pseudo-fake and the photograph it was made of get the identical history (`History.applied` on both), and nothing of it tells
the label. The steps are scaling, blur, noise, gamma, sharpening, JPEG or WebP, a crop and a second JPEG off the grid of the
first, and at last, in some, those of a messenger, a social network or a screenshot. `condition` makes the four test conditions.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from PIL import Image, ImageFilter

from ..errors import UsageError
from .pictures import Row

CONDITIONS = ("native", "jpeg_75", "half", "common")
"""How test pictures are shown: as they are; JPEG 75; half size, then JPEG 60 to 95; a square of 256 px, then JPEG 60 to 95."""
COMMON_SIDE = 256
FILTERS = (
    Image.Resampling.LANCZOS,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.BOX,
    Image.Resampling.HAMMING,
)
PROFILES = ("messenger", "social", "screenshot")
_PROFILED = 0.15
_LEAST_SIDE, _LEAST_SHARE = 160, 0.25

Step = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class History:
    """Steps that were drawn, each with its name; they fit pictures of one shape."""

    shape: tuple[int, int]
    names: Sequence[str]
    steps: Sequence[Step]

    def applied(self, picture: np.ndarray) -> np.ndarray:
        """Return the picture (h, w, 3), RGB, uint8, after all steps; raises ValueError if it is of another shape."""
        if picture.shape[:2] != self.shape:
            raise ValueError(f"the history was drawn for {self.shape}, the picture is {picture.shape[:2]}")
        for step in self.steps:
            picture = step(picture)
        return np.ascontiguousarray(picture)


def launder(picture: np.ndarray, random: np.random.Generator, *, profiled: float = _PROFILED) -> np.ndarray:
    """Return a picture (h, w, 3), RGB, uint8, after one random history; the same generator state gives the same history."""
    return history(picture.shape[:2], random, profiled=profiled).applied(picture)


def history(
    shape: tuple[int, ...], random: np.random.Generator, *, resized: bool = True, profiled: float = _PROFILED
) -> History:
    """Draw a history for pictures of a shape (height, width).

    Parameters
    ----------
    resized
        Whether the history may begin with a change of size.
    profiled
        Share of the histories that end with what a messenger, a social network or a screenshot does.
    """
    drawn = _Drawn(int(shape[0]), int(shape[1]))
    if resized:
        drawn.geometry(random)
    drawn.tone(random)
    drawn.coding(random)
    if random.random() < profiled:
        drawn.profile(random)
    return History((int(shape[0]), int(shape[1])), drawn.names, drawn.steps)


class _Drawn:
    """Steps so far, and the shape that the picture has after them. The order of the draws is part of the split: keep it."""

    def __init__(self, height: int, width: int) -> None:
        self.shape = height, width
        self.names: list[str] = []
        self.steps: list[Step] = []

    def add(self, name: str, step: Step, shape: tuple[int, int] | None = None) -> None:
        self.names.append(name)
        self.steps.append(step)
        self.shape = shape or self.shape

    def scaled(self, share: float, resampling: Image.Resampling) -> None:
        height, width = (max(round(side * share), 1) for side in self.shape)
        self.add("scaled", partial(scaled, width=width, height=height, resampling=resampling), (height, width))

    def geometry(self, random: np.random.Generator) -> None:
        if random.random() >= 0.8:
            return
        least = min(max(_LEAST_SHARE, _LEAST_SIDE / min(self.shape)), 1)
        share = float(np.exp(random.uniform(np.log(least), 0.0)))
        if random.random() < 0.15:
            share = random.uniform(1, 1.4)
        self.scaled(share, FILTERS[random.integers(len(FILTERS))])

    def tone(self, random: np.random.Generator) -> None:
        if random.random() < 0.2:
            self.add("blurred", partial(_blurred, sigma=random.uniform(0.3, 1.2)))
        if random.random() < 0.15:
            self.add("noise", partial(_noisy, noise=random.normal(0, random.uniform(0.5, 5), (*self.shape, 3))))
        if random.random() < 0.2:
            self.add("gamma", partial(_toned, gamma=random.uniform(0.8, 1.25)))
        if random.random() < 0.1:
            self.add("sharpened", partial(_sharpened, percent=50))

    def coding(self, random: np.random.Generator) -> None:
        kind = random.random()
        if kind < 0.75:
            quality, subsampling = int(random.integers(50, 97)), int(random.choice((0, 2, 2, 2)))
            self.add("jpeg", partial(jpeg, quality=quality, subsampling=subsampling))
        elif kind < 0.88:
            self.add("webp", partial(webp, quality=int(random.integers(50, 95))))
        if random.random() < 0.25:
            top, left = (int(n) for n in random.integers(0, 8, 2))
            self.add("cropped", partial(_cropped, top=top, left=left), (self.shape[0] - top, self.shape[1] - left))
            self.add("jpeg", partial(jpeg, quality=int(random.integers(60, 96))))

    def profile(self, random: np.random.Generator) -> None:
        """Add what the common ways of passing a picture on do; their sizes and qualities vary from year to year."""
        name = PROFILES[random.integers(len(PROFILES))]
        longest = {"messenger": (960, 1280, 1600), "social": (720, 1080, 2048), "screenshot": (390, 750, 1080)}[name]
        side = longest[random.integers(len(longest))]
        if max(self.shape) > side:
            self.scaled(side / max(self.shape), FILTERS[1 if name == "screenshot" else 0])
        if name == "social":
            self.add("sharpened", partial(_sharpened, percent=int(random.integers(20, 60))))
        if name == "screenshot":  # of a display whose scale is not that of the picture; kept lossless, or sent on
            self.scaled(random.uniform(0.7, 1.3), FILTERS[1])
            if random.random() < 0.5:
                self.add(name, _as_it_is)
                return
        low, high = {"messenger": (65, 83), "social": (70, 88), "screenshot": (80, 96)}[name]
        self.add(name, partial(jpeg, quality=int(random.integers(low, high))))


def condition(picture: np.ndarray, name: str, row: Row) -> np.ndarray | None:
    """Return a picture of the manifest as a test condition shows it; None where it is too small for ``common``.

    The quality is drawn from the name of the file, so it is always the same. Raises UsageError for an unknown condition.
    """
    height, width = picture.shape[:2]
    random = np.random.default_rng([zlib.crc32(row["file"].encode()), zlib.crc32(name.encode())])
    if name == "native":
        return picture
    if name == "jpeg_75":
        return jpeg(picture, 75)
    if name == "half":
        return jpeg(scaled(picture, width // 2, height // 2), int(random.integers(60, 96)))
    if name != "common":
        raise UsageError(f"no condition {name}; there are {', '.join(CONDITIONS)}")
    if min(height, width) < COMMON_SIDE:
        return None
    square = centre(picture)
    if len(square) > COMMON_SIDE:
        square = scaled(square, COMMON_SIDE, COMMON_SIDE)
    return jpeg(square, int(random.integers(60, 96)))


def jpeg(picture: np.ndarray, quality: int, subsampling: int = 2) -> np.ndarray:
    """Return a picture after JPEG; ``subsampling`` 0 is 4:4:4, 2 is 4:2:0."""
    return _coded(picture, format="JPEG", quality=quality, subsampling=subsampling)


def webp(picture: np.ndarray, quality: int) -> np.ndarray:
    """Return a picture after lossy WebP."""
    return _coded(picture, format="WEBP", quality=quality, method=2)


def scaled(
    picture: np.ndarray, width: int, height: int, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> np.ndarray:
    """Return a picture in another size, at least a pixel wide and high."""
    return np.asarray(Image.fromarray(picture).resize((max(width, 1), max(height, 1)), resampling))


def centre(picture: np.ndarray, side: int | None = None) -> np.ndarray:
    """Cut out the square in the middle, as large as possible or of a side."""
    height, width = picture.shape[:2]
    side = min(height, width) if side is None else min(side, height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def _coded(picture: np.ndarray, **how: object) -> np.ndarray:
    kept = io.BytesIO()
    Image.fromarray(picture).save(kept, **how)  # type: ignore[arg-type]
    with Image.open(kept) as decoded:
        return np.asarray(decoded.convert("RGB"))


def _blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma))


def _noisy(picture: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _toned(picture: np.ndarray, gamma: float) -> np.ndarray:
    return np.asarray((255 * (picture / 255.0) ** gamma).astype(np.uint8))


def _sharpened(picture: np.ndarray, percent: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.UnsharpMask(1, percent, 0)))


def _cropped(picture: np.ndarray, top: int, left: int) -> np.ndarray:
    return np.ascontiguousarray(picture[top:, left:])


def _as_it_is(picture: np.ndarray) -> np.ndarray:
    return picture
