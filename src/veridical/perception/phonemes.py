"""Which English words and phones are heard, and when: recognised first, then aligned; each phone with how well it fits.

Every stretch of speech is heard three times (PocketSphinx with its own English models): once for the words, once to align
the phones of those words, once with any phone allowed after any other. How well a phone fits is its acoustic score less that
of the free phones over the same frames, per frame (goodness of pronunciation; Witt and Young, Speech Communication 2000). It
tells a wrong word, another language, or music from a right word, which the recogniser's own confidence does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.audio import Audio
from ..models import recogniser
from .speech import SpeechSegments

_NATS_THAT_FIT = -2.0
_PAUSE_S, _MOST_S, _LEAST_S, _MARGIN_S = 0.6, 20.0, 0.3, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Phonemes:
    """Words and phones in order of time; times are seconds from the first sample.

    Parameters
    ----------
    words
        The words heard, w of them.
    word_times
        shape (w, 2), float64: start and end.
    phones
        p phones by their names in the CMU dictionary: "M", "AE", …
    phone_times
        shape (p, 2), float64.
    phone_words
        shape (p,), int32: number of the word that a phone belongs to.
    fits
        shape (p,), float32: how well a phone fits, nats a frame of 10 ms; near 0 or above where it does.
    fitting
        Share of the phones that fit within 2 nats a frame; 0 if there are none.
    heard_s
        Seconds of speech that were heard.
    """

    words: tuple[str, ...]
    word_times: np.ndarray
    phones: tuple[str, ...]
    phone_times: np.ndarray
    phone_words: np.ndarray
    fits: np.ndarray
    fitting: float
    heard_s: float


def hear_phonemes(audio: Audio, speech: SpeechSegments) -> Phonemes:
    """Recognise English words in all stretches of speech and align their phones.

    Raises
    ------
    NotInstalled
        If PocketSphinx is not installed.
    """
    words: list[str] = []
    word_times: list[tuple[float, float]] = []
    phones: list[str] = []
    rows: list[tuple[float, float, float, float]] = []
    parts = _parts(speech.segments, audio.duration_s)
    for start, end in parts:
        for word, own in _heard(_sound(audio, start, end)):
            for phone, fit in own:
                phones.append(phone.name)
                rows.append((*_times(phone, start), len(words), fit))
            words.append(word.name)
            word_times.append(_times(word, start))
    table = np.array(rows, np.float64).reshape(-1, 4)
    fits = table[:, 3].astype(np.float32)
    return Phonemes(
        words=tuple(words), word_times=np.array(word_times, np.float64).reshape(-1, 2), phones=tuple(phones),
        phone_times=table[:, :2].copy(), phone_words=table[:, 2].astype(np.int32), fits=fits,
        fitting=float((fits >= _NATS_THAT_FIT).mean()) if len(fits) else 0.0,
        heard_s=float(sum(end - start for start, end in parts)),
    )  # fmt: skip


def _heard(sound: np.ndarray) -> list[tuple[recogniser.Piece, list[tuple[recogniser.Piece, float]]]]:
    """Return the words of one stretch, each with its phones and how well they fit."""
    words = recogniser.recognise(sound)
    aligned = recogniser.align(sound, words) if words else []
    if not aligned:
        return []
    frames = max(word.end for word, _ in aligned)
    free = np.zeros(frames)
    for piece in recogniser.listen(sound):
        free[piece.start : piece.end] = piece.score / max(piece.end - piece.start, 1)
    return [
        (
            word,
            [(one, (one.score - float(free[one.start : one.end].sum())) / max(one.end - one.start, 1)) for one in own],
        )
        for word, own in aligned
        if not word.name.startswith(("<", "["))
    ]


def _times(piece: recogniser.Piece, start_s: float) -> tuple[float, float]:
    return start_s + piece.start * recogniser.FRAME_S, start_s + piece.end * recogniser.FRAME_S


def _parts(segments: np.ndarray, duration_s: float) -> list[tuple[float, float]]:
    """Join segments over short pauses, up to 20 s, and cut longer ones; give each a margin."""
    parts: list[list[float]] = []
    for start, end in segments:
        if parts and start - parts[-1][1] < _PAUSE_S and end - parts[-1][0] <= _MOST_S:
            parts[-1][1] = float(end)
        else:
            parts.append([float(start), float(end)])
    cut = []
    for start, end in parts:
        pieces = max(1, int(np.ceil((end - start) / _MOST_S)))
        edges = np.linspace(start, end, pieces + 1)
        cut += [(float(a), float(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    wide = [(max(0.0, a - _MARGIN_S), min(duration_s, b + _MARGIN_S)) for a, b in cut]
    return [(a, b) for a, b in wide if b - a >= _LEAST_S]


def _sound(audio: Audio, start_s: float, end_s: float) -> np.ndarray:
    import soxr

    cut = audio.samples[round(start_s * audio.rate) : round(end_s * audio.rate)]
    mono = np.nan_to_num(cut.mean(1, dtype=np.float32))
    return np.asarray(mono if audio.rate == recogniser.RATE else soxr.resample(mono, audio.rate, recogniser.RATE))
