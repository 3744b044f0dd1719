"""Opening a recording with FFmpeg, decoding one stream of it from the start, and telling a whole one from a broken one.

A stream counts as broken off when its last frame ends more than 0.5 s plus 1 % before the time that its header
promises, or, if the file itself is shorter than its header says, more than 0.1 s before it. Where no promise can be
relied on (length guessed from the bit rate) only a file shorter than its header says counts; bare MPEG streams, ADTS and MP3
without a Xing or Info frame promise nothing, so a cut one is not told from a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.stream import Stream as AnyStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ... import errors, settings
from ..sniff import sniff
from . import _structure
from ._parts import Structure
from ._structure import AGAIN

Stream = VideoStream | AudioStream
Frame = VideoFrame | AudioFrame

# FFmpeg's own guess also heeds the name of the file, so it is told the format; none of these opens other files
_DEMUXERS = {
    "mp4": "mov", "mov": "mov", "m4a": "mov", "3gp": "mov", "mkv": "matroska", "webm": "matroska", "ogg": "ogg",
    "avi": "avi", "mpeg": "mpeg", "mpegts": "mpegts", "wav": "wav", "flac": "flac", "mp3": "mp3", "mp2": "mp3",
    "aiff": "aiff", "aac": "aac",
}  # fmt: skip
_FIRST_FRAME_WITHIN = 300
_LATE_FRAMES = 16
_PROMISING = frozenset({"iso", "riff", "ebml", "aiff", "flac", "ogg"})
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, Structure]]:
    """Open a recording.

    Raises
    ------
    EncryptedMedia, DamagedMedia
        If it cannot be opened; the same for faults of FFmpeg within the block.
    """
    demuxer = _DEMUXERS[sniff(path)[0]]
    structure = _structure.walk(path)
    _structure.check(path, structure)
    if demuxer == "mpeg" and "pack" not in structure.names():
        demuxer = "mpegvideo"
    pixels = str(int(settings.number("max_megapixels") * 1e6))
    options = {"protocol_whitelist": "file", "max_pixels": pixels}
    try:
        with av.open(str(path), format=demuxer, options=options, metadata_errors="replace") as container:
            yield container, structure
    except MemoryError:
        raise
    except av.error.DecoderNotFoundError:
        problem, remedy = (
            "it is coded in a way that this installation cannot decode",
            "Convert it to H.264, FLAC or PNG",
        )
        raise errors.UnsupportedMedia(path, problem, remedy) from None
    except av.FFmpegError as error:
        raise errors.DamagedMedia(path, f"its content cannot be read ({_why(error)})", AGAIN) from None


def _why(error: av.FFmpegError) -> str:
    """Say what FFmpeg found; its codes for anything but data mean nothing to a reader."""
    if isinstance(error, av.error.EOFError):
        return "it ends before its first picture or sound"
    return "invalid data"


def picture(container: InputContainer) -> VideoStream | None:
    """Return the first moving-picture stream that can be decoded; cover pictures are none."""
    streams = (s for s in container.streams.video if not s.disposition & Disposition.attached_pic)
    return next((s for s in streams if _decodable(s)), None)


def sound(container: InputContainer) -> AudioStream | None:
    """Return the first sound stream that can be decoded."""
    return next((s for s in container.streams.audio if _decodable(s)), None)


def _decodable(stream: Stream) -> bool:
    return stream.codec_context is not None  # None where FFmpeg knows no decoder


def codec_name(context: CodecContext) -> str:
    """Return the name of the format of the coded data ("av1"), not of the program that decodes it ("libdav1d")."""
    return context.codec.canonical_name


def claimed_s(container: InputContainer, stream: AnyStream) -> float:
    """Return the length that the header claims for a stream, in seconds; 0 if it claims none."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    match = _CLOCK.match(stream.metadata.get("DURATION", ""))
    if match:
        return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
    return max(0.0, (container.duration or 0) / av.time_base)


def refuse_long(path: Path, seconds: float, whose: str) -> None:
    """Raise MediaTooLarge if a recording is longer than the settings allow."""
    most = settings.number("max_hours")
    if seconds > most * 3600:
        problem = f"{whose} {seconds / 3600:.1f} hours; the limit is {most:g}"
        raise errors.MediaTooLarge(path, problem, "Cut out the part in question, or raise VERIDICAL_MAX_HOURS")


@dataclass
class Pass:
    """One pass over one stream, from its first packet to its last."""

    path: Path
    container: InputContainer
    stream: Stream
    structure: Structure
    promised_s: float = 0.0
    sent: int = 0
    end_s: float = 0.0
    _first_s: float | None = None
    _trouble: str = ""
    _late: int = 0

    def __post_init__(self) -> None:
        reliable = self.structure.family in _PROMISING or {"Xing", "Info"} & self.structure.names()
        several = (
            len(self.container.streams) > 1 and not self.stream.duration and "DURATION" not in self.stream.metadata
        )
        self.promised_s = claimed_s(self.container, self.stream) if reliable and not several else 0.0
        if self.structure.open_ended and self.structure.family == "riff":
            self.promised_s = 0.0
        refuse_long(self.path, self.promised_s, "its header claims")
        if self.structure.cut and codec_name(self.stream.codec_context).startswith("pcm_"):
            # FFmpeg trims this claim to the bytes that are there
            self.promised_s *= self.structure.end / self.structure.size
        if self.container.format.name == "avi" and isinstance(self.stream, VideoStream) and self.stream.average_rate:
            # and this one to the frames that are there; their number is as the header says
            self.promised_s = max(self.promised_s, float(self.stream.frames / self.stream.average_rate))
        self.stream.codec_context.thread_type = "AUTO"
        self.stream.codec_context.thread_count = int(min(2, settings.number("threads")))

    def frames(self) -> Iterator[Frame]:
        """Yield the frames in order of display.

        Frames that FFmpeg marks as corrupt before the first good one (references that lie before the beginning) are
        left out. Anything undecodable after it ends the pass, unless it lies in the last few frames.

        Raises
        ------
        DamagedMedia
            At the end, if the stream could not be decoded to where it should end.
        """
        for number, packet in enumerate(self._packets()):
            for frame in self._decoded(packet):
                if frame.is_corrupt and not self.sent:
                    continue
                if frame.is_corrupt:
                    self._trouble = self._trouble or "a frame is corrupt"
                if not self._trouble:
                    self.sent += 1
                    self._keep_time(frame)
                    yield frame
                elif self.sent:
                    self._late += 1
            if self._late > _LATE_FRAMES or (not self.sent and number >= _FIRST_FRAME_WITHIN):
                break
        self._judge()

    def _packets(self) -> Iterator[Packet[Any]]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except MemoryError:
                raise
            except av.FFmpegError as error:
                self._trouble = self._trouble or _why(error)
                return
            if packet is None:
                return
            yield packet

    def _decoded(self, packet: Packet[Any]) -> list[Frame]:
        try:
            return [frame for frame in packet.decode() if isinstance(frame, Frame)]
        except MemoryError:
            raise
        except av.FFmpegError as error:
            if self.sent:
                self._trouble = self._trouble or _why(error)
            return []

    def _keep_time(self, frame: Frame) -> None:
        if frame.time is None:
            return
        if self._first_s is None:
            self._first_s = frame.time
        rate = frame.sample_rate if isinstance(frame, AudioFrame) else 0
        length = frame.samples / rate if isinstance(frame, AudioFrame) and rate else 0.0
        if not length and frame.duration and frame.time_base:
            length = float(frame.duration * frame.time_base)
        self.end_s = max(self.end_s, frame.time + length - self._first_s)

    def _judge(self) -> None:
        what = "picture" if isinstance(self.stream, VideoStream) else "sound"
        if not self.sent:
            raise errors.DamagedMedia(self.path, f"no {what} could be decoded from it", AGAIN)
        if self._late > _LATE_FRAMES:
            problem = f"the {what} is damaged {self.end_s:.2f} s after its beginning ({self._trouble})"
            raise errors.DamagedMedia(self.path, problem, f"{AGAIN}, or cut out the part before that")
        # Matroska counts its length from time zero, the others from the first frame
        reached = self.end_s + ((self._first_s or 0.0) if self.structure.family == "ebml" else 0.0)
        missing = self.promised_s - reached
        tolerance = 0.1 if self.structure.cut else 0.5 + 0.01 * self.promised_s
        # an Ogg file promises no length but that of its last whole page
        open_end = not self.promised_s or self.structure.family == "ogg"
        if missing > tolerance or (self.structure.cut and open_end):
            claim = f" of {self.promised_s:.2f} s" if self.promised_s else ""
            problem = f"the file is cut off: the {what} ends after {self.end_s:.2f} s{claim}"
            raise errors.DamagedMedia(self.path, problem, f"{AGAIN}, or cut out the part before that")
