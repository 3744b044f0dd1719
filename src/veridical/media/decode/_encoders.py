"""Strings by which encoders and muxers name themselves, in tags and in the coded data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from ._parts import Structure

_TAGS = ("encoder", "software", "encoding_tool", "encoded_by", "writing_application", "com.apple.quicktime.software")
_MARKS = re.compile(
    rb"x26[45] (?:- core|\(build)[ -~]{0,2000}"
    rb"|Lav[cf]\d+[.\d]+(?: [ -~]{2,32})?"
    rb"|LAME\d\.\d{2,3}[a-z]?|Xiph[ -~]{4,60}|libopus[ -~]{2,40}"
    rb"|(?:XviD|DivX)\d[\w.]{1,12}|GOGO\d|Nero AAC[ -~]{2,40}|FAAC [\d.]+|HandBrake[ -~]{2,40}"
    rb"|AVC Coding|Ambarella[ -~]{0,40}|VideoToolbox[ -~]{0,40}|Elemental[ -~]{0,40}"
)


def of_tags(container: InputContainer, found: Structure) -> dict[str, str]:
    """Return what the container and its streams say of the programs that wrote them."""
    said = {f"container {key}": text for key, text in _wanted(container.metadata)}
    for stream in container.streams:
        said |= {f"stream {stream.index} {key}": text for key, text in _wanted(stream.metadata)}
        for key in ("handler_name", "vendor_id"):
            if text := _clean(stream.metadata.get(key, "")):
                said[f"stream {stream.index} {key}"] = text
    said |= {f"container {key}": found.notes[key] for key in ("muxer", "writer", "vendor") if found.notes.get(key)}
    return said


def _wanted(tags: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((key, _clean(text)) for key, text in tags.items() if key.lower() in _TAGS and _clean(text))


def _clean(text: str) -> str:
    """Leave out what does not print, such as the length byte of QuickTime's counted strings."""
    return "".join(character for character in text if character.isprintable()).strip()


def of_data(stream: Stream, packets: Iterable[Packet[Any]]) -> dict[str, str]:
    """Return what stands in the setup data of a stream and in its first packets."""
    context = stream.codec_context
    chunks = [bytes(context.extradata or b"") if context is not None else b""]
    chunks += [bytes(packet)[:65536] for packet in packets if packet.size]
    marks = [text for chunk in chunks for text in in_bytes(chunk)]
    return {f"stream {stream.index} data": " | ".join(dict.fromkeys(marks))} if marks else {}


def in_bytes(data: bytes) -> list[str]:
    """Return the names of encoders in coded data, each once."""
    return list(dict.fromkeys(match.decode("ascii", "replace").strip() for match in _MARKS.findall(data)))
