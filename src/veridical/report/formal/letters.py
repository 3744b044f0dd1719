"""Letters that the typefaces of the PDF have; all others are written as code points, so that none is lost or disguised.

PDF/A forbids a letter without a shape, and the typesetter breaks down on some letters that it cannot shape.
"""

from __future__ import annotations

import re
import unicodedata

from ..markup import visible

RANGES = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x24F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3FF), (0x400, 0x482),
    (0x48A, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x202F, 0x205F), (0x2070, 0x2071), (0x2074, 0x208E),
    (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
"""Tried one by one with the typefaces that the typesetter carries; a test sets them all."""
_FOREIGN = re.compile("[^\n" + "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in RANGES) + "]")
_LONG = re.compile(r"\S{18,}")
_JOINT = re.compile(r"(?<=\w)([./_\-:;,=])(?=\w)")
_HASH = re.compile(r"[0-9a-f]{40,128}")
BREAK = "\u200b"
_PIECE = 22


def printable(text: str) -> str:
    """Write letters without a shape as U+XXXX in brackets; accents are joined with their letters, tabs become spaces."""
    joined = unicodedata.normalize("NFC", visible(text).replace("\t", " "))
    return _FOREIGN.sub(lambda found: f"[U+{ord(found[0]):04X}]", joined)


def breakable(text: str) -> str:
    """Make text printable and let long words break where they may: after their dots and dashes, else anywhere."""
    return _LONG.sub(_broken, printable(text))


def _broken(found: re.Match[str]) -> str:
    word = found[0]
    if _HASH.fullmatch(word):
        return BREAK.join(word[i : i + 16] for i in range(0, len(word), 16))
    parts = _JOINT.sub(rf"\1{BREAK}", word).split(BREAK)
    return BREAK.join(BREAK.join(part[i : i + _PIECE] for i in range(0, len(part), _PIECE)) for part in parts)
