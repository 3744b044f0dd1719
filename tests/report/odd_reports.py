"""Reports that are hard on a page: of a file that cannot be examined, and of a hostile one."""

from __future__ import annotations

import numpy as np

from veridical.finding import Chart, Line, Map, Region, Span, Table
from veridical.report.model import SCHEMA_VERSION, ExhibitRecord, NotExamined, Report

from .parts import HOSTILE, conclusion, finding, preview, record, scene, unable


def make_unsuitable() -> Report:
    exhibit = ExhibitRecord(path="broken.jpg", sha256="00" * 32, kind="image", format="jpeg", bytes=1, streams={})
    return Report(
        schema_version=SCHEMA_VERSION,
        exhibit=exhibit,
        findings=(),
        not_examined=(NotExamined(id="spatial.error_level", reason="the file could not be decoded"),),
        conclusion=conclusion(
            band="unsuitable for examination",
            statement="The file could not be examined: the picture is truncated after "
            "12 of 900 rows. Fetch the file again from its source.",
        ),
        record=record(),
        error={"type": "DamagedMedia", "problem": "the picture is truncated", "remedy": "Fetch it again"},
    )


def make_hostile() -> Report:
    text = HOSTILE
    long = "a very long sentence that goes on and on " * 40 + "x" * 400
    chart = Chart(
        name=text,
        x_name=text,
        x_unit=text,
        y_name=text,
        y_unit=text,
        caption=text,
        timeline=True,
        lines=(Line(name=text, x=np.array([0, 1, np.inf], np.float32), y=np.array([np.nan, 1, 2], np.float32)),),
    )
    empty = Chart(
        name=text,
        x_name="x",
        x_unit="1",
        y_name="y",
        y_unit="1",
        lines=(Line(name="nothing", x=np.zeros(0, np.float32), y=np.zeros(0, np.float32)),),
    )
    figures = (
        chart,
        empty,
        Table(name=text, columns=(text, "b"), rows=((text, long),), caption=text),
        Map(
            name=text,
            values=np.array([[np.nan, np.inf], [-np.inf, 0.5]], np.float32),
            unit=text,
            low=0.0,
            high=1.0,
            caption=text,
        ),
        Map(name="empty", values=np.zeros((0, 0), np.float32), unit="1", low=0.0, high=1.0),
    )
    region = Region(x=-50, y=1e9, width=float("nan"), height=3, label=text)
    hostile = finding(
        text,
        text,
        question=text,
        observation=long,
        exhibits=figures,
        where=(region, Span(start_s=0, end_s=-1, label=text)),
        facts={text: text, "big": float("inf")},
        declares=(text,),
        limits=(text, long),
        settings={text: text},
        unweighed=text,
        unit=text,
    )
    exhibit = ExhibitRecord(
        path=f"/x/{text}",
        sha256=text,
        kind=text,
        format=text,
        bytes=0,
        streams={"Image": {text: text, "width": -1, "height": None}},
        previews=(preview(scene(90, 120), width=120),),
    )
    return Report(
        schema_version=SCHEMA_VERSION,
        exhibit=exhibit,
        findings=(hostile, unable(text + "2", "voice", text)),
        not_examined=(NotExamined(id=text, reason=text),),
        conclusion=conclusion(
            band=text, category=text, statement=text, declarations=(text,), limits=(text,), propositions=(text, text)
        ),
        record=record(
            models={text: text}, environment={text: text}, command=text, started=text, limits=(text,), version=text
        ),
        error={text: text},
    )
