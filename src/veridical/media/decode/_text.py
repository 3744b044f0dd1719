"""Text of unknown origin, made fit to print."""

from __future__ import annotations

import zlib

MOST = 20_000
_UNPACKED = 16 << 20
_INVISIBLE = {code: None for code in (*range(9), 11, 12, *range(14, 32), 127, *range(0x80, 0xA0))}


def clean(text: object) -> str:
    """Drop control characters and lone surrogates, and cut what is longer than 20,000 characters."""
    whole = str(text).encode(errors="replace").decode().translate(_INVISIBLE).strip()
    return whole if len(whole) <= MOST else f"{whole[:MOST]} … ({len(whole)} characters in all)"


def guess(raw: bytes) -> str:
    """Decode bytes that should be Latin-1 but often are UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def utf16(raw: bytes) -> str:
    """Decode UTF-16 whose byte order is told by a mark or, failing that, by where the zero bytes stand."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    big = raw[0::2].count(0) > raw[1::2].count(0)
    return raw.decode("utf-16-be" if big else "utf-16-le", "replace")


def unpack(raw: bytes) -> bytes:
    """Decompress zlib data; raises ValueError beyond 16 MiB and zlib.error on damage."""
    worker = zlib.decompressobj()
    data = worker.decompress(raw, _UNPACKED)
    if not worker.eof:
        problem = "unpacks to more than 16 MiB" if worker.unconsumed_tail else "is cut off"
        raise ValueError(f"the compressed text {problem}")
    return data
