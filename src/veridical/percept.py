"""Contract types of percepts that are gathered while a video is decoded once.

A percept of a still image, a recording or of other percepts is returned by a plain function. A percept of a video is
gathered by a *watcher*, a generator function: the examiner starts all watchers that are needed, decodes the video once, and
sends every frame to each of them::

    def watch_colours(video: Video, faces: During[FaceTracks], *, step: int = 1) -> Watch[Colours]:
        seen = []
        frame = yield None
        while frame is not None:
            seen.append(measure(frame.pixels, faces.now))
            frame = yield seen[-1]  # what other watchers see of this frame as ``During[Colours].now``
        return Colours(...)
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .media.video import Frame

P = TypeVar("P")

Watch = Generator[Any, Frame | None, P]
"""What a watcher returns: it yields its view of the frame it was sent, and at the end returns the percept."""


@dataclass(slots=True)
class During(Generic[P]):
    """What the watcher of percept P has yielded for the frame that is being looked at right now."""

    now: Any = None
