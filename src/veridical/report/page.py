"""What every part of the page is made from: the report, its pictures, its time, and the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..finding import Chart, Map, Span
from .charts import Range, time_of
from .languages import in_language
from .maps import cells_for_each
from .model import Report
from .pictures import Pictures, pictures_of
from .wording import Words

Explain = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The material of one page.

    Parameters
    ----------
    explain
        Sections of each examination's own description, by id and heading.
    time
        The time that all time charts share, seconds; None for a still image.
    cells
        How many cells one map may have.
    """

    report: Report
    words: Words
    pictures: Pictures
    explain: Explain
    time: Range | None
    cells: int

    @property
    def name(self) -> str:
        """The exhibit's file name."""
        return PurePosixPath(self.report.exhibit.path).name or self.report.exhibit.path

    @property
    def timed(self) -> bool:
        """True if there are frames to show for a time."""
        return any(one.time_s is not None for one in self.pictures.previews)


def page_of(report: Report, explain: Explain, language: str) -> Page:
    """Collect the material of a page, the report's fixed sentences in its language."""
    words = Words(language)
    figures = [figure for finding in report.findings for figure in finding.exhibits]
    return Page(
        report=in_language(report, language), words=words, pictures=pictures_of(report.exhibit), explain=explain,
        time=None if report.exhibit.kind == "image" else _time(report, [f for f in figures if isinstance(f, Chart)]),
        cells=cells_for_each(sum(isinstance(f, Map) for f in figures)),
    )  # fmt: skip


def duration_of(report: Report) -> float:
    """Return the length of the exhibit as its streams give it, seconds; 0 if they do not."""
    for stream, name in (("Audio", "duration_s"), ("Video", "duration_s"), ("Video", "claimed_duration_s")):
        value = report.exhibit.streams.get(stream, {}).get(name)
        if isinstance(value, int | float) and value > 0:
            return float(value)
    return 0.0


def _time(report: Report, charts: list[Chart]) -> Range:
    ends = [place.end_s for one in report.findings for place in one.where if isinstance(place, Span)]
    times = [one.time_s for one in report.exhibit.previews if one.time_s is not None]
    heard = [report.exhibit.sound.ends_s] if report.exhibit.sound else []
    return time_of([chart for chart in charts if chart.timeline], duration_of(report), *ends, *times, *heard)
