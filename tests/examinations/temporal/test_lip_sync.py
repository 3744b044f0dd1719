"""Lips that follow speech, lips that follow other speech, and what must not be judged."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.lip_sync import examine
from veridical.finding import Measurement
from veridical.lab.scene import FPS
from veridical.lab.speech import RATE, babble
from veridical.lab.talk import opening
from veridical.media.audio import Audio
from veridical.perception._pack import Packer
from veridical.perception.speech import SpeechSegments
from veridical.perception.tracks import FaceTracks, Track

SECONDS = 12.0
MESH = np.load(Path(__file__).parents[2] / "data" / "mediapipe_mesh.npz")["plain"][:, :2].astype(np.float32)
EYES = float(np.linalg.norm(MESH[[33, 133]].mean(0) - MESH[[263, 362]].mean(0)))
LOWER_LIP = [14, 87, 317, 178, 402, 88, 318, 95, 324, 17, 84, 314, 181, 405, 91, 321]
CHIN = [152, 148, 377, 175, 199, 18, 200]


@cache
def sound(seed: int, seconds: float = SECONDS) -> np.ndarray:
    return babble(np.random.default_rng(seed), seconds)


def audio(samples: np.ndarray, start_s: float = 0.0) -> Audio:
    return Audio(
        samples=samples[:, None], rate=RATE, codec="pcm_s16le", lossless=True, bits=16, start_s=start_s, bit_rate=0
    )


def speech(seconds: float = SECONDS, *segments: tuple[float, float]) -> SpeechSegments:
    found = np.array(segments or [(0.0, seconds)], np.float64)
    steps = int(seconds / 0.032)
    return SpeechSegments(
        segments=found, voiced=np.ones(steps, np.float32), hop_s=0.032, level_db=np.zeros(steps, np.float32),
        speech_seconds=float(np.diff(found).sum()), snr_db=30.0, rate=16000, duration_s=seconds,
    )  # fmt: skip


def talking(
    gap: np.ndarray, *, size: float = 1.0, yaw: float = 0.0, keep: np.ndarray | None = None, person: int = 0
) -> Track:
    """A face whose lower lip and chin drop by ``gap`` · 0.3 of the distance between the eyes in each frame."""
    n = len(gap)
    meshes = np.repeat(np.pad(MESH, ((0, 10), (0, 0)))[None], n, 0)
    drop = 0.3 * EYES * np.asarray(gap, np.float32)[:, None]
    meshes[:, LOWER_LIP, 1] += drop
    meshes[:, CHIN, 1] += 0.7 * drop
    meshes += np.random.default_rng(person).normal(0, 0.3, meshes.shape).astype(np.float32)
    frames = np.arange(n) if keep is None else keep
    packer = Packer(2 * 478)
    for frame in frames:
        packer.add(size * meshes[frame])
    packed, ends = packer.packed()
    m = len(frames)
    pose = np.zeros((m, 3), np.float32)
    pose[:, 0] = yaw
    return Track(
        person=person, shot=0, frames=frames.astype(np.int32), times=frames / FPS, boxes=np.zeros((m, 4), np.float32),
        pose=pose, eye_openness=np.ones((m, 2), np.float32), eye_openness_mesh=np.ones((m, 2), np.float32),
        mouth_opening=np.zeros(m, np.float32), interocular=np.full(m, size * EYES, np.float32),
        mesh_scores=np.ones(m, np.float32), packed=packed, packed_ends=ends,
    )  # fmt: skip


def clip(*tracks: Track, fps: float = FPS) -> FaceTracks:
    n = max((int(track.frames[-1]) + 1 for track in tracks), default=0)
    return FaceTracks(
        tracks=tracks, cuts=np.zeros(0), frames=n, times=np.arange(n) / fps, fps=fps, duration_s=n / fps, width=640,
        height=480,
    )  # fmt: skip


def measure(gap: np.ndarray, seed: int = 1, start_s: float = 0.0) -> Measurement:
    return examine(clip(talking(gap)), audio(sound(seed), start_s), speech())


def test_own_speech_stands_out_and_other_speech_does_not() -> None:
    own = [measure(opening(sound(seed), SECONDS), seed).value for seed in (1, 2, 3)]
    other = [measure(opening(sound(seed + 10), SECONDS), seed).value for seed in (1, 2, 3)]
    assert max(own) < min(other)
    assert max(own) < -2.5


@pytest.mark.parametrize("later", [-0.5, 0.0, 0.4])
def test_the_offset_is_found_on_the_clock_of_the_video(later: float) -> None:
    gap = opening(sound(1), SECONDS)
    straight = measure(gap).facts["offset_ms"]
    shifted = measure(gap, start_s=later)
    assert shifted.facts["offset_ms"] - straight == pytest.approx(1000 * later, abs=40)  # type: ignore[operator]
    assert abs(straight) < 100  # type: ignore[arg-type]
    if later:
        assert any("constant offset" in limit for limit in shifted.limits)


def test_an_offset_that_changes_is_marked_where_it_changes() -> None:
    seconds = 24.0
    heard = sound(4, seconds)
    gap = opening(heard, seconds)
    late = np.concatenate([gap[: 12 * FPS], gap[12 * FPS - 15 : -15]])  # from 12 s on the lips come half a second later
    found = examine(clip(talking(late)), audio(heard), speech(seconds))
    steady = examine(clip(talking(gap)), audio(heard), speech(seconds))
    assert not [place for place in steady.where if "another offset" in place.label]
    spans = list(found.where)
    assert spans
    assert len({place.start_s < 12 for place in spans}) == 1  # one half of the clip, not both
    assert found.value > steady.value


def test_speech_that_is_exchanged_for_a_while_is_marked() -> None:
    seconds = 30.0
    heard = sound(5, seconds)
    gap = opening(heard, seconds)
    gap[20 * FPS :] = opening(sound(6, seconds), seconds)[20 * FPS :]
    spans = examine(clip(talking(gap)), audio(heard), speech(seconds)).where
    assert any(place.start_s >= 16 for place in spans)
    assert all(place.end_s > 20 for place in spans)  # type: ignore[union-attr]


def test_of_two_faces_the_one_that_agrees_is_the_speaker() -> None:
    gap, other = opening(sound(1), SECONDS), opening(sound(9), SECONDS)
    both = examine(clip(talking(other, person=0), talking(gap, person=1)), audio(sound(1)), speech())
    alone = examine(clip(talking(gap, person=1)), audio(sound(1)), speech())
    assert both.value == alone.value
    assert both.observation.startswith("Face 2")


def test_lips_that_rest_are_named() -> None:
    still = measure(np.zeros(int(SECONDS * FPS)))
    assert still.value > measure(opening(sound(1), SECONDS)).value + 1
    assert any("hardly move" in limit for limit in still.limits)


def test_size_does_not_matter() -> None:
    gap = opening(sound(2), SECONDS)
    values = [examine(clip(talking(gap, size=size)), audio(sound(2)), speech()).value for size in (0.8, 1.6)]
    assert values[0] == pytest.approx(values[1], abs=0.3)


def test_frames_in_which_the_head_is_turned_away_do_not_count() -> None:
    gap = opening(sound(1), SECONDS)
    track = talking(gap)
    yaw = np.where(np.arange(len(gap)) < 4 * FPS, 50.0, 0.0)
    pose = np.column_stack([yaw, 0 * yaw, 0 * yaw]).astype(np.float32)
    part = examine(clip(replace(track, pose=pose)), audio(sound(1)), speech())
    assert part.facts["speech_seen_s"] == pytest.approx(SECONDS - 4, abs=0.1)


GAP = np.zeros(int(SECONDS * FPS))


@pytest.mark.parametrize(
    ("tracks", "heard", "reason"),
    [
        (clip(talking(GAP), fps=15), speech(), "15 frames a second"),
        (clip(), speech(), "no face"),
        (clip(talking(GAP)), speech(SECONDS, (1.0, 2.5)), "1.5 s of speech"),
        (clip(talking(GAP, size=20 / EYES)), speech(), "no mouth of 25 px"),
        (clip(talking(GAP, yaw=60)), speech(), "from the front"),
        (clip(talking(GAP[:50])), speech(SECONDS, (2.0, 12.0)), "during 2.5 s"),
    ],
)
def test_gates_give_their_numbers(tracks: FaceTracks, heard: SpeechSegments, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(tracks, audio(sound(1)), heard)
