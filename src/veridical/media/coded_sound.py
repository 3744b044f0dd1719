"""Compressing sound with PyAV so that the same input gives the same bits, and hearing what is left of it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
import soxr
from scipy import signal

from ..errors import UsageError

CONTAINER = {"fflags": "+bitexact"}
"""Options of every container: no random stream numbers, no name of the writing library."""
CODEC = {"flags": "+bitexact"}
"""Options of every encoder."""
_SAMPLES = {"libmp3lame": "fltp", "aac": "fltp", "libopus": "flt"}
_WHOLE = "s16"  # what the other encoders take
_LONGEST_DELAY_S = 0.15
_COMPARED_S = 8.0
_ALIKE = 0.2
_READ_AS = {"ipod": "mp4", "adts": "aac"}


def encoder(name: str) -> str:
    """Return the name of an encoder, or raise UsageError if the FFmpeg that PyAV brings along lacks it."""
    try:
        av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        raise UsageError(
            f"the FFmpeg libraries of this installation of PyAV {av.__version__} have no encoder {name}; install PyAV "
            "from its published wheels (pip install --force-reinstall --only-binary av av), or leave this chain out"
        ) from None
    return name


@dataclass(frozen=True, slots=True)
class Voice:
    """Sound of one channel, shape (n,), float32; in a clip ``samples[0]`` is heard with the first frame."""

    samples: np.ndarray
    rate: int
    kbit: float
    codec: str = "aac"


class Speaker:
    """Writes sound to a file, all at once or beside pictures, never far ahead of or behind them."""

    def __init__(self, out: av.container.OutputContainer, voice: Voice) -> None:
        self._out, self._voice, self._at = out, voice, 0
        stream = out.add_stream(encoder(voice.codec), rate=voice.rate, layout="mono", options=CODEC)
        self._stream = cast(av.AudioStream, stream)
        self._stream.bit_rate = round(1000 * voice.kbit)

    def speak(self, *, until_s: float) -> None:
        """Encode what is heard up to a time, once half a second has come together."""
        end = min(round(until_s * self._voice.rate), len(self._voice.samples))
        if end - self._at >= self._voice.rate // 2:
            self._encode(end)

    def finish(self) -> None:
        """Encode the rest."""
        while self._at < len(self._voice.samples):
            self._encode(min(self._at + self._voice.rate, len(self._voice.samples)))
        self._out.mux(self._stream.encode(None))

    def _encode(self, end: int) -> None:
        block = np.clip(self._voice.samples[None, self._at : end], -1, 1)
        form = _SAMPLES.get(self._voice.codec, _WHOLE)
        if form == _WHOLE:
            block = np.asarray(np.round(32767 * block), np.int16)
        frame = av.AudioFrame.from_ndarray(block, form, "mono")
        frame.sample_rate, frame.pts, frame.time_base = self._voice.rate, self._at, Fraction(1, self._voice.rate)
        self._out.mux(self._stream.encode(frame))
        self._at = end


def coded(voice: Voice, container: str) -> np.ndarray:
    """Return what is heard after a codec: of the rate and length of the given sound, with the codec's delay taken off.

    Parameters
    ----------
    voice
        The sound, at a rate that the encoder takes.
    container
        Short name of the format in which it is written to memory.

    Raises
    ------
    UsageError
        If this installation of PyAV lacks the encoder.
    """
    written = io.BytesIO()
    with av.open(written, "w", format=container, options=CONTAINER) as out:
        Speaker(out, voice).finish()
    written.seek(0)
    with av.open(written, "r", format=_READ_AS.get(container, container)) as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", stream.rate)
        frames = [one for frame in source.decode(stream) for one in resampler.resample(frame)]
        heard = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        if stream.rate != voice.rate:
            heard = soxr.resample(heard, stream.rate, voice.rate, "VHQ")
    return aligned(heard, voice.samples, voice.rate)


def aligned(heard: np.ndarray, given: np.ndarray, rate: int) -> np.ndarray:
    """Shift sound to where it is most like what was given, up to 0.15 s, and bring it to the same length.

    Sound that resembles the given one nowhere stays where it is. What is missing at the end becomes silence.
    """
    reach, many = round(_LONGEST_DELAY_S * rate), round(_COMPARED_S * rate)
    one, other = heard[:many].astype(np.float64), given[:many].astype(np.float64)
    alike = signal.correlate(one, other, "full", "fft")
    lags = signal.correlation_lags(len(one), len(other))
    near = np.abs(lags) <= reach
    best = int(np.argmax(alike[near]))
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    lag = int(lags[near][best]) if alike[near][best] > _ALIKE * scale else 0
    moved = heard[lag:] if lag >= 0 else np.pad(heard, (-lag, 0))
    return np.asarray(np.pad(moved[: len(given)], (0, max(0, len(given) - len(moved)))), np.float32)
