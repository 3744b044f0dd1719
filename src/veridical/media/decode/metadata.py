"""Read what a file says about itself: EXIF, XMP, IPTC, PNG text, container tags, comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import av

from ..sniff import sniff
from ..wire import Message
from . import _blocks, _exif, _iptc, _xmp
from ._damage import BROKEN, reason
from ._text import clean


def read(path: Path) -> Iterator[Message]:
    """Yield one message: the head that ``veridical.media.metadata.read_metadata`` takes. Damage is named, not raised."""
    _, kind = sniff(path)
    blocks = _blocks.find(path)
    unreadable = blocks.unreadable
    exif = _merge("EXIF", blocks.exif, lambda data: _exif.tags(BytesIO(data)), unreadable)
    if blocks.exif_is_file:
        with path.open("rb") as file:
            exif = _merge("EXIF", [b""], lambda _: _exif.tags(file), unreadable)
    xmp = _merge("XMP", blocks.xmp, _xmp.parse, unreadable)
    iptc = _merge("IPTC", blocks.iptc, _iptc.parse, unreadable)
    tags = {} if kind == "image" else _merge("tags of the container", [b""], lambda _: _tags(path), unreadable)
    yield Message({
        "exif": exif, "xmp": xmp, "iptc": iptc, "png_text": blocks.texts, "tags": tags,
        "comments": [text for text in blocks.comments if text], "unreadable": [clean(text) for text in unreadable],
    })  # fmt: skip


def _merge(
    name: str, found: list[bytes], parse: Callable[[bytes], dict[str, str]], unreadable: list[str]
) -> dict[str, str]:
    """Parse all blocks of one kind; where two contradict each other both values are kept."""
    values: dict[str, str] = {}
    for block in found:
        try:
            parsed = parse(block)
        except BROKEN as error:
            unreadable.append(f"{name}: {reason(error)}")
            continue
        for key, text in parsed.items():
            old = values.get(key)
            values[key] = text if old in (None, text) else f"{old}; {text}"
    return values


def _tags(path: Path) -> dict[str, str]:
    """Return the tags of a recording and of its streams."""
    with av.open(str(path), metadata_errors="replace") as container:
        tags = {clean(key): clean(text) for key, text in container.metadata.items()}
        for stream in container.streams:
            tags |= {f"stream{stream.index}.{clean(key)}": clean(text) for key, text in stream.metadata.items()}
    return tags
