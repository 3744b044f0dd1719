"""Who is seen where and when in a video, from its face tracks: outlines in a frame, stretches of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..perception.tracks import FaceTracks, Track
from ..signals.face_areas import EYES, LIPS, OVAL
from ..signals.series import stretches
from .model import FaceOutline, PersonSeen

_LINES = (OVAL, *EYES, LIPS)
_POINTS = np.concatenate(_LINES)
ENDS = tuple(int(end) for end in np.cumsum([len(line) for line in _LINES]))


def lines_of(track: Track) -> np.ndarray:
    """Return the outlines of a face in every frame of its track: shape (n, k, 2), int16, native pixels; see ``ENDS``."""
    return np.asarray(np.rint(track.mesh(_POINTS)).clip(-32768, 32767), np.int16)


def faces_at(tracks: FaceTracks, times: Sequence[float]) -> list[tuple[FaceOutline, ...]]:
    """Return the faces that are seen at each time: those of a frame at most half a frame step away."""
    within = 0.5 / tracks.fps if tracks.fps else 0.02
    found: list[list[FaceOutline]] = [[] for _ in times]
    for track in tracks.tracks:
        lines = lines_of(track)
        for at, time in zip(found, times, strict=True):
            place = int(np.abs(track.times - time).argmin())
            if abs(float(track.times[place]) - time) <= within + 1e-9:
                box = tuple(round(float(side), 1) for side in track.boxes[place])
                at.append(FaceOutline(person=track.person, box=box, points=lines[place], ends=ENDS))  # type: ignore[arg-type]
    return [tuple(at) for at in found]


def people_of(tracks: FaceTracks) -> tuple[PersonSeen, ...]:
    """Return when each face is seen; a frame in which it was not ends a stretch."""
    step = 1 / tracks.fps if tracks.fps else 0.04
    return tuple(
        PersonSeen(person=track.person, shot=track.shot, seen=_seen(track, step))
        for track in tracks.tracks if len(track.times)
    )  # fmt: skip


def _seen(track: Track, step: float) -> tuple[tuple[float, float], ...]:
    times = (track.times[run] for run in stretches(track.frames, least=1))
    return tuple((round(float(own[0]), 4), round(float(own[-1]) + step, 4)) for own in times)
