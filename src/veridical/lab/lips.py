"""Recipes for lips: a talking portrait whose speech-like sound holds closures as of m, b and p."""

from __future__ import annotations

import numpy as np
from scipy import signal

from .recipe import ClipPair, Picture
from .scene import FPS, Frames, scene_of, setting, views
from .speech import RATE, babble
from .talk import level, mouths_of, opening

_CLOSED_S, _GLIDE_S, _BURST_S = 0.09, 0.03, 0.01
_LEAST_OPEN = 0.35


def never_closed(
    picture: Picture,
    random: np.random.Generator,
    *,
    seconds: float = 12.0,
    per_s: float = 1.5,
    face: str = "",
    mouth: str = "",
) -> ClipPair:
    """Leave the lips apart at sounds that need them closed, as lip synchronisation without an eye for m, b and p does.

    Both are heard with the same sound, in which closures of the lips are cut: the resonances fall, a low murmur remains,
    and a burst without high frequencies opens them. In the control the mouth closes at each, in the altered one it stays a
    third open. The times are in the truth file.
    """
    scene = scene_of(picture, face=face, mouth=mouth)
    sound, closures = with_closures(babble(random, seconds), random, per_s=per_s)
    mouths = mouths_of(scene)
    follows = opening(sound, seconds)
    times = np.arange(len(follows)) / FPS
    closed = np.ones(len(follows))
    for start, end in closures:
        far = np.maximum(np.maximum(start - times, times - end), 0)
        closed = np.minimum(closed, np.clip((far - 0.02) / 0.08, 0, 1))
    seed = random.integers(2**32)

    def frames() -> Frames:
        for index, view in enumerate(views(seconds, np.random.default_rng(int(seed)))):
            gap = float(follows[index])
            yield view(mouths[level(gap * closed[index])]), view(mouths[level(max(gap, _LEAST_OPEN))])

    return ClipPair(
        category="reenactment", frames=frames(), sounds=(sound, sound), sound_rate=RATE,
        facts={"closures": [{"start_s": round(a, 3), "end_s": round(b, 3)} for a, b in closures]}, **setting(scene),
    )  # fmt: skip


def with_closures(
    sound: np.ndarray, random: np.random.Generator, *, per_s: float
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Cut closures of the lips into loud places of speech-like sound at 44.1 kHz; returns the sound and their times."""
    times = _places(sound, random, per_s)
    open_, burst = np.ones(len(sound)), np.zeros(len(sound))
    for start, end in times:
        at = np.arange(max(0, round((start - _GLIDE_S) * RATE)), min(len(sound), round((end + _GLIDE_S) * RATE)))
        far = np.maximum(start - at / RATE, at / RATE - end)
        open_[at] = np.minimum(open_[at], np.clip(far / _GLIDE_S, 0, 1))
        release = np.arange(round(end * RATE), min(len(sound), round((end + _BURST_S) * RATE)))
        burst[release] = random.standard_normal(len(release)) * np.linspace(1, 0, len(release))
    murmur = signal.sosfiltfilt(signal.butter(3, 250, fs=RATE, output="sos"), sound)
    dark = signal.sosfiltfilt(signal.butter(2, 800, fs=RATE, output="sos"), sound)
    puff = signal.sosfilt(signal.butter(2, [200, 1200], "bandpass", fs=RATE, output="sos"), burst)
    # Halfway closed the sound has lost its higher resonances, closed only the murmur is left.
    half = np.clip(2 * open_, 0, 1)
    made = np.where(open_ > 0.5, dark + (sound - dark) * (2 * open_ - 1), 0.15 * murmur + (dark - 0.15 * murmur) * half)
    made = made + 0.3 * np.abs(sound).max() * puff / max(float(np.abs(puff).max()), 1e-9)
    return np.asarray(0.5 * made / np.abs(made).max(), np.float32), times


def _places(sound: np.ndarray, random: np.random.Generator, per_s: float) -> list[tuple[float, float]]:
    """Return closures (start, end) between loud places, at least a third of a second apart."""
    hop = RATE // 100
    power = (sound[: len(sound) // hop * hop].reshape(-1, hop) ** 2).mean(1)
    loudness = np.convolve(power, np.full(5, 0.2), "same")
    loud = loudness > 0.15 * np.percentile(loudness, 95)
    good = [i for i in range(20, len(loud) - 30) if loud[i - 8 : i + 18].all()]
    found: list[tuple[float, float]] = []
    for place in random.permutation(good):
        start = float(place) / 100
        if len(found) < per_s * len(sound) / RATE and all(abs(start - other) > 0.33 for other, _ in found):
            found.append((start, start + _CLOSED_S))
    return sorted(found)
