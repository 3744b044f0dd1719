"""From recordings to an enrolled voice: the speech in each, and whether it is the same person's in all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import catalogue, voices
from .cache import PerceptCache
from .errors import NoSuchStream, NotApplicable, NotInstalled, UsageError
from .examiner import Examiner
from .media.exhibit import open_exhibit
from .perception.voice_identity import VoiceTrace
from .signals.agreement import agreement
from .voices import Recording, Voice

FARTHEST = 0.35
"""Distance (1 less the cosine) of a recording's voice from that of the others, from which on it counts as somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A recording of an enrolment: how far its voice is from that of the others; None if it is the only one."""

    path: Path
    distance: float | None

    @property
    def matches(self) -> bool:
        """Whether it was learned from."""
        return self.distance is None or self.distance <= FARTHEST


def hear(path: Path, *, cache: PerceptCache | None = None) -> Recording:
    """Describe the voice of a recording or clip, or take what is cached of it.

    Raises
    ------
    UsageError
        If there is no sound in it, or too little speech.
    MediaError, NotInstalled
        If it cannot be read, or a model is missing.
    """
    examiner = Examiner(catalogue.load(), cache=cache or PerceptCache.of_user())
    with open_exhibit(path) as exhibit:
        try:
            trace = examiner.resolver(exhibit, [], also=(VoiceTrace,)).of(VoiceTrace)
        except NoSuchStream:
            raise UsageError(f"{path} holds no sound; give recordings or clips in which the person speaks") from None
        except NotInstalled:
            raise
        except NotApplicable as error:
            raise UsageError(f"{path}: {error}; leave it out, or give a longer one") from None
        return Recording(
            sha256=exhibit.sha256, speech_s=trace.speech_s, embeddings=trace.embeddings, hop_s=trace.hop_s
        )  # fmt: skip


def compare(paths: Sequence[Path], heard: Sequence[Recording]) -> tuple[Compared, ...]:
    """Measure how far the voice of each recording is from the median of the others that agree with the most typical one.

    Raises
    ------
    UsageError
        If no more than half of the recordings agree: which of them are of the person cannot be told.
    """
    if len(heard) < 2:
        return tuple(Compared(path=path, distance=None) for path in paths)
    # For vectors of length 1, half the square of their distance is 1 less their cosine.
    found = agreement(np.stack([voices.middle(one.embeddings) for one in heard]), float(np.sqrt(2 * FARTHEST)))
    distances = found.distances**2 / 2
    if 2 * np.count_nonzero(distances <= FARTHEST) <= len(heard):
        far, name = max((found.apart[i, found.typical] ** 2 / 2, path.name) for i, path in enumerate(paths))
        raise UsageError(
            f"the recordings hold different voices: that of {name} is {far:.2f} from that of {paths[found.typical].name}, "
            f"where recordings of one person mostly lie closer than {FARTHEST:g}; give recordings in which only this person "
            "speaks"
        )
    return tuple(Compared(path=path, distance=float(one)) for path, one in zip(paths, distances, strict=True))


def enrol(
    name: str, paths: Sequence[Path], *, replace: bool = False, cache: PerceptCache | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> tuple[Voice, tuple[Compared, ...]]:  # fmt: skip
    """Learn a voice from recordings or clips in which one person speaks, and keep it on this machine.

    Recordings whose voice is not that of the others are left out.

    Parameters
    ----------
    replace
        True replaces an enrolled voice of that name.
    tell
        Called with the number of the recording that is being heard.

    Raises
    ------
    UsageError
        If the name is taken or unfit, a file holds no speech, the recordings hold different voices, or there is too little
        speech.
    MediaError, NotInstalled
        If a file cannot be read, or a model is missing.
    """
    voices.free(name, replace=replace)
    heard = []
    for number, path in enumerate(paths):
        tell(number)
        heard.append(hear(path, cache=cache))
    checks = compare(paths, heard)
    kept = [one for one, check in zip(heard, checks, strict=True) if check.matches]
    try:
        return voices.enrol(name, kept, replace=replace), checks
    except UsageError as error:
        out = [f"{check.path.name} ({check.distance:.2f})" for check in checks if not check.matches]
        if not out:
            raise
        raise UsageError(
            f"{', '.join(out)} left out: another voice than in the other recordings (distance above {FARTHEST:g}); {error}"
        ) from None
