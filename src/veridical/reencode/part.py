"""The first seconds of a clip or recording, for what cannot be done to all of it in time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TypeVar, cast

from ..media.audio import Audio
from ..media.exhibit import Exhibit
from ..media.video import Frame, Video

T = TypeVar("T")


class Part(Exhibit):
    """An exhibit whose pictures and sound end after some seconds; everything else is the whole exhibit's."""

    def __init__(self, whole: Exhibit, seconds: float) -> None:
        super().__init__(
            whole.path, sha256=whole.sha256, size=whole.bytes, format=whole.format, kind=whole.kind, decoder=whole.decoder,
            state=whole._state,
        )  # fmt: skip
        self._whole, self._seconds = whole, seconds

    def stream(self, wanted: type[T]) -> T:
        """Return one typed stream; raises what the whole exhibit raises."""
        found = self._whole.stream(wanted)
        if isinstance(found, Audio):
            return cast(T, replace(found, samples=found.samples[: max(1, round(self._seconds * found.rate))]))
        return cast(T, _Pictures(found, self._seconds)) if isinstance(found, Video) else found


class _Pictures(Video):
    """The pictures of a video up to a time."""

    _whole: Video
    _seconds: float

    def __init__(self, whole: Video, seconds: float) -> None:
        vars(self).update(vars(whole), _whole=whole, _seconds=seconds)

    def frames(self, *, why: str = "examination") -> Iterator[Frame]:
        """Decode from the start up to the time; raises DamagedMedia."""
        with closing(cast(Generator[Frame, None, None], self._whole.frames(why=why))) as frames:
            for frame in frames:
                if frame.time_s >= self._seconds:
                    return
                yield frame
