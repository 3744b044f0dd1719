"""What a report shows and lets hear of the sound of an exhibit: a spectrogram, and a small copy to listen to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from ..errors import MediaError, NotApplicable
from ..finding import Finding, Span
from ..media.audio import Audio
from ..media.listening import to_webm
from ..perception.sound_picture import SoundPicture
from ..resolver import Resolver
from .branches import is_of_sound
from .model import ListeningCopy, SoundShown

LONGEST_S = 1200.0
"""Seconds of sound that a report holds at most: some 4 MB."""
AROUND_S = 3.0
"""What is kept before and after a stretch that a finding names, seconds, where not everything can be kept."""
Piece = tuple[float, float]


def make(resolver: Resolver, findings: Sequence[Finding], *, copy: bool) -> SoundShown | None:
    """Return what a report shows of the sound; None where there is none, or none that can be decoded.

    Parameters
    ----------
    findings
        Whose stretches of time come first, if the sound is too long to be kept whole.
    copy
        False leaves out what can be listened to.
    """
    if resolver.exhibit.kind == "image":
        return None
    try:
        audio = resolver.of(Audio)
    except (NotApplicable, MediaError):  # no sound, or a damaged one: a finding says so
        return None
    if not len(audio.samples):
        return None
    try:
        picture = resolver.of(SoundPicture)
    except NotApplicable:
        picture = None
    held = _copy(audio, findings) if copy else None
    ends_s = audio.start_s + audio.duration_s
    return SoundShown(
        levels=picture.levels if picture else np.zeros((0, 0), np.int8),
        starts_s=picture.starts_s if picture else audio.start_s, ends_s=picture.ends_s if picture else ends_s,
        highest_hz=audio.rate / 2, window_s=picture.window_s if picture else 0.0, channels=audio.channels, copy=held,
    )  # fmt: skip


def _copy(audio: Audio, findings: Sequence[Finding]) -> ListeningCopy | None:
    named = [
        [(place.start_s, place.end_s) for place in one.measurement.where if isinstance(place, Span)]
        for one in findings if one.measurement and is_of_sound(one)
    ]  # fmt: skip
    pieces = pieces_of(named, (audio.start_s, audio.start_s + audio.duration_s))
    here = [(start - audio.start_s, end - audio.start_s) for start, end in pieces]
    try:
        return ListeningCopy(webm=to_webm(audio, here), pieces=pieces)
    except OSError:  # no room for it, or an encoder that refuses: the findings stand without it
        return None


def pieces_of(named: Sequence[Sequence[Piece]], whole: Piece, longest_s: float = LONGEST_S) -> tuple[Piece, ...]:
    """Choose what is kept of a long sound, in order of time.

    Parameters
    ----------
    named
        For each finding, the stretches that it names, strongest first: all findings' strongest ones are kept first, with a
        few seconds around them. What room is left goes to the beginning.
    whole
        Start and end of the sound.
    """
    if whole[1] - whole[0] <= longest_s:
        return (whole,)
    kept: tuple[Piece, ...] = ()
    for start, end in (*_in_turn(named), whole):
        low, high = max(start - AROUND_S, whole[0]), min(end + AROUND_S, whole[1])
        if high <= low:
            continue
        left = longest_s - _length(kept)
        if left <= 0:
            break
        kept = _merged([*kept, (low, _end_within(kept, low, high, left))])
    return kept


def _in_turn(named: Sequence[Sequence[Piece]]) -> Iterator[Piece]:
    for rank in zip_longest(*named):
        yield from (one for one in rank if one is not None)


def _end_within(kept: Iterable[Piece], low: float, high: float, room: float) -> float:
    """Return where a piece from ``low`` must end so that it brings no more than ``room`` of what is not kept yet."""
    at = low
    for start, end in kept:
        if end <= at or start >= high:
            continue
        fresh = max(start - at, 0.0)
        if fresh >= room:
            return at + room
        room, at = room - fresh, min(end, high)
    return min(at + room, high)


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    done: list[Piece] = []
    for start, end in sorted(pieces):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return tuple(done)


def _length(pieces: Iterable[Piece]) -> float:
    return sum(end - start for start, end in pieces)
