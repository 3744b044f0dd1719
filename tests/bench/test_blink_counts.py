"""Blinks that are found are held against a count as the count says it must be done."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from veridical.perception.tracks import FaceTracks, Track

BENCH = Path(__file__).parents[2] / "bench"
FPS = 25.0


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("blink_counts")


def face(*closed: tuple[int, int], frames: int = 300) -> FaceTracks:
    """Eyes that are closed from one frame to another, both counted."""
    opening = np.full((frames, 2), 0.3, np.float32)
    for first, last in closed:
        opening[first : last + 1] = 0.1
    nothing = {name: np.zeros((frames, 0), np.float32) for name in ("packed", "packed_ends")}
    track = Track(
        person=0, shot=0, frames=np.arange(frames, dtype=np.int32), times=np.arange(frames) / FPS,
        boxes=np.zeros((frames, 4), np.float32), pose=np.zeros((frames, 3), np.float32), eye_openness=opening,
        eye_openness_mesh=opening, mouth_opening=np.zeros(frames, np.float32),
        interocular=np.full(frames, 80, np.float32), mesh_scores=np.ones(frames, np.float32), **nothing,
    )  # fmt: skip
    return FaceTracks(
        tracks=(track,), cuts=np.zeros(0), frames=frames, times=np.arange(frames) / FPS, fps=FPS,
        duration_s=frames / FPS, width=640, height=480,
    )  # fmt: skip


def counted(*closings: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    return {"track": 0, "closings": [{"first": a, "last": b, "kind": kind} for a, b, kind in closings], **more}


def test_found_missed_and_false(counts: Any) -> None:
    clip = counted((20, 24, "complete"), (80, 84, "complete"), (150, 153, "complete"))
    assert counts.judged(clip, face((20, 24), (82, 86), (220, 223))) == counts.Tally(2, 1, 1)


def test_partial_and_doubtful_closings_count_neither_way(counts: Any) -> None:
    clip = counted((20, 24, "partial"), (80, 84, "unsure"), (150, 153, "one eye"))
    assert counts.judged(clip, face((20, 24), (80, 84))) == counts.Tally(0, 0, 0)
    assert counts.judged(clip, face((150, 153))) == counts.Tally(0, 0, 1)


def test_frames_that_were_not_counted_are_left_out(counts: Any) -> None:
    clip = counted((20, 24, "complete"), counted=[0, 100])
    assert counts.judged(clip, face((20, 24), (200, 204))) == counts.Tally(1, 0, 0)


def test_rates_of_a_tally(counts: Any) -> None:
    tally = counts.Tally(6, 2, 1) + counts.Tally(3, 1, 0)
    assert tally.precision == 0.9 and tally.recall == 0.75 and tally.f1 == pytest.approx(18 / 22)


def test_the_count_is_in_order(counts: Any) -> None:
    clips = counts.COUNTED["clips"]
    assert len(clips) >= 8 and {clip["label"] for clip in clips} == {"real", "fake"}
    for clip in clips:
        ends = [place for one in clip["closings"] for place in (one["first"], one["last"])]
        assert ends == sorted(ends) and len(clip["sha256"]) == 64
        assert {one["kind"] for one in clip["closings"]} <= {"complete", "partial", "one eye", "unsure"}
