"""Two colour tables of 255 steps, even to the eye and safe for the colour-blind, and the PNG files that use them.

Both are straight lines in OKLab (Ottosson 2020), where equal distances look equally different: dark blue to light yellow
for values from low to high; blue over white to orange where the two sides of the middle mean opposite things.
"""

from __future__ import annotations

import base64
import struct
import zlib
from functools import cache

import numpy as np

from .markup import Html

STEPS = 255
PERSON_COLOURS = ((255, 216, 77), (92, 200, 255), (255, 154, 213), (139, 232, 122), (255, 171, 92), (201, 179, 255))
"""Red, green, blue of what tells persons apart, on pictures and beside them; further persons have them again."""
_SEQUENTIAL = ((0.24, 0.0, -0.10), (0.93, -0.03, 0.16))
_DIVERGING = ((0.50, -0.03, -0.15), (0.98, 0.0, 0.0), (0.62, 0.10, 0.125))
_TO_LMS = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def table(diverging: bool) -> np.ndarray:
    """Return the colours of a scale from its low to its high end: shape (255, 3), uint8."""
    stops = np.array(_DIVERGING if diverging else _SEQUENTIAL)
    along, places = np.linspace(0, 1, STEPS), np.linspace(0, 1, len(stops))
    lab = np.stack([np.interp(along, places, stops[:, axis]) for axis in range(3)], 1)
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * 255), np.uint8)


def levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Turn values into steps of the scale: 1 at ``low`` and below, 255 at ``high`` and above, 0 where there is none."""
    span = high - low if high > low else 1.0
    with np.errstate(invalid="ignore"):
        steps = 1 + np.rint(np.clip((values.astype(np.float64) - low) / span, 0, 1) * (STEPS - 1))
    return np.where(np.isnan(values), 0, np.nan_to_num(steps)).astype(np.uint8)


def png(steps: np.ndarray, *, diverging: bool) -> bytes:
    """Write steps as an indexed PNG, step 0 transparent.

    Every row is stored unfiltered, so that the script of the page can read the steps back exactly.
    """
    rows, columns = steps.shape
    colours = np.vstack([np.zeros((1, 3), np.uint8), table(diverging)])
    lines = np.hstack([np.zeros((rows, 1), np.uint8), steps]).tobytes()
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", colours.tobytes()),
            _chunk(b"tRNS", b"\x00"),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def data_uri(content: bytes, kind: str) -> Html:
    """Return bytes as a data URI."""
    return Html(f"data:{kind};base64,{base64.b64encode(content).decode()}")


def gradient(diverging: bool) -> str:
    """Return the scale as a CSS gradient from left to right."""
    picked = table(diverging)[np.linspace(0, STEPS - 1, 17).round().astype(int)]
    return f"linear-gradient(to right,{','.join('#' + bytes(colour).hex() for colour in picked)})"


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
