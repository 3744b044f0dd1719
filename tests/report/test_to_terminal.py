"""The terminal summary: the same data; plain lines in a pipe; nothing of the exhibit reaches the terminal as a command."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from veridical.report.model import Report
from veridical.report.to_terminal import print_report


def printed(report: Report, *, terminal: bool) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, color_system="standard" if terminal else None)
    print_report(report, console, page=Path("out") / "photo.report.html")
    return file.getvalue()


def test_pipe_gets_one_plain_line_a_finding(photo: Report) -> None:
    lines = printed(photo, terminal=False).splitlines()
    assert "Conclusion: inconclusive" in lines
    assert "3 measured (1 weighed one by one), 1 could not be examined, 1 failed, 1 not examined" in lines
    for finding in photo.findings:
        (line,) = [one for one in lines if f" | {finding.id} | " in one]
        assert (finding.observation or finding.reason) in line
    assert any("[log10 LR 0.42]" in line for line in lines)
    assert "not examined (the exhibit is not a video): temporal.blink" in lines
    assert lines[-1] == "Report: out/photo.report.html"
    assert all(line.isprintable() for line in lines)


def test_terminal_gets_a_table_by_branch(photo: Report) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", printed(photo, terminal=True))
    assert "Observation or reason" in text
    assert text.count("Visible artefacts") == 1
    rows = [text.index(finding.id) for finding in photo.findings if finding.branch in ("blending", "forensics")]
    assert rows == sorted(rows)


@pytest.mark.parametrize("terminal", [False, True])
def test_hostile_text_commands_nothing(hostile: Report, terminal: bool) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", printed(hostile, terminal=terminal).replace(r"\x1b[31m", "SHOWN"))
    assert "SHOWN" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    text.encode("utf-8")


def test_path_of_the_page_is_printed_as_it_is(unsuitable: Report) -> None:
    file = io.StringIO()
    page = Path("a  b") / ("c" * 150 + "\x1b[31m\n.html")
    print_report(unsuitable, Console(file=file, width=40), page=page)
    assert file.getvalue().splitlines()[-1] == "Report: a  b/" + "c" * 150 + r"\x1b[31m\x0a.html"


def test_what_is_not_known_leaves_no_gap(unsuitable: Report) -> None:
    unopened = replace(unsuitable, exhibit=replace(unsuitable.exhibit, kind="", format="", bytes=120))
    assert printed(unopened, terminal=False).splitlines()[0] == "broken.jpg: 120 bytes"


def test_every_kind_of_report_can_be_printed(report: Report) -> None:
    assert "Conclusion: " in printed(report, terminal=True)
