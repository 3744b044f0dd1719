"""Recipes for voices that a vocoder has made from measurements of a recording."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr

from ..errors import UsageError
from ..signals import vocoders
from .recipe import Sound, SoundPair
from .sound_marks import tones

_RATE = 16000  # at which such systems work
_TOP_HZ = 7600.0
_LEAST_RATE = 8000
_FRAME, _FRAMES_RATE, _FRAME_BANDS = 256, 22050, 16


def griffin_lim(sound: Sound, random: np.random.Generator, *, mels: int = 80, iterations: int = 32) -> SoundPair:
    """Make a copy of a voice from its mel spectrogram alone: the phases are guessed by iteration.

    Both files come from the recording at 16 kHz through the same filters, at the same level. The altered one holds nothing of
    its phases, and of its spectrum what the mel bands tell.
    """
    if mels < 1 or iterations < 1:
        raise UsageError(f"mels and iterations must be at least 1, not {mels} and {iterations}")

    def copied(samples: np.ndarray) -> np.ndarray:
        return vocoders.griffin_lim(samples, _RATE, random, mels=mels, iterations=iterations)

    return _pair(sound, copied, "mel spectrogram, phases by iteration")


def lpc_copy(sound: Sound, random: np.random.Generator) -> SoundPair:
    """Make a copy of a voice by linear prediction: pulses or noise through an all-pole filter.

    Both files come from the recording at 16 kHz through the same filters, at the same level. Of the altered one's excitation
    only pitch, voicing and gain are those of the recording.
    """
    return _pair(sound, lambda samples: vocoders.lpc(samples, _RATE, random), "linear prediction")


def world_copy(sound: Sound, random: np.random.Generator) -> SoundPair:
    """Make a copy of a voice from pitch, smooth envelope and share of noise, as WORLD does.

    Both files come from the recording at 16 kHz through the same filters, at the same level. Each period of the altered one is
    a pulse of minimum phase with noise added.
    """
    return _pair(sound, lambda samples: vocoders.world_like(samples, _RATE, random), "pitch, envelope, share of noise")


def frames(
    sound: Sound, random: np.random.Generator, *, depth_percent: float = 8.0, lines_db: float = -40.0
) -> SoundPair:
    """Give a recording the beat of a decoder that makes 256 samples at 22.05 kHz at a time.

    Both files come from the recording through the same filters, at the same level. In the altered one the gain of each of
    sixteen bands follows a pattern that is the same in every frame, and a weak buzz, too, is the same in every frame.
    """
    if depth_percent < 0:
        raise UsageError(f"depth_percent must not be negative, not {depth_percent}")

    def beaten(samples: np.ndarray) -> np.ndarray:
        wide = np.asarray(soxr.resample(samples, _RATE, _FRAMES_RATE, "VHQ"), np.float64)
        spectrum = np.fft.rfft(wide)
        edges = np.linspace(0, len(spectrum), _FRAME_BANDS + 1).astype(int)
        made = np.zeros(len(wide))
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            only = np.zeros_like(spectrum)
            only[low:high] = spectrum[low:high]
            # A step and a slope: what the edge of a frame is.
            pattern = 1 + depth_percent / 100 * random.standard_normal() * np.linspace(-1.7, 1.7, _FRAME)
            made += np.fft.irfft(only, len(wide)) * np.resize(pattern, len(wide))
        buzz = random.standard_normal(_FRAME) * np.std(wide) * 10 ** (lines_db / 20)
        return np.asarray(soxr.resample(made + np.resize(buzz, len(wide)), _FRAMES_RATE, _RATE, "VHQ"))

    return _pair(sound, beaten, "the recording itself, with a beat of 86.13 Hz")


def _pair(sound: Sound, copied: Callable[[np.ndarray], np.ndarray], way: str) -> SoundPair:
    """Leave the marks out of what is copied, copy, and bring both to one band and level; the marks come back on saving."""
    if sound.rate < _LEAST_RATE:
        raise UsageError(f"the recording has a rate of {sound.rate} Hz; this recipe needs at least {_LEAST_RATE} Hz")
    bare = sound.samples[len(tones(sound.rate)) :]
    samples = np.asarray(soxr.resample(bare, sound.rate, _RATE, "VHQ"), np.float64)
    copy = copied(samples)[: len(samples)]
    copy = np.pad(copy, (0, len(samples) - len(copy)))
    both = vocoders.matched(samples, copy, _RATE, top_hz=_TOP_HZ)
    control, altered = (np.asarray(soxr.resample(one, _RATE, sound.rate, "VHQ")) for one in both)
    # One gain for both, so that neither is clipped.
    gain = min(1.0, 0.95 / max(float(np.abs(control).max()), float(np.abs(altered).max()), 1e-9))
    return SoundPair(
        category="synthesis", control=np.asarray(control * gain, np.float32),
        altered=np.asarray(altered * gain, np.float32), rate=sound.rate, marked=False,
        altered_term="trainedAlgorithmicMedia", control_term="algorithmicMedia", facts={"made_from": way},
    )  # fmt: skip
