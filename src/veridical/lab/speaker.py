"""Recipes for who speaks: the same words in a voice with a longer vocal tract and a lower pitch."""

from __future__ import annotations

import numpy as np
import soxr

from ..errors import UsageError
from .recipe import Sound, SoundPair
from .sound_marks import tones

_SHORTEST_S = 9.0


def another(sound: Sound, random: np.random.Generator, *, speed: float = 0.7) -> SoundPair:
    """Give the whole recording another voice: all frequencies, pitch and resonances alike, times ``speed``.

    The altered recording runs slower or faster, as an old tape does; both are cut to the length of the shorter one.
    """
    plain = _spoken(sound)
    altered = _at_speed(plain, sound.rate, speed)
    n = min(len(plain), len(altered))
    return _pair(sound, plain[:n], altered[:n], speed, 0.0)


def changes(
    sound: Sound, random: np.random.Generator, *, speed: float = 0.7, at: float = 0.5, fade_s: float = 0.02
) -> SoundPair:
    """Let another voice take over: from the share ``at`` of the length on, all frequencies are times ``speed``.

    Voices are joined with a cross-fade of ``fade_s``. The control is the recording as it was; what hears the resampler
    rather than the voice would tell the two apart, too.
    """
    plain, rate = _spoken(sound), sound.rate
    cut, fade = round(at * len(plain)), max(1, round(fade_s * rate))
    if len(plain) < _SHORTEST_S * rate or not 3 * rate < cut < len(plain) - 3 * rate:
        raise UsageError(f"the recipe needs {_SHORTEST_S:g} s of sound and a change well inside it")
    after = _at_speed(plain[cut:], rate, speed)  # the words go on where they were
    n = min(len(plain), cut + len(after))
    rise = np.clip(np.arange(n - cut) / fade, 0, 1)
    altered = np.concatenate([plain[:cut], plain[cut:n] * (1 - rise) + after[: n - cut] * rise])
    return _pair(sound, plain[:n], altered, speed, cut / rate)


def _spoken(sound: Sound) -> np.ndarray:
    """Return the sound without its audible mark, which is put in again at the end."""
    return np.asarray(sound.samples[len(tones(sound.rate)) :], np.float64)


def _at_speed(samples: np.ndarray, rate: int, speed: float) -> np.ndarray:
    if not 0.5 <= speed <= 2:
        raise UsageError(f"the speed is {speed:g}; this recipe takes 0.5 to 2")
    return np.asarray(soxr.resample(samples, rate, rate / speed, "VHQ"))


def _pair(sound: Sound, control: np.ndarray, altered: np.ndarray, speed: float, from_s: float) -> SoundPair:
    control, altered = (np.asarray(np.clip(one, -1, 1), np.float32) for one in (control, altered))
    return SoundPair(
        category="replacement", control=control, altered=altered, rate=sound.rate, marked=False,
        facts={"speed": speed, "from_s": from_s}, control_term="algorithmicMedia",
    )  # fmt: skip
