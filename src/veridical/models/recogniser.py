"""English words and phones heard by PocketSphinx, whose models come in its own package (extra ``alignment``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ..errors import NotInstalled

RATE = 16000
FRAME_S = 0.01
# Scores are integers: logarithms to base 1.0001, shifted right by ten bits.
_NATS = 1024 * float(np.log(1.0001))
# A decoder hears one utterance at a time, and answers for the last one: threads take turns.
_turn = Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a phone: its name, its first frame and the one after its last (10 ms each), its acoustic score in nats."""

    name: str
    start: int
    end: int
    score: float


def recognise(samples: np.ndarray) -> list[str]:
    """Return the words that fit sound of shape (n,) at 16 kHz best, by the general English language model."""
    with _turn:
        decoder = _words()
        _decode(decoder, samples)
        if decoder.hyp() is None:
            return []
        return [_plain(piece.word) for piece in decoder.seg() if not piece.word.startswith(("<", "["))]


def align(samples: np.ndarray, words: list[str]) -> list[tuple[Piece, list[Piece]]]:
    """Find when each of the words, and each of its phones, is spoken; fewer words, or none, where they do not fit."""
    with _turn:
        decoder = _words()
        try:
            decoder.set_align_text(" ".join(words))
            _decode(decoder, samples)
            if decoder.hyp() is None:
                return []
            decoder.set_alignment()
            _decode(decoder, samples)
            return [(_piece(word), [_piece(phone) for phone in word]) for word in decoder.get_alignment()]
        except RuntimeError:  # no path through the words
            return []
        finally:
            decoder.activate_search()


def listen(samples: np.ndarray) -> list[Piece]:
    """Return the phones that fit best when any phone may follow any other, by a phone model: no words are known."""
    with _turn:
        decoder = _phones()
        _decode(decoder, samples)
        if decoder.hyp() is None:
            return []
        return [Piece(p.word, p.start_frame, p.end_frame + 1, p.ascore * _NATS) for p in decoder.seg()]


def _decode(decoder: Any, samples: np.ndarray) -> None:
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()


def _piece(item: Any) -> Piece:
    return Piece(_plain(item.name), item.start, item.start + item.duration, item.score * _NATS)


def _plain(word: str) -> str:
    """Return a word without the number of its pronunciation."""
    return word.partition("(")[0]


@cache
def _words() -> Any:
    # Narrow beams: sound that is no speech takes several times its own length otherwise.
    return _engine().Decoder(
        samprate=RATE, cmn="batch", loglevel="FATAL", maxhmmpf=3000, maxwpf=10, bestpath=False
    )  # fmt: skip


@cache
def _phones() -> Any:
    engine = _engine()
    model = Path(engine.get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    return engine.Decoder(
        samprate=RATE, cmn="batch", loglevel="FATAL", allphone=str(model), lw=2.0, beam=1e-20, pbeam=1e-20
    )  # fmt: skip


def _engine() -> Any:
    try:
        import pocketsphinx
    except ImportError:
        raise NotInstalled(
            "English words are recognised by PocketSphinx; install it with: pip install 'veridical[alignment]'"
        ) from None
    return pocketsphinx
