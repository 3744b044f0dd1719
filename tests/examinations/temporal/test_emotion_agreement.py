"""A face that moves with the voice agrees with it, at the right lag; one that moves on its own does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.emotion_agreement import agreement, examine
from veridical.finding import Measurement, Span
from veridical.lab.mood import swell, voiced
from veridical.lab.talk import opening
from veridical.media.audio import Audio
from veridical.perception.expression import NAMES, Expressions, ExpressionTrack
from veridical.perception.prosody import Prosody, hear_prosody
from veridical.perception.speech import SpeechSegments

FPS = 25.0


def mood(seed: int, seconds: float, rate: float, *, late_s: float = 0.0) -> np.ndarray:
    """Slow ups and downs, the same for one seed at any rate."""
    rng = np.random.default_rng(seed)
    knots = rng.normal(0, 1, int(seconds / 0.8) + 8)
    return np.interp(np.arange(int(seconds * rate)) / rate + 3 - late_s, np.arange(len(knots)) * 0.8, knots)


def voice(course: np.ndarray) -> Prosody:
    rng = np.random.default_rng(100)
    n = len(course)
    pitch = 150 * 2 ** (0.2 * course + 0.02 * rng.normal(size=n))
    pitch[::7] = np.nan
    return Prosody(
        pitch_hz=pitch.astype(np.float32), level_db=(-30 + 5 * course + rng.normal(size=n)).astype(np.float32),
        tilt_db=np.zeros(n, np.float32), centroid_hz=(900 * 2 ** (0.2 * course)).astype(np.float32),
        syllables_per_s=(4 + course).astype(np.float32), hop_s=0.01, duration_s=n / 100,
    )  # fmt: skip


def face(course: np.ndarray, *, person: int = 0, lips: float = 0.05, seed: int = 7) -> ExpressionTrack:
    rng = np.random.default_rng(seed)
    n = len(course)
    series = rng.normal(0, 0.01, (n, len(NAMES)))
    for name in ("AU01", "AU02", "AU05", "AU12"):
        series[:, NAMES.index(name)] += 0.05 * course
    series[:, NAMES.index("AU15")] -= 0.05 * course
    series[:, NAMES.index("lip gap")] = 0.1 + lips * rng.normal(size=n)
    return ExpressionTrack(
        person=person, shot=0, frames=np.arange(n, dtype=np.int32), times=np.arange(n) / FPS,
        series=series.astype(np.float32), yaw=np.zeros(n, np.float32), interocular=np.full(n, 80, np.float32),
    )  # fmt: skip


def speech(seconds: float) -> SpeechSegments:
    return SpeechSegments(
        segments=np.array([[0.0, seconds]]), voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=seconds, snr_db=None, rate=16000, duration_s=seconds,
    )  # fmt: skip


def ask(*tracks: ExpressionTrack, heard: Prosody, seconds: float = 40.0, **knobs: Any) -> Measurement:
    return examine(Expressions(tracks=tracks, fps=FPS, duration_s=seconds), heard, speech(seconds), **knobs)


def test_a_face_that_moves_with_the_voice_agrees_and_another_does_not() -> None:
    own, other = [], []
    for seed in range(8):
        heard = voice(mood(seed, 40, 100))
        own.append(ask(face(mood(seed, 40, FPS)), heard=heard).value)
        other.append(ask(face(mood(seed + 50, 40, FPS)), heard=heard).value)
    assert max(own) < min(other)
    assert abs(np.mean(other)) < 1.0  # as shifted voices do


@pytest.mark.parametrize("late_s", [-1.0, 0.0, 1.2])
def test_the_lag_is_found(late_s: float) -> None:
    found = ask(face(mood(3, 40, FPS)), heard=voice(mood(3, 40, 100, late_s=late_s)))
    assert found.facts["lag_s"] == pytest.approx(late_s, abs=0.25)
    assert found.facts["peak"] > 0.6


def test_sound_that_begins_later_is_compared_where_it_is_heard() -> None:
    heard = voice(mood(3, 40, 100)[500:])
    found = ask(face(mood(3, 40, FPS)), heard=replace(heard, start_s=5.0), seconds=35.0)
    assert found.facts["lag_s"] == pytest.approx(0, abs=0.15)
    assert found.facts["seconds"] == pytest.approx(35, abs=0.3)


def test_speech_is_counted_where_the_face_is_seen() -> None:
    # the face is seen for the first 10 s, the sound begins 8 s after it
    heard = replace(voice(mood(3, 30, 100)), start_s=8.0)
    with pytest.raises(NotApplicable, match="no face is seen"):
        ask(face(mood(3, 10, FPS)), heard=heard, seconds=30.0, least_s=1.0)


def test_agreement_is_the_correlation_at_each_lag() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, 200))
    found = agreement(one, two, most_lag_s=1.0, rate=10)
    wanted = [np.corrcoef(one, np.roll(two, -lag))[0, 1] for lag in range(-10, 11)]
    assert found.correlations == pytest.approx(wanted)
    assert found.peak == pytest.approx(max(wanted))


def test_unrelated_courses_exceed_shifted_ones_by_nothing_on_average() -> None:
    rng = np.random.default_rng(1)
    excess = [agreement(rng.normal(size=150), rng.normal(size=150), most_lag_s=2.0).excess for _ in range(300)]
    assert abs(np.mean(excess)) < 0.15


@pytest.mark.parametrize("seconds", [1.2, 5.0])
def test_short_courses_and_long_lags_are_compared_with_half_of_all_shifts(seconds: float) -> None:
    course = mood(2, seconds, 10)
    found = agreement(course, course, most_lag_s=2.0)
    assert found.peak == pytest.approx(1) and found.excess > 1


def test_what_goes_along_with_the_opening_of_the_lips_is_taken_out() -> None:
    course = mood(5, 40, FPS)
    track = face(np.zeros(1000))
    series = track.series.copy()
    series[:, NAMES.index("lip gap")] += 0.1 * course
    jaw = series.copy()
    for name in ("AU01", "AU02", "AU05", "AU12"):
        jaw[:, NAMES.index(name)] += 0.05 * course
    heard = voice(mood(5, 40, 100))
    still, led = (ask(replace(track, series=one), heard=heard) for one in (series, jaw))
    assert ask(face(course), heard=heard).facts["peak"] > 0.8
    assert max(still.facts["peak"], led.facts["peak"]) < 0.5


@pytest.mark.parametrize("seed", range(6))
def test_a_face_that_follows_another_voice_of_the_lab_agrees_less(seed: int) -> None:
    """The recipe behind the demonstration, without the pictures: a jaw that opens with the voice pulls at all parts."""
    rng, seconds = np.random.default_rng(seed), 20.0
    moods = [swell(rng, seconds) for _ in range(2)]
    sound = voiced(rng, moods[0], seconds)
    heard = hear_prosody(
        Audio(samples=sound[:, None], rate=44100, codec="", lossless=True, bits=16, start_s=0, bit_rate=0)
    )
    gap = opening(sound, seconds)
    tracks = []
    for course in moods:
        track = face(course, lips=0.0, seed=seed)
        series = track.series.copy()
        series[:, NAMES.index("lip gap")] += 0.3 * gap
        for name in ("AU01", "AU05", "AU12"):
            series[:, NAMES.index(name)] += 0.03 * gap * (-1 if name == "AU12" else 1)
        tracks.append(replace(track, series=series, times=np.arange(len(course)) / 30))
    own, other = (ask(track, heard=heard, seconds=seconds).value for track in tracks)
    assert own < other - 0.5


def test_stretches_that_go_apart_are_shown() -> None:
    course = mood(4, 40, FPS)
    turned = course.copy()
    turned[500:650] *= -1
    spans = [place for place in ask(face(turned), heard=voice(mood(4, 40, 100))).where if isinstance(place, Span)]
    assert spans
    assert all(18.5 < (span.start_s + span.end_s) / 2 < 27.5 and span.track == 0 for span in spans[:1])


def test_the_speaking_face_is_compared() -> None:
    heard = voice(mood(5, 40, 100))
    found = ask(face(mood(90, 40, FPS), lips=0.011), face(mood(5, 40, FPS), person=1, seed=8), heard=heard)
    assert "Face 2" in found.observation
    assert found.facts["faces"] == 2


@pytest.mark.parametrize(
    ("tracks", "seconds", "reason"),
    [
        ((), 40.0, "no face"),
        ((face(mood(1, 40, FPS)),), 2.0, "2.0 s of speech"),
        ((face(mood(1, 4, FPS)),), 4.0, "no face is seen for 5 s"),
        ((face(mood(1, 40, FPS), lips=0.0),), 40.0, "moves its lips"),
    ],
)
def test_what_cannot_be_compared_is_said(tracks: tuple[ExpressionTrack, ...], seconds: float, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        ask(*tracks, heard=voice(mood(1, seconds, 100)), seconds=seconds)


def test_it_says_that_it_recognises_no_emotion_and_that_short_clips_hold_little() -> None:
    limits = ask(face(mood(6, 10, FPS)), heard=voice(mood(6, 10, 100)), seconds=10.0).limits
    assert any("no emotion" in limit for limit in limits) and any(
        "no better than with others" in limit for limit in limits
    )
    assert any("few independent moments" in limit for limit in limits)


def test_a_silent_face_of_one_expression_gives_a_finite_value() -> None:
    track = face(np.zeros(1000))
    heard = voice(np.zeros(4000))
    assert np.isfinite(ask(track, heard=heard).value)
