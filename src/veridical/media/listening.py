"""Compress parts of a sound into memory, to be listened to: no evidence, a copy."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np

from .audio import Audio

_ENCODER: Final = "libopus"
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_OPUS = {"compression_level": "5", "vbr": "constrained"}
_BLOCK_S = 1.0


def to_webm(audio: Audio, pieces: Sequence[tuple[float, float]], *, bit_rate: int = 24000) -> bytes:
    """Return pieces of a sound, one after the other, as Opus in a WebM file; the same sound gives the same bytes.

    Nothing is made louder. More than two channels become their mean.

    Parameters
    ----------
    pieces
        (start, end) in seconds from the first sample; what lies beyond the sound is left out.
    bit_rate
        Bits a second of one channel; two have three halves of it.

    Raises
    ------
    ValueError
        If the pieces hold no sound.
    OSError
        If it cannot be compressed here.
    """
    # The places of a file are written into its head at the end: that needs a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.webm"
        try:
            _write(path, audio, pieces, bit_rate)
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror or "the encoder failed", str(path)) from error
        except av.codec.codec.UnknownCodecError as error:
            raise OSError(errno.ENOSYS, "PyAV lacks the encoder of Opus here", str(path)) from error
        return path.read_bytes()


def _write(path: Path, audio: Audio, pieces: Sequence[tuple[float, float]], bit_rate: int) -> None:
    channels = audio.channels if audio.channels <= 2 else 1
    rate = next((one for one in _OPUS_RATES if one >= audio.rate), _OPUS_RATES[-1])
    layout = "stereo" if channels == 2 else "mono"
    done = 0
    with av.open(str(path), "w", format="webm", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(_ENCODER, rate=rate, layout=layout, options=_OPUS)
        stream.codec_context.bit_rate = bit_rate * (1 + channels) // 2
        for block in _blocks(audio, pieces, channels):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = audio.rate, done, Fraction(1, audio.rate)
            container.mux(stream.encode(frame))
            done += len(block)
        if not done:
            raise ValueError("there is no sound in the pieces that are asked for")
        container.mux(stream.encode())


def _blocks(audio: Audio, pieces: Sequence[tuple[float, float]], channels: int) -> Iterator[np.ndarray]:
    step = max(round(_BLOCK_S * audio.rate), 1)
    for start, end in pieces:
        first, last = (min(max(round(time * audio.rate), 0), len(audio.samples)) for time in (start, end))
        for at in range(first, last, step):
            block = np.asarray(audio.samples[at : min(at + step, last)], np.float32)
            if block.shape[1] != channels:
                block = block.mean(1, keepdims=True, dtype=np.float32)
            yield np.clip(np.nan_to_num(block, posinf=0, neginf=0), -1, 1)
