"""Ways that a voice may have come before it is examined: codecs, telephones, rooms, noise, resampling, level.

A detector of synthetic voices must not learn the channel by which its examples came. So every example is sent through channels
drawn by chance, and a real voice and its vocoder copy through the same one: each function here draws its random numbers
from the length of the sound alone, never from what it holds, so that two recordings of one length and two generators of
one seed meet the same microphone, room, noise and codec.

Sound has one channel at 16 kHz, shape (n,), float32. Each function of ``CHANNELS`` returns as many samples, in time with those
it was given; level and silence are left to ``finished``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import soxr
from scipy import signal

from ..media.coded_sound import Voice, coded
from ..signals.speech_level import COMMON_RATE, active_level, filtered, levelled, low_passed, sounding

Channel = Callable[[np.ndarray, np.random.Generator], np.ndarray]
RATE = COMMON_RATE
_PHONE_RATE = 8000
_HALF = 0.5
_OFTEN = 0.7


def mp3(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Code as MP3 at 32 to 128 kbit/s, at 16 kHz or at the rate of music."""
    kbit = int(random.choice((32, 40, 48, 64, 96, 128)))
    rate = 16000 if random.random() < _HALF else 44100
    return _coded(sound, "libmp3lame", "mp3", kbit, rate)


def opus(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Code as Opus at 12 to 32 kbit/s, as messengers send voices."""
    return _coded(sound, "libopus", "ogg", int(random.integers(12, 33)))


def aac(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Code as AAC at 32 to 96 kbit/s, as beside the pictures of a clip."""
    kbit = int(random.choice((32, 48, 64, 96)))
    rate = 16000 if random.random() < _HALF else 44100
    return _coded(sound, "aac", "adts", kbit if rate == RATE or kbit > 32 else 48, rate)


def mobile(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Code as AMR narrow band at 5.9 to 12.2 kbit/s: the mobile telephone."""
    kbit = float(random.choice((5.9, 6.7, 7.4, 7.95, 10.2, 12.2)))
    return _coded(sound, "libopencore_amrnb", "amr", kbit, _PHONE_RATE)


def landline(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Keep the band of the telephone and code it by G.711 (µ-law or A-law) or G.726 at 32 kbit/s."""
    low, high = float(random.uniform(180, 320)), float(random.uniform(3300, 3600))
    codec = str(random.choice(("pcm_mulaw", "pcm_alaw", "adpcm_g726")))
    band = signal.firwin(401, (low - 35, high + 35), window=("kaiser", 6.0), fs=_PHONE_RATE, pass_zero=False)
    spoken = filtered(soxr.resample(sound, RATE, _PHONE_RATE, "VHQ"), band)
    heard = coded(Voice(spoken, _PHONE_RATE, 32, codec), "wav")
    return _fitted(soxr.resample(heard, _PHONE_RATE, RATE, "VHQ"), sound)


def wideband_call(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Code as G.722 at 64 kbit/s: the wide-band telephone."""
    return _coded(sound, "g722", "wav", 64)


def call_band(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Keep the band of the telephone, without a codec."""
    low, high = float(random.uniform(150, 350)), float(random.uniform(3200, 3700))
    return _zero_phase(sound, signal.butter(4, (low, high), "bandpass", fs=RATE, output="sos"))


def noise(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add noise 15 to 40 dB below the voice: white, pink, hum of the mains or the babble of a room."""
    kind, snr = str(random.choice(("white", "pink", "hum", "babble"))), float(random.uniform(15, 40))
    made = _NOISES[kind](len(sound), random)
    made *= 10 ** ((active_level(sound, RATE) - snr) / 20) / max(float(np.sqrt(np.mean(made**2))), 1e-9)
    return np.asarray(sound + made, np.float32)


def room(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add reverberation of 0.15 to 0.8 s behind direct sound that is 0 to 15 dB louder than it; high sound dies away sooner."""
    seconds, direct_db = float(random.uniform(0.15, 0.8)), float(random.uniform(0, 15))
    gap, damped = round(float(random.uniform(0.002, 0.02)) * RATE), float(random.uniform(1500, 6500))
    t = np.arange(round(seconds * RATE)) / RATE
    tail = random.standard_normal(len(t)) * 10 ** (-3 * t / seconds)
    dull = signal.sosfilt(signal.butter(1, damped, fs=RATE, output="sos"), tail)
    fade = np.exp(-t * 4 / seconds)
    tail = fade * tail + (1 - fade) * dull
    tail *= 10 ** (-direct_db / 20) / np.sqrt((tail**2).sum())
    late = signal.oaconvolve(sound, tail, "full")
    return np.asarray(sound + np.pad(late, (gap, 0))[: len(sound)], np.float32)


def microphone(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give sound the smooth response of a microphone or loudspeaker, about 8 dB up and down at most, and its low cut."""
    corners = np.geomspace(80, 8000, 9)
    gains = np.cumsum(random.normal(0, 2.5, len(corners)))
    gains = np.clip(gains - gains.mean(), -8, 8)
    hertz = np.linspace(0, RATE / 2, 129)
    shape = np.interp(np.log(np.maximum(hertz, 40)), np.log(corners), gains)
    low = float(random.uniform(20, 150))
    shape = shape - 12 * np.log2(np.maximum(low / np.maximum(hertz, 10), 1))
    return filtered(sound, signal.firwin2(257, hertz, 10 ** (shape / 20), fs=RATE))


def resampled(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Take another sampling rate for a while, by a good or a poor converter."""
    rate = int(random.choice((8000, 11025, 12000, 22050, 32000, 44100)))
    how = str(random.choice(("VHQ", "MQ", "LQ", "QQ")))
    return _fitted(soxr.resample(soxr.resample(sound, RATE, rate, how), rate, RATE, how), sound)


def limited(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Take too high a level: cut off hard, or softly, or held down by an automatic gain."""
    kind = int(random.integers(3))
    over_db, slow_s = float(random.uniform(-3, 9)), float(random.uniform(0.05, 0.4))
    peak = 10 ** ((active_level(sound, RATE) + 12) / 20) * 10 ** (-over_db / 20)
    if kind == 0:
        return np.asarray(np.clip(sound, -peak, peak), np.float32)
    if kind == 1:
        return np.asarray(peak * np.tanh(sound / peak), np.float32)
    pole = np.exp(-1 / (slow_s * RATE))
    loud = np.sqrt(np.maximum(signal.lfilter([1 - pole], [1, -pole], sound.astype(np.float64) ** 2), 1e-12))
    aim = 10 ** (active_level(sound, RATE) / 20)
    return np.asarray(sound * np.minimum((aim / np.maximum(loud, 0.05 * aim)) ** 0.5, 4.0), np.float32)


def low_pass(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """End the band at 3.4 to 7.5 kHz, steeply or gently."""
    edge, order = float(random.uniform(3400, 7500)), int(random.choice((2, 4, 8)))
    return _zero_phase(sound, signal.butter(order, edge, fs=RATE, output="sos"))


def denoised(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Suppress noise: what lies near the floor of its frequency is turned down by 6 to 18 dB."""
    depth, above = 10 ** (-float(random.uniform(6, 18)) / 20), float(random.uniform(3, 10))
    _, _, bins = signal.stft(sound, RATE, nperseg=512, noverlap=384)
    power = np.abs(bins) ** 2
    floor = np.percentile(power, 10, axis=1, keepdims=True) * 10 ** (above / 10)
    kept = np.clip(1 - floor / np.maximum(power, 1e-14), 0, 1)
    kept = signal.lfilter([0.4], [1, -0.6], kept, axis=1)
    return _fitted(signal.istft(bins * np.maximum(kept, depth), RATE, nperseg=512, noverlap=384)[1], sound)


CHANNELS: Mapping[str, Channel] = {
    one.__name__: one
    for one in (
        room, noise, microphone, denoised, limited, low_pass, call_band, resampled,
        mp3, opus, aac, mobile, landline, wideband_call,
    )
}  # fmt: skip
"""All of them, in the order in which sound meets them on its way: place, equipment, transmission."""
_LAST = ("mp3", "opus", "aac", "mobile", "landline", "wideband_call")


def drawn(random: np.random.Generator) -> tuple[str, ...]:
    """Return the names of one to three channels, in the order in which sound meets them; most chains hold a codec."""
    others = [name for name in CHANNELS if name not in _LAST]
    names = set(random.choice(others, int(random.integers(0, 3)), replace=False).tolist())
    if not names or random.random() < _OFTEN:
        names.add(str(random.choice(_LAST)))
    return tuple(name for name in CHANNELS if name in names)


def random_channel(
    sound: np.ndarray, random: np.random.Generator, *, bounds: tuple[int, int] | None = None
) -> np.ndarray:
    """Send a voice through one to three channels drawn by chance, then through the processing that all recordings share.

    Parameters
    ----------
    sound
        shape (n,), float32, at 16 kHz.
    random
        A generator of the same seed gives a sound of the same length the same channel.
    bounds
        First sample to keep and first one to leave out; None where the silence ends. A copy is given those of its original.

    Returns
    -------
    ndarray
        shape (m,), float32: band of 7 kHz, active level −26 dBov, no silence at the ends.

    Raises
    ------
    NotApplicable
        If the sound is silent.
    """
    return finished(sent(sound, random), bounds=bounds)


def sent(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Send a voice through one to three channels drawn by chance; its length stays. Raises NotApplicable if it is silent."""
    names = drawn(random)
    draws = random.spawn(len(names))
    heard = np.asarray(levelled(sound, RATE), np.float32)
    for name, own in zip(names, draws, strict=True):
        heard = CHANNELS[name](heard, own)
    return heard


def finished(sound: np.ndarray, *, bounds: tuple[int, int] | None = None) -> np.ndarray:
    """Bring sound to the band, silence and level that all recordings share; raises NotApplicable if it is silent."""
    passed = low_passed(sound)
    first, last = bounds or sounding(passed, RATE)
    return levelled(passed[first:last], RATE)


def _coded(sound: np.ndarray, codec: str, container: str, kbit: float, rate: int = RATE) -> np.ndarray:
    given = sound if rate == RATE else soxr.resample(sound, RATE, rate, "VHQ")
    heard = coded(Voice(np.asarray(given, np.float32), rate, kbit, codec), container)
    return _fitted(heard if rate == RATE else soxr.resample(heard, rate, RATE, "VHQ"), sound)


def _fitted(heard: np.ndarray, sound: np.ndarray) -> np.ndarray:
    return np.asarray(np.pad(heard[: len(sound)], (0, max(0, len(sound) - len(heard)))), np.float32)


def _zero_phase(sound: np.ndarray, filters: np.ndarray) -> np.ndarray:
    return np.asarray(signal.sosfiltfilt(filters, sound, padlen=min(300, len(sound) - 1)), np.float32)


def _white(count: int, random: np.random.Generator) -> np.ndarray:
    return np.asarray(random.standard_normal(count))


def _coloured(slope: float, count: int, random: np.random.Generator) -> np.ndarray:
    """Return noise whose amplitude falls with the given power of frequency."""
    bins = np.fft.rfft(random.standard_normal(count))
    bins /= np.maximum(np.arange(len(bins)) / max(count, 1) * RATE, 20.0) ** slope
    return np.fft.irfft(bins, count)


def _hum(count: int, random: np.random.Generator) -> np.ndarray:
    """Return the mains (50 or 60 Hz) and its harmonics over a little pink noise."""
    base, t = float(random.choice((50.0, 60.0))), np.arange(count) / RATE
    tones = [random.uniform(0, 1) / n * np.sin(2 * np.pi * base * n * t + random.uniform(0, 6.28)) for n in range(1, 9)]
    pink = _coloured(_HALF, count, random)
    return np.asarray(sum(tones) + 0.2 * pink / pink.std())


def _babble(count: int, random: np.random.Generator) -> np.ndarray:
    """Return noise of the colour of speech whose bands rise and fall at the rate of syllables, as many voices at once do."""
    colour = _coloured(0.9, count, random)
    total, t = np.zeros(count), np.arange(count) / RATE
    for low, high in ((100, 500), (500, 1500), (1500, 4000)):
        rate, phase = float(random.uniform(2, 6)), float(random.uniform(0, 6.28))
        part = signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos"), colour)
        total += part * (1 + 0.6 * np.sin(2 * np.pi * rate * t + phase))
    return total


_NOISES: Mapping[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "white": _white,
    "pink": partial(_coloured, _HALF),
    "hum": _hum,
    "babble": _babble,
}
