"""Steps for sound recordings: all of them make one channel, the mean of the file's, and no metadata."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import av
import numpy as np
import soundfile
from scipy import signal

from ..errors import NotApplicable
from ..media.audio import Audio
from ..media.exhibit import Exhibit
from . import _coding, _sound
from ._step import Step, generator

_RATES = {
    "libmp3lame": (16000, 22050, 24000, 32000, 44100, 48000),
    "aac": (16000, 22050, 24000, 32000, 44100, 48000),
    "libopus": (16000, 24000, 48000),
}
_FILES = {"libmp3lame": (".mp3", "mp3"), "aac": (".m4a", "ipod"), "libopus": (".opus", "ogg")}
_PHONE_RATE = 8000
_SNR_DB = 20.0
_REVERB_S, _DIRECT_DB = 0.5, 5.0


def _common(exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Bring a recording to one rate, band, length of silence and level.

    WAV and not FLAC: the size of a FLAC file tells how noisy the sound is.
    """
    audio = exhibit.stream(Audio)
    if audio.rate < _sound.COMMON_RATE:
        raise NotApplicable(f"sampled at {audio.rate} Hz; common needs {_sound.COMMON_RATE} Hz")
    sound = _sound.low_passed(_sound.mono(audio, _sound.COMMON_RATE))
    sound = _sound.trimmed(sound, _sound.COMMON_RATE)
    return wav(_sound.levelled(sound, _sound.COMMON_RATE), _sound.COMMON_RATE, stem)


def _coded(codec: str, kbit: int, exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Compress at the lowest rate of the codec that keeps the band of the recording, 16 kHz at least."""
    audio = exhibit.stream(Audio)
    rates = _RATES[codec]
    rate = next((one for one in rates if one >= audio.rate), rates[-1])
    suffix, container = _FILES[codec]
    path = stem.with_name(stem.name + suffix)
    with av.open(str(path), "w", format=container, options=_coding.CONTAINER) as out:
        voice = _coding.Voice(_sound.mono(audio, rate), rate, kbit, codec)
        _coding.Speaker(out, voice).finish()
    return path


def _telephone(exhibit: Exhibit, stem: Path, key: str) -> Path:
    audio = exhibit.stream(Audio)
    if audio.rate < _PHONE_RATE:
        raise NotApplicable(f"sampled at {audio.rate} Hz; telephone needs {_PHONE_RATE} Hz")
    band = signal.firwin(401, (265, 3435), window=("kaiser", 6.0), fs=_PHONE_RATE, pass_zero=False)
    sound = _sound.filtered(_sound.mono(audio, _PHONE_RATE), band)
    return wav(sound, _PHONE_RATE, stem, subtype="ULAW")


def _noise(exhibit: Exhibit, stem: Path, key: str) -> Path:
    audio = exhibit.stream(Audio)
    sound = _sound.mono(audio, audio.rate)
    scale = np.float32(10 ** ((_sound.active_level(sound, audio.rate) - _SNR_DB) / 20))
    noise = generator("noise_20db", key).standard_normal(len(sound), np.float32)
    return wav(sound + scale * noise, audio.rate, stem)


def _reverb(exhibit: Exhibit, stem: Path, key: str) -> Path:
    """Put the sound into a room: its answer is noise of the key that dies away exponentially; the level stays."""
    audio = exhibit.stream(Audio)
    sound = _sound.mono(audio, audio.rate)
    level = _sound.active_level(sound, audio.rate)
    t = np.arange(round(_REVERB_S * audio.rate)) / audio.rate
    tail = generator("reverb", key).standard_normal(len(t)) * 10 ** (-3 * t / _REVERB_S)
    tail *= 10 ** (-_DIRECT_DB / 20) / np.sqrt((tail**2).sum())
    heard = sound + np.asarray(signal.oaconvolve(sound, tail, "full")[: len(sound)], np.float32)
    gain = 10 ** ((level - _sound.active_level(heard, audio.rate)) / 20)
    return wav(heard * np.float32(gain), audio.rate, stem)


def wav(sound: np.ndarray, rate: int, stem: Path, *, subtype: str = "PCM_16") -> Path:
    """Write sound of shape (n,), clipped to ±1, and return where it lies."""
    path = stem.with_name(f"{stem.name}.wav")
    soundfile.write(path, np.clip(sound, -1, 1), rate, subtype, format="WAV")
    return path


STEPS = {
    "common": Step(
        f"mono, {_sound.COMMON_RATE} Hz, band of {_sound.BAND_HZ} Hz, silence cut off at both ends, active level "
        f"{_sound.LEVEL_DB:g} dBov, 16-bit WAV",
        _common,
    ),
    **{
        f"{name}_{kbit}": Step(f"{words}, mono, {kbit} kbit/s", partial(_coded, codec, kbit))
        for name, words, codec, kbits in (
            ("mp3", "MP3", "libmp3lame", (64, 128)),
            ("opus", "Opus", "libopus", (16, 32)),
            ("aac", "AAC", "aac", (64,)),
        )
        for kbit in kbits
    },
    "telephone": Step("8 kHz, 300–3400 Hz, G.711 µ-law", _telephone),
    "noise_20db": Step("white noise 20 dB below the active level, 16-bit WAV", _noise),
    "reverb": Step("reverberation time 0.5 s, direct sound 5 dB above the room's, 16-bit WAV", _reverb),
}
