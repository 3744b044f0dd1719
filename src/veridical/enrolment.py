"""From clips to an enrolled person: whose face it is in each clip, and what it does.

Which face is the person's is told by its size and place, or by the user. Where the model for faces is at hand, the chosen
faces of the clips are compared with each other, so that somebody else's clip is not learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from . import catalogue, persons
from .cache import PerceptCache
from .errors import NoSuchStream, NotInstalled, UsageError
from .examiner import Examiner, Progress
from .media.exhibit import open_exhibit
from .perception.expression import Expressions, ExpressionTrack
from .perception.face_identity import IdentityTraces
from .perception.tracks import FaceTracks, Track
from .persons import Footage, Person
from .signals.agreement import agreement
from .signals.behaviour import Windows

FaceChoice = Literal["", "largest", "left", "right"]
_SIMILAR = 0.5
_LEAST_SHARE = 0.1
FARTHEST = 0.6
"""Distance of a clip's descriptor from that of the others, from which on it counts as showing another face: the border that
the makers of the network name for two pictures of one person. In 46 authentic clips all 39 pairs of clips of one person were
below 0.56, and 97 % of the 996 pairs of two people above 0.6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen in a clip: its path, its SHA-256, the faces in it, their expressions, and whose they are.

    ``identities`` is None if the model for faces is not at hand.
    """

    path: Path
    sha256: str
    faces: FaceTracks
    expressions: Expressions
    identities: IdentityTraces | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A clip of an enrolment: how far its face is from that of the others; None if that could not be told."""

    path: Path
    distance: float | None

    @property
    def matches(self) -> bool:
        """Whether it was learned from."""
        return self.distance is None or self.distance <= FARTHEST


def watch(path: Path, *, cache: PerceptCache | None = None, tell: Callable[[float], None] = lambda _: None) -> Watched:
    """Follow the faces of a clip, or take what is cached of it; ``tell`` is called with the seconds that have been seen.

    Raises
    ------
    UsageError
        If the file is no video.
    MediaError, NotInstalled
        If it cannot be read, or a model is missing.
    """
    examiner = Examiner(catalogue.load(), cache=cache or PerceptCache.of_user())

    def progress(one: Progress) -> None:
        if one.video_s is not None:
            tell(one.video_s)

    with open_exhibit(path) as exhibit:
        resolver = examiner.resolver(exhibit, [], also=(FaceTracks, Expressions, IdentityTraces), tell=progress)
        try:
            faces, expressions = resolver.of(FaceTracks), resolver.of(Expressions)
        except NoSuchStream:
            raise UsageError(f"{path} is no video; give clips that show the person") from None
        try:
            identities = resolver.of(IdentityTraces)
        except NotInstalled:
            identities = None
        return Watched(
            path=path, sha256=exhibit.sha256, faces=faces, expressions=expressions, identities=identities
        )  # fmt: skip


def choose(clip: Watched, face: FaceChoice = "") -> tuple[ExpressionTrack, ...]:
    """Return the tracks of the person: in each shot one face, the most prominent one or the one that ``face`` names.

    Raises
    ------
    UsageError
        If no face is seen, or several are similarly prominent in one shot and ``face`` does not say which.
    """
    if face not in get_args(FaceChoice):
        raise UsageError(f"--face is {face!r}; it is one of: {', '.join(get_args(FaceChoice)[1:])}")
    if not clip.faces.tracks:
        raise UsageError(f"no face is seen in {clip.path}")
    shots = sorted({track.shot for track in clip.faces.tracks})
    chosen = {one for shot in shots for one in _of_shot(clip, shot, face)}
    return tuple(track for track in clip.expressions.tracks if track.person in chosen)


def _of_shot(clip: Watched, shot: int, face: FaceChoice) -> list[int]:
    """Return the numbers of the person's tracks in a shot: several if they follow one another."""
    tracks = [track for track in clip.faces.tracks if track.shot == shot]
    weight = {one.person: float(one.interocular.astype(np.float64).sum()) for one in tracks}
    # What appears for a moment, or far behind, is not meant whatever side it is on.
    share = _LEAST_SHARE if face else _SIMILAR
    similar = [one for one in tracks if weight[one.person] >= share * max(weight.values())]
    together = [one for one in similar if any(_at_once(one, other) for other in similar if other is not one)]
    if not together:
        return [one.person for one in similar]
    where = {one.person: float(one.boxes[:, [0, 2]].mean()) for one in together}
    if face == "largest":
        return [max(where, key=lambda one: weight[one])]
    if face == "left":
        return [min(where, key=lambda one: where[one])]
    if face == "right":
        return [max(where, key=lambda one: where[one])]
    raise UsageError(
        f"{len(together)} faces are similarly present in {clip.path} (from {together[0].times[0]:.1f} s on); say which is the "
        "person's with --face left, --face right or --face largest"
    )


def _at_once(one: Track, other: Track) -> bool:
    return len(np.intersect1d(one.frames, other.frames)) > 0


def footage(clip: Watched, *, face: FaceChoice = "", window_s: float, step_s: float) -> Footage:
    """Return what a clip shows of the person; see `choose` for ``face`` and the errors."""
    tracks = choose(clip, face)
    found = [track.windows(window_s=window_s, step_s=step_s) for track in tracks]
    # Tracks are laid behind one another in time, so that windows come in order.
    found.sort(key=lambda one: float(one.starts_s[0]) if len(one) else np.inf)
    every = Windows(
        starts_s=np.concatenate([one.starts_s for one in found]), ends_s=np.concatenate([one.ends_s for one in found]),
        features=np.concatenate([one.features for one in found]), flat=np.concatenate([one.flat for one in found]),
    )  # fmt: skip
    seen = sum(len(track.frames) for track in tracks) / max(clip.expressions.fps, 1e-9)
    return Footage(sha256=clip.sha256, seen_s=seen, windows=every)


def descriptor(clip: Watched, face: FaceChoice = "") -> np.ndarray | None:
    """Return the median descriptor, shape (128,), of the person's face in a clip; None if it was not described."""
    chosen = {track.person for track in choose(clip, face)}
    traces = clip.identities.traces if clip.identities else ()
    seen = [one.descriptors.astype(np.float64) for one in traces if one.person in chosen and len(one.descriptors)]
    return np.asarray(np.median(np.concatenate(seen), axis=0)) if seen else None


def compare(paths: Sequence[Path], descriptors: Sequence[np.ndarray | None]) -> tuple[Compared, ...]:
    """Measure how far the face of each clip is from the median of the others that agree with the most typical one.

    Raises
    ------
    UsageError
        If no more than half of the clips agree: which of them show the person cannot be told.
    """
    known = [i for i, one in enumerate(descriptors) if one is not None]
    distances: list[float | None] = [None] * len(paths)
    if len(known) > 1:
        found = agreement(np.stack([one for one in descriptors if one is not None]), FARTHEST)
        apart, typical = found.apart, found.typical
        for i, distance in zip(known, found.distances, strict=True):
            distances[i] = float(distance)
        if 2 * np.count_nonzero(found.distances <= FARTHEST) <= len(known):
            far = max((apart[row, typical], paths[i].name) for row, i in enumerate(known))
            raise UsageError(
                f"the clips show different faces: that of {far[1]} is {far[0]:.2f} from that of {paths[known[typical]].name}, "
                f"where two pictures of one person mostly lie closer than {FARTHEST:g}; give clips of one person, and say with "
                "--face whose face is meant if several are seen"
            )
    return tuple(Compared(path=path, distance=one) for path, one in zip(paths, distances, strict=True))


def enrol(
    name: str, paths: Sequence[Path], *, face: FaceChoice = "", window_s: float = persons.WINDOW_S, replace: bool = False,
    cache: PerceptCache | None = None, tell: Callable[[int, float], None] = lambda *_: None,
) -> tuple[Person, tuple[Compared, ...]]:  # fmt: skip
    """Learn how a person behaves from authentic clips of them, and keep it on this machine.

    Clips whose face is not that of the others are left out.

    Parameters
    ----------
    face
        Which face is the person's where several are similarly present: "largest", "left" or "right".
    window_s
        Length of the windows in which movements are compared, seconds.
    replace
        True replaces an enrolled person of that name.
    tell
        Called with the number of the clip and the seconds of it that have been seen.

    Raises
    ------
    UsageError
        If the name is taken or unfit, a file is no video, the face is not clear, the clips show different faces, or there is
        too little footage.
    MediaError, NotInstalled
        If a clip cannot be read, or a model is missing.
    """
    persons.free(name, replace=replace)
    if not persons.SHORTEST_WINDOW_S <= window_s <= persons.LONGEST_WINDOW_S:
        raise UsageError(
            f"the window is {window_s:g} s; it lasts {persons.SHORTEST_WINDOW_S:g} to {persons.LONGEST_WINDOW_S:g} s"
        )
    seen, descriptors = [], []
    for number, path in enumerate(paths):
        clip = watch(path, cache=cache, tell=partial(tell, number))
        seen.append(footage(clip, face=face, window_s=window_s, step_s=persons.STEP_S))
        descriptors.append(descriptor(clip, face))
    checks = compare(paths, descriptors)
    kept = [one for one, check in zip(seen, checks, strict=True) if check.matches]
    try:
        return persons.enrol(name, kept, window_s=window_s, replace=replace), checks
    except UsageError as error:
        out = [f"{check.path.name} ({check.distance:.2f})" for check in checks if not check.matches]
        if not out:
            raise
        raise UsageError(
            f"{', '.join(out)} left out: another face than in the other clips (distance above {FARTHEST:g}); {error}"
        ) from None
