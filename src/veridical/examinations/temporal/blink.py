"""Does the person blink as often, as long and as completely as people do?

Method
------
In every frame the opening between the lids of each eye is measured as height over width (the eye aspect ratio), once from
the contour that the iris net sees and once from the face mesh; each is divided by the person's own open level, the 95th
percentile over the clip, and the two are averaged. A blink is a dip that both eyes make together, deep enough against the
highest opening shortly before and after it, and between the shortest and longest duration that are set, measured at half
its depth. A dip of eyes that are closed already (below 0.45 of the open level) is none; eyes held closed for longer than the
longest blink are listed by themselves. The count is compared with that of real speakers by a negative binomial distribution,
which allows for blinks that come in bursts: the value is minus the decimal logarithm of the probability of so few blinks, or
so many, in the time in which the eyes could be seen. Nothing is counted across a cut, a lost face or a head turned away.

For each blink the tables give its duration, the opening that is left at its deepest point, how evenly the two eyes close,
and the time since the one before.

What a high value means
-----------------------
So few or so many blinks are rare, for this length, among the real clips that the distribution was fitted on: 41 clips, four
minutes, a handful of people. That is no population: the value ranks clips, it is not an error rate. On 25 clips with
78 complete blinks counted by eye, the detector had a precision of 0.99 and a recall of 0.96 (its thresholds were chosen on
them; leaving out a source each time: docs/validation/blink.md).

What it cannot see
------------------
Modern methods blink normally: a usual blink rate says nothing for a recording. Of closed eyes the nets often report a
third to three quarters of the open level, most for narrow and small eyes, so the depth shows how complete a blink is only
in comparison with others of the same person, and long closures of such eyes are not listed. A closing of a single frame is
found if it is deep; a wink is not counted; a quick glance down can look like a shallow blink, and quick movement blurs small
eyes into one.

Also caused by
--------------
- reading from a screen, concentrating, or listening instead of speaking
- acting: fluttering lids, holding the eyes open
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
from ...signals.blinks import Blink, find_blinks, find_closures, opening_of
from ...signals.series import lasting, long_enough, stretches

BRANCH = "behaviour"
DETECTS = ("reenactment", "synthesis", "replacement")
DEMO = "lab.motion.still_face"

_EYE_WIDTH = 0.45  # width of an eye between its corners / distance between the eyes' centres
_FAR_TURN_DEG = 35.0
_ROWS = 200


@dataclass(frozen=True, slots=True)
class _Person:
    track: Track
    openings: np.ndarray
    seen_s: float
    blinks: tuple[Blink, ...]
    closures: tuple[tuple[float, float], ...]

    @property
    def minutes(self) -> float:
        return self.seen_s / 60


@dataclass(frozen=True, slots=True)
class _Speakers:
    """Blinks of real speakers: a negative binomial whose minutes add up."""

    rate_per_min: float
    dispersion: float

    def tail(self, one: _Person) -> float:
        return rarity(len(one.blinks), one.minutes, rate_per_min=self.rate_per_min, dispersion=self.dispersion)

    def usual(self, minutes: float) -> tuple[int, int]:
        """Count that 5 % and 95 % of speakers do not exceed in that time."""
        success = self.dispersion / (self.dispersion + self.rate_per_min)
        low, high = (int(stats.nbinom.ppf(share, self.dispersion * minutes, success)) for share in (0.05, 0.95))
        return low, high


def examine(
    tracks: FaceTracks, *, least_s: float = 10.0, least_fps: float = 20.0, least_eye_px: float = 20.0,
    least_depth: float = 0.2, each_depth: float = 0.1, shortest_s: float = 0.03, longest_s: float = 0.5,
    least_level: float = 0.45, rate_per_min: float = 25.7, dispersion: float = 6.9,
) -> Measurement:  # fmt: skip
    """Count blinks and compare the count with real speakers.

    Parameters
    ----------
    least_s, least_fps, least_eye_px
        Gates: seconds in which the eyes are seen, frame rate, width of an eye.
    least_depth, each_depth
        Least depth of a blink, and of each eye in it, as shares of the open level around it.
    shortest_s, longest_s
        Durations at half the depth that count as a blink.
    least_level
        Share of the person's open level: what dips below it is no blink, and eyes that stay below it for more than
        ``longest_s`` are held closed.
    rate_per_min, dispersion
        Mean rate of real speakers, and the size parameter of the negative binomial per minute (smaller = more bursts):
        the fit of docs/validation/blink.md.
    """
    if round(tracks.fps) < least_fps:
        raise NotApplicable(f"the clip has {tracks.fps:.0f} frames a second; blinks need {least_fps:g}")
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    levels = {
        "least_depth": least_depth, "each_depth": each_depth, "shortest_s": shortest_s, "longest_s": longest_s,
        "least_level": least_level,
    }  # fmt: skip
    wide = [track for track in tracks.tracks if _eye_width(track) >= least_eye_px]
    if not wide:
        width = max(_eye_width(track) for track in tracks.tracks)
        raise NotApplicable(f"the widest eye has {width:.0f} px; blinks need {least_eye_px:g} px")
    people = [_person(track, levels) for track in wide]
    usable = [one for one in people if long_enough(one.seen_s, least_s)]
    if not usable:
        longest = max(one.seen_s for one in people)
        raise NotApplicable(f"eyes are seen for {longest:.1f} s at most; a blink rate needs {least_s:g} s")
    return _measure(usable, _Speakers(rate_per_min, dispersion))


def rarity(count: int, minutes: float, *, rate_per_min: float, dispersion: float) -> float:
    """Return -log10 of the two-sided tail probability of ``count`` blinks under the negative binomial."""
    size, success = dispersion * minutes, dispersion / (dispersion + rate_per_min)
    fewer = stats.nbinom.cdf(count, size, success)
    more = stats.nbinom.sf(count - 1, size, success)
    return float(-np.log10(min(1.0, 2 * min(fewer, more))))


def _eye_width(track: Track) -> float:
    return float(np.median(track.interocular)) * _EYE_WIDTH


def _person(track: Track, levels: dict[str, float]) -> _Person:
    away = np.abs(track.pose[:, :1]) > _FAR_TURN_DEG
    openings = opening_of(*(np.where(away, np.nan, one) for one in (track.eye_openness, track.eye_openness_mesh)))
    seen = np.flatnonzero(np.isfinite(openings).all(1))
    blinks: list[Blink] = []
    closures: list[tuple[float, float]] = []
    seen_s = 0.0
    for run in stretches(track.frames[seen], track.times[seen], least=3):
        stretch = seen[run]
        times, opening = track.times[stretch], openings[stretch]
        seen_s += lasting(times)
        blinks += find_blinks(times, opening, **levels)
        closures += find_closures(times, opening, below=levels["least_level"], longer_than_s=levels["longest_s"])
    return _Person(track, openings, seen_s, tuple(blinks), tuple(closures))


def _measure(people: list[_Person], speakers: _Speakers) -> Measurement:
    people = sorted(people, key=speakers.tail, reverse=True)
    rarest = people[0]
    low, high = _interval(rarest)
    fewest, most = speakers.usual(rarest.minutes)
    count, per_minute = len(rarest.blinks), len(rarest.blinks) / rarest.minutes
    return Measurement(
        value=speakers.tail(rarest),
        unit="-log10 p",
        observation=(
            f"Face {rarest.track.person + 1} blinks {count} times in the {rarest.seen_s:.0f} s in which its eyes are seen "
            f"({per_minute:.0f} a minute, 90 % interval {low:.0f} to {high:.0f}); nine in ten real clips of this length "
            f"hold {fewest} to {most} blinks."
        ),
        where=tuple(span for one in people for span in _spans(one)),
        exhibits=(_chart(people), _rates(people, speakers), _list(people), *_held(people)),
        facts={
            "blinks": count, "seconds_seen": round(rarest.seen_s, 2), "per_minute": round(per_minute, 2),
            "per_minute_low": round(low, 2), "per_minute_high": round(high, 2), "usual_fewest": fewest,
            "usual_most": most, "faces": len(people), **_typical(rarest),
        },
        limits=_limits(rarest, len(people)),
    )  # fmt: skip


def _spans(one: _Person) -> list[Span]:
    """Return the blinks and long closures of a person, in the order of time."""
    person = one.track.person
    spans = [
        Span(start_s=b.start_s, end_s=b.end_s, label="blink, depth", value=1 - b.deepest, track=person) for b in one.blinks
    ] + [
        Span(start_s=start, end_s=end, label=f"eyes closed for {end - start:.1f} s", track=person)
        for start, end in one.closures
    ]  # fmt: skip
    return sorted(spans, key=lambda span: span.start_s)


def _limits(rarest: _Person, people: int) -> tuple[str, ...]:
    said = []
    if rarest.seen_s < 30:
        said.append(f"{rarest.seen_s:.0f} s are short: even a person who blinks often may not blink in them.")
    if people > 1:
        said.append(
            f"The value is that of the rarest of {people} faces, each shot by itself: the more there are, the rarer the rarest "
            "is by chance alone."
        )
    return tuple(said)


def _typical(one: _Person) -> dict[str, float]:
    """Medians over the blinks of a person, as facts."""
    if not one.blinks:
        return {}
    return {
        "median_duration_ms": round(1000 * float(np.median([b.end_s - b.start_s for b in one.blinks])), 1),
        "median_deepest": round(float(np.median([b.deepest for b in one.blinks])), 3),
        "median_lag_ms": round(1000 * float(np.median([abs(b.lag_s) for b in one.blinks])), 1),
    }


def _interval(one: _Person) -> tuple[float, float]:
    """Exact (Garwood) 90 % interval of a Poisson rate, per minute."""
    count = len(one.blinks)
    low = float(stats.gamma.ppf(0.05, count)) / one.minutes if count else 0.0
    return low, float(stats.gamma.ppf(0.95, count + 1)) / one.minutes


def _chart(people: list[_Person]) -> Chart:
    lines = tuple(
        Line(
            name=f"face {one.track.person + 1}, {eye} eye", x=one.track.times.astype(np.float32),
            y=one.openings[:, side].astype(np.float32), track=one.track.person,
        )
        for one in people[:24]
        for side, eye in enumerate(("right", "left"))
    )  # fmt: skip
    return Chart(
        name="Opening of the eyes", lines=lines, x_name="time", x_unit="s", y_name="share of the open level", y_unit="1",
        caption="1 is the person's own open level; a blink is a narrow dip of both eyes.", timeline=True,
    )  # fmt: skip


def _rates(people: list[_Person], speakers: _Speakers) -> Table:
    rows = []
    for one in people:
        low, high = _interval(one)
        fewest, most = speakers.usual(one.minutes)
        lengths = [1000 * (b.end_s - b.start_s) for b in one.blinks]
        rows.append(
            (
                str(one.track.person + 1), f"{one.seen_s:.1f}", str(len(one.blinks)),
                f"{len(one.blinks) / one.minutes:.0f} ({low:.0f}–{high:.0f})", f"{fewest}–{most}",
                f"{np.median(lengths):.0f}" if lengths else "–",
            )
        )  # fmt: skip
    return Table(
        name="Blinks of each face",
        columns=(
            "face", "seconds seen", "blinks", "a minute (90 % interval)", "blinks in nine of ten real clips so long",
            "median duration, ms",
        ),
        rows=tuple(rows),
        caption=f"Real clips: {speakers.rate_per_min:g} blinks a minute, in bursts, of few people.",
    )  # fmt: skip


def _list(people: list[_Person]) -> Table:
    rows = []
    for one in people:
        before = None
        for b in one.blinks:
            rows.append(
                (
                    str(one.track.person + 1), f"{b.start_s:.2f}", f"{1000 * (b.end_s - b.start_s):.0f}",
                    f"{b.deepest:.2f}", f"{b.right:.2f} / {b.left:.2f}", f"{1000 * b.lag_s:+.0f}",
                    f"{b.start_s - before:.2f}" if before is not None else "–",
                )
            )  # fmt: skip
            before = b.end_s
    return Table(
        name="Every blink",
        columns=(
            "face", "start, s", "duration, ms", "opening left", "depth right / left eye", "left after right, ms",
            "since the one before, s",
        ),
        rows=tuple(rows[:_ROWS]),
        caption="Durations at half the depth; openings as shares of the open level around the blink. Closed eyes seldom read 0."
        + (f" The first {_ROWS} of {len(rows)}." if len(rows) > _ROWS else ""),
    )  # fmt: skip


def _held(people: list[_Person]) -> tuple[Table, ...]:
    rows = tuple(
        (str(one.track.person + 1), f"{start:.2f}", f"{end - start:.1f}")
        for one in people
        for start, end in one.closures
    )
    if not rows:
        return ()
    caption = (
        "Both eyes below the share of the open level at which they count as closed, for longer than a blink lasts."
    )
    return (
        Table(name="Eyes held closed", columns=("face", "start, s", "seconds"), rows=rows[:_ROWS], caption=caption),
    )
