"""Does the skin redden and pale with one steady heartbeat?

Method
------
The mean colour of forehead, cheeks, nose and chin is brought to even steps of time, and the trace of the pulse is taken from
each region by POS, which looks across the tone of the skin so that brightness and gloss cancel; the traces are averaged.
The strongest rate between 45 and 150 a minute is the peak of the periodogram. Its signal-to-noise ratio is 10·log10 of the
power within 6 beats a minute of it and of its double over all other power in the band. The value is the ratio that noise
alone reaches on average over the same time (−2.4 dB over 8 s, −4.5 dB over 30 s) minus the ratio that was found, so that
short and long clips can be compared. Each unbroken stretch is cut into equal pieces of at most half a minute, because a heart
does not keep its rate for longer; a face has the mean of its pieces, weighed by length, and the clip has the value of the
face with the least pulse. A heart rate is named only if the ratio is above 0 dB and windows of 10 seconds agree within 5 beats
a minute. CHROM and GREEN are shown beside POS.

What a high value means
-----------------------
No steady pulse stands out of the changes of the skin's colour: at 0 the strongest rate stands out no more than that of
noise. Faces drawn one frame at a time, or a photograph that is moved, have none. A recorded pulse brings the value below 0.

What it cannot see
------------------
A pulse is no sign of authenticity. High-quality fakes carry the heartbeat of the person whose video drove them (Seibold and
others 2025, checked against an electrocardiogram). Nor does a missing pulse show a fake: most compressed clips have lost it.

Also caused by
--------------
- compression for the web, above all at low bit rates; smoothing and beauty filters; a video made smaller
- movement, speech, light that changes in colour, a screen that lights the face
- dark or thickly made-up skin, little light, a small face
- a clip of a few seconds, in which noise is as even as a pulse: the value of noise varies by 1.8 dB over 8 s

Needs
-----
One face for 8 seconds without a break, better 30, at 15 frames a second or more, with 1,500 px of bare skin or more, light
that is steady, and little compression.

References
----------
POS: Wang, den Brinker, Stuijk and de Haan, IEEE TBME 2017. CHROM: de Haan and Jeanne, IEEE TBME 2013. GREEN: Verkruysse,
Svaasand and Nelson 2008. For generated faces: Conotter, Bodnari, Boato and Farid, ICIP 2014; Ciftci, Demir and Yin, TPAMI 2020
(1901.02212). The warning: Seibold and others, Frontiers in Imaging 2025, High-quality deepfakes have a heart!
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.skin_traces import SkinTrace, SkinTraces
from ...perception.tracks import FaceTracks
from ...signals import pulse
from ...signals.pulse import Beat
from ...signals.series import evenly, lasting, most_of

BRANCH = "physiology"
DETECTS = ("synthesis", "reenactment", "replacement")
DEMO = "lab.pulse.absent"

_WARNING = (
    "High-quality fakes carry the heartbeat of the person whose video drove them (Seibold and others 2025): a pulse says "
    "nothing for a recording."
)
_MOST_FACES = 6
_FEW_PX = 6000.0


@dataclass(frozen=True, slots=True)
class _Window:
    start_s: float
    end_s: float
    beat: Beat


@dataclass(frozen=True, slots=True)
class _Piece:
    """An unbroken piece of one face: the POS trace at even steps, the beat by each method, and the windows of POS."""

    times: np.ndarray
    trace: np.ndarray
    spectra: Mapping[str, tuple[np.ndarray, np.ndarray]]
    beats: Mapping[str, Beat]
    windows: tuple[_Window, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    skin: SkinTrace
    pieces: tuple[_Piece, ...]
    rate: float | None

    @property
    def number(self) -> int:
        return self.skin.person

    @property
    def seconds(self) -> float:
        return sum(_seconds(piece) for piece in self.pieces)

    def snr(self, method: str) -> float:
        """Mean signal-to-noise ratio of the pieces, weighed by length, dB."""
        return sum(piece.beats[method].snr_db * _seconds(piece) for piece in self.pieces) / self.seconds

    @property
    def missing(self) -> float:
        """By how much the ratio falls short of that of noise over the same time, dB."""
        return sum(
            pulse.noise_snr_db(_seconds(piece)) * _seconds(piece) for piece in self.pieces
        ) / self.seconds - self.snr("POS")

    @property
    def best(self) -> _Piece:
        return max(self.pieces, key=lambda piece: piece.beats["POS"].snr_db)


def examine(
    skin: SkinTraces, tracks: FaceTracks, *, least_s: float = 8.0, most_s: float = 30.0, least_fps: float = 15.0,
    least_skin_px: float = 1500.0, window_s: float = 10.0, agree_within: float = 5.0, least_snr_db: float = 0.0,
) -> Measurement:  # fmt: skip
    """Look for the pulse in the colour of each face.

    Parameters
    ----------
    least_s, least_fps, least_skin_px
        Gates: length of an unbroken stretch, frame rate, pixels of skin a frame.
    most_s
        Longer stretches are cut into equal pieces of at most this length.
    window_s, agree_within
        Length of the windows that must agree before a heart rate is named, and by how many beats a minute at most.
    least_snr_db
        Signal-to-noise ratio below which no heart rate is named.
    """
    fps = tracks.fps
    if not skin.traces:
        raise NotApplicable("no face was found in the clip")
    if round(fps) < least_fps:
        raise NotApplicable(f"the clip has {fps:.0f} frames a second; the pulse needs {least_fps:g}")
    sizes = [float(np.median(trace.pixels.sum(1))) for trace in skin.traces]
    large = [trace for trace, size in zip(skin.traces, sizes, strict=True) if size >= least_skin_px]
    if not large:
        raise NotApplicable(f"a face shows {max(sizes):.0f} px of skin at most; the pulse needs {least_skin_px:g} px")
    people = []
    for trace in large:
        runs = pulse.pieces(trace.frames, trace.times, least_s=least_s, most_s=most_s)
        pieces = tuple(piece for run in runs if (piece := _piece(trace, run, fps, window_s)) is not None)
        if pieces:
            people.append(_Person(trace, pieces, _rate(pieces, agree_within, least_snr_db)))
    if not people:
        raise NotApplicable(f"no face is seen for {least_s:g} s without a break, which the pulse needs")
    return _measure(sorted(people, key=lambda one: -one.missing), least_snr_db)


def _piece(trace: SkinTrace, run: np.ndarray, fps: float, window_s: float) -> _Piece | None:
    """Measure one unbroken piece; None if no region stays in the picture."""
    rgb = trace.rgb[run].astype(float)
    seen = np.isfinite(rgb).all((0, 2))
    if not seen.any():
        return None
    times, colours = evenly(trace.times[run], rgb[:, seen], fps)
    # Each region by itself: light and tone differ between them, and POS takes the tone from the mean colour.
    traces = {name: method(colours, fps).mean(1) for name, method in pulse.METHODS.items()}
    spectra = {name: pulse.spectrum(one, fps) for name, one in traces.items()}
    return _Piece(
        times=times, trace=traces["POS"], spectra=spectra,
        beats={name: pulse.strongest(*spectrum) for name, spectrum in spectra.items()},
        windows=_windows(times, traces["POS"], fps, window_s),
    )  # fmt: skip


def _windows(times: np.ndarray, trace: np.ndarray, fps: float, window_s: float) -> tuple[_Window, ...]:
    """Return the beat of windows that overlap by half at most, so that two that agree say more than one."""
    length = round(window_s * fps)
    if len(trace) < length:
        return ()
    count = 1 + int((len(trace) - length) / (length / 2) + 0.05)
    starts = np.linspace(0, len(trace) - length, count).round().astype(int)
    return tuple(
        _Window(float(times[at]), float(times[at + length - 1]), pulse.beat_of(trace[at : at + length], fps))
        for at in starts
    )


def _rate(pieces: tuple[_Piece, ...], agree_within: float, least_snr_db: float) -> float | None:
    """Return the heart rate of the clearest piece; None if it does not stand out or two windows or more do not agree."""
    for piece in sorted(pieces, key=lambda one: one.beats["POS"].snr_db, reverse=True):
        rates = [window.beat.per_minute for window in piece.windows]
        clear = piece.beats["POS"].snr_db > least_snr_db and len(rates) > 1
        if clear and max(rates) - min(rates) <= agree_within:
            return piece.beats["POS"].per_minute
    return None


def _seconds(piece: _Piece) -> float:
    return lasting(piece.times)


def _measure(people: list[_Person], least_snr_db: float) -> Measurement:
    least = people[0]
    snr = {name: least.snr(name) for name in pulse.METHODS}
    strongest = least.best.beats["POS"].per_minute
    named = (
        f"a heart rate of {least.rate:.0f} a minute, on which its windows agree"
        if least.rate is not None
        else "no heart rate on which one could rely"
    )
    return Measurement(
        value=least.missing,
        unit="dB",
        observation=(
            f"The strongest rate in the skin of face {least.number + 1}, {strongest:.0f} a minute, has a signal-to-noise ratio "
            f"of {snr['POS']:+.1f} dB over {least.seconds:.0f} s, where noise alone has {least.missing + snr['POS']:+.1f} dB "
            f"on average: {named}."
        ),
        where=_where(least, least_snr_db),
        exhibits=(_trace_chart(people), _spectrum_chart(least), *_rate_chart(people), _table(people)),
        facts={
            "heart_rate_per_minute": None if least.rate is None else round(least.rate, 1),
            "strongest_per_minute": round(strongest, 1), "seconds": round(least.seconds, 2), "faces": len(people),
            **{f"snr_{name.lower()}_db": round(value, 2) for name, value in snr.items()},
        },
        limits=(_WARNING, *_limits(least)),
    )  # fmt: skip


def _limits(one: _Person) -> tuple[str, ...]:
    found = []
    longest = max(_seconds(piece) for piece in one.pieces)
    if longest < 20:
        found.append(f"{longest:.0f} s without a break are short: noise alone has a peak that stands out for so long.")
    skin_px = float(np.median(one.skin.pixels.sum(1)))
    if skin_px < _FEW_PX:
        found.append(f"Only {skin_px:.0f} px of skin are seen: little noise averages out.")
    return tuple(found)


def _where(one: _Person, least_snr_db: float, *, most: int = 8) -> tuple[Span, ...]:
    """Return the windows in which no pulse stands out, those with the least first; none that holds most of the clip."""
    spans = [
        Span(
            start_s=window.start_s, end_s=window.end_s, label=f"no pulse stands out in face {one.number + 1}",
            value=-window.beat.snr_db, track=one.number,
        )
        for piece in one.pieces
        for window in piece.windows
        if window.beat.snr_db <= least_snr_db
        and not most_of(window.end_s - window.start_s, one.skin.frames, one.skin.times)
    ]  # fmt: skip
    return tuple(sorted(spans, key=lambda span: -(span.value or 0.0))[:most])


def _trace_chart(people: list[_Person]) -> Chart:
    lines = []
    for one in people[:_MOST_FACES]:
        # A value that is none breaks the line between two pieces.
        x = np.concatenate([np.append(piece.times, piece.times[-1]) for piece in one.pieces])
        y = np.concatenate([np.append(100 * piece.trace, np.nan) for piece in one.pieces])
        name = f"face {one.number + 1}"
        lines.append(Line(name=name, x=x.astype(np.float32), y=y.astype(np.float32), track=one.number))
    return Chart(
        name="Trace of the pulse", lines=tuple(lines), x_name="time", x_unit="s", y_name="change of colour", y_unit="%",
        caption="By POS, 0.75 to 3 Hz. A heart draws even waves; noise draws uneven ones.", timeline=True,
    )  # fmt: skip


def _spectrum_chart(one: _Person) -> Chart:
    lines = tuple(
        Line(name=name, x=(60 * f).astype(np.float32), y=(power / max(power.max(), 1e-300)).astype(np.float32))
        for name, (f, power) in one.best.spectra.items()
    )
    return Chart(
        name=f"Strength of each rate, face {one.number + 1}", lines=lines, x_name="rate", x_unit="a minute", y_name="power",
        y_unit="of the peak", caption="One narrow peak at the same place by every method is a pulse; many peaks are noise.",
    )  # fmt: skip


def _rate_chart(people: list[_Person]) -> tuple[Chart, ...]:
    lines = []
    for one in people[:_MOST_FACES]:
        windows = [window for piece in one.pieces for window in piece.windows]
        if len(windows) > 1:
            middles = np.array([(window.start_s + window.end_s) / 2 for window in windows], np.float32)
            rates = np.array([window.beat.per_minute for window in windows], np.float32)
            lines.append(Line(name=f"face {one.number + 1}", x=middles, y=rates, track=one.number))
    if not lines:
        return ()
    return (
        Chart(
            name="Strongest rate of each window", lines=tuple(lines), x_name="time", x_unit="s", y_name="rate",
            y_unit="a minute", caption="A heart keeps its rate from window to window; noise jumps.", timeline=True,
        ),
    )  # fmt: skip


def _table(people: list[_Person]) -> Table:
    rows = []
    for one in people:
        for piece in one.pieces:
            beats = [f"{beat.per_minute:.0f} ({beat.snr_db:+.1f} dB)" for beat in piece.beats.values()]
            rates = [window.beat.per_minute for window in piece.windows]
            spread = f"{max(rates) - min(rates):.0f}" if len(rates) > 1 else "–"
            when = f"{piece.times[0]:.1f}–{piece.times[-1]:.1f} s"
            rows.append((str(one.number + 1), when, *beats, spread))
    return Table(
        name="Strongest rate a minute, and how far it stands out",
        columns=("face", "time", *pulse.METHODS, "windows differ by"), rows=tuple(rows),
    )  # fmt: skip
