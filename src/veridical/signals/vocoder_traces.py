"""What vocoders leave in a voice: lines at their frame rate, scattered phases, weak fast modulation.

A decoder that works in frames repeats itself with each frame: it makes weak tones at multiples of its frame rate, and the
strength of each band varies at that rate. Both stand at frequencies known to a small part of a hertz, so that a few seconds
show what lies far below the voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.ndimage import uniform_filter1d

from .side_by_side import side_by_side
from .sound import mono

RATE = 16000
WINDOW_S = 4.0
# Frames a second of common decoders: samples a second over samples a frame.
FRAME_RATES = {"22.05 kHz / 256": 22050 / 256, "24 kHz / 256": 93.75, "16 kHz / 160": 100.0}
# Tones stand at multiples of the frame rate, and more strongly where stages of upsampling join: at 4, 8, 16 and 32 times it.
MULTIPLES = (1, 4, 8, 16, 32)
# At 100 Hz and its multiples stand mains hum and the frames of speech codecs, too: no tones are looked for there.
TONELESS = (2,)
GRID_HZ = np.arange(55.0, 130.0, 0.25)
DETUNED = np.concatenate([-np.linspace(0.06, 0.004, 24), [0.0], np.linspace(0.004, 0.06, 24)])
BANDS = 7  # of 1 kHz, from 0

_EXACT = len(DETUNED) // 2
_LEAST_S, _TOP_HZ = 1.0, 7000
_SILENT = 1e-4
_HALF_BAND_HZ = 500
_ACTIVE_DB = -60.0
_FRAME, _HOP = 512, 128
_EDGES = [3, *(round(edge / (RATE / _FRAME)) for edge in range(1000, _TOP_HZ + 1, 1000))]


@dataclass(frozen=True, slots=True)
class VocoderTraces:
    """Windows of about four seconds; silent ones are left out.

    Parameters
    ----------
    spans_s
        shape (n, 2): start and end of each window.
    lines
        shape (n, rates, 6): how far the modulation at each frame rate, then the tones at ``MULTIPLES`` of it, stand out from
        the same at other rates, in standard deviations of the latter; 0 where not looked for. A beat of 50 Hz counts against
        one of 100 Hz.
    modulation
        shape (n, grid): modulation of the bands at each rate of ``GRID_HZ``, in those standard deviations.
    tones
        shape (n, rates, 5, detunings): mean excess of tones at multiples of the frame rate off by ``DETUNED``, natural
        logarithm of power; NaN where not looked for.
    coherence
        shape (n, 7): mean cosine of the bend of the phase over frequency in each kilohertz; NaN in bands that are empty.
    fast
        shape (n, 7): logarithm of the share of 32 to 48 Hz in the modulation of each kilohertz; NaN likewise.
    """

    spans_s: np.ndarray
    lines: np.ndarray
    modulation: np.ndarray
    tones: np.ndarray
    coherence: np.ndarray
    fast: np.ndarray

    def __len__(self) -> int:
        return len(self.spans_s)


def vocoder_traces(samples: np.ndarray, rate: int) -> VocoderTraces:
    """Measure a recording window by window; long ones block by block.

    Parameters
    ----------
    samples
        shape (n,) or (n, channels), full scale ±1; channels are averaged.
    rate
        Samples a second; brought to 16 kHz.
    """
    spans = []

    def heard() -> Iterator[np.ndarray]:
        for start, sound in _windows(mono(samples, rate, RATE)):
            if np.std(sound, dtype=np.float64) > _SILENT:  # a constant alone is silence, too
                spans.append((start / RATE, (start + len(sound)) / RATE))
                yield sound

    parts = list(side_by_side(_measure, heard()))
    columns = [np.array(column, np.float32) for column in zip(*parts, strict=True)] if parts else _nothing()
    lines, modulation, tones, coherence, fast = columns
    return VocoderTraces(np.array(spans).reshape(-1, 2), lines, modulation, tones, coherence, fast)


def line_evidence(lines: np.ndarray) -> np.ndarray:
    """Return one number for the lines of each window: natural logarithm of the sum of their exponentials, shape (n,).

    About the largest of them if one is large. A single one counts from -2 to 8.
    """
    looked_for = np.ones(lines.shape[1:], bool)
    looked_for[list(TONELESS), 1:] = False
    return np.asarray(np.log(np.exp(np.clip(lines, -2, 8))[:, looked_for].sum(1)))


def _nothing() -> list[np.ndarray]:
    rates = len(FRAME_RATES)
    shapes = (rates, 6), (len(GRID_HZ),), (rates, len(MULTIPLES), len(DETUNED)), (BANDS,), (BANDS,)
    return [np.zeros((0, *shape), np.float32) for shape in shapes]


def _windows(sound: Iterator[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (first sample, window): four seconds each; what is left at the end makes the last one longer, or a shorter one."""
    size, rest, first = round(WINDOW_S * RATE), np.zeros(0, np.float32), 0
    for piece in sound:
        rest = np.concatenate([rest, piece])
        while len(rest) >= 5 * size // 2:  # the rest of half a window and more stays a window of its own
            yield first, rest[:size]
            rest, first = rest[size:], first + size
    while len(rest) >= 3 * size // 2:
        yield first, rest[:size]
        rest, first = rest[size:], first + size
    whole = len(rest) // 160 * 160  # a length whose transform is quick
    if whole >= _LEAST_S * RATE:
        yield first, rest[:whole]


def _measure(sound: np.ndarray) -> tuple[np.ndarray, ...]:
    sound = np.asarray(sound - sound.mean(), np.float32)
    sound /= sound.std()
    spectrum = fft.rfft(sound)
    active = _active(spectrum, len(sound))
    modulation = _modulation(spectrum, active, len(sound))
    scores = _comb(modulation, GRID_HZ, len(sound))
    middle = np.median(scores)
    spread = 1.4826 * np.median(np.abs(scores - middle)) + 1e-6
    at_rates = (_comb(modulation, np.array([*FRAME_RATES.values()]), len(sound)) - middle) / spread
    # A beat of 50 Hz is hum or a speech codec, not a decoder of 100 frames: its odd multiples count against it.
    half = _comb(modulation, np.append(GRID_HZ, 100.0) / 2, len(sound), orders=(1, 3, 5))
    at_rates[list(TONELESS)] -= max(0.0, float((half[-1] - np.median(half)) / spread))
    tones = _tones(sound, active)
    others = np.delete(tones, _EXACT, axis=2)
    # Where few multiples lie in the band, the spread of others is known poorly: part of that of one bin is added.
    count = np.array([[max(1, int(_TOP_HZ / (rate * m))) for m in MULTIPLES] for rate in FRAME_RATES.values()])
    excess = (tones[:, :, _EXACT] - others.mean(2)) / (others.std(2) + 0.5 / np.sqrt(count))
    lines = np.concatenate([at_rates[:, None], np.nan_to_num(excess)], 1)
    return lines, (scores - middle) / spread, tones, *_bands(sound, active)


def _active(spectrum: np.ndarray, n: int) -> np.ndarray:
    """Return which bands of 500 Hz up to 7 kHz hold sound: shape (14,)."""
    width = round(_HALF_BAND_HZ * n / RATE)
    count = _TOP_HZ // _HALF_BAND_HZ
    # A Hann window, laid on in the spectrum: without it the ends of the sound leak into empty bands.
    faded = spectrum[1:-1] / 2 - (spectrum[:-2] + spectrum[2:]) / 4
    power = (np.abs(faded[: count * width]) ** 2).reshape(count, width).mean(1)
    return np.asarray(power > power.max() * 10 ** (_ACTIVE_DB / 10))


def _modulation(spectrum: np.ndarray, active: np.ndarray, n: int) -> np.ndarray:
    """Return how the power of modulation stands out from its surroundings: natural logarithm, bins of the window's length.

    Each band of 500 Hz is brought down to 0 Hz, its magnitude divided by that of a twentieth of a second around.
    """
    width = round(_HALF_BAND_HZ * n / RATE)
    bands = np.zeros((int(active.sum()), 2 * width), np.complex64)
    bands[:, :width] = spectrum[: len(active) * width].reshape(len(active), width)[active]
    strength = np.abs(fft.ifft(bands, axis=1)) + 1e-9
    strength /= uniform_filter1d(strength, 51, axis=1) + 1e-6 * strength.mean()
    level = np.minimum(strength, 3) - 1
    power = np.abs(fft.rfft(level * np.hanning(2 * width).astype(np.float32), axis=1)) ** 2
    step = 2 * _HALF_BAND_HZ / (2 * width)
    power /= power[:, int(40 / step) : int(240 / step)].mean(1, keepdims=True) + 1e-12
    excess = np.log(power.mean(0) + 1e-9)
    return _highest(excess - uniform_filter1d(excess, int(12 / step) | 1))


def _comb(excess: np.ndarray, rates: np.ndarray, n: int, orders: tuple[int, ...] = (1, 2, 3)) -> np.ndarray:
    """Return the mean excess at multiples of a rate: shape of ``rates``."""
    return np.asarray(excess[np.round(rates[:, None] * np.array(orders) * n / RATE).astype(int)].mean(1))


def _tones(sound: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Return the mean excess of tones at multiples of each frame rate, exact and detuned: shape (rates, 5, detunings).

    The sound is first brought to one level, by a twentieth of a second around each sample: tones show in the pauses.
    """
    even = sound / np.sqrt(uniform_filter1d(sound**2, 800) + 1e-7)
    power = np.abs(fft.rfft(even * np.hanning(len(sound)).astype(np.float32))) ** 2 + 1e-9
    level, step = np.log(power), RATE / len(sound)
    excess = _highest(np.maximum(level - uniform_filter1d(level, int(20 / step) | 1), -1))
    found = np.full((len(FRAME_RATES), len(MULTIPLES), len(DETUNED)), np.nan)
    for row, rate in enumerate(FRAME_RATES.values()):
        for column, multiple in enumerate(MULTIPLES if row not in TONELESS else ()):
            orders = np.arange(1, int(_TOP_HZ / (rate * multiple)) + 1)
            orders = orders[
                active[np.minimum((orders * rate * multiple) // _HALF_BAND_HZ, len(active) - 1).astype(int)]
            ]
            if len(orders):
                places = np.round(rate * multiple * (1 + DETUNED)[:, None] * orders / step).astype(int)
                found[row, column] = excess[np.minimum(places, len(excess) - 1)].mean(1)
    return found


def _highest(values: np.ndarray) -> np.ndarray:
    """Return the highest of each value and its two neighbours: a tone may lie between two bins."""
    wide = np.pad(values, 1, mode="edge")
    return np.asarray(np.maximum(np.maximum(wide[:-2], wide[2:]), values))


def _bands(sound: np.ndarray, active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the coherence of phases and the fast modulation of each kilohertz, NaN where a half of it is empty."""
    cut = np.lib.stride_tricks.sliding_window_view(sound, _FRAME)[::_HOP]
    spectra = fft.rfft(cut * np.hanning(_FRAME + 1)[:-1].astype(np.float32), axis=1)[:, : _EDGES[-1] + 2]
    power = spectra.real**2 + spectra.imag**2
    loud = power.sum(1)
    kept = loud > loud.max() * 1e-4
    slope = spectra[kept, 1:] * spectra[kept, :-1].conj()
    bend = slope[:, 1:] * slope[:, :-1].conj()
    cosine = (bend.real / (np.abs(bend) + 1e-20)).mean(0)
    edges = zip(_EDGES[:-1], _EDGES[1:], strict=True)
    coherence = np.array([cosine[low : high - 2].mean() for low, high in edges])
    level = np.log(np.add.reduceat(power[:, : _EDGES[-1]], _EDGES[:-1], axis=1) + 1e-3)
    level = (level - level.mean(0)) * np.hanning(len(level))[:, None]
    moved, step = np.abs(fft.rfft(level, axis=0)) ** 2, RATE / _HOP / len(level)
    low, fast, high = (int(hertz / step) for hertz in (1, 32, 48))
    share = np.log((moved[fast:high].sum(0) + 1e-9) / (moved[max(low, 1) : high].sum(0) + 1e-9))
    full = active.reshape(BANDS, 2).all(1)
    return np.where(full, coherence, np.nan), np.where(full, share, np.nan)
