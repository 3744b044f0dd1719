"""The percepts of one exhibit: each computed once, from memory, then from the disk cache, then by its provider.

Percepts of a video are gathered by watchers in one decode pass, shared by all that this run needs.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from . import __version__
from .cache import PerceptCache
from .catalogue import Catalogue, Declared, Examination, Need, Percept
from .environment import versions
from .errors import HashMismatch, MediaError, ModelMissing, NoSuchStream, NotApplicable, NotInstalled
from .finding import Scalar
from .media.exhibit import Exhibit
from .media.video import Frame, Video
from .models.catalogue import get as model
from .models.store import is_present
from .models.store import path as model_path
from .outcome import Raised, attempt
from .percept import During, Watch

T = TypeVar("T")
_TELL_EVERY_S = 0.25


class Resolver:
    """Gives percepts and streams of one exhibit by type.

    Attributes
    ----------
    used
        Percepts that were needed, in order of first use.
    seconds
        Seconds that each percept took in this run; those of watchers are shared under "video".
    """

    def __init__(
        self, exhibit: Exhibit, catalogue: Catalogue, settings_of: Callable[[Declared], dict[str, Scalar]],
        store: PerceptCache, *, chosen: Sequence[Examination], also: Sequence[type] = (),
        seen: Callable[[float], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.exhibit = exhibit
        self.used: dict[str, Percept] = {}
        self.seconds: dict[str, float] = {}
        self._catalogue, self._settings_of, self._store = catalogue, settings_of, store
        extra = [catalogue.percepts[kind] for kind in also]
        self._needed = (*catalogue.closure([*chosen, *extra]), *extra)
        self._known: dict[type, object] = {}
        self._seen = seen

    def get(self, need: Need) -> object:
        """Return what a parameter asks for; None if it is optional and not applicable."""
        try:
            return self.of(need.kind)
        except MediaError:
            raise
        except NotApplicable:
            if need.optional:
                return None
            raise

    def of(self, kind: type[T]) -> T:
        """Return the percept or stream of a type; raises what its provider raised, each time it is asked."""
        percept = self._catalogue.percepts.get(kind)
        if percept is None:
            return self.exhibit.stream(kind)
        if kind not in self._known:
            self.used[percept.id] = percept
            try:
                self._known[kind] = self._make(percept)
            except NoSuchStream as error:  # a watcher, and no video to watch
                self._known[kind] = Raised(error)
        known = self._known[kind]
        if isinstance(known, Raised):
            if isinstance(known.error, NoSuchStream):
                self.used.pop(percept.id, None)
            raise known.error
        return cast(T, known)

    def at_hand(self, kind: type[T]) -> T | None:
        """Return a percept if it is known or in the cache, without computing it."""
        percept = self._catalogue.percepts[kind]
        if kind not in self._known and not self._stored(percept):
            return None
        known = self._known[kind]
        return None if isinstance(known, Raised) else cast(T, known)

    def models_used(self) -> dict[str, str]:
        """Return the SHA-256 of every model that a percept of this run needed and found."""
        names = {name for percept in self.used.values() for name in percept.models}
        return {name: model(name).sha256 for name in sorted(names) if is_present(name)}

    def _make(self, percept: Percept) -> object:
        key = self._key(percept)
        stored = self._store.load(key, percept.kind)
        if stored is not None:
            return stored
        if percept.watched:
            self._watch(percept)
            return self._known[percept.kind]
        began = time.perf_counter()
        made = attempt(lambda: percept.function(**self._arguments(percept), **self._settings_of(percept)))
        self.seconds[percept.id] = time.perf_counter() - began
        return self._keep(percept, made)

    def _keep(self, percept: Percept, made: object) -> object:
        if not isinstance(made, Raised):
            self.exhibit.check_unchanged()
            self._store.store(self._key(percept), made)
        return made

    def _arguments(self, percept: Percept) -> dict[str, object]:
        _check_models(percept)
        return {need.parameter: self.get(need) for need in percept.needs}

    def _watch(self, asked: Percept) -> None:
        """Decode the video once for every watcher that this run needs and the cache does not hold."""
        self.exhibit.stream(Video)
        began = time.perf_counter()
        wanted = [p for p in self._needed if p.watched and p.kind not in self._known and not self._stored(p)]
        running: dict[type, _Running] = {}
        for percept in self._catalogue.closure(cast(list[Declared], [*wanted, asked])) + (*wanted, asked):
            if percept.watched and percept.kind not in running:
                running[percept.kind] = self._start(percept, running)
        self._pass(list(running.values()))
        for kind, watcher in running.items():
            self._known[kind] = self._keep(watcher.percept, watcher.result)
            self.used[watcher.percept.id] = watcher.percept
        self.seconds["video"] = time.perf_counter() - began

    def _stored(self, percept: Percept) -> bool:
        stored = self._store.load(self._key(percept), percept.kind)
        if stored is not None:
            self._known[percept.kind] = stored
            self.used[percept.id] = percept
        return stored is not None

    def _start(self, percept: Percept, running: Mapping[type, _Running]) -> _Running:
        watcher = _Running(percept, [running[need.kind] for need in percept.needs if need.during])

        def begin() -> Watch[Any]:
            arguments: dict[str, object] = {}
            _check_models(percept)
            for need in percept.needs:
                arguments[need.parameter] = running[need.kind].during if need.during else self.get(need)
            generator: Watch[Any] = percept.function(**arguments, **self._settings_of(percept))
            next(generator)
            return generator

        watcher.begin(begin)
        return watcher

    def _pass(self, watchers: Sequence[_Running]) -> None:
        if all(watcher.generator is None for watcher in watchers):
            return
        told = 0.0
        for frame in self.exhibit.stream(Video).frames(why="percepts"):
            for watcher in watchers:
                watcher.see(frame)
            if time.monotonic() - told > _TELL_EVERY_S:
                self._seen(frame.time_s)
                told = time.monotonic()
        for watcher in watchers:
            watcher.see(None)

    def _key(self, percept: Percept) -> str:
        needs = [self._catalogue.percepts[need.kind] for need in percept.needs if need.kind in self._catalogue.percepts]
        parts = [
            self.exhibit.sha256, percept.id, _code(), dict(versions()), sorted(self._settings_of(percept).items()),
            [model(name).sha256 for name in percept.models],
            # an optional need may be absent only for want of a model: the percept without it is another one
            [is_present(name) for need in needs for name in need.models], [self._key(need) for need in needs],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class _Running:
    """A watcher at work: its generator, what it shows of the current frame, and its result."""

    def __init__(self, percept: Percept, above: Sequence[_Running]) -> None:
        self.percept = percept
        self.above = above
        self.generator: Watch[Any] | None = None
        self.result: object = None
        self.during: During[Any] = During()

    def begin(self, start: Callable[[], Watch[Any]]) -> None:
        fault = self._fault_above()
        started = fault if fault else attempt(start)
        if isinstance(started, Raised):
            self.result = started
        else:
            self.generator = started

    def see(self, frame: Frame | None) -> None:
        generator = self.generator
        if generator is None:
            return
        view = self._fault_above() or attempt(lambda: generator.send(frame))
        if isinstance(view, Raised):
            ended = isinstance(view.error, StopIteration)
            self.generator, self.result = None, view.error.value if ended else view  # type: ignore[attr-defined]
            self.during.now = None
        else:
            self.during.now = view

    def _fault_above(self) -> Raised | None:
        return next((one.result for one in self.above if isinstance(one.result, Raised)), None)


def _check_models(percept: Percept) -> None:
    missing = [name for name in percept.models if not is_present(name)]
    if missing:
        raise ModelMissing(*missing)
    for name in percept.models:
        try:
            model_path(name)
        except HashMismatch as error:
            raise NotInstalled(str(error)) from error


@cache
def _code() -> str:
    """Hash of the source of everything that percepts are made by."""
    package = Path(__file__).parent
    digest = hashlib.sha256(__version__.encode())
    for folder in ("perception", "signals", "media", "models"):
        for file in sorted((package / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
