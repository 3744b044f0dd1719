"""How a file is built: its boxes or segments in order, its codecs, encoder strings and key-frame pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .decoder import Decoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One box, segment or chunk: ``offset`` and ``size`` in bytes, ``depth`` from 0 at the top of the file."""

    name: str
    offset: int
    size: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The structure of a file.

    Parameters
    ----------
    format
        As sniffed: "jpeg", "png", "mp4", "mov", "mkv", "webm", "avi", "mpeg", "wav", "flac", "mp3", "ogg", "m4a", …
    brands
        Major and compatible brands of an ISO file; empty otherwise.
    parts
        Boxes, segments or chunks in file order.
    streams
        One mapping a stream: "type", "codec", and what else the container claims ("profile", "bit_rate", "fps", …).
    encoders
        Strings by which encoders and muxers name themselves, with where they stand ("x264 …" in the stream, …).
    key_frame_s
        Times of the key frames of the first picture stream, seconds; empty for images and sound.
    trailing_bytes
        Bytes after the end of the last part that the format knows.
    """

    format: str
    brands: tuple[str, ...]
    parts: tuple[Part, ...]
    streams: tuple[Mapping[str, str], ...]
    encoders: Mapping[str, str]
    key_frame_s: tuple[float, ...]
    trailing_bytes: int


def read_container(decoder: Decoder) -> Container:
    """Read the structure of an exhibit; raises MediaError if the streams of a recording cannot be read at all."""
    head = decoder.ask("container").head
    return Container(
        format=head["format"], brands=tuple(head["brands"]),
        parts=tuple(Part(name=n, offset=o, size=s, depth=d) for n, o, s, d in head["parts"]),
        streams=tuple(dict(stream) for stream in head["streams"]), encoders=dict(head["encoders"]),
        key_frame_s=tuple(head["key_frame_s"]), trailing_bytes=head["trailing_bytes"],
    )  # fmt: skip
