"""Speech-like sound from a small source–filter synthesiser of our own: nobody's voice.

A glottal pulse train with a wandering pitch passes through four resonances that move between vowels; fricative noise
(to 16 kHz), breaths and pauses stand between the syllables. It babbles; it says nothing.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

RATE = 44100
VOWELS_HZ = np.array(
    [
        (730, 1090, 2440, 3400),
        (530, 1840, 2480, 3500),
        (270, 2290, 3010, 3700),
        (570, 840, 2410, 3300),
        (300, 870, 2240, 3300),
        (660, 1720, 2410, 3500),
    ],
    float,
)
WIDTHS_HZ = (80.0, 100.0, 130.0, 180.0)
_FRAME = 441


def babble(random: np.random.Generator, seconds: float, *, rise: np.ndarray | None = None) -> np.ndarray:
    """Return speech-like sound: shape (n,), float32, peak 0.5, at 44.1 kHz.

    ``rise``, of shape (m,) and spread evenly over the sound, says by how many octaves the pitch is raised when.
    """
    parts: list[np.ndarray] = []
    length, wanted = 0, round(seconds * RATE)
    pitch = random.uniform(105, 210)
    while length < wanted:
        for _ in range(int(random.integers(4, 9))):
            raised = 0.0 if rise is None else float(rise[min(length * len(rise) // wanted, len(rise) - 1)])
            parts += _syllable(random, pitch * 2**raised)
            length = sum(map(len, parts))
        parts += [np.zeros(round(random.uniform(0.12, 0.4) * RATE)), _breath(random)]
        parts.append(np.zeros(round(random.uniform(0.05, 0.15) * RATE)))
        length = sum(map(len, parts))
    sound = np.concatenate(parts)[:wanted]
    sound += 2e-4 * np.abs(sound).max() * random.standard_normal(len(sound))
    return np.asarray(0.5 * sound / np.abs(sound).max(), np.float32)


def _syllable(random: np.random.Generator, pitch: float) -> list[np.ndarray]:
    vowels = VOWELS_HZ[random.integers(0, len(VOWELS_HZ), 2)] * random.uniform(0.95, 1.05)
    voiced = _voiced(random, vowels, pitch * random.uniform(0.88, 1.15), random.uniform(0.14, 0.28))
    return [_fricative(random), voiced] if random.random() < 0.6 else [voiced]


def _voiced(random: np.random.Generator, vowels: np.ndarray, pitch: float, seconds: float) -> np.ndarray:
    """Return one vowel gliding into another, its resonances set anew every 10 ms."""
    frames = max(6, round(seconds * RATE / _FRAME))
    n = frames * _FRAME
    glide = pitch * (1 + 0.06 * np.sin(np.linspace(0, np.pi, n)) + 0.01 * np.cumsum(random.standard_normal(n)) / n**0.5)
    phase = np.cumsum(glide / RATE) % 1.0
    # Flow of a glottal pulse: a raised opening and a quicker closing; its slope is what excites the tract.
    flow = np.where(phase < 0.4, 0.5 - 0.5 * np.cos(np.pi * phase / 0.4), 0.0)
    flow = np.where((phase >= 0.4) & (phase < 0.56), np.cos(0.5 * np.pi * (phase - 0.4) / 0.16), flow)
    sound = np.diff(flow, prepend=0.0) + 0.002 * flow * random.standard_normal(n)
    for index, width in enumerate(WIDTHS_HZ):
        track = np.linspace(vowels[0, index], vowels[1, index], frames)
        state = np.zeros(2)
        for frame, hz in enumerate(track):
            cut = slice(frame * _FRAME, (frame + 1) * _FRAME)
            radius = np.exp(-np.pi * width / RATE)
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
            sound[cut], state = signal.lfilter([sum(poles)], poles, sound[cut], zi=state)
    return np.asarray(sound / (np.abs(sound).max() + 1e-9) * _swell(n))


def _fricative(random: np.random.Generator) -> np.ndarray:
    n = round(random.uniform(0.06, 0.12) * RATE)
    centre = random.uniform(4500, 7500)
    band = signal.butter(2, [centre * 0.6, min(16000.0, centre * 2)], "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(band, random.standard_normal(n))
    return np.asarray(0.18 * noise / np.abs(noise).max() * _swell(n))


def _breath(random: np.random.Generator) -> np.ndarray:
    n = round(random.uniform(0.25, 0.45) * RATE)
    band = signal.butter(1, [600, 9000], "bandpass", fs=RATE, output="sos")
    noise = signal.sosfilt(band, random.standard_normal(n))
    return np.asarray(0.04 * noise / np.abs(noise).max() * _swell(n))


def _swell(n: int) -> np.ndarray:
    return np.asarray(np.clip(np.minimum(np.arange(n), n - 1 - np.arange(n)) / (0.02 * RATE), 0, 1))
