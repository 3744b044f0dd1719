"""Does the beat of the blood run over the face as one wave?

Method
------
The face is held still by its mesh and averaged in 12 × 12 cells. In each cell that is mostly skin, the pulse trace is taken
from its mean colour (POS). The common pulse is the mean trace of all these cells and its strongest rate. Around this rate
(±0.15 Hz), the phase of each cell is taken against the mean of all cells but itself and its neighbours (cross-spectrum).
The visible beat of a cell is the share of its power in the pulse band that lies at the common rate and at its double, beyond
the share that noise would have there. The value is the mean visible beat less the part of it that is in step: the length of
the mean vector of the phases, each as long as the beat of its cell is visible. It is 0 if no beat is seen or all cells beat
together, and near 1 if each shows a clear beat of its own. For several faces, the largest counts. A short film shows the
face with its change of colour in the pulse band magnified, beside the face as it is (Eulerian colour magnification).

What a high value means
-----------------------
Parts of the face change colour at one rate, but not in step. In living skin the delays between parts are a small share of
a beat; a face that was put together or made by a network need not keep them. Below about 0.1 there is little beat to be
seen, or it is in step.

What it cannot see
------------------
A pulse, even a clean one, is no sign that a recording is unaltered: good fakes carry over the pulse of the
person whose video drove them, with a rate that agrees with an electrocardiogram. Only how it is distributed over the face
is asked here, and a fake that keeps this too is not seen, nor one in which no beat is left. In none of the labelled clips
from the internet that it was tried on could a beat be seen in single parts of the face, recorded or made
(docs/validation/blood_flow.md): it needs better material.

Also caused by
--------------
- compression, which erases colour changes of less than a grey level; most shared videos are of this kind
- nodding, speech and expressions at the rate of a pulse, which light one side and shade the other
- light that flickers or comes from a screen
- dark skin, make-up, beards, hair on the forehead, glasses
- low light, noise reduction, automatic exposure and white balance

Needs
-----
At least 8 seconds of one face in one shot at 20 or more frames a second, 60 px between the eyes or more, turned less than
40° away; steady light and light compression. A face smaller than that is averaged over too few pixels.

References
----------
Wu et al., ACM Transactions on Graphics 2012, Eulerian video magnification. Wang et al., IEEE TBME 2017 (POS). Conotter et
al., ICIP 2014, pulse of computer-generated faces. Seibold et al., Frontiers in Imaging 2025: deepfakes have a heart, and the
local distribution of blood flow is what remains to be looked at. The spread of the phases is veridical's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Clip, Line, Map, Measurement, Span
from ...media.encode import to_mp4
from ...perception.face_video import LEVELS, FaceFilm, FaceVideo
from ...perception.tracks import FaceTracks, Track
from ...signals import pulse
from ...signals.pulse_phase import Flow, flow_of
from ...signals.series import evenly, lasting, long_enough, most_of

BRANCH = "physiology"
DETECTS = ("replacement", "reenactment", "synthesis")
DEMO = "lab.flow.disorder"

_CELLS = 12
_ACROSS, _DOWN = "upright face, left to right", "top to bottom"
_SKIN_SHARE = 0.6
_LEAST_CELLS = 20
_MOST_RATE = 30.0
_FILM_S = 8.0
_FILM_SIDE = 144
_BAND_HZ = (0.7, 3.0)
_FLOW_BLUR = 1.2  # cells of the film's 24 × 24
_MOST_CHANGE = 50.0  # grey levels; more than that is no blood


@dataclass(frozen=True, slots=True)
class _Person:
    film: FaceFilm
    rate: float
    times: np.ndarray
    flow: Flow


def examine(
    video: FaceVideo, tracks: FaceTracks, *, least_s: float = 8.0, least_fps: float = 20.0,
    least_interocular_px: float = 60.0, gain: float = 60.0,
) -> Measurement:  # fmt: skip
    """Measure how far the parts of each face beat together.

    Parameters
    ----------
    least_s, least_fps, least_interocular_px
        Gates: unbroken seconds of one face, frames a second, median distance between the eyes.
    gain
        Magnification of the colour change in the film.
    """
    if round(tracks.fps) < least_fps:
        raise NotApplicable(f"the clip has {tracks.fps:.0f} frames a second; a pulse needs {least_fps:g}")
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    sizes = {track.person: float(np.median(track.interocular)) for track in tracks.tracks}
    long = [film for film in video.films if long_enough(lasting(film.times), least_s)]
    if not long:
        longest = max((lasting(film.times) for film in video.films), default=0.0)
        raise NotApplicable(
            f"no face is seen from the front for {least_s:g} s without a break (the longest for {longest:.1f} s)"
        )
    large = [film for film in long if sizes[film.person] >= least_interocular_px]
    if not large:
        widest = max(sizes[film.person] for film in long)
        raise NotApplicable(
            f"no face seen long enough has {least_interocular_px:g} px between the eyes (the largest has {widest:.0f} px)"
        )
    people = [person for film in large if (person := _person(film))]
    if not people:
        raise NotApplicable(f"no face shows bare skin in {_LEAST_CELLS} or more of its {_CELLS} × {_CELLS} cells")
    people = sorted(people, key=lambda one: -one.flow.out_of_step)
    (worst,) = (track for track in tracks.tracks if track.person == people[0].film.person)
    return _measured(people, worst, gain)


def _person(film: FaceFilm) -> _Person | None:
    by = film.cells.shape[1] // _CELLS
    shares = film.skin.reshape(_CELLS, by, _CELLS, by)
    skin = shares.mean((1, 3)) >= _SKIN_SHARE
    if skin.sum() < _LEAST_CELLS:
        return None
    weights = np.maximum(shares, 1e-6)[None, ..., None]
    levels = film.cells.reshape(len(film.times), _CELLS, by, _CELLS, by, 3).astype(np.float64) / LEVELS
    cells = (levels * weights).sum((2, 4)) / weights.sum((2, 4))
    rate = min(_MOST_RATE, 1 / float(np.median(np.diff(film.times))))
    times, even = evenly(film.times, cells, rate)
    return _Person(film, rate, times, flow_of(even, skin, rate))


def _measured(people: list[_Person], track: Track, gain: float) -> Measurement:
    worst = people[0]
    flow, film = worst.flow, worst.film
    seen = np.isfinite(flow.local_db)
    above = float((flow.local_db[seen] > 0).mean())
    name = f"face {film.person + 1}"
    stretch = Span(
        start_s=float(film.times[0]), end_s=float(film.times[-1]), label=f"{name}: stretch compared",
        value=flow.out_of_step, track=film.person,
    )  # fmt: skip
    return Measurement(
        value=flow.out_of_step,
        unit="1",
        observation=(
            f"The skin of {name} changes colour most at {60 * flow.rate_hz:.0f} a minute; this beat makes up "
            f"{100 * flow.visible:.0f} % of the changes in its {seen.sum()} parts (mean, beyond noise), "
            f"{100 * flow.in_step:.0f} % in step over the face and {100 * flow.out_of_step:.0f} % out of step."
        ),
        where=() if most_of(lasting(film.times), track.frames, track.times) else (stretch,),
        exhibits=(
            Map(
                name="Phase of the beat", values=flow.phases, unit="rad", low=-np.pi, high=np.pi, overlay=False,
                diverging=True, x_name=_ACROSS, y_name=_DOWN,
                caption=f"{name}, upright; above 0 a part beats later than the rest of the face. Blank: no skin.",
            ),
            Map(
                name="Beat against noise in each part", values=flow.local_db, unit="dB", low=-15.0, high=15.0,
                overlay=False, x_name=_ACROSS, y_name=_DOWN,
                caption="Below 0 dB noise prevails, and the phase of that part says little.",
            ),
            _film(worst, gain),
            _chart(people),
        ),
        facts={
            "visible": round(flow.visible, 4), "in_step": round(flow.in_step, 4), "rate_per_min": round(60 * flow.rate_hz, 1),
            "snr_db": round(flow.snr_db, 2), "cells": int(seen.sum()), "cells_above_noise": round(above, 3),
            "seconds": round(lasting(film.times), 2), "faces": len({one.film.person for one in people}),
        },
        limits=_limits(flow, above),
    )  # fmt: skip


def _limits(flow: Flow, above: float) -> tuple[str, ...]:
    said = [
        "Good fakes carry over the pulse of the person who drove them: that parts of the face beat together does not show "
        "that the video is unaltered."
    ]
    if above < 0.25:
        said.append(
            f"The beat stands above the noise in {100 * above:.0f} % of the parts of the skin: there is hardly a beat "
            "here whose course could be judged, and the map of phases shows noise."
        )
    return tuple(said)


def _chart(people: list[_Person]) -> Chart:
    lines = []
    for one in people:
        trace = 100 * one.flow.trace
        lines.append(
            Line(
                name=f"face {one.film.person + 1}", x=one.times.astype(np.float32), y=trace.astype(np.float32),
                track=one.film.person,
            )
        )  # fmt: skip
    return Chart(
        name="Colour of the skin in the pulse band", lines=tuple(lines), x_name="time", x_unit="s", y_name="change",
        y_unit="%", caption="Mean of all cells of skin.", timeline=True,
    )  # fmt: skip


def _film(one: _Person, gain: float) -> Clip:
    """Show the face as it is, and with its changes of colour magnified."""
    film = one.film
    shown = np.flatnonzero(film.times - film.times[0] <= _FILM_S)
    changes = _changes(film, one.rate)

    def frames() -> Iterator[np.ndarray]:
        for number in shown.tolist():
            size = (_FILM_SIDE, _FILM_SIDE)
            plain = cv2.resize(film.picture(number), size, interpolation=cv2.INTER_CUBIC)
            change = np.clip(gain * changes[number], -_MOST_CHANGE, _MOST_CHANGE)
            magnified = plain + cv2.resize(change, size, interpolation=cv2.INTER_CUBIC)
            yield np.hstack([plain, np.clip(np.rint(magnified), 0, 255).astype(np.uint8)])

    return Clip(
        name="Changes of colour, magnified", mp4=to_mp4(frames(), one.rate), width=2 * _FILM_SIDE, height=_FILM_SIDE,
        seconds=len(shown) / one.rate, starts_s=float(film.times[0]),
        caption=(
            f"Face {film.person + 1}: left as it is, right with its changes between {_BAND_HZ[0]:g} and {_BAND_HZ[1]:g} times "
            f"a second {gain:g} times as large. Movement is magnified as well."
        ),
    )  # fmt: skip


def _changes(film: FaceFilm, rate: float) -> np.ndarray:
    """Return the band-passed colour of the blurred cells inside the face: shape (n, 24, 24, 3), float32, grey levels."""
    levels = film.cells.astype(np.float32) / LEVELS
    side = film.cells.shape[1]
    flat = np.stack([cv2.GaussianBlur(one, (0, 0), _FLOW_BLUR) for one in levels]).reshape(len(levels), -1)
    passed = pulse.passed(flat, rate, _BAND_HZ).astype(np.float32)
    face = cv2.GaussianBlur(film.skin, (0, 0), _FLOW_BLUR)
    return np.asarray(passed.reshape(-1, side, side, 3) * face[None, :, :, None])
