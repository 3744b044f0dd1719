"""Blinks are found in pictures: in rendered faces whose blinks are known, and in clips whose blinks a person counted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from veridical.examinations.temporal.blink import examine
from veridical.finding import Span
from veridical.lab import motion, portrait, scene, source
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Frame, Video
from veridical.models import store
from veridical.perception import faces
from veridical.perception.tracks import FaceTracks, watch_faces

BENCH = Path(__file__).parents[3] / "bench"


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(store.is_present(name) for name in faces.MODELS), reason="models not fetched (veridical models fetch)"
    ),
]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("blink_counts")


def watched(frames: Iterator[np.ndarray], fps: float) -> FaceTracks:
    first = next(frames)
    height, width = first.shape[:2]
    video = Video(
        width=width, height=height, codec="h264", pixel_format="yuv420p", rotation=0, claimed_fps=fps,
        claimed_duration_s=0.0, claimed_frames=0, bit_rate=0, _decoder=None,  # type: ignore[arg-type]
    )  # fmt: skip
    watcher = watch_faces(video)
    next(watcher)
    index = 0
    watcher.send(Frame(0, 0.0, True, "?", first, 0))
    for index, pixels in enumerate(frames, 1):
        watcher.send(Frame(index, index / fps, False, "?", pixels, 0))
    with pytest.raises(StopIteration) as ended:
        watcher.send(None)
    tracks: FaceTracks = ended.value.value
    return tracks


def spans(tracks: FaceTracks) -> list[tuple[float, float]]:
    where = examine(tracks, least_s=1.0).where
    return [(one.start_s, one.end_s) for one in where if isinstance(one, Span) and one.label.startswith("blink")]


def rendered(seed: int, seconds: float) -> tuple[Iterator[np.ndarray], float, list[tuple[float, float]]]:
    """A moving face whose lids close: frames, frames a second, and (start, length) of the blinks."""
    random = np.random.default_rng(seed)
    fps = (25.0, 30.0)[seed % 2]
    picture, _ = source._demo_picture()
    stage = scene.scene_of(picture, eyes="")
    blinks, time = [], random.uniform(0.4, 0.8)
    while time < seconds - 0.9:
        # The lids are more than half closed for 0.6 of this length: 0.1 to 0.4 s.
        blinks.append((float(time), float(random.uniform(0.1, 0.4) / 0.6)))
        time += blinks[-1][1] + random.uniform(0.3, 0.8)
    lids = [portrait.close_eyes(stage.pixels, stage.eyes, level / 8) for level in range(9)]
    light, noise, blur = random.uniform(0.5, 1.1), random.uniform(0.5, 5.0), random.uniform(0.0, 0.8)
    size = int(random.uniform(220, 360))

    def frames() -> Iterator[np.ndarray]:
        moves = scene.views(seconds, np.random.default_rng(seed))
        for index in range(int(seconds * fps)):
            render = next(moves)
            pixels = render(lids[round(8 * motion.closure(index / fps, blinks))]).astype(np.float32)
            pixels = light * cv2.GaussianBlur(pixels, (0, 0), 0.01 + blur)
            pixels = cv2.resize(
                pixels + random.normal(0, noise, pixels.shape), (size, size), interpolation=cv2.INTER_AREA
            )
            pixels = pixels[:, ::-1] if seed % 4 < 2 else pixels
            yield np.ascontiguousarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))

    return frames(), fps, blinks


def test_blinks_of_40_rendered_faces(counts: Any) -> None:
    tally, errors = counts.Tally(), []
    for seed in range(40):
        frames, fps, blinks = rendered(seed, 2.6)
        seen = spans(watched(frames, fps))
        met = [[s for s in seen if s[0] < start + length and s[1] > start] for start, length in blinks]
        hits = sum(bool(one) for one in met)
        tally += counts.Tally(hits, len(met) - hits, len(seen) - hits)
        errors += [one[0][1] - one[0][0] - 0.6 * blink[1] for one, blink in zip(met, blinks, strict=True) if one]
    assert tally.found + tally.missed > 50
    assert tally.precision >= 0.9 and tally.recall >= 0.9, tally
    assert abs(float(np.median(errors))) < 0.06


def test_counts_of_a_person_in_real_and_generated_clips(counts: Any) -> None:
    folder = Path(os.environ.get("VERIDICAL_DATA", "/nowhere"), "video")
    clips = counts.COUNTED["clips"]
    if not all((folder / clip["file"]).exists() for clip in clips):
        pytest.skip("VERIDICAL_DATA does not name the folder of labelled media")
    total = counts.Tally()
    for clip in clips:
        with open_exhibit(folder / clip["file"]) as exhibit:
            assert exhibit.sha256 == clip["sha256"]
            video = exhibit.stream(Video)
            tracks = watched((frame.pixels for frame in video.frames()), video.claimed_fps or 25.0)
        total += counts.judged(clip, tracks)
    assert len({clip["file"] for clip in clips}) >= 8 and total.found + total.missed >= 40
    assert total.precision >= 0.9 and total.recall >= 0.9, total
