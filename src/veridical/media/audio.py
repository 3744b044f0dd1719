"""A sound recording, or the sound of a video, at its native rate."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import NoSuchStream
from .decoder import Decoder

_IN_MEMORY = 8 << 20


@dataclass(frozen=True)
class Audio:
    """Decoded sound.

    Parameters
    ----------
    samples
        shape (n, channels), float32, full scale ±1, at ``rate``; may be a memory map for long recordings.
    rate
        Samples a second, as stored.
    codec
        "pcm_s16le", "flac", "mp3", "aac", "opus", …
    lossless
        True if the codec keeps every sample.
    bits
        Bits a sample as stored, 0 if the codec has none.
    start_s
        Time of the first sample on the clock of the video, seconds; 0 for a recording.
    bit_rate
        Bits a second as the container claims, 0 if unknown.
    """

    samples: np.ndarray
    rate: int
    codec: str
    lossless: bool
    bits: int
    start_s: float
    bit_rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[1])

    @cached_property
    def mono(self) -> np.ndarray:
        """Mean of the channels: shape (n,), float32."""
        return np.ascontiguousarray(self.samples[:, 0]) if self.channels == 1 else self.samples.mean(1, np.float32)


def read_audio(decoder: Decoder) -> Audio:
    """Decode the first sound stream of an exhibit.

    The decoder's first answer describes the stream, each further one carries ``samples`` of shape (n, channels). Beyond
    8 MiB they go to a nameless file on disk.

    Raises
    ------
    NoSuchStream
        If a video has no sound.
    MediaError
        If the sound cannot be decoded.
    """
    answers = decoder.stream("audio")
    head = next(answers).head
    if head.get("absent"):
        list(answers)
        raise NoSuchStream("the exhibit has no sound")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as store:
        for message in answers:
            store.write(np.ascontiguousarray(message.arrays["samples"], np.float32).data.cast("B"))
        count = store.tell() // 4
        if count <= _IN_MEMORY // 4:
            store.seek(0)
            flat = np.frombuffer(store.read(), np.float32)
        else:
            store.rollover()
            flat = np.memmap(store, np.float32, "r", shape=(count,))
    return Audio(
        samples=flat.reshape(-1, head["channels"]), rate=head["rate"], codec=head["codec"], lossless=head["lossless"],
        bits=head["bits"], start_s=head["start_s"], bit_rate=head["bit_rate"],
    )  # fmt: skip
