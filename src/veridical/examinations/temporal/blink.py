"""Does the person blink as often, as long and as completely as people do?

Method
------
In every frame the opening between the lids is measured as height over width (the eye aspect ratio, mean of both eyes) and
divided by the person's own open level, the 95th percentile over the clip. A blink is a stretch in which this falls below
the closing level and returns above the opening level, lasting between the shortest and longest duration that are set. The
count is compared with that of real speakers by a negative binomial distribution, which allows for blinks that come in
bursts: the value is minus the decimal logarithm of the probability of so few blinks, or so many, in the time in which the
eyes could be seen. Stretches interrupted by a cut or a lost face are counted apart.

What a high value means
-----------------------
So few or so many blinks are rare, for this length, among the real clips that the distribution was fitted on: 42 clips, four
and a half minutes, a handful of people. That is no population: the value ranks clips, it is not an error rate. The fit and
its limits are in docs/validation/blink.md.

What it cannot see
------------------
Modern methods blink normally: a usual blink rate says nothing for a recording. Single blinks shorter than three frames are
lost at low frame rates.

Also caused by
--------------
- reading from a screen, concentrating, or listening instead of speaking
- illness, medication, dry eyes, contact lenses, cosmetic treatment
- clips cut so that blinks fall out
- narrow eyes, glasses with reflections, hair over the eyes, a head turned far to the side

Needs
-----
At least 10 seconds of one face at 20 or more frames a second, with eyes of 20 px width or more; a minute tells more.

References
----------
Li, Chang and Lyu, WIFS 2018, In Ictu Oculi (1806.02877). Eye aspect ratio: Soukupová and Čech, CVWW 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.tracks import FaceTracks, Track

BRANCH = "behaviour"
DETECTS = ("reenactment", "synthesis", "replacement")
DEMO = "lab.motion.still_face"

_EYE_WIDTH = 0.45  # width of an eye between its corners / distance between the eyes' centres
_FAR_TURN_DEG = 35.0


@dataclass(frozen=True, slots=True)
class Blink:
    """One closing of the eyes: seconds, and how far they stayed open at the deepest point (0 closed, 1 open)."""

    start_s: float
    end_s: float
    deepest: float


@dataclass(frozen=True, slots=True)
class _Person:
    track: Track
    openness: np.ndarray
    seen_s: float
    blinks: tuple[Blink, ...]


def examine(
    tracks: FaceTracks, *, least_s: float = 10.0, least_fps: float = 20.0, least_eye_px: float = 20.0,
    closes_below: float = 0.6, opens_above: float = 0.75, shortest_s: float = 0.03, longest_s: float = 0.5,
    rate_per_min: float = 21.6, dispersion: float = 5.8,
) -> Measurement:  # fmt: skip
    """Count blinks and compare the count with real speakers.

    Parameters
    ----------
    least_s, least_fps, least_eye_px
        Gates: seconds in which the eyes are seen, frame rate, width of an eye.
    closes_below, opens_above
        Share of the person's open level below which the eyes count as closing, and above which as open again.
    shortest_s, longest_s
        Durations that count as a blink.
    rate_per_min, dispersion
        Mean rate of real speakers, and the size parameter of the negative binomial per minute (smaller = more bursts):
        the fit of docs/validation/blink.md.
    """
    if tracks.fps < least_fps:
        raise NotApplicable(f"the clip has {tracks.fps:.0f} frames a second; blinks need {least_fps:g}")
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    people = [
        _person(track, tracks.fps, (closes_below, opens_above), (shortest_s, longest_s)) for track in tracks.tracks
    ]
    wide = [one for one in people if float(np.median(one.track.interocular)) * _EYE_WIDTH >= least_eye_px]
    if not wide:
        width = max(float(np.median(one.track.interocular)) for one in people) * _EYE_WIDTH
        raise NotApplicable(f"the widest eye has {width:.0f} px; blinks need {least_eye_px:g} px")
    usable = [one for one in wide if one.seen_s >= least_s]
    if not usable:
        longest = max(one.seen_s for one in wide)
        raise NotApplicable(f"eyes are seen for {longest:.1f} s at most; a blink rate needs {least_s:g} s")
    return _measure(usable, rate_per_min, dispersion)


def find_blinks(
    times: np.ndarray,
    openness: np.ndarray,
    *,
    closes_below: float,
    opens_above: float,
    shortest_s: float,
    longest_s: float,
) -> tuple[Blink, ...]:
    """Find blinks in one uninterrupted stretch.

    Parameters
    ----------
    times, openness
        shape (n,): seconds, and the opening as a share of the person's open level.
    """
    blinks = []
    below = np.flatnonzero(openness < closes_below)
    next_free = 0
    for first in below:
        if first < next_free:
            continue
        open_before = np.flatnonzero(openness[:first] > opens_above)
        open_after = np.flatnonzero(openness[first:] > opens_above)
        if not len(open_after):
            break
        end = int(first + open_after[0])
        next_free = end
        if not len(open_before):  # the stretch began with closed eyes: when they closed is not known
            continue
        last = int(first + np.flatnonzero(openness[first:end] < closes_below)[-1])
        span = _crossing(times, openness, int(first) - 1, closes_below), _crossing(times, openness, last, closes_below)
        if shortest_s <= span[1] - span[0] <= longest_s:
            blinks.append(Blink(start_s=span[0], end_s=span[1], deepest=float(openness[first:end].min())))
    return tuple(blinks)


def _crossing(times: np.ndarray, openness: np.ndarray, place: int, level: float) -> float:
    """Return the time at which the opening passes the level between a frame and the next one, interpolated."""
    before, after = float(openness[place]), float(openness[place + 1])
    return float(times[place] + (before - level) / (before - after) * (times[place + 1] - times[place]))


def _person(track: Track, fps: float, levels: tuple[float, float], lengths: tuple[float, float]) -> _Person:
    raw = track.eye_openness.mean(1).astype(float)
    raw[np.abs(track.pose[:, 0]) > _FAR_TURN_DEG] = np.nan
    seen = raw[np.isfinite(raw)]
    openness = raw / max(float(np.percentile(seen, 95)), 1e-3) if len(seen) else raw
    blinks: list[Blink] = []
    seen_s = 0.0
    for stretch in _stretches(track, openness):
        seen_s += len(stretch) / fps
        blinks += find_blinks(
            track.times[stretch], openness[stretch], closes_below=levels[0], opens_above=levels[1],
            shortest_s=lengths[0], longest_s=lengths[1],
        )  # fmt: skip
    return _Person(track, openness, seen_s, tuple(blinks))


def _stretches(track: Track, openness: np.ndarray) -> list[np.ndarray]:
    """Return the runs of consecutive frames in which the eyes are seen, as indices into the track."""
    seen = np.flatnonzero(np.isfinite(openness))
    breaks = np.flatnonzero(np.diff(track.frames[seen]) != 1) + 1
    return [run for run in np.split(seen, breaks) if len(run) >= 3]


def rarity(count: int, minutes: float, *, rate_per_min: float, dispersion: float) -> float:
    """Return -log10 of the two-sided tail probability of ``count`` blinks under the negative binomial."""
    size, success = dispersion * minutes, dispersion / (dispersion + rate_per_min)
    fewer = stats.nbinom.cdf(count, size, success)
    more = stats.nbinom.sf(count - 1, size, success)
    return float(-np.log10(min(1.0, 2 * min(fewer, more))))


def _measure(people: list[_Person], rate: float, dispersion: float) -> Measurement:
    def value(one: _Person) -> float:
        return rarity(len(one.blinks), one.seen_s / 60, rate_per_min=rate, dispersion=dispersion)

    people = sorted(people, key=value, reverse=True)
    rarest = people[0]
    per_minute = len(rarest.blinks) * 60 / rarest.seen_s
    low, high = (_exact_rate(len(rarest.blinks), rarest.seen_s / 60, tail) for tail in (0.05, 0.95))
    return Measurement(
        value=value(rarest),
        unit="-log10 p",
        observation=(
            f"Face {rarest.track.person + 1} blinks {len(rarest.blinks)} times in the {rarest.seen_s:.0f} s in which its eyes "
            f"are seen ({per_minute:.0f} a minute, 90 % interval {low:.0f} to {high:.0f})."
        ),
        where=tuple(
            Span(start_s=b.start_s, end_s=b.end_s, label="blink", value=1 - b.deepest, track=one.track.person)
            for one in people
            for b in one.blinks
        ),
        exhibits=(_chart(people), _table(people)),
        facts={
            "blinks": len(rarest.blinks), "seconds_seen": round(rarest.seen_s, 2), "per_minute": round(per_minute, 2),
            "per_minute_low": round(low, 2), "per_minute_high": round(high, 2), "faces": len(people),
        },
        limits=(
            f"{rarest.seen_s:.0f} s are short: even a person who blinks often may not blink in them.",
        ) if rarest.seen_s < 30 else (),
    )  # fmt: skip


def _exact_rate(count: int, minutes: float, tail: float) -> float:
    """Return an end of the exact (Garwood) interval of a Poisson rate, per minute."""
    shape = count if tail < 0.5 else count + 1
    return float(stats.gamma.ppf(tail, shape) / minutes) if shape else 0.0


def _chart(people: list[_Person]) -> Chart:
    lines = tuple(
        Line(
            name=f"face {one.track.person + 1}",
            x=one.track.times.astype(np.float32),
            y=one.openness.astype(np.float32),
            track=one.track.person,
        )
        for one in people[:6]
    )
    return Chart(
        name="Opening of the eyes", lines=lines, x_name="time", x_unit="s", y_name="share of the open level", y_unit="1",
        caption="1 is the person's own open level; a blink is a narrow dip.", timeline=True,
    )  # fmt: skip


def _table(people: list[_Person]) -> Table:
    rows = []
    for one in people:
        lengths = [1000 * (b.end_s - b.start_s) for b in one.blinks]
        depths = [b.deepest for b in one.blinks]
        rows.append(
            (
                str(one.track.person + 1), f"{one.seen_s:.1f}", str(len(one.blinks)),
                f"{np.median(lengths):.0f}" if lengths else "–", f"{np.median(depths):.2f}" if depths else "–",
            )
        )  # fmt: skip
    return Table(
        name="Blinks of each face",
        columns=("face", "seconds seen", "blinks", "median duration, ms", "median opening at the deepest point"),
        rows=tuple(rows),
    )
