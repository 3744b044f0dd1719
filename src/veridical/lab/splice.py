"""Recipes for joints: two recordings put together as if they were one."""

from __future__ import annotations

import numpy as np
from scipy import signal

from ..errors import UsageError
from .recipe import Sound, SoundPair

_SHORTEST_S = 9.0
_GONE_S = 1.0  # a whole second, so that the watermark, which repeats every second, goes on in step after the cut


def other_room(
    sound: Sound,
    random: np.random.Generator,
    *,
    at: float = 0.5,
    noise_db: float = -60.0,
    other_noise_db: float = -48.0,
    decay_s: float = 0.4,
    reverberation: float = 0.5,
    fade_s: float = 0.01,
) -> SoundPair:
    """Go on, after a cut, with speech from a room with another echo and another noise.

    From both recordings a second is taken out at the share ``at`` of the length, and the ends are joined with a cross-fade of
    ``fade_s``. In the control the same take goes on, in the same steady noise of ``noise_db`` (dB relative to full scale).
    In the altered one the sound after the cut comes from a room whose echo dies away in ``decay_s``, in noise of
    ``other_noise_db``.
    """
    rate, cut = sound.rate, round(at * len(sound.samples))
    gone, fade = round(_GONE_S * rate), max(1, round(fade_s * rate))
    if len(sound.samples) < _SHORTEST_S * rate or not 2 * rate < cut < len(sound.samples) - 3 * rate:
        raise UsageError(f"the recipe needs {_SHORTEST_S:g} s of sound and a cut well inside it")
    noise = random.standard_normal(len(sound.samples))
    here = sound.samples + 10 ** (noise_db / 20) * noise
    there = _in_room(sound.samples, rate, random, decay_s, reverberation) + 10 ** (other_noise_db / 20) * noise
    joined = [_joined(here, after, cut, gone, fade) for after in (here, there)]
    return SoundPair(
        category="editing", control=joined[0], altered=joined[1], rate=rate, facts={"joint_s": cut / rate},
        control_term="algorithmicMedia",
    )  # fmt: skip


def _in_room(
    samples: np.ndarray, rate: int, random: np.random.Generator, decay_s: float, reverberation: float
) -> np.ndarray:
    """Add an echo of noise that falls by 60 dB in ``decay_s``; the loudness stays the same."""
    n = round(decay_s * rate)
    echo = random.standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    echo *= reverberation / np.linalg.norm(echo)
    wet = samples + signal.fftconvolve(samples, echo)[: len(samples)]
    return np.asarray(wet * np.linalg.norm(samples) / max(float(np.linalg.norm(wet)), 1e-9))


def _joined(before: np.ndarray, after: np.ndarray, cut: int, gone: int, fade: int) -> np.ndarray:
    """Join what comes before ``cut`` with what comes ``gone`` samples later in the other take."""
    rise = np.linspace(0, 1, fade)
    over = before[cut : cut + fade] * (1 - rise) + after[cut + gone : cut + gone + fade] * rise
    made = np.concatenate([before[:cut], over, after[cut + gone + fade :]])
    return np.asarray(np.clip(made, -1, 1), np.float32)
