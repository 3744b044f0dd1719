"""The one way in: ``examine(path) -> Report``. Command line, web, scans and benchmarks call it; nothing else examines."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from . import catalogue as catalogues
from .cache import PerceptCache
from .catalogue import Catalogue, Examination
from .errors import MediaError, NotApplicable, UsageError
from .evidence import calibration, laundering, scale
from .examiner import Examiner, Knobs, Progress
from .finding import Finding
from .media.audio import Audio
from .media.container import Container
from .media.exhibit import Exhibit, open_exhibit
from .media.image import Image
from .media.metadata import Metadata
from .media.video import Video
from .outcome import Raised, attempt
from .perception.filmstrip import Filmstrip
from .perception.quality import Quality
from .report import condition, details, hearing, previews, record
from .report.assemble import assemble
from .report.model import ExhibitRecord, NotExamined, Report, SoundShown
from .report.stability_words import stability_of
from .resolver import Resolver
from .stability import BUDGET_S, StabilityTest, by_tables

NOT_SELECTED = "not selected for this run"
INTERRUPTED = "the run was interrupted before this examination"
BROKEN_OFF = "the examination of this file ended before this examination was asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask of an exhibit, and how.

    Parameters
    ----------
    only, skip
        Ids of examinations, the first part of ids ("spatial"), or branches ("physiology"): ask these only; leave these out.
    knobs
        Changed knobs by id of examination or percept.
    strict
        Raise faults of examinations instead of recording them.
    sound
        True puts a compressed copy of the sound into the report, to be listened to.
    stability_s
        Seconds that may be spent on examining benign re-encodings of each file; None tests no stability.
    command
        The command line, for the record.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    knobs: Knobs = field(default_factory=dict)
    strict: bool = False
    sound: bool = True
    stability_s: float | None = None
    command: str = ""


def examine(
    path: Path | str, *, only: Sequence[str] | str = (), skip: Sequence[str] | str = (), knobs: Knobs | None = None,
    strict: bool = False, sound: bool = True, stability: bool | float = False, cache: PerceptCache | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Examine one file.

    Parameters
    ----------
    path
        An image, a video or a sound recording; its type is taken from its content.
    only, skip
        Ids of examinations, the first part of ids ("spatial", "audio"), or branches ("behaviour", "physiology").
    knobs
        Changed knobs, e.g. ``{"spatial.error_level": {"quality": 95}}``.
    strict
        True raises faults of examinations instead of recording them as findings.
    sound
        False leaves the compressed copy of the sound, which can be listened to, out of the report.
    stability
        True examines benign re-encodings of the file as well, and bounds the conclusion by what all of them support; a
        number allows that many seconds for it.
    cache
        Where percepts are kept between runs; by default what the settings name.
    tell
        Called when an examination starts and when it has its finding.

    Raises
    ------
    MediaError
        If the file cannot be examined.
    UsageError
        If an id or a knob does not exist.
    """
    request = Request(
        only=_names(only),
        skip=_names(skip),
        knobs=knobs or {},
        strict=strict,
        sound=sound,
        stability_s=_budget(stability),
    )
    return Run(request, cache=cache, tell=tell).examine(Path(path), on_error=_raise)


class Run:
    """Examines files under one request; what the command line and larger runs use.

    Raises UsageError when it is made, if the request names what does not exist. ``look`` is called with each exhibit when
    everything has been asked of it, before it is closed. ``last`` gives the percepts of the file that was examined last.
    """

    def __init__(
        self, request: Request, *, cache: PerceptCache | None = None, tell: Callable[[Progress], None] = lambda _: None,
        look: Callable[[Exhibit], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.catalogue = catalogues.load()
        self.request = request
        self.chosen = choose(self.catalogue, request.only, request.skip)
        self.tell = tell
        self.look = look
        self.scale = scale.load()  # a wrong one is better known before hours of work
        self.last: Resolver | None = None
        self._examiner = Examiner(
            self.catalogue, knobs=request.knobs, cache=cache or PerceptCache.of_user(), strict=request.strict
        )

    def examine(
        self, path: Path, *, on_error: Callable[[MediaError], None] = lambda _: None, keep_interrupted: bool = False
    ) -> Report:
        """Examine one file and always return a report.

        Parameters
        ----------
        on_error
            Called with what makes the file unsuitable for examination, before the report is made.
        keep_interrupted
            True turns Ctrl-C into a report of what is finished (``record.interrupted``).
        """
        began = record.now()
        clock = time.monotonic()
        findings: list[Finding] = []
        resolver = self.last = None
        error: MediaError | None = None
        interrupted = False
        exhibit: Exhibit | None = None
        heard: SoundShown | None = None
        seen: Quality | None = None
        test: StabilityTest | None = None
        traces: tuple[laundering.Trace, ...] = ()
        try:
            exhibit = open_exhibit(path)
            resolver = self.last = self._examiner.resolver(
                exhibit, self.chosen, also=self._also(exhibit), tell=self.tell
            )
            self._ask(resolver, findings)
            seen = self._quality(resolver)
            traces = self._traces(resolver, findings, seen)
            if any(Audio in self._streams(one) for one in self.chosen):
                heard = hearing.make(resolver, findings, copy=self.request.sound)
            self.look(exhibit)
            exhibit.check_unchanged()
            if self.request.stability_s is not None:
                test = self._stability_test(resolver, findings, self.request.stability_s)
                test.run()
        except MediaError as problem:
            error = problem
            on_error(problem)
        except KeyboardInterrupt:
            if not keep_interrupted:
                raise
            interrupted = True
        finally:
            if exhibit:
                exhibit.close()
        findings.sort(key=lambda finding: list(self.catalogue.examinations).index(finding.id))
        unasked = {one.id: one.reason for one in findings if one.cause == "kind"}
        asked = [one for one in findings if one.id not in unasked]
        return assemble(
            self._exhibit_record(path, exhibit, resolver, heard, seen), asked,
            self._not_examined(asked, unasked, INTERRUPTED if interrupted else BROKEN_OFF),
            record.make(
                self._examiner, self.chosen, exhibit, resolver, command=self.request.command, started=began,
                seconds=time.monotonic() - clock, interrupted=interrupted,
            ),
            catalogue=self.catalogue, table_of=calibration.load, error=error, scale=self.scale,
            look_at=partial(details.with_pictures, image=exhibit.known(Image) if exhibit else None),
            stability=stability_of(test.certificate()) if test else None, laundered=laundering.said(traces),
        )  # fmt: skip

    def _ask(self, resolver: Resolver, findings: list[Finding]) -> None:
        """Ask what needs neither frames nor sound first: damage in them, or Ctrl-C, then loses less."""
        order = sorted(self.chosen, key=self._is_heavy)
        asked = self._examiner.examine(resolver, order)
        for one in order:
            self.tell(Progress(id=one.id))
            finding = next(asked)
            findings.append(finding)
            self.tell(Progress(id=one.id, finding=finding))

    def _stability_test(self, resolver: Resolver, findings: Sequence[Finding], budget_s: float) -> StabilityTest:
        examiner = Examiner(self.catalogue, knobs=self.request.knobs, strict=self.request.strict)
        return StabilityTest(
            examiner, resolver.exhibit, resolver, findings, weigh=by_tables(self.catalogue), budget_s=budget_s,
            neutral=self.scale.least, tell=self.tell,
        )  # fmt: skip

    def _also(self, exhibit: Exhibit) -> tuple[type, ...]:
        """Return what is gathered beside what was asked; a run that neither decodes frames nor sound shall stay quick."""
        if exhibit.kind == "image" or any(map(self._is_heavy, self.chosen)):
            return (Filmstrip, Quality)
        return (Filmstrip,)

    def _quality(self, resolver: Resolver) -> Quality | None:
        """Return the quality of the exhibit; that it cannot be measured ends no run."""
        if Quality not in self._also(resolver.exhibit):
            return None
        try:
            seen = attempt(lambda: resolver.of(Quality))
        except MediaError:
            return None
        if isinstance(seen, Raised):
            if self.request.strict and not isinstance(seen.error, NotApplicable):
                raise seen.error
            return None
        return seen

    def _traces(
        self, resolver: Resolver, findings: Sequence[Finding], seen: Quality | None
    ) -> tuple[laundering.Trace, ...]:
        """Return the traces of laundering; only where the state of the file is known."""
        if seen is None:
            return ()
        exhibit = resolver.exhibit
        return laundering.traces(
            seen.plain(), metadata=exhibit.stream(Metadata), container=exhibit.stream(Container), findings=findings
        )

    def _is_heavy(self, one: Examination) -> bool:
        return not {Video, Audio}.isdisjoint(self._streams(one))

    def _streams(self, one: Examination) -> set[type]:
        """Return what an examination and its percepts need."""
        return {need.kind for each in (one, *self.catalogue.closure([one])) for need in each.needs}

    def _not_examined(self, asked: Sequence[Finding], unasked: Mapping[str, str], rest: str) -> list[NotExamined]:
        """List what was not asked: of another kind of file, not selected, or never reached."""
        reasons = dict.fromkeys(self.catalogue.examinations, NOT_SELECTED)
        reasons |= dict.fromkeys((one.id for one in self.chosen), rest) | dict(unasked)
        done = {finding.id for finding in asked}
        return [NotExamined(id=id, reason=reason) for id, reason in reasons.items() if id not in done]

    def _exhibit_record(
        self, path: Path, exhibit: Exhibit | None, resolver: Resolver | None, heard: SoundShown | None,
        seen: Quality | None,
    ) -> ExhibitRecord:  # fmt: skip
        if exhibit is None or resolver is None:
            return _unopened(path)
        people, cuts = previews.people(resolver)
        return ExhibitRecord(
            path=str(path), sha256=exhibit.sha256, kind=exhibit.kind, format=exhibit.format, bytes=exhibit.bytes,
            streams=record.streams(exhibit), previews=previews.make(resolver), people=people, cuts=cuts,
            sound=heard, quality=seen.plain() if seen else {}, condition=condition.said(seen) if seen else "",
        )  # fmt: skip


def choose(catalogue: Catalogue, only: Sequence[str], skip: Sequence[str]) -> list[Examination]:
    """Return the examinations that are asked for, in catalogue order; raises UsageError for an unknown name, or if none is."""
    known = catalogue.examinations.values()

    def named(name: str) -> set[str]:
        group = {one.id for one in known if one.id.startswith(name.rstrip(".") + ".") or one.branch == name}
        if group:
            return group
        try:
            return {catalogue.find(name).id}
        except UsageError as error:
            groups = dict.fromkeys([*(one.id.partition(".")[0] for one in known), *(one.branch for one in known)])
            raise UsageError(f"{error}; groups: {', '.join(groups)}") from None

    wanted = set().union(*map(named, only)) if only else set(catalogue.examinations)
    wanted -= set().union(*map(named, skip))
    if not wanted:
        raise UsageError("no examination is left to ask: what --only names, --skip leaves out; see: veridical list")
    return [one for id, one in catalogue.examinations.items() if id in wanted]


def _names(one_or_more: Sequence[str] | str) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else tuple(one_or_more)


def _budget(stability: bool | float) -> float | None:
    if isinstance(stability, bool):
        return BUDGET_S if stability else None
    return float(stability)


def _raise(error: MediaError) -> NoReturn:
    raise error


def _unopened(path: Path) -> ExhibitRecord:
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise FileNotFoundError
        with path.open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError:
        sha256, size = "", 0
    return ExhibitRecord(path=str(path), sha256=sha256, kind="", format="", bytes=size, streams={})
