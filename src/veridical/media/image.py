"""A still image as stored: native pixels, and beside them the version that a person sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .decoder import Decoder

SUBSAMPLING = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}


@dataclass(frozen=True)
class JpegData:
    """What only a JPEG file holds.

    Parameters
    ----------
    tables
        shape (n, 8, 8), uint16: the quantisation tables in natural (not zig-zag) order.
    component_tables
        Index of the table of each colour component.
    subsampling
        "4:2:0", "4:4:4", …, or "1 component" for a grey file, or the raw sampling factors if unusual.
    quality
        Quality 1–100 of the standard (IJG) tables nearest to the luminance table.
    quality_error
        Mean absolute difference between that standard table and the file's, in quantisation steps; 0 if it is standard.
    """

    tables: np.ndarray
    component_tables: tuple[int, ...]
    subsampling: str
    quality: int
    quality_error: float
    progressive: bool
    _decoder: Decoder

    @cached_property
    def coefficients(self) -> tuple[np.ndarray, ...]:
        """Quantised DCT coefficients of each component: shape (block rows, block columns, 8, 8), int16."""
        answer = self._decoder.ask("jpeg")
        return tuple(answer.arrays[f"component{i}"] for i in range(len(answer.arrays)))


@dataclass(frozen=True)
class Image:
    """A decoded still image.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB: as stored, neither rotated by EXIF nor colour-managed. Grey files have
        three equal channels, deeper files keep their upper 8 bits, transparency is left out: see ``mode`` and ``bits``.
        HEIC comes turned as its container says (libheif does it), with ``orientation`` 1.
    format
        "jpeg", "png", "webp", "avif", "heic", "tiff", "gif".
    mode
        Pixel layout in the file, in Pillow's words ("RGB", "L", "P", "RGBA", "CMYK", "I;16", …).
    bits
        Bits a channel in the file.
    orientation
        EXIF orientation 1–8; 1 if there is none.
    frames
        Number of frames; only the first is decoded.
    thumbnail
        shape (h, w, 3), uint8: the thumbnail embedded in the file, or None.
    """

    pixels: np.ndarray
    format: str
    mode: str
    bits: int
    orientation: int
    frames: int
    thumbnail: np.ndarray | None
    jpeg: JpegData | None

    @property
    def height(self) -> int:
        """Rows of the native pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of the native pixels."""
        return int(self.pixels.shape[1])

    @cached_property
    def display(self) -> np.ndarray:
        """The picture as a viewer shows it: the native pixels turned and mirrored by the EXIF orientation."""
        return upright(self.pixels, self.orientation)

    @cached_property
    def luma(self) -> np.ndarray:
        """Luminance of the native pixels (ITU-R BT.601): shape (height, width), float32, 0–255."""
        weights = np.array([0.299, 0.587, 0.114], np.float32)
        return np.asarray(np.matmul(self.pixels, weights, dtype=np.float32))


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror stored pixels by an EXIF orientation 1–8."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def read_image(decoder: Decoder) -> Image:
    """Decode the picture of an exhibit; raises MediaError."""
    answer = decoder.ask("image")
    head: Mapping[str, Any] = answer.head
    jpeg = None
    if head["jpeg"] is not None:
        of = head["jpeg"]
        factors = of["sampling"]
        jpeg = JpegData(
            tables=answer.arrays["tables"], component_tables=tuple(of["component_tables"]),
            subsampling=_subsampling(factors), quality=of["quality"], quality_error=of["quality_error"],
            progressive=of["progressive"], _decoder=decoder,
        )  # fmt: skip
    return Image(
        pixels=answer.arrays["pixels"], format=head["format"], mode=head["mode"], bits=head["bits"],
        orientation=head["orientation"], frames=head["frames"], thumbnail=answer.arrays.get("thumbnail"), jpeg=jpeg,
    )  # fmt: skip


def _subsampling(factors: list[list[int]]) -> str:
    if len(factors) == 1:
        return "1 component"
    (h, v), chroma = factors[0], factors[1:3]
    if all(tuple(f) == tuple(chroma[0]) for f in chroma) and chroma[0][0] and chroma[0][1]:
        return SUBSAMPLING.get((h // chroma[0][0], v // chroma[0][1]), str(factors))
    return str(factors)
