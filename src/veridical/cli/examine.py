"""``veridical examine PATH…``: from files to reports."""

from __future__ import annotations

import shlex
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..errors import MediaError, UsageError
from ..finding import Finding, Scalar
from ..report.markup import one_line
from . import _reports
from ._console import complain, err, out
from ._options import Knobs, Language, Only, Skip

if TYPE_CHECKING:
    from ..catalogue import Catalogue
    from ..examiner import Progress
    from ..pipeline import Run
    from ..report.model import Report

NOT_WRITTEN = 2


def command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Images, videos, sound recordings.", show_default=False)
    ],
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the reports here (default: the current folder).")
    ] = None,
    only: Only = None,
    skip: Skip = None,
    knobs: Knobs = None,
    language: Language = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the reports as JSON, one a line if there are several; writes no files."),
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open each report in the browser.")] = False,
    render: Annotated[
        bool,
        typer.Option("--render", help="Write an annotated copy of each video beside its report (.annotated.mp4)."),
    ] = False,
    no_sound: Annotated[
        bool,
        typer.Option("--no-sound", help="Leave the copy of the sound, which can be listened to, out of the reports."),
    ] = False,
    stability: Annotated[
        bool,
        typer.Option("--stability", help="Examine benign re-encodings of each file, too, and claim what they bear."),
    ] = False,
    stability_budget: Annotated[
        float | None,
        typer.Option("--stability-budget", metavar="SECONDS", help="Time for that, for each file (default: 120)."),
    ] = None,
) -> None:
    """Examine files and write one report each (HTML, and the same as JSON).

    Reports that are there already are kept; a further one of the same file has "-2" at the end of its name.

    An annotated copy shows the frames with the faces outlined, above the traces of the strongest findings, with the sound.

    The reports of recordings, and of videos with sound, hold a compressed copy of the sound to listen to, unless --no-sound is
    given. The spectrogram stays: of a short recording, words may be guessed from it.

    With --stability, about eight benign re-encodings of each file are made and examined, in a temporary folder and within a
    budget of time: the conclusion claims no more than all of them support, and is inconclusive if they change sides.

    Exit codes: 0 everything was examined; 1 a file could not be examined; 2 wrong usage, or a report or copy could not be
    written; 3 an examination failed; 130 interrupted (what was finished is in the report).
    """
    if as_json and (folder is not None or open_ or render):
        other = "--out" if folder is not None else "--open" if open_ else "--render"
        raise UsageError(f"--json writes no files, so it cannot go with {other}")
    from ..catalogue import load
    from ..pipeline import Request, Run
    from ..report.languages import chosen

    said_in = chosen(language)
    catalogue = load()
    request = Request(
        only=tuple(only or ()), skip=tuple(skip or ()), knobs=parse_knobs(knobs or []),
        sound=not no_sound, stability_s=_seconds(stability, stability_budget), command=shlex.join(["veridical", *sys.argv[1:]]),
    )  # fmt: skip
    progress = _Shown() if err.is_terminal else _Quiet()
    run = Run(request, tell=progress.tell)
    if not as_json:
        _reports.check(folder or Path())
    codes = []
    for path in paths:
        with progress.about(path, len(run.chosen)):
            report = run.examine(path, on_error=_complain, keep_interrupted=True)
        page = None
        if as_json:
            _print_json(report, several=len(paths) > 1)
        elif report.exhibit.sha256:  # else nothing was there to examine
            page = _write(report, folder or Path(), catalogue, said_in)
            codes += [] if page else [NOT_WRITTEN]
        codes.append(_code(report))
        if report.record.interrupted:
            raise typer.Exit(130)
        if page and render and not _annotate(report, path, page, run, progress):
            codes.append(NOT_WRITTEN)
        if page and open_:
            _open(page)
    raise typer.Exit(max(codes))


def _seconds(stability: bool, budget: float | None) -> float | None:
    """Return what a stability test may take; None if there is to be none."""
    from ..stability import BUDGET_S

    if not stability:
        if budget is not None:
            raise UsageError("--stability-budget needs --stability")
        return None
    if budget is not None and not 0 < budget < float("inf"):
        raise UsageError(f"--stability-budget takes a number of seconds above zero, not {budget:g}")
    return BUDGET_S if budget is None else budget


def parse_knobs(texts: Sequence[str]) -> dict[str, dict[str, Scalar]]:
    """Turn ``spatial.error_level.quality=95`` into knobs; raises UsageError if the form is another."""
    knobs: dict[str, dict[str, Scalar]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        id, dot, knob = name.rpartition(".")
        if not (equals and dot and id and knob):
            raise UsageError(f"--set takes ID.KNOB=VALUE, such as spatial.error_level.quality=95, not {text!r}")
        knobs.setdefault(id, {})[knob] = _scalar(value)
    return knobs


def _scalar(text: str) -> Scalar:
    words: Mapping[str, bool] = {"true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _code(report: Report) -> int:
    if report.error:
        return 1
    return 3 if any(one.outcome == "failed" for one in report.findings) else 0


def _complain(error: MediaError) -> None:
    complain(str(error))


def _print_json(report: Report, *, several: bool) -> None:
    from ..report.to_json import to_json

    typer.echo(to_json(report, indent=None if several else 2))


def _write(report: Report, folder: Path, catalogue: Catalogue, language: str) -> Path | None:
    """Write and print one report and return where its page lies; None if it could not be written, which is said."""
    from ..report.to_html import to_html
    from ..report.to_json import to_json
    from ..report.to_terminal import print_report

    explain = {one.id: one.sections for one in catalogue.examinations.values()}
    stem = _reports.stem_of(Path(report.exhibit.path).name, report.exhibit.sha256)
    try:
        page = _reports.write(
            folder, stem, page=to_html(report, explain=explain, language=language), data=to_json(report)
        )
    except OSError as error:
        complain(f"{report.exhibit.path}: its report could not be written to {folder} ({error.strerror})")
        return None
    print_report(report, out, page=page, language=language)
    return page


def _annotate(report: Report, path: Path, page: Path, run: Run, progress: _Quiet) -> bool:
    """Write the annotated copy of a video beside its report; False if it could not be written, which is said."""
    if report.exhibit.kind != "video":
        said = f"{path}: no annotated copy is made: --render is for videos"
        err.print(Text(one_line(said)), soft_wrap=True)
        return True
    from ..perception.tracks import FaceTracks
    from ..report.annotated import render

    to = page.with_name(page.name.removesuffix(".report.html") + ".annotated.mp4")
    tracks = run.last.at_hand(FaceTracks) if run.last else None
    try:
        with progress.about(path, 0):
            done = render(report, path, to, tracks, tell=progress.tell_second)
    except MediaError as error:
        complain(f"no annotated copy: {error}")
        return False
    except OSError as error:
        complain(f"{path}: its annotated copy could not be written to {to} ({error.strerror})")
        return False
    except KeyboardInterrupt:
        complain(f"{path}: interrupted; its report is written, its annotated copy is not")
        raise typer.Exit(130) from None
    if tracks is None:
        err.print(Text("no faces were followed in this run, so none is outlined in the annotated copy"), soft_wrap=True)
    if done.broken:
        complain(f"{path}: its annotated copy ends after {done.seconds:.1f} s: {done.broken}")
    out.print(Text(one_line(f"Annotated copy: {to}")), soft_wrap=True)
    return True


def _open(page: Path) -> None:
    if not webbrowser.open(page.resolve().as_uri()):
        err.print(Text(one_line(f"no browser could be opened; open {page} yourself")), soft_wrap=True)


class _Quiet:
    """No progress: standard error is not a terminal."""

    def about(self, path: Path, count: int) -> AbstractContextManager[object]:
        return nullcontext()

    def tell(self, progress: Progress) -> None:
        return

    def tell_second(self, second: float) -> None:
        return


class _Shown(_Quiet):
    """One line for what is running, and one for every finding that is made."""

    def __init__(self) -> None:
        self._columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())

    def about(self, path: Path, count: int) -> AbstractContextManager[object]:
        self._bar = Bar(*self._columns, console=err, transient=True)
        self._name, self._done, self._count = one_line(path.name), 0, count
        self._task = self._bar.add_task(f"{self._name}: opening")
        return self._bar

    def tell(self, progress: Progress) -> None:
        if progress.finding is not None:
            self._done += 1
            self._bar.console.print(_partial(progress.finding), no_wrap=True, overflow="ellipsis", crop=True)
            return
        what = progress.id if progress.video_s is None else f"video, second {progress.video_s:.0f}"
        self._bar.update(self._task, description=f"{self._name}: {self._done}/{self._count} · {what}")

    def tell_second(self, second: float) -> None:
        self._bar.update(self._task, description=f"{self._name}: annotated copy, second {second:.0f}")


def _partial(finding: Finding) -> Text:
    """One line about a finding that has just been made; the report says it in full."""
    seen = finding.measurement
    style = {"measured": "green", "not_applicable": "dim", "failed": "bold red"}[finding.outcome]
    said = " ".join((seen.observation if seen else finding.reason).split())
    return Text(f"  {finding.outcome.replace('_', ' '):<15}{finding.id}: ", style) + Text(one_line(said), "dim")
