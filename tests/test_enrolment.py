"""Whose face it is in a clip, from where faces are and how long; and from clips to an enrolled person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from veridical import enrolment, persons
from veridical.enrolment import Watched, choose, footage
from veridical.errors import UsageError
from veridical.perception.expression import Expressions
from veridical.perception.face_identity import IdentityTrace, IdentityTraces
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


FACES = {name: np.random.default_rng(seed).normal(0, 0.06, 128) for seed, name in enumerate(("anna", "ben"))}


def described(person: int, whose: str, seed: int, *, count: int = 60) -> IdentityTrace:
    """A trace of a face whose descriptors scatter around those of a person (the two persons are about 0.9 apart)."""
    random = np.random.default_rng(seed)
    centre = FACES[whose] + random.normal(0, 0.02, 128)
    frames = np.arange(count, dtype=np.int32)
    return IdentityTrace(
        person=person, frames=frames, looks=np.zeros((count, 63), np.float16), described=frames,
        descriptors=(centre + random.normal(0, 0.02, (count, 128))).astype(np.float16), sharpness=np.ones(count, np.float32),
    )  # fmt: skip


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Whom each clip shows, by the name of the clip; clips move as the portrait of the lab does."""
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path))
    kept = dict(zip("abc", portrait_series(), strict=True)) | {"d": portrait_series()[0] * 1.1}
    whose: dict[str, str] = {}

    def watch(path: Path, **_: object) -> Watched:
        series = kept[path.stem]
        seen = Expressions(tracks=(expression_track(series),), fps=30.0, duration_s=13.0)
        plain = clip(track(0, count=len(series)))
        traces = [described(9, "ben", 5)]  # somebody in the background is never asked about
        traces += [described(0, whose[path.stem], ord(path.stem))] if path.stem in whose else []
        identities = IdentityTraces(tuple(traces)) if whose else None
        return Watched(path=path, sha256=path.stem, faces=plain.faces, expressions=seen, identities=identities)

    monkeypatch.setattr(enrolment, "watch", watch)
    return whose


def paths(names: str) -> list[Path]:
    return [Path(f"{name}.mp4") for name in names]


def test_clips_become_an_enrolled_person(shown: dict[str, str]) -> None:
    made, checks = enrolment.enrol("portrait", paths("abc"))
    assert made.clips == ("a", "b", "c") and made.seconds == pytest.approx(39, abs=0.5)
    assert [one.distance for one in checks] == [None] * 3  # no model for faces
    assert persons.listed() == (made,)
    with pytest.raises(UsageError, match="the window is 2 s; it lasts 4 to 60 s"):
        enrolment.enrol("other", paths("a"), window_s=2)
    with pytest.raises(UsageError, match="enrolled already"):
        enrolment.enrol("portrait", [Path("missing.mp4")])


def test_clips_of_one_face_are_all_learned_from(shown: dict[str, str]) -> None:
    shown.update(dict.fromkeys("abc", "anna"))
    made, checks = enrolment.enrol("anna", paths("abc"))
    assert made.clips == ("a", "b", "c")
    assert all(one.distance is not None and one.distance < 0.6 and one.matches for one in checks)


def test_a_clip_of_somebody_else_is_named_and_left_out(shown: dict[str, str]) -> None:
    shown.update(dict.fromkeys("acd", "anna"), b="ben")
    made, checks = enrolment.enrol("anna", paths("abcd"))
    assert made.clips == ("a", "c", "d")
    assert [one.path.name for one in checks if not one.matches] == ["b.mp4"]
    assert checks[1].distance == pytest.approx(np.linalg.norm(FACES["anna"] - FACES["ben"]), abs=0.3)


def test_too_little_footage_without_the_stranger_names_him(shown: dict[str, str]) -> None:
    shown.update(a="anna", b="anna", c="ben")
    with pytest.raises(UsageError, match=r"c\.mp4 \(.*left out: another face.*30 s are needed"):
        enrolment.enrol("anna", paths("abc"))
    assert persons.names() == ()


@pytest.mark.parametrize("second", ["a", "ac"])
def test_where_no_more_than_half_of_the_clips_agree_nobody_is_enrolled(shown: dict[str, str], second: str) -> None:
    every = "ab" if second == "a" else "abcd"
    shown.update({name: "ben" if name in second else "anna" for name in every})
    with pytest.raises(UsageError, match=r"the clips show different faces: that of .\.mp4 is .* from that of .\.mp4"):
        enrolment.enrol("anna", paths(every))
    assert persons.names() == ()


def test_a_clip_whose_face_could_not_be_described_is_kept_unchecked(shown: dict[str, str]) -> None:
    shown.update(a="anna", b="anna")
    made, checks = enrolment.enrol("anna", paths("abc"))
    assert made.clips == ("a", "b", "c") and checks[2].distance is None and checks[2].matches


def test_a_picture_is_no_clip(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    with pytest.raises(UsageError, match="is no video"):
        enrolment.watch(tmp_path / "a.png")
