"""Lips that stay apart at m, b and p are counted; faces that close them, do not speak or look away are not accused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.temporal import bilabials
from veridical.examinations.temporal.bilabials import examine, rarity
from veridical.finding import Measurement, Span, Table
from veridical.media.audio import Audio
from veridical.perception.expression import NAMES, Expressions, ExpressionTrack
from veridical.perception.phonemes import Phonemes
from veridical.perception.speech import SpeechSegments

FPS, SECONDS = 25.0, 20.0
TIMES = tuple(np.arange(1.0, 19.0, 1.5).tolist())


def sound(start_s: float = 0.0) -> Audio:
    return Audio(samples=np.zeros((16000 * 20, 1), np.float32), rate=16000, codec="pcm_s16le", lossless=True, bits=16,
                 start_s=start_s, bit_rate=0)  # fmt: skip


def speech() -> SpeechSegments:
    return SpeechSegments(
        segments=np.array([[0.2, 19.8]]), voiced=np.zeros(0, np.float32), hop_s=0.032, level_db=np.zeros(0, np.float32),
        speech_seconds=19.6, snr_db=None, rate=16000, duration_s=SECONDS,
    )  # fmt: skip


def words(*, fits: float | list[float] = -0.5, fitting: float = 0.9, times: tuple[float, ...] = TIMES) -> Phonemes:
    """The word "bob" said at some times: 80 ms b, 200 ms vowel, 80 ms b; the fit is that of the first b."""
    phones, spans, own, scores = [], [], [], []
    for number, (time, fit) in enumerate(zip(times, np.broadcast_to(fits, len(times)), strict=True)):
        phones += ["B", "AA"]
        spans += [(time, time + 0.08), (time + 0.08, time + 0.28)]
        own += [number, number]
        scores += [float(fit), -0.5]
    return Phonemes(
        words=("bah",) * len(times), word_times=np.array([(t, t + 0.28) for t in times]), phones=tuple(phones),
        phone_times=np.array(spans), phone_words=np.array(own, np.int32), fits=np.array(scores, np.float32),
        fitting=fitting, heard_s=19.6,
    )  # fmt: skip


def face(closed_at: tuple[float, ...], *, width_px: float = 60.0, yaw: float | np.ndarray = 0.0, moves: float = 0.1,
         person: int = 0, least: float = 0.01) -> ExpressionTrack:  # fmt: skip
    """A mouth that opens and closes 20 % to 40 % of its width, and is closed for 80 ms from the times given."""
    times = np.arange(int(SECONDS * FPS)) / FPS
    gap = 0.2 + moves * (1 + np.sin(2 * np.pi * 1.3 * times))
    for time in closed_at:
        gap[(times >= time - 0.01) & (times <= time + 0.09)] = least
    series = np.zeros((len(times), len(NAMES)), np.float32)
    series[:, NAMES.index("mouth width")] = 0.8
    series[:, NAMES.index("lip gap")] = 0.8 * gap
    return ExpressionTrack(
        person=person, shot=0, frames=np.arange(len(times), dtype=np.int32), times=times, series=series,
        yaw=np.full(len(times), yaw, np.float32), interocular=np.full(len(times), width_px / 0.8, np.float32),
    )  # fmt: skip


def ask(
    *tracks: ExpressionTrack, phonemes: Phonemes | None = None, audio: Audio | None = None, **knobs: Any
) -> Measurement:
    faces = Expressions(tracks=tracks, fps=FPS, duration_s=SECONDS)
    return examine(faces, speech(), audio or sound(), phonemes, **knobs)


def test_a_mouth_that_closes_every_time_gives_nothing() -> None:
    measurement = ask(face(TIMES), phonemes=words())
    assert measurement.value == 0
    assert not measurement.where
    assert measurement.facts["open"] == 0
    assert measurement.facts["sounds"] == len(TIMES)


def test_every_missed_closure_is_counted_named_and_weighed() -> None:
    missed = TIMES[::3]
    measurement = ask(face(tuple(sorted(set(TIMES) - set(missed)))), phonemes=words())
    spans = [place for place in measurement.where if isinstance(place, Span)]
    assert sorted(span.start_s for span in spans) == pytest.approx(missed)
    assert all("“bah”" in span.label and span.track == 0 for span in spans)
    assert measurement.value == pytest.approx(-np.log10(stats.binom.sf(len(missed) - 1, len(TIMES), 0.2)))
    table = next(one for one in measurement.exhibits if isinstance(one, Table))
    assert [("open" in row[3]) for row in table.rows] == [time in missed for time in TIMES]


def test_more_open_lips_are_rarer() -> None:
    values = [ask(face(TIMES[count:]), phonemes=words()).value for count in range(0, len(TIMES), 2)]
    assert values == sorted(values)
    assert values[-1] > 4 > values[1]


def test_rarity_does_not_underflow() -> None:
    assert rarity(0, 30, 0.2) == 0
    assert np.isfinite(rarity(1000, 1000, 0.2))


def test_the_clock_of_the_sound_is_brought_to_that_of_the_picture() -> None:
    late = tuple(time + 0.5 for time in TIMES)
    assert ask(face(late), phonemes=words(), audio=sound(0.5)).facts["open"] == 0
    assert ask(face(late), phonemes=words()).facts["open"] == len(TIMES)


def test_lips_that_never_quite_touch_in_the_mesh_are_allowed_for_but_not_without_end() -> None:
    assert ask(face(TIMES, least=0.08), phonemes=words()).facts["open"] == 0
    assert ask(face(TIMES, least=0.12), phonemes=words()).facts["open"] == len(TIMES)


def test_sounds_that_fit_badly_or_are_not_seen_are_unclear() -> None:
    fits = [-9.0 if index < 5 else -0.5 for index in range(len(TIMES))]
    measurement = ask(face(()), phonemes=words(fits=fits))
    assert measurement.facts["unclear"] == 5
    turned = np.where(np.arange(int(SECONDS * FPS)) / FPS < 9, 45.0, 0.0)
    assert ask(face((), yaw=turned), phonemes=words()).facts["unclear"] == sum(time < 9 for time in TIMES)


def test_the_listener_is_left_out() -> None:
    measurement = ask(face(TIMES), face((), moves=0.0, person=1), phonemes=words())
    assert measurement.value == 0
    assert measurement.facts["faces"] == 1


def test_the_worst_face_is_reported() -> None:
    measurement = ask(face(TIMES), face((), person=1), phonemes=words())
    assert measurement.facts["open"] == len(TIMES)
    n = len(TIMES)
    assert measurement.observation.startswith(f"Face 2 keeps its lips apart at {n} of {n} sounds that need them closed")


@pytest.mark.parametrize(
    ("tracks", "phonemes", "reason"),
    [
        ((), words(), "no face"),
        ((face((), width_px=15),), words(), "widest lips have 15 px"),
        ((face((), moves=0.0),), words(), "no speaking face"),
        ((face((), yaw=45.0),), words(), "no speaking face"),
        ((face(()),), words(times=TIMES[:2]), "finds 2 sounds"),
        ((face(()),), words(fits=-8.0), "3 are needed"),
        ((face(()),), None, "detector of closures finds 0 sounds"),
    ],
)
def test_what_cannot_be_judged_is_said(
    tracks: tuple[ExpressionTrack, ...], phonemes: Phonemes | None, reason: str
) -> None:
    with pytest.raises(NotApplicable, match=reason):
        ask(*tracks, phonemes=phonemes)


@pytest.mark.parametrize("phonemes", [None, words(fitting=0.3)])
def test_without_a_fitting_alignment_closures_are_heard_and_that_is_said(
    phonemes: Phonemes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = np.array([(time, time + 0.08) for time in TIMES])
    monkeypatch.setattr(bilabials, "find_closures", lambda *_: heard)
    measurement = ask(face(()), phonemes=phonemes)
    assert measurement.facts["method"] == "closures"
    assert measurement.value == pytest.approx(rarity(len(TIMES), len(TIMES), 0.4))
    assert any("No English alignment" in limit for limit in measurement.limits)
    with pytest.raises(NotApplicable, match="alignment"):
        ask(face(()), phonemes=phonemes, method="alignment")


def test_the_method_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bilabials, "find_closures", lambda *_: np.array([(t, t + 0.08) for t in TIMES[:4]]))
    assert ask(face(()), phonemes=words(), method="closures").facts["sounds"] == 4
    with pytest.raises(UsageError, match="auto"):
        ask(face(()), phonemes=words(), method="ears")


def test_a_mouth_that_hardly_opens_is_said_to_tell_little() -> None:
    often = tuple(np.arange(0.0, SECONDS, 0.16).tolist())
    assert any("tells little" in limit for limit in ask(face(often), phonemes=words()).limits)
    assert not any("tells little" in limit for limit in ask(face(TIMES), phonemes=words()).limits)


def test_the_widest_gap_comes_first_where_some_sounds_are_not_seen() -> None:
    yaw = np.zeros(int(SECONDS * FPS))
    for time in TIMES[1:8:3]:
        yaw[int(time * FPS) - 10 : int(time * FPS) + 10] = 50
    found = ask(face(TIMES[10:], yaw=yaw), phonemes=words())
    values = [place.value for place in found.where if isinstance(place, Span)]
    assert len(values) == 7 and found.facts["unclear"] > 0
    assert values == sorted(values, reverse=True)


def test_only_sounds_that_fit_are_said_to_be_there() -> None:
    with pytest.raises(NotApplicable, match="finds 2 sounds that need closed lips and fit"):
        ask(face(TIMES), phonemes=words(fits=[-0.5, -0.5, *[-9.0] * (len(TIMES) - 2)]))
