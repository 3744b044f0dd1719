"""Puts questions to an exhibit: resolves percepts once, decodes a video once, and gives every question its outcome.

An unforeseen exception becomes a finding of outcome "failed" with its traceback.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .cache import PerceptCache
from .catalogue import Catalogue, Declared, Examination
from .errors import NoSuchStream, NotApplicable, NotInstalled, UsageError
from .finding import Cause, Finding, Measurement, Outcome, Scalar
from .media.exhibit import Exhibit
from .outcome import Raised, attempt
from .resolver import Resolver

Knobs = Mapping[str, Mapping[str, Scalar]]
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Something happened: ``id`` started (no finding), or ended (with its finding); or ``video_s`` of video are seen."""

    id: str
    finding: Finding | None = None
    video_s: float | None = None


class Examiner:
    """Asks the examinations of a catalogue.

    Parameters
    ----------
    catalogue
        What can be asked.
    knobs
        Changed knobs, by id of examination or percept, then by name.
    cache
        Percepts kept between runs.
    strict
        True raises faults of examinations and percepts instead of recording them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        knobs: Knobs | None = None,
        cache: PerceptCache | None = None,
        strict: bool = False,
    ) -> None:
        self.catalogue = catalogue
        self.cache = cache or PerceptCache(None, most_bytes=0)
        self.strict = strict
        self._knobs = dict(knobs or {})
        self._check_knobs()

    def settings_of(self, one: Declared) -> dict[str, Scalar]:
        """Return all knobs of an examination or percept with their values in this run."""
        return {**one.knobs, **self._knobs.get(one.id, {})}

    def resolver(
        self, exhibit: Exhibit, chosen: Sequence[Examination], *, also: Sequence[type] = (),
        tell: Callable[[Progress], None] = lambda _: None,
    ) -> Resolver:  # fmt: skip
        """Return the percepts of an exhibit for these examinations; give it to ``examine``.

        Percepts ``also`` are gathered when the video is decoded anyway.
        """
        return Resolver(
            exhibit, self.catalogue, self.settings_of, self.cache, chosen=chosen, also=also,
            seen=lambda seconds: tell(Progress(id="video", video_s=seconds)),
        )  # fmt: skip

    def examine(self, resolver: Resolver, chosen: Sequence[Examination]) -> Iterator[Finding]:
        """Ask examinations about an exhibit; each finding comes as soon as it is made.

        Raises
        ------
        MediaError
            If the exhibit turns out to be damaged or beyond the limits; findings already given stay valid.
        """
        for one in chosen:
            yield self._ask(one, resolver)

    def _ask(self, one: Examination, resolver: Resolver) -> Finding:
        knobs = self.settings_of(one)
        gathered = attempt(lambda: {need.parameter: resolver.get(need) for need in one.needs})
        began = time.perf_counter()  # percepts are shared: their time is nobody's alone
        if isinstance(gathered, Raised):
            measured: Measurement | Raised = gathered
        else:
            measured = attempt(lambda: _checked(one, one.function(**gathered, **knobs)))
        seconds = time.perf_counter() - began
        outcome, reason, fault = self._judge(measured)
        cause = _cause(measured.error) if isinstance(measured, Raised) and outcome == "not_applicable" else ""
        return Finding(
            id=one.id, branch=one.branch, outcome=outcome, settings=knobs, seconds=seconds, reason=reason,
            cause=cause, traceback=fault, measurement=None if isinstance(measured, Raised) else measured,
        )  # fmt: skip

    def _judge(self, measured: Measurement | Raised) -> tuple[Outcome, str, str]:
        if not isinstance(measured, Raised):
            return "measured", "", ""
        error = measured.error
        if isinstance(error, NotApplicable):
            return "not_applicable", str(error), ""
        if self.strict or isinstance(error, UsageError):
            raise error
        return "failed", f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error))

    def _check_knobs(self) -> None:
        declared: dict[str, Declared] = dict(self.catalogue.examinations)
        declared |= {percept.id: percept for percept in self.catalogue.percepts.values()}
        for id, knobs in self._knobs.items():
            if id not in declared:
                raise UsageError(f"there is no examination or percept {id!r} to set; see: veridical list")
            for name, value in knobs.items():
                _check_knob(declared[id], name, value)


def _check_knob(one: Declared, name: str, value: Scalar) -> None:
    if name not in one.knobs:
        known = ", ".join(one.knobs) or "none"
        raise UsageError(f"{one.id} has no knob {name!r}; it has: {known}")
    default = one.knobs[name]
    kind: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
    if not isinstance(value, kind) or (isinstance(value, bool) and not isinstance(default, bool)):
        raise UsageError(f"{one.id}.{name} takes {_KINDS[type(default)]} such as {default!r}, not {value!r}")


def _cause(error: Exception) -> Cause:
    if isinstance(error, NoSuchStream):
        return "kind"
    return "installation" if isinstance(error, NotInstalled) else "exhibit"


def _checked(one: Examination, measurement: object) -> Measurement:
    if not isinstance(measurement, Measurement):
        raise TypeError(f"{one.id} returned a {type(measurement).__name__}, not a Measurement")
    if not np.isfinite(measurement.value):
        raise ValueError(f"{one.id} returned the value {measurement.value}")
    return measurement
