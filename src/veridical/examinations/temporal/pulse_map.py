"""Do all parts of the face follow the same heartbeat?

Method
------
The skin between eyes and mouth is unrolled by the face mesh into 32 cells, four rows of eight, and the trace of the pulse is
taken from each cell by POS, which looks across the tone of the skin. The rate that is strongest in the cells' spectra
together is the common rate. Around it, within 6 beats a minute, each cell is compared with each other one: the part of
their movement that is in step (the real part of the coherency) is 1 for cells that beat as one, 0 on average for cells that
have nothing to do with each other. The value is 1 minus its mean over all pairs of cells. Unbroken stretches are cut into
equal pieces of at most half a minute; a face has the mean of its pieces, weighed by length, and the clip has the value of
the face whose cells agree least.

What a high value means
-----------------------
The parts of the face do not beat together: 1 means that they agree no more than noise does. One heart drives all skin of a
face within a small part of a beat, so that 0 is to be expected where its pulse is recorded well. Faces made without a
heartbeat, or put together from parts, have none in common. Because noise has none either, a high value tells a missing pulse
and a scattered one apart only together with the map of signal-to-noise ratios.

What it cannot see
------------------
Beating together is no sign of authenticity. High-quality fakes carry the heartbeat of the person whose video drove them
(Seibold and others 2025, checked against an electrocardiogram). Nor does a lack of agreement show a fake: most compressed clips
have lost the pulse.

Also caused by
--------------
- compression for the web, smoothing and beauty filters, a video made smaller
- movement, speech, a head that turns, hair, a beard, glasses or a mask over the cheeks
- little light, dark or thickly made-up skin, a small face
- the other way round: movement of the whole face, or light that changes in colour, lowers the value without any heart

Needs
-----
One face with 48 px between the eyes for 8 seconds without a break, better 30, at 15 frames a second or more, seen from the
front, in steady light and with little compression.

References
----------
Maps of cells against time and frequency: Ciftci, Demir and Yin, TPAMI 2020, FakeCatcher (1901.02212), and IJCB 2020, How do the
hearts of deep fakes beat? (2008.11363); there a trained network judges them, here the agreement in step is measured. POS:
Wang, den Brinker, Stuijk and de Haan, IEEE TBME 2017. The warning: Seibold and others, Frontiers in Imaging 2025.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Map, Measurement, Span, Table
from ...perception.skin_cells import COLUMNS, ROWS, SkinCell, SkinCells
from ...perception.tracks import FaceTracks
from ...signals import pulse
from ...signals.series import evenly, lasting, most_of, standardised

BRANCH = "physiology"
DETECTS = ("synthesis", "reenactment", "replacement")
DEMO = "lab.pulse.patchwork"

_WARNING = (
    "High-quality fakes carry the heartbeat of the person whose video drove them (Seibold and others 2025): parts that beat "
    "together say nothing for a recording."
)
_SHOWN_HZ = 10.0
_CELLS = "Cell 1 is under the person's right eye; eight make a row."
_DOWN = f"cell, 1 to {ROWS * COLUMNS}"
_RIGHT_TO_LEFT, _EYES_TO_MOUTH = "the person's right to left", "eyes to mouth"


@dataclass(frozen=True, slots=True)
class _Piece:
    """An unbroken piece of one face; m of the 32 cells are in the picture throughout.

    ``traces`` (n, m) at even ``times`` (n,), ``spectrum`` (k, m) at ``frequencies`` (k,), ``pairs`` (m, m) complex, ``snr``
    (m,) dB at the common rate, ``cells`` (m,) which of the 32.
    """

    times: np.ndarray
    traces: np.ndarray
    frequencies: np.ndarray
    spectrum: np.ndarray
    at_hz: float
    pairs: np.ndarray
    snr: np.ndarray
    cells: np.ndarray

    @property
    def seconds(self) -> float:
        return lasting(self.times)

    @property
    def in_step(self) -> float:
        """Mean real part of the coherency over all pairs of different cells."""
        m = len(self.cells)
        return float((np.real(self.pairs).sum() - m) / (m * (m - 1)))


@dataclass(frozen=True, slots=True)
class _Person:
    skin: SkinCell
    pieces: tuple[_Piece, ...]

    @property
    def number(self) -> int:
        return self.skin.person

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.pieces)

    @property
    def in_step(self) -> float:
        return sum(piece.in_step * piece.seconds for piece in self.pieces) / self.seconds


def examine(
    cells: SkinCells, tracks: FaceTracks, *, least_s: float = 8.0, most_s: float = 30.0, least_fps: float = 15.0,
    least_interocular_px: float = 48.0, fewest_cells: int = 16,
) -> Measurement:  # fmt: skip
    """Compare the pulse of 32 cells of each face.

    Parameters
    ----------
    least_s, least_fps, least_interocular_px
        Gates: length of an unbroken stretch, frame rate, median distance between the eyes.
    most_s
        Longer stretches are cut into equal pieces of at most this length.
    fewest_cells
        Fewest cells that must be in the picture throughout a piece.
    """
    fps = tracks.fps
    if not cells.faces:
        raise NotApplicable("no face was found in the clip")
    if round(fps) < least_fps:
        raise NotApplicable(f"the clip has {fps:.0f} frames a second; the pulse needs {least_fps:g}")
    sizes = {track.person: float(np.median(track.interocular)) for track in tracks.tracks}
    large = [face for face in cells.faces if sizes[face.person] >= least_interocular_px]
    if not large:
        raise NotApplicable(
            f"the largest face has {max(sizes.values()):.0f} px between the eyes; its cells need {least_interocular_px:g} px"
        )
    people = []
    for face in large:
        runs = pulse.pieces(face.frames, face.times, least_s=least_s, most_s=most_s)
        pieces = tuple(piece for run in runs if (piece := _piece(face, run, fps, fewest_cells)) is not None)
        if pieces:
            people.append(_Person(face, pieces))
    if not people:
        raise NotApplicable(f"no face is seen whole for {least_s:g} s without a break, which the pulse needs")
    return _measure(sorted(people, key=lambda one: one.in_step))


def _piece(face: SkinCell, run: np.ndarray, fps: float, fewest: int) -> _Piece | None:
    """Measure one unbroken piece; None if too few cells stay in the picture."""
    rgb = face.rgb[run].reshape(len(run), ROWS * COLUMNS, 3)
    seen = np.flatnonzero(np.isfinite(rgb).all((0, 2)))
    if len(seen) < fewest:
        return None
    times, colours = evenly(face.times[run], rgb[:, seen].astype(float), fps)
    traces = pulse.pos(colours, fps)
    frequencies, spectrum = pulse.spectrum(traces, fps)
    # Each cell has one vote, however strongly it moves. The phase plays no part: scattered beats have a common rate too.
    share = spectrum / np.maximum(spectrum.sum(0), 1e-300)
    at_hz = pulse.strongest(frequencies, share.mean(1)).per_minute / 60
    return _Piece(
        times=times, traces=traces, frequencies=frequencies, spectrum=share, at_hz=at_hz,
        pairs=pulse.together(traces, fps, at_hz), snr=pulse.snr_db(frequencies, spectrum, at_hz), cells=seen,
    )  # fmt: skip


def _measure(people: list[_Person]) -> Measurement:
    least = people[0]
    shown = min(least.pieces, key=lambda piece: piece.in_step)
    snr = float(np.median(shown.snr))
    return Measurement(
        value=1 - least.in_step,
        unit="1",
        observation=(
            f"The cells of face {least.number + 1} beat in step by {least.in_step:.2f} on average over {least.seconds:.0f} s "
            f"(1 as one, 0 as noise). At the common rate, {60 * shown.at_hz:.0f} a minute, half of them have a signal-to-noise "
            f"ratio of {snr:+.1f} dB or more."
        ),
        where=tuple(span for one in people for span in _where(one))[:8],
        exhibits=(*_maps(least, shown), _chart(shown, least.number), _table(people)),
        facts={
            "in_step": round(least.in_step, 4), "common_rate_per_minute": round(60 * shown.at_hz, 1),
            "median_snr_db": round(snr, 2), "cells": len(shown.cells), "seconds": round(least.seconds, 2),
            "faces": len(people),
        },
        limits=(_WARNING, *_limits(least)),
    )  # fmt: skip


def _where(one: _Person) -> list[Span]:
    """Return the pieces of a face whose cells agree less than over all of it, the least first; none that holds most of it."""
    return [
        Span(
            start_s=float(piece.times[0]), end_s=float(piece.times[-1]), value=1 - piece.in_step, track=one.number,
            label=f"cells of face {one.number + 1} against each other",
        )
        for piece in sorted(one.pieces, key=lambda piece: piece.in_step)
        if piece.in_step < one.in_step and not most_of(piece.seconds, one.skin.frames, one.skin.times)
    ]  # fmt: skip


def _limits(one: _Person) -> tuple[str, ...]:
    found = []
    longest = max(piece.seconds for piece in one.pieces)
    if longest < 20:
        found.append(f"{longest:.0f} s without a break hold few beats: noise can be in step for so long.")
    if max(float(np.median(piece.snr)) for piece in one.pieces) < 0:
        found.append("No pulse stands out in most cells: it may be missing, or lost in noise or compression.")
    return tuple(found)


def _maps(one: _Person, piece: _Piece) -> tuple[Map, ...]:
    face = f"face {one.number + 1}"
    steps = int(piece.seconds * _SHOWN_HZ)
    _, shown = evenly(piece.times, standardised(piece.traces), _SHOWN_HZ)
    per_minute = np.arange(46, 150, 2)
    relative = piece.spectrum / piece.spectrum.mean(0)
    grid = np.stack([np.interp(per_minute / 60, piece.frequencies, cell) for cell in relative.T])
    real = np.real(piece.pairs)
    m = len(piece.cells)
    return (
        Map(
            name=f"Pulse of each cell, {face}", values=_rows(shown[: steps + 1].T, piece.cells), unit="standard deviations",
            low=-3.0, high=3.0, diverging=True, overlay=False, y_name=_DOWN,
            x_name=f"time, {piece.times[0]:.1f} to {piece.times[-1]:.1f} s",
            caption=f"A row a cell, from {piece.times[0]:.1f} to {piece.times[-1]:.1f} s. {_CELLS} One heart draws upright "
            "bars through all rows.",
        ),
        Map(
            name=f"Rates of each cell, {face}", values=_rows(10 * np.log10(np.maximum(grid, 1e-3)), piece.cells),
            unit="dB above the cell's mean", low=-10.0, high=10.0, diverging=True, overlay=False, y_name=_DOWN,
            x_name="rate, 46 to 148 beats a minute",
            caption="A row a cell, from 46 to 148 beats a minute. One heart draws one upright line through all rows.",
        ),
        Map(
            name=f"Signal-to-noise ratio of the pulse, {face}", values=_grid(piece.snr, piece.cells), unit="dB", low=-10.0,
            high=10.0, diverging=True, overlay=False, x_name=_RIGHT_TO_LEFT, y_name=_EYES_TO_MOUTH,
            caption="The middle of the face, from the eyes down to the mouth; the person's right cheek is on the left.",
        ),
        Map(
            name=f"In step with the other cells, {face}", values=_grid((real.sum(1) - 1) / (m - 1), piece.cells), unit="1",
            low=-1.0, high=1.0, diverging=True, overlay=False, x_name=_RIGHT_TO_LEFT, y_name=_EYES_TO_MOUTH,
            caption="1: beats with the others; 0: has nothing to do with them.",
        ),
        Map(
            name=f"Each cell against each, {face}", values=_pairs(real, piece.cells), unit="1", low=-1.0, high=1.0,
            diverging=True, overlay=False, x_name=f"cell, 1 to {ROWS * COLUMNS}", y_name=_DOWN,
            caption=f"Agreement in step at the common rate. {_CELLS}",
        ),
    )  # fmt: skip


def _rows(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    laid = np.full((ROWS * COLUMNS, values.shape[1]), np.nan, np.float32)
    laid[cells] = values
    return laid


def _grid(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    return _rows(values[:, None], cells).reshape(ROWS, COLUMNS)


def _pairs(values: np.ndarray, cells: np.ndarray) -> np.ndarray:
    laid = np.full((ROWS * COLUMNS, ROWS * COLUMNS), np.nan, np.float32)
    laid[np.ix_(cells, cells)] = values
    return laid


def _chart(piece: _Piece, number: int) -> Chart:
    """Draw the mean of all cells, and of the two halves of the face."""
    right = piece.cells % COLUMNS < COLUMNS // 2
    parts = (("right half", right), ("left half", ~right))
    lines = tuple(
        Line(
            name=name, x=piece.times.astype(np.float32), y=(100 * piece.traces[:, part].mean(1)).astype(np.float32),
            track=number,
        )
        for name, part in parts
        if part.any()
    )  # fmt: skip
    return Chart(
        name=f"Pulse of both halves, face {number + 1}", lines=lines, x_name="time", x_unit="s", y_name="change of colour",
        y_unit="%", caption="The halves of one face follow one heart.", timeline=True,
    )  # fmt: skip


def _table(people: list[_Person]) -> Table:
    rows = []
    for one in people:
        for piece in one.pieces:
            # How far each cell lags behind the mean of all: the argument of its share in the sum.
            lags = np.degrees(np.angle(piece.pairs.sum(0)))
            rows.append(
                (
                    str(one.number + 1), f"{piece.times[0]:.1f}–{piece.times[-1]:.1f} s", f"{60 * piece.at_hz:.0f}",
                    f"{np.median(piece.snr):+.1f}", f"{piece.in_step:.2f}", f"{np.median(np.abs(lags)):.0f}",
                )
            )  # fmt: skip
    return Table(
        name="How the cells of each face beat",
        columns=(
            "face",
            "time",
            "common rate a minute",
            "median ratio, dB",
            "in step",
            "median lag from the mean, degrees",
        ),
        rows=tuple(rows),
    )
