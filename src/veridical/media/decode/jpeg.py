"""Read the quantised DCT coefficients of a JPEG with jpeglib, without decompressing it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jpeglib import _bind
from PIL import Image

from ...errors import DamagedMedia, NotMedia
from ..sniff import sniff
from ..wire import Message
from ._damage import BROKEN
from .image import block_shapes


def read(path: Path) -> Iterator[Message]:
    """Yield one message: ``component0``, …, each of shape (block rows, block columns, 8, 8), int16.

    The last two axes are vertical and horizontal frequency.
    """
    format, _ = sniff(path)
    if format != "jpeg":
        raise NotMedia(path, f"this is {format}, not JPEG", "Ask for its pixels instead")
    try:
        blocks = [np.zeros((rows, columns, 64), np.int16) for rows, columns in _shapes(path)]
        _fill(path, blocks)
    except BROKEN as error:
        problem = "the DCT coefficients of this JPEG cannot be read"
        raise DamagedMedia(path, problem, "Fetch the file again from its source") from error
    yield Message({}, {f"component{i}": each.reshape(*each.shape[:2], 8, 8) for i, each in enumerate(blocks)})


def _shapes(path: Path) -> list[tuple[int, int]]:
    """Rows and columns of blocks of each component."""
    Image.MAX_IMAGE_PIXELS = None  # the picture is not decoded here; its size was checked when it was
    with Image.open(path, formats=("JPEG",)) as picture:
        return block_shapes(picture)


def _fill(path: Path, blocks: list[np.ndarray]) -> None:
    """Let jpeglib write the coefficients into ``blocks``.

    Its public ``read_dct`` copies the file to a temporary one first, which this process may not.
    """
    tables = (ctypes.c_ushort * 64 * 4)()
    numbers = (ctypes.c_short * 4)()
    targets = [block.ctypes.data_as(ctypes.c_void_p) for block in blocks] + [None] * (4 - len(blocks))
    luma, blue, red, black = targets
    _bind.CJpegLib.read_jpeg_dct(srcfile=str(path), Y=luma, Cb=blue, Cr=red, K=black, qt=tables, quant_tbl_no=numbers)
