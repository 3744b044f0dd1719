"""Enrolled voices: what this user's known people sound like, learned from recordings of them.

One folder a voice: ``voice.json`` and ``profile.npy``. These are biometric data: they are made only by an explicit enrolment,
nothing of the recordings themselves is kept but their SHA-256, and nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .enrolled import Shelf
from .errors import UsageError

LEAST_S = 6.0
"""Seconds of speech that an enrolment needs; half a minute or more, of several days, is better."""
PIECE_S = 5.0
"""Seconds of speech of a piece, when the voice's own recordings are compared with one another."""
_WINDOW_S = 1.6  # of the embeddings
_SHELF = Shelf(setting="voices", kind="voice", how="veridical enrol voice NAME FILE…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a recording holds of the voice.

    Parameters
    ----------
    sha256
        Of the file.
    speech_s
        Seconds of speech.
    embeddings
        shape (n, 256): speaker embeddings of windows, in order of time.
    hop_s
        Seconds of speech from one window to the next.
    """

    sha256: str
    speech_s: float
    embeddings: np.ndarray
    hop_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """An enrolled voice.

    Parameters
    ----------
    seconds, windows
        Speech that was learned from, and in how many windows.
    own
        5th, 50th and 95th percentile of the distances of pieces of the voice's own recordings, each from a profile that was
        made without its recording (or its half, if there is one recording); empty if there is too little for that.
    recordings
        SHA-256 of each recording.
    sha256
        Hash of the profile.
    """

    name: str
    seconds: float
    windows: int
    own: tuple[float, ...]
    recordings: tuple[str, ...]
    sha256: str
    made: str
    version: str

    @property
    def usual(self) -> str:
        """Where 90 % of its own pieces lie, for a reader: "0.08 to 0.15"; empty if that is not known."""
        ends = [f"{one:.2f}" for one in self.own[::2]]
        return " to ".join(dict.fromkeys(ends))


def folder() -> Path:
    """Return where voices are kept."""
    return _SHELF.folder()


def names() -> tuple[str, ...]:
    """Return the names of all enrolled voices, damaged ones too."""
    return _SHELF.names()


def listed() -> tuple[Voice, ...]:
    """Return all enrolled voices by name; raises UsageError if one of them is damaged."""
    return tuple(load(name) for name in names())


def load(name: str) -> Voice:
    """Return an enrolled voice; raises UsageError if there is none of that name, or it is damaged."""
    return _SHELF.load(name, _parsed)


def legible() -> tuple[list[Voice], tuple[str, ...]]:
    """Return the voices that can be read, and a sentence for each other one; raises NotInstalled if there is none."""
    return _SHELF.legible(load)


def remove(name: str) -> None:
    """Remove an enrolled voice; raises UsageError if there is none of that name."""
    _SHELF.remove(name)


def free(name: str, *, replace: bool = False) -> None:
    """Raise UsageError if a name is unfit, or taken and not to be replaced."""
    _SHELF.free(name, replace=replace)


def profile(voice: Voice) -> np.ndarray:
    """Return the middle of a voice's embeddings, shape (256,), of length 1; raises UsageError if it is not the one made."""
    return _SHELF.array(voice.name, "profile", voice.sha256).astype(np.float64)


def middle(embeddings: np.ndarray) -> np.ndarray:
    """Return the mean of embeddings, shape (n, 256), brought to length 1."""
    mean = np.asarray(embeddings, np.float64).mean(0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12))


def distances(embeddings: np.ndarray, profile_: np.ndarray) -> np.ndarray:
    """Return 1 less the cosine between embeddings, shape (n, 256), and a profile: 0 for the same direction."""
    vectors = np.asarray(embeddings, np.float64)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)
    return np.asarray(1 - vectors @ profile_ / lengths)


def windows_in(seconds: float, hop_s: float) -> int:
    """Return how many windows lie in so many seconds of speech, one at least."""
    return max(1, round((seconds - _WINDOW_S) / hop_s) + 1)


def enrol(name: str, recordings: Sequence[Recording], *, replace: bool = False) -> Voice:
    """Learn what a voice sounds like from recordings of it, and keep it.

    Raises
    ------
    UsageError
        If the name is taken or unfit, a recording was given twice, or there is too little speech.
    """
    free(name, replace=replace)
    hashes = [one.sha256 for one in recordings]
    if len(set(hashes)) < len(hashes):
        raise UsageError("the same recording was given twice; give each once")
    seconds = sum(one.speech_s for one in recordings)
    if seconds < LEAST_S:
        raise UsageError(
            f"there are {seconds:.1f} s of speech; {LEAST_S:g} s are needed to enrol a voice, half a minute is better: give "
            "more recordings, or longer ones"
        )
    every = np.concatenate([one.embeddings for one in recordings])
    voice = Voice(
        name=name, seconds=round(seconds, 2), windows=len(every), own=_own(recordings), recordings=tuple(hashes), sha256="",
        made=datetime.now(UTC).isoformat(timespec="seconds"), version=__version__,
    )  # fmt: skip
    arrays = {"profile": middle(every).astype(np.float32)}
    _SHELF.keep(name, arrays, lambda made: asdict(voice) | {"sha256": made["profile"]})
    return load(name)


def _own(recordings: Sequence[Recording]) -> tuple[float, ...]:
    """Judge pieces of the recordings by profiles made without their recording; empty if nothing can be left out."""
    parts = [one.embeddings for one in recordings if len(one.embeddings)]
    if len(parts) == 1:
        half = len(parts[0]) // 2
        # Windows overlap: what reaches across the middle is in neither half.
        shared = round(_WINDOW_S / recordings[0].hop_s)
        parts = [parts[0][:half], parts[0][half + shared :]]
    if len(parts) < 2 or not all(map(len, parts)):
        return ()
    found = []
    for i, own in enumerate(parts):
        others = middle(np.concatenate([*parts[:i], *parts[i + 1 :]]))
        hop_s = recordings[i if len(parts) == len(recordings) else 0].hop_s
        pieces = np.array_split(own, max(1, len(own) // windows_in(PIECE_S, hop_s)))
        found += [float(distances(middle(piece)[None], others)[0]) for piece in pieces]
    low, half_way, high = np.percentile(found, (5, 50, 95)).tolist()
    return low, half_way, high


def _parsed(plain: dict[str, Any]) -> Voice:
    return Voice(**{**plain, "recordings": tuple(plain["recordings"]), "own": tuple(plain["own"])})
