"""A change of voice is found where it was put; one voice, however long, shows little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.audio.speaker_consistency import examine
from veridical.finding import Chart, Map, Span
from veridical.perception.voice_identity import VoiceTrace

HOP = 0.4


def trace(*spoken: tuple[int, float], scatter: float = 0.01, pause_s: float = 0.0, hop: float = HOP) -> VoiceTrace:
    """Each voice for so many seconds; windows of 1.6 s of speech hold what share of each voice they hear, and scatter."""
    frames = np.concatenate([np.full(round(seconds / 0.1), voice) for voice, seconds in spoken])
    shifts = np.concatenate([np.full(round(seconds / 0.1), i * pause_s) for i, (_, seconds) in enumerate(spoken)])
    times = 0.1 * np.arange(len(frames)) + shifts
    centres = np.maximum(np.random.default_rng(3).standard_normal((5, 256)), 0)
    first = np.arange(0, len(frames) - 16 + 1, round(hop / 0.1))
    rows = np.stack([centres[frames[at : at + 16]].mean(0) for at in first])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.maximum(rows + scatter * np.random.default_rng(4).standard_normal(rows.shape), 0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return VoiceTrace(
        starts_s=times[first], ends_s=times[first + 15] + 0.1, embeddings=rows.astype(np.float16), hop_s=hop,
        speech_s=len(frames) * 0.1, duration_s=float(times[-1]) + 0.1,
    )  # fmt: skip


@pytest.mark.parametrize("hop", [0.4, 0.8])
def test_a_change_is_found_at_its_time_with_its_size(hop: float) -> None:
    found = examine(trace((0, 12.0), (1, 9.0), hop=hop))
    centres = np.maximum(np.random.default_rng(3).standard_normal((5, 256)), 0)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    assert found.value == pytest.approx(1 - centres[0] @ centres[1], abs=0.06)
    assert found.facts["change_s"] == pytest.approx(12.0, abs=0.8)
    (span,) = found.where
    assert span.start_s <= 12.2 and span.end_s >= 11.8 and span.end_s - span.start_s < 3  # type: ignore[union-attr]
    assert found.facts["scatter_before"] < found.value / 2  # type: ignore[operator]


def test_one_voice_shows_little_however_long() -> None:
    values = [examine(trace((0, seconds))).value for seconds in (8.0, 30.0, 300.0)]
    assert max(values) < 0.12


def test_a_passage_in_the_middle_is_seen_from_both_sides() -> None:
    found = examine(trace((0, 20.0), (1, 5.0), (0, 20.0)))
    assert found.value > 0.4
    assert min(abs(found.facts["change_s"] - moment) for moment in (20, 25)) < 1.0  # type: ignore[operator]


def test_a_change_far_from_the_middle_of_an_hour_is_as_large() -> None:
    far = examine(trace((0, 600.0), (1, 60.0), hop=0.8))
    near = examine(trace((0, 32.0), (1, 32.0), hop=0.8))
    assert far.value == pytest.approx(near.value, abs=0.03)
    assert far.facts["change_s"] == pytest.approx(600, abs=1.6)
    (square,) = (one for one in far.exhibits if isinstance(one, Map))
    assert max(square.values.shape) <= 160


def test_times_count_pauses() -> None:
    found = examine(trace((0, 12.0), (1, 9.0), pause_s=30.0))
    (span,) = found.where
    assert span.start_s <= 12.2 and span.end_s > 41  # type: ignore[union-attr]
    (chart,) = (one for one in found.exhibits if isinstance(one, Chart))
    assert chart.timeline and chart.lines[0].x[-1] > 42


def test_two_speakers_are_named_as_a_cause() -> None:
    assert any("Two real speakers in conversation" in one for one in examine(trace((0, 10.0))).limits)
    assert any("8.0 s of speech are little" in one for one in examine(trace((0, 8.0))).limits)


def test_too_little_speech_is_named() -> None:
    for seconds in (1.6, 6.0):
        with pytest.raises(NotApplicable, match=rf"{seconds:.1f} s of speech; a change of voice needs 6.4 s"):
            examine(trace((0, seconds)))
    assert np.isfinite(examine(trace((0, 6.4))).value)


def test_the_windows_across_the_moment_have_no_part() -> None:
    """Exactly 3.2 s on each side: the means are those of the windows that lie wholly on either."""
    one = trace((0, 3.2), (1, 3.2), scatter=0.0)
    vectors = one.vectors
    fading = np.exp(-0.4 * np.arange(5) / 2)[:, None]
    left, right = (fading[::-1] * vectors[:5]).sum(0), (fading * vectors[8:13]).sum(0)
    expected = 1 - left @ right / np.linalg.norm(left) / np.linalg.norm(right)
    assert len(vectors) == 13 and examine(one).value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("least_s", [0.0, 0.4, 1.6])
def test_sides_are_no_shorter_than_a_window(least_s: float) -> None:
    spoken = trace((0, 6.0), (1, 6.0))
    found = examine(spoken, least_s=least_s)
    (chart,) = (one for one in found.exhibits if isinstance(one, Chart))
    assert chart.lines[0].x[[0, -1]] == pytest.approx([1.6, 10.4], abs=0.3)
    assert found.facts["change_s"] == pytest.approx(6.0, abs=0.8)
    with pytest.raises(NotApplicable, match="needs 3.2 s"):
        examine(trace((0, 2.8)), least_s=least_s)


@pytest.mark.parametrize("seed", range(12))
def test_stretches_that_are_all_the_same_change_nowhere(seed: int) -> None:
    spoken, same = trace((0, 12.0)), np.random.default_rng(seed).random(256).astype(np.float16)
    found = examine(replace(spoken, embeddings=np.tile(same, (len(spoken), 1))))
    (span,) = found.where
    assert 0 <= found.value < 1e-6
    assert isinstance(span, Span)
    assert span.start_s - 0.01 <= found.facts["change_s"] <= span.end_s + 0.01  # type: ignore[operator]
