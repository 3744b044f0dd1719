"""Reports of every kind, made by hand: a photo, a clip, a recording."""

from __future__ import annotations

import numpy as np

from veridical.catalogue import SECTIONS
from veridical.finding import Chart, Line, Map, Region, Span, Table
from veridical.report.model import (
    SCHEMA_VERSION,
    Evidence,
    ExhibitRecord,
    NotExamined,
    PersonSeen,
    Report,
    Stability,
    Variant,
)

from .odd_reports import make_hostile, make_unsuitable
from .parts import HOSTILE, conclusion, film, finding, outlined, preview, record, scene, smooth, sound, unable


def make_photo(orientation: int = 6) -> Report:
    pixels = scene(900, 1200)
    error = np.abs(smooth(900, 1200, 1)) * 2
    error[300:420, 250:420] += 6
    error[:, :30] = np.nan
    residual = smooth(56, 75, 2, 2.0) * 0.4
    frequencies = np.linspace(0, 0.5, 180, dtype=np.float32)
    power = (-3 * np.log10(frequencies + 0.01) + 0.1 * smooth(1, 180, 3, 1)[0]).astype(np.float32)
    face = Region(x=250, y=300, width=170, height=120, label="block with the largest residual", value=7.1)
    findings = (
        finding(
            "spatial.error_level",
            "blending",
            question="Do parts answer differently to another JPEG compression?",
            value=2.41,
            unit="grey levels",
            observation="The residual inside the marked block is 7.1 grey levels, 2.4 times that "
            "of its surroundings of the same texture.",
            where=(face, Region(x=900, y=700, width=80, height=90, label="block")),
            exhibits=(
                Map(
                    name="Error level",
                    values=error,
                    unit="grey levels",
                    low=0.0,
                    high=10.0,
                    caption="Mean of three channels.",
                ),
                Map(name="Signed residual", values=residual, unit="1", low=-1.5, high=1.5, diverging=True),
            ),
            limits=("The picture was saved at quality 75: differences below 0.5 grey levels are lost.",),
        ),
        finding(
            "spatial.radial_spectrum",
            "forensics",
            question="Is the power at high spatial frequencies unlike that of a camera?",
            value=-0.73,
            unit="dB",
            evidence=Evidence(
                log10_lr=0.42,
                interval=(0.1, 0.71),
                bound=1.3,
                condition="JPEG quality 70 to 95, 0.5 to 4 megapixels",
                table="spatial.radial_spectrum 1",
            ),
            unweighed="",
            exhibits=(
                Chart(
                    name="Radial power",
                    x_name="spatial frequency",
                    x_unit="cycles/pixel",
                    y_name="log power",
                    y_unit="dB",
                    lines=(
                        Line(name="this picture", x=frequencies, y=power),
                        Line(name="fitted line", x=frequencies, y=power * 0.9 + 0.2),
                    ),
                    marks=(0.25,),
                ),
                Map(
                    name="Spectrum", values=smooth(256, 256, 4) * 10 + 40, unit="dB", low=0.0, high=80.0, overlay=False
                ),
                Table(name="Peaks", columns=("frequency", "height"), rows=(("0.25", "3.1 dB"), ("0.125", "1.2 dB"))),
            ),
            facts={"slope": -2.9, "peaks": 2, "periodic": False},
        ),
        finding(
            "provenance.generator_marks",
            "provenance",
            value=1.0,
            observation="PNG text names a generator.",
            declares=("The metadata name the software “Example Diffusion 2”.",),
        ),
        unable("spatial.pupils", "artefacts", "the largest face is 31 px wide; pupils need 120 px"),
        finding(
            "spatial.alignment_prior",
            "artefacts",
            outcome="failed",
            value=None,
            observation="",
            unweighed="",
            reason="ValueError: a fault",
            traceback="Traceback (most recent call last):\n  …\nValueError: a fault",
        ),
    )
    exhibit = ExhibitRecord(
        path="/evidence/Photo of a meeting (1).jpg",
        sha256="0f" * 32,
        kind="image",
        format="jpeg",
        bytes=483_211,
        streams={
            "Image": {"width": 1200, "height": 900, "orientation": orientation, "mode": "RGB"},
            "Metadata": {"exif": 31},
        },
        previews=(preview(pixels, orientation=orientation, width=480),),
    )
    return Report(
        schema_version=SCHEMA_VERSION,
        exhibit=exhibit,
        findings=findings,
        not_examined=(NotExamined(id="temporal.blink", reason="the exhibit is not a video"),),
        conclusion=conclusion(declarations=("The metadata name the software “Example Diffusion 2”.",)),
        record=record(),
    )


def make_clip() -> Report:
    times = np.arange(0, 12, 0.04, dtype=np.float32)
    left = (0.3 + 0.02 * np.sin(times * 9)).astype(np.float32)
    for blink in (2.0, 5.5, 9.1):
        left[abs(times - blink) < 0.12] = 0.08
    left[100:120] = np.nan
    flicker = np.abs(smooth(1, times.size, 5, 2)[0])
    spans = (
        Span(start_s=1.88, end_s=2.12, label="blink", value=0.08, track=1),
        Span(start_s=5.38, end_s=5.62, label="blink", value=0.08, track=1),
        Region(x=300, y=200, width=200, height=200, label="face that flickers", value=3.0, time_s=7.9),
    )
    findings = (
        finding(
            "temporal.blink",
            "behaviour",
            question="Does the person blink as living people do?",
            unit="blinks/min",
            value=15.0,
            observation="3 blinks in 12.0 s.",
            where=spans,
            exhibits=(
                Chart(
                    name="Eye opening",
                    x_name="time",
                    x_unit="s",
                    y_name="eye opening",
                    y_unit="1",
                    timeline=True,
                    lines=(
                        Line(name="left eye", x=times, y=left, track=1),
                        Line(name="right eye", x=times, y=left * 0.95, track=1),
                    ),
                ),
            ),
        ),
        finding(
            "temporal.flicker",
            "continuity",
            question="Does the face flicker against its surroundings?",
            exhibits=(
                Chart(
                    name="Flicker",
                    x_name="time",
                    x_unit="s",
                    y_name="difference",
                    y_unit="grey levels",
                    timeline=True,
                    lines=(Line(name="face", x=times, y=flicker),),
                    marks=(3.2,),
                    caption="Differences between frames.",
                ),
                Map(name="Mean flicker", values=np.abs(smooth(45, 80, 8, 2)), unit="grey levels", low=0.0, high=4.0),
                film(),
            ),
        ),
        unable("temporal.pulse", "physiology", "12.0 s at 25 frames a second; a pulse needs 15 s"),
    )
    exhibit = ExhibitRecord(
        path="interview.mp4",
        sha256="c4" * 32,
        kind="video",
        format="mp4",
        bytes=7_340_032,
        streams={
            "Video": {"width": 1280, "height": 720, "claimed_duration_s": 12.0},
            "Audio": {"rate": 44100, "channels": 2},
        },
        previews=tuple(
            outlined(preview(scene(720, 1280, 0.03 * i), time_s=1.0 * i, width=320), 1, 300.0) for i in range(13)
        ),
        people=(
            PersonSeen(person=0, shot=0, seen=((0.0, 3.2),)),
            PersonSeen(person=1, shot=1, seen=((3.2, 4.0), (4.8, 12.0))),
        ),
        cuts=(3.2,),
        sound=sound(11.0, 8000, start_s=0.5, channels=2),
    )
    return Report(
        schema_version=SCHEMA_VERSION,
        exhibit=exhibit,
        findings=findings,
        not_examined=(),
        conclusion=conclusion(
            log10_lr=0.9,
            interval=(0.3, 1.4),
            band="moderate support for the first proposition",
            category="reenactment",
            stability=Stability(
                variants=(
                    Variant(name="as it is", values={"temporal.pulse": 0.41}, log10_lr=0.9),
                    Variant(name="H.264 at CRF 28", values={"temporal.pulse": 0.37}, log10_lr=0.7),
                    Variant(name="three quarters of its size", values={"temporal.pulse": None}, log10_lr=1.1),
                ),
                spread=0.4,
                cap=None,
                flipped=False,
                statement="Eight re-encoded copies give 0.7 to 1.1.",
            ),
        ),
        record=record(command="veridical examine interview.mp4", interrupted=True),
    )


def make_recording() -> Report:
    spectrogram = (smooth(129, 3000, 9, 3) * 12 - 50).astype(np.float16)
    times = np.arange(0, 60, 0.01, dtype=np.float32)
    findings = (
        finding(
            "audio.bandwidth",
            "voice",
            question="Does the band end where no recorder ends it?",
            value=7.9,
            unit="kHz",
            exhibits=(
                Map(name="Spectrogram", values=spectrogram, unit="dB", low=-90.0, high=-10.0, overlay=False),
                Chart(
                    name="Upper edge of the band",
                    x_name="time",
                    x_unit="s",
                    y_name="edge",
                    y_unit="kHz",
                    timeline=True,
                    lines=(
                        Line(name="edge", x=times, y=(7.9 + 0.05 * smooth(1, times.size, 3, 9)[0]).astype(np.float32)),
                    ),
                ),
            ),
            where=(Span(start_s=10.0, end_s=14.0, label="edge at 4 kHz"),),
        ),
    )
    exhibit = ExhibitRecord(
        path="voice message.ogg",
        sha256="aa" * 32,
        kind="audio",
        format="ogg",
        bytes=912,
        streams={"Audio": {"rate": 16000, "channels": 1, "duration_s": 60.0}},
        sound=sound(60.0, 16000),
    )
    return Report(
        schema_version=SCHEMA_VERSION,
        exhibit=exhibit,
        findings=findings,
        not_examined=(),
        conclusion=conclusion(),
        record=record(),
    )


MAKERS = {
    "photo": make_photo,
    "clip": make_clip,
    "recording": make_recording,
    "unsuitable": make_unsuitable,
    "hostile": make_hostile,
}
EXPLAIN = {
    id: {
        heading: f"What stands under {heading}.\n\n- first cause\n- second cause that\n  goes on"
        for heading in SECTIONS
    }
    for id in ("spatial.error_level", "spatial.radial_spectrum", "temporal.blink", "audio.bandwidth", HOSTILE)
}
