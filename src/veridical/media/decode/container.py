"""Read how a file is built, without decoding its pictures or sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from av.audio.codeccontext import AudioCodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext

from ..sniff import sniff
from ..wire import Message
from . import _encoders, _structure
from ._parts import Source, Structure
from ._streams import claimed_s, codec_name, opened, picture

# the scan for key frames reads the whole file; beyond these it stops, and later key frames are not listed
_MOST_PACKETS = 1_000_000
_MOST_BYTES = 2 << 30
_MOST_KEYS = 20_000
_FIRST_PACKETS = 3


def read(path: Path) -> Iterator[Message]:
    """Yield one message: format, brands, parts, streams, encoders, times of key frames, bytes after the end.

    Raises
    ------
    DamagedMedia, EncryptedMedia
        If the streams of a recording cannot be read at all; a still image is never refused here.
    """
    format, kind = sniff(path)
    if kind == "image":
        found = _structure.walk(path)
        yield _message(format, found, [_still(format, found)], {}, [])
        return
    with opened(path) as (container, found):
        streams = [_stream(container, stream) for stream in container.streams]
        said = _encoders.of_tags(container, found)
        keys, marks = _scan(container)
        if found.family == "mp3":
            names = _encoders.in_bytes(_first_frames(path, found))
            marks |= {"first frame": " | ".join(names)} if names else {}
        yield _message(format, found, streams, said | marks, keys)


def _message(
    format: str, found: Structure, streams: list[dict[str, str]], encoders: dict[str, str], keys: list[float]
) -> Message:
    head: dict[str, Any] = {
        "format": format, "brands": [code for code in found.notes.get("brands", "").split("\n") if code],
        "parts": found.rows, "streams": streams, "encoders": encoders, "key_frame_s": keys,
        "trailing_bytes": found.trailing,
    }  # fmt: skip
    return Message(head)


def _still(format: str, found: Structure) -> dict[str, str]:
    return {"type": "image", "codec": format} | {k: found.notes[k] for k in ("width", "height") if k in found.notes}


def _stream(container: InputContainer, stream: Stream) -> dict[str, str]:
    context = stream.codec_context
    cover = bool(stream.disposition & Disposition.attached_pic)
    claims: dict[str, object] = {
        "type": "image" if cover else stream.type,
        "codec": codec_name(context) if context else "",
    }
    if isinstance(context, VideoCodecContext):
        rate = getattr(stream, "average_rate", None)
        claims |= {
            "profile": context.profile, "pix_fmt": context.pix_fmt, "width": context.width, "height": context.height,
            "fps": f"{float(rate):.6g}" if rate and not cover else None,
        }  # fmt: skip
    elif isinstance(context, AudioCodecContext):
        claims |= {"profile": context.profile, "sample_rate": context.sample_rate, "channels": context.channels}
    if context is not None:
        claims |= {"codec_tag": context.codec_tag.strip("\0"), "bit_rate": context.bit_rate}
        claims["duration_s"] = f"{claimed_s(container, stream):.6g}" if stream.type in ("video", "audio") else None
    return {key: str(value) for key, value in claims.items() if value not in (None, 0, "", "0")}


def _scan(container: InputContainer) -> tuple[list[float], dict[str, str]]:
    """Read all packets without decoding: times of the key frames of the picture, and encoders named in the data."""
    pictures = picture(container)
    firsts: dict[int, list[Packet[Any]]] = {stream.index: [] for stream in container.streams}
    keys: list[float] = []
    begin, size = None, 0
    for number, packet in enumerate(_packets(container)):
        first = firsts.get(packet.stream_index)
        if first is not None and len(first) < _FIRST_PACKETS:
            first.append(packet)
        size += packet.size
        stamp = packet.dts if packet.pts is None else packet.pts
        if pictures is not None and packet.stream_index == pictures.index and stamp is not None and packet.time_base:
            time = float(stamp * packet.time_base)
            begin = time if begin is None else min(begin, time)
            if packet.is_keyframe and not packet.is_discard:
                keys.append(time)
        if number >= _MOST_PACKETS or size >= _MOST_BYTES or len(keys) >= _MOST_KEYS:
            break
        if pictures is None and all(len(first) >= _FIRST_PACKETS for first in firsts.values()):
            break
    marks: dict[str, str] = {}
    for stream in container.streams:
        marks |= _encoders.of_data(stream, firsts.get(stream.index, []))
    return sorted(round(time - (begin or 0.0), 6) for time in keys), marks


def _packets(container: InputContainer) -> Iterator[Packet[Any]]:
    """Yield packets up to the first fault; what is wrong there is told when the stream is decoded."""
    packets = container.demux()
    while True:
        try:
            packet = next(packets, None)
        except MemoryError:
            raise
        except (ValueError, OSError):
            return
        if packet is None:
            return
        yield packet


def _first_frames(path: Path, found: Structure) -> bytes:
    begin = next((offset for name, offset, _, _ in found.rows if name == "frames"), 0)
    source = Source(path)
    try:
        return source.at(begin, 8192)
    finally:
        source.close()
