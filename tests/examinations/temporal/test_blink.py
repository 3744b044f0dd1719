"""Blinks of known times and depths are found; counts are weighed as the negative binomial says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from veridical.errors import NotApplicable
from veridical.examinations.temporal.blink import examine, rarity
from veridical.finding import Measurement, Table
from veridical.perception.tracks import FaceTracks, Track

FPS = 30.0


def eyes(
    duration_s: float, blinks: list[tuple[float, float, float]], *, noise: float = 0.02, fps: float = FPS
) -> np.ndarray:
    """Openness of a pair of eyes: each blink (middle, duration at half depth, depth) is a raised cosine."""
    times = np.arange(int(duration_s * fps)) / fps
    openness = np.full(len(times), 0.3)
    for middle, duration, depth in blinks:
        near = np.abs(times - middle) < duration
        openness[near] *= 1 - depth * (0.5 + 0.5 * np.cos(np.pi * (times[near] - middle) / duration))
    return openness + np.random.default_rng(1).normal(0, 0.3 * noise, len(times))


def track(openness: np.ndarray, *, fps: float = FPS, interocular: float = 80.0, yaw: float | np.ndarray = 0.0,
          frames: np.ndarray | None = None, person: int = 0) -> Track:  # fmt: skip
    n = len(openness)
    frames = np.arange(n) if frames is None else frames
    empty = {f: np.zeros((n, 0), np.float32) for f in Track.__dataclass_fields__ if f.startswith("packed")}
    pose = np.zeros((n, 3), np.float32)
    pose[:, 0] = yaw
    both = np.column_stack([openness, openness]).astype(np.float32)
    return Track(
        person=person, shot=0, frames=frames.astype(np.int32), times=frames / fps, pose=pose,
        boxes=np.zeros((n, 4), np.float32),
        eye_openness=both, eye_openness_mesh=both, mouth_opening=np.zeros(n, np.float32),
        interocular=np.full(n, interocular, np.float32), mesh_scores=np.ones(n, np.float32), **empty,
    )  # fmt: skip


def clip(*tracks: Track, fps: float = FPS) -> FaceTracks:
    frames = max((int(t.frames[-1]) + 1 for t in tracks), default=0)
    return FaceTracks(
        tracks=tracks, cuts=np.zeros(0), frames=frames, times=np.arange(frames) / fps, fps=fps, duration_s=frames / fps,
        width=640, height=480,
    )  # fmt: skip


def found(measurement: Measurement) -> list[tuple[float, float]]:
    return [(one.start_s, one.end_s) for one in measurement.where if one.label == "blink, depth"]  # type: ignore[union-attr]


def test_every_blink_is_found_at_its_time_with_its_length() -> None:
    rng = np.random.default_rng(7)
    for _ in range(40):
        middles = np.cumsum(rng.uniform(1.2, 5, 10))
        truth = [
            (m, d, depth)
            for m, d, depth in zip(middles, rng.uniform(0.1, 0.3, 10), rng.uniform(0.75, 1, 10), strict=True)
        ]
        measurement = examine(clip(track(eyes(middles[-1] + 2, truth))))
        spans = found(measurement)
        assert len(spans) == 10
        for (start, end), (middle, duration, _) in zip(spans, truth, strict=True):
            assert abs((start + end) / 2 - middle) < 0.02
            assert end - start == pytest.approx(duration, abs=0.05 + 0.2 * duration)


@pytest.mark.parametrize(
    ("blink", "why"),
    [
        ((5.0, 0.2, 0.15), "lids lowered by a seventh are no blink"),
        ((5.0, 1.2, 1.0), "more than half a second closed is no blink"),
        ((0.0, 0.3, 1.0), "a clip that starts with closed eyes shows no closing"),
        ((12.0, 0.3, 1.0), "a clip that ends with closed eyes shows no opening"),
    ],
)
def test_what_is_no_blink_is_not_counted(blink: tuple[float, float, float], why: str) -> None:
    assert found(examine(clip(track(eyes(12.0, [blink]))))) == [], why


def held(*, twitch: float) -> np.ndarray:
    """Eyes that are held closed for 3.5 s, and twitch while they are; then one blink."""
    openness = eyes(20.0, [(14.0, 0.2, 0.8)], noise=0.0)
    openness[int(5 * FPS) : int(8.5 * FPS)] *= 0.38
    openness[int(6.6 * FPS) : int(6.8 * FPS)] *= 1 - twitch
    return openness


def test_a_twitch_of_eyes_held_closed_is_no_blink_and_the_closure_is_told() -> None:
    measurement = examine(clip(track(held(twitch=0.5))))
    assert measurement.facts["blinks"] == 1
    closed, blink = measurement.where
    assert blink.label == "blink, depth" and blink.value == pytest.approx(0.8, abs=0.05)
    assert closed.label == "eyes closed for 3.5 s" and closed.value is None and closed.track == 0  # type: ignore[union-attr]
    assert (closed.start_s, closed.end_s) == pytest.approx((5.0, 8.5), abs=0.05)  # type: ignore[union-attr]
    (table,) = (one for one in measurement.exhibits if isinstance(one, Table) and one.name == "Eyes held closed")
    assert [(row[0], row[2]) for row in table.rows] == [("1", "3.5")]


def test_eyes_that_only_blink_are_not_held_closed() -> None:
    measurement = examine(clip(track(eyes(20.0, [(5.0, 0.2, 0.9), (9.0, 0.4, 0.9)]))))
    assert [one.label for one in measurement.where] == ["blink, depth"] * 2
    assert "Eyes held closed" not in {one.name for one in measurement.exhibits}


def test_a_wink_is_not_counted() -> None:
    one = track(eyes(12.0, [(6.0, 0.2, 1.0)]))
    wink = np.column_stack([one.eye_openness[:, 0], eyes(12.0, [])]).astype(np.float32)
    assert found(examine(clip(replace(one, eye_openness=wink, eye_openness_mesh=wink)))) == []


def test_every_blink_is_listed_with_its_length_depth_and_evenness() -> None:
    both = eyes(20.0, [(5.0, 0.2, 0.8), (12.0, 0.3, 0.4)], noise=0.0)
    later = eyes(20.0, [(5.04, 0.2, 0.8), (12.0, 0.3, 0.4)], noise=0.0)
    pair = np.column_stack([both, later]).astype(np.float32)
    measurement = examine(clip(replace(track(both), eye_openness=pair, eye_openness_mesh=pair)))
    (listed,) = (one for one in measurement.exhibits if isinstance(one, Table) and one.name == "Every blink")
    first, second = listed.rows
    assert float(first[2]) == pytest.approx(200, abs=30) and float(second[2]) == pytest.approx(300, abs=30)
    assert float(first[3]) == pytest.approx(0.2, abs=0.08) and float(second[3]) == pytest.approx(0.6, abs=0.03)
    assert float(first[5]) == pytest.approx(40, abs=15) and abs(float(second[5])) < 5
    assert float(second[6]) == pytest.approx(7 - 0.25, abs=0.06) and first[6] == "–"


def test_nothing_is_counted_across_a_gap_or_when_turned_away() -> None:
    openness = eyes(24, [(6, 0.2, 1.0), (18, 0.2, 1.0)])
    frames = np.arange(len(openness))
    keep = (frames < 6 * FPS - 1) | (frames > 6 * FPS + 1)
    gap = examine(clip(track(openness[keep], frames=frames[keep])))
    assert len(found(gap)) == 1
    turned = np.where(np.abs(frames / FPS - 18) < 0.5, 60.0, 0.0)
    assert len(found(examine(clip(track(openness, yaw=turned))))) == 1


def test_rarity_is_the_two_sided_tail_of_the_negative_binomial() -> None:
    # an independent construction: a Poisson whose rate is gamma distributed
    rng = np.random.default_rng(3)
    rate, dispersion, minutes = 18.0, 5.0, 0.5
    counts = rng.poisson(rng.gamma(dispersion * minutes, rate / dispersion, 400_000))
    for count in (0, 2, 9, 30):
        tail = min(1.0, 2 * min((counts <= count).mean(), (counts >= count).mean()))
        assert rarity(count, minutes, rate_per_min=rate, dispersion=dispersion) == pytest.approx(
            -np.log10(tail), abs=0.03
        )


def test_no_blink_in_longer_clips_is_rarer() -> None:
    values = [examine(clip(track(eyes(seconds, [])))).value for seconds in (12, 30, 90)]
    assert values == sorted(values) and values[0] < values[2]


def test_the_rate_interval_is_the_exact_poisson_one() -> None:
    measurement = examine(clip(track(eyes(60, [(t, 0.2, 1.0) for t in (10, 20, 30, 40)]))))
    facts = measurement.facts
    assert facts["blinks"] == 4
    assert stats.poisson.sf(3, facts["per_minute_low"]) == pytest.approx(0.05, abs=1e-3)
    assert stats.poisson.cdf(4, facts["per_minute_high"]) == pytest.approx(0.05, abs=1e-3)


def test_the_rarest_face_gives_the_value() -> None:
    usual = [(t, 0.2, 1.0) for t in np.arange(2, 58, 3.4)]
    still, lively = track(eyes(60, []), person=0), track(eyes(60, usual), person=1)
    assert examine(clip(lively, still)).value == examine(clip(still)).value > examine(clip(lively)).value


@pytest.mark.parametrize(
    ("tracks", "reason"),
    [
        (clip(track(eyes(20, [], fps=15), fps=15), fps=15), "15 frames a second"),
        (clip(), "no face"),
        (clip(track(eyes(20, []), interocular=30)), "14 px"),
        (clip(track(eyes(4, []))), "4.0 s"),
    ],
)
def test_gates_give_their_numbers(tracks: FaceTracks, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(tracks)


def test_seconds_are_those_of_the_clock_where_the_frame_rate_varies() -> None:
    # 30 s at 30 frames a second, then 10 s at 60
    times = np.concatenate([np.arange(900) / 30, 30 + np.arange(600) / 60])
    openness = 0.3 + np.random.default_rng(1).normal(0, 0.006, len(times))
    one = replace(track(openness), times=times)
    assert examine(replace(clip(one), times=times)).facts["seconds_seen"] == pytest.approx(40, abs=0.1)


def test_ten_seconds_are_enough_whatever_their_clock() -> None:
    one = track(eyes(10, []))
    floored = np.floor(1000 * one.times) / 1000
    assert examine(clip(replace(one, times=floored))).facts["seconds_seen"] == pytest.approx(10, abs=0.01)


def test_a_clock_of_milliseconds_does_not_cost_a_clip_its_frame_rate() -> None:
    # 20/1.001 frames a second, as printed: 20
    assert examine(clip(track(eyes(30, [], fps=19.98), fps=19.98), fps=19.98)).facts["blinks"] == 0
    with pytest.raises(NotApplicable, match="19 frames a second; blinks need 20"):
        examine(clip(track(eyes(30, [], fps=19), fps=19), fps=19))


def test_the_rarest_of_several_faces_is_said_to_be_the_rarest() -> None:
    limits = examine(clip(*(track(eyes(40, []), person=person) for person in range(5)))).limits
    assert any("rarest of 5" in limit for limit in limits)
    assert not any("rarest of" in limit for limit in examine(clip(track(eyes(40, [])))).limits)
