"""Copies of real speech through vocoders: pairs that differ in nothing but what the vocoder does.

A copy keeps the words, the voice, the room, the length, the level and the band of its original; both pass through the same
filters last. What is learned from such pairs is the vocoder, not the recording.

References
----------
Wang and Yamagishi, Spoofed training data for speech spoofing countermeasure can be efficiently created using neural
vocoders, ICASSP 2023, arXiv:2210.10570.
"""

from __future__ import annotations

import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from ..errors import NotInstalled
from ..signals import vocoders
from ..signals.mel import mel_filters

RATE = 16000
TOP_HZ = 7600.0
_PEAK = 0.95  # at which the decoder was trained
_QUIETEST = 1e-5
_EMPTY_DB = -60.0


def copy_griffin_lim(sound: np.ndarray) -> np.ndarray:
    """Return a copy from 80 mel bands with phases by iteration: shape (n,), float32, of (n,) at 16 kHz."""
    return np.asarray(vocoders.griffin_lim(sound, RATE, _random(sound)), np.float32)


def copy_lpc(sound: np.ndarray) -> np.ndarray:
    """Return a copy by linear prediction with pulses or noise: shape (n,), float32, of (n,) at 16 kHz."""
    return np.asarray(vocoders.lpc(sound, RATE, _random(sound)), np.float32)


def copy_world(sound: np.ndarray) -> np.ndarray:
    """Return a copy from pitch, envelope and share of noise: shape (n,), float32, of (n,) at 16 kHz."""
    return np.asarray(vocoders.world_like(sound, RATE, _random(sound)), np.float32)


def neural(path: Path) -> Any:
    """Return the neural decoder whose weights are in a file.

    Raises
    ------
    NotInstalled
        If torch is not installed.
    UsageError
        If the file holds other weights.
    """
    return _hifigan().load(path)


def copy_neural(sound: np.ndarray, model: Any) -> np.ndarray:
    """Return a copy through HiFi-GAN.

    Parameters
    ----------
    sound
        shape (n,), 16 kHz.
    model
        From ``neural``.

    Returns
    -------
    copy
        shape (n,), float32.
    """
    plan = model.plan
    wide = np.asarray(soxr.resample(np.asarray(sound, np.float32), RATE, plan.rate, "VHQ"))
    gain = _PEAK / max(float(np.abs(wide).max()), 1e-6)
    spoken = _hifigan().speak(model, log_mel(wide * gain, plan)) / gain
    return _fit(np.asarray(soxr.resample(spoken, plan.rate, RATE, "VHQ")), len(sound))


def log_mel(wide: np.ndarray, plan: Any) -> np.ndarray:
    """Return natural logarithms of mel magnitudes of sound at the plan's rate: shape (80, frames); each stands for one hop.

    The window is centred on the middle of the samples that the decoder makes of its frame.
    """
    net = _hifigan()
    around = (plan.window - plan.hop) // 2
    frames = -(-len(wide) // plan.hop)
    padded = np.pad(wide, (around, frames * plan.hop - len(wide) + around), mode="reflect")
    cut = np.lib.stride_tricks.sliding_window_view(padded, plan.window)[:: plan.hop]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(plan.window) / plan.window)
    magnitude = np.abs(np.fft.rfft(cut * window))
    filters = mel_filters(plan.rate, plan.window, net.MELS, net.TOP_HZ)
    return np.asarray(np.log(np.maximum(filters @ magnitude.T, _QUIETEST)), np.float32)


def pair(original: np.ndarray, copy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both in the band of the original and at its level, each of its length, float32."""
    both = vocoders.matched(original, _fit(copy, len(original)), RATE, top_hz=band_edge(original))
    return np.asarray(both[0], np.float32), np.asarray(both[1], np.float32)


def band_edge(sound: np.ndarray) -> float:
    """Return the frequency in hertz above which a recording is all but empty, 7600 at most and 3000 at least.

    Empty is what lies 60 dB below the mean level from 500 to 3000 Hz: a decoder would fill it, and give itself away by that
    alone.
    """
    cut = np.lib.stride_tricks.sliding_window_view(np.pad(sound, (0, max(0, 1024 - len(sound)))), 1024)[
        ::512
    ] * np.hanning(1024)
    power = (np.abs(np.fft.rfft(cut)) ** 2).mean(0)
    smooth = np.convolve(power, np.ones(9) / 9, "same")
    level = 10 * np.log10((smooth + 1e-20) / (smooth[32:192].mean() + 1e-20))
    full = np.flatnonzero(level > _EMPTY_DB)
    edge = float(full[-1] * RATE / 1024) if len(full) else TOP_HZ
    return float(np.clip(edge, 3000.0, TOP_HZ))


def _random(sound: np.ndarray) -> np.random.Generator:
    """Return a generator that depends on the recording alone: its copy is the same whenever it is made."""
    return np.random.default_rng(zlib.crc32(np.asarray(sound, np.float32).tobytes()))


def _fit(sound: np.ndarray, n: int) -> np.ndarray:
    return np.pad(np.asarray(sound, np.float32)[:n], (0, max(0, n - len(sound))))


def _hifigan() -> Any:
    try:
        return import_module(".hifigan", __package__)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise NotInstalled("torch is not installed; run: pip install 'veridical[train]'") from None


COPIES = {"griffin_lim": copy_griffin_lim, "lpc": copy_lpc, "world": copy_world}
