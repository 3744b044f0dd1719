"""Whose face it is in a clip, from where faces are and how long; and from clips to an enrolled person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from veridical import enrolment, persons
from veridical.enrolment import Watched, choose, footage
from veridical.errors import UsageError
from veridical.perception.expression import Expressions
from veridical.perception.tracks import FaceTracks, Track

from .simulated import expression_track, portrait_series


def track(
    person: int, *, shot: int = 0, begin: int = 0, count: int = 100, x: float = 100.0, eyes: float = 80.0
) -> Track:
    box = np.tile(np.float32([x - eyes, 0, x + eyes, 200]), (count, 1))
    single, pair, none = np.full(count, eyes, np.float32), np.ones((count, 2), np.float32), np.zeros(0, np.uint8)
    frames = np.arange(begin, begin + count, dtype=np.int32)
    return Track(
        person=person, shot=shot, frames=frames, times=frames / 30, boxes=box, pose=np.zeros((count, 3), np.float32),
        eye_openness=pair, eye_openness_mesh=pair, mouth_opening=single, interocular=single, mesh_scores=single, packed=none,
        packed_ends=none,
    )  # fmt: skip


def clip(*tracks: Track) -> Watched:
    faces = FaceTracks(
        tracks=tracks, cuts=np.zeros(0), frames=999, times=np.arange(999) / 30, fps=30.0, duration_s=33.3, width=640, height=480
    )  # fmt: skip
    seen = tuple(expression_track(np.zeros((len(one.frames), 20)), person=one.person, shot=one.shot) for one in tracks)
    return Watched(
        path=Path("a.mp4"), sha256="0", faces=faces, expressions=Expressions(tracks=seen, fps=30.0, duration_s=33.3)
    )


def numbers(watched: Watched, face: enrolment.FaceChoice = "") -> list[int]:
    return [one.person for one in choose(watched, face)]


def test_the_prominent_face_of_each_shot_is_taken() -> None:
    shots = clip(
        track(0, x=100, eyes=90), track(1, x=400, eyes=20), track(2, shot=1, x=300, begin=100),
        track(3, shot=1, begin=100, count=9),
    )  # fmt: skip
    assert numbers(shots) == [0, 2]


def test_faces_that_follow_one_another_in_a_shot_are_all_taken() -> None:
    assert numbers(clip(track(0, count=60), track(1, begin=70, count=60))) == [0, 1]


def test_two_similar_faces_are_asked_about_and_named_by_place_or_size() -> None:
    both = clip(track(0, x=420, eyes=80), track(1, x=120, eyes=70), track(2, x=10, eyes=70, count=5))
    with pytest.raises(UsageError, match=r"2 faces are similarly present in a\.mp4.*--face left"):
        choose(both)
    assert (numbers(both, "left"), numbers(both, "right"), numbers(both, "largest")) == ([1], [0], [0])
    with pytest.raises(UsageError, match="--face is 'middle'"):
        choose(both, "middle")  # type: ignore[arg-type]


def test_a_clip_without_a_face_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no face is seen in a\.mp4"):
        choose(clip())


def test_footage_counts_seconds_and_windows_of_the_chosen_face() -> None:
    seen = footage(clip(track(0, count=330), track(1, begin=400, count=330)), window_s=10, step_s=1)
    assert seen.seen_s == pytest.approx(22) and len(seen.windows) == 4
    assert (seen.windows.flat).all() and (seen.windows.features == 0).all()


def test_clips_become_an_enrolled_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path))
    kept = dict(zip("abc", portrait_series(), strict=True))

    def watch(path: Path, **_: object) -> Watched:
        series = kept[path.stem]
        seen = Expressions(tracks=(expression_track(series),), fps=30.0, duration_s=13.0)
        plain = clip(track(0, count=len(series)))
        return Watched(path=path, sha256=path.stem, faces=plain.faces, expressions=seen)

    monkeypatch.setattr(enrolment, "watch", watch)
    made = enrolment.enrol("portrait", [Path(f"{name}.mp4") for name in kept])
    assert made.clips == ("a", "b", "c") and made.seconds == pytest.approx(39, abs=0.5)
    assert persons.listed() == (made,)
    with pytest.raises(UsageError, match="the window is 2 s; it lasts 4 to 60 s"):
        enrolment.enrol("other", [Path("a.mp4")], window_s=2)
    with pytest.raises(UsageError, match="enrolled already"):
        enrolment.enrol("portrait", [Path("missing.mp4")])


def test_a_picture_is_no_clip(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    with pytest.raises(UsageError, match="is no video"):
        enrolment.watch(tmp_path / "a.png")
