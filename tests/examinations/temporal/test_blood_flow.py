"""Beats of known phases: in step and in a wave they are low, out of step high, without a beat low; the film shows them."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal.blood_flow import examine
from veridical.finding import Clip, Map
from veridical.perception.face_video import LEVELS, FaceFilm, FaceVideo
from veridical.perception.tracks import FaceTracks, Track

SKIN_RGB = np.array([180.0, 130.0, 105.0])
BLOOD = np.array([0.4, 1.0, 0.7])
ROWS, COLUMNS = np.mgrid[:24, :24]
SKIN = (np.hypot(ROWS - 11.5, COLUMNS - 11.5) < 10).astype(np.float32)
STEP = np.zeros((24, 24))
WAVE = (ROWS - 12) / 24 * np.pi / 2
# Each patch of 4 × 4 cells has a phase of its own.
MIXED = np.kron(np.random.default_rng(8).permutation(36).reshape(6, 6), np.ones((4, 4))) * 2 * np.pi / 36


def cells(phases: np.ndarray, *, seconds: float = 12.0, fps: float = 30.0, percent: float = 1.0, noise: float = 0.2,
          rate_hz: float = 1.2, seed: int = 0) -> np.ndarray:  # fmt: skip
    """Mean colours of a face that beats with these phases: a positive phase beats later."""
    times = np.arange(round(seconds * fps)) / fps
    beat = np.sin(2 * np.pi * rate_hz * times[:, None, None] - phases)[..., None]
    random = np.random.default_rng(seed)
    return SKIN_RGB * (1 - percent / 100 * BLOOD * beat) + random.normal(0, noise, (len(times), 24, 24, 3))


def film(colours: np.ndarray, *, fps: float = 30.0, person: int = 0) -> FaceFilm:
    pictures = []
    for one in colours:
        shown = cv2.resize(np.clip(one, 0, 255).astype(np.uint8), (96, 96), interpolation=cv2.INTER_NEAREST)
        pictures.append(cv2.imencode(".jpg", shown[..., ::-1])[1].ravel())
    n = len(colours)
    return FaceFilm(
        person=person, frames=np.arange(n, dtype=np.int32), times=np.arange(n) / fps,
        cells=np.rint(colours * LEVELS).astype(np.uint16), skin=SKIN, scale=3.0, side=96,
        data=np.concatenate(pictures), ends=np.cumsum([len(p) for p in pictures]),
    )  # fmt: skip


def tracks(*interocular: float, fps: float = 30.0, seconds: float = 40.0) -> FaceTracks:
    made = []
    for person, size in enumerate(interocular):
        fields = {name: np.zeros((1, 0), np.float32) for name in Track.__dataclass_fields__}
        frames = np.arange(round(seconds * fps))
        fields |= {
            "person": person,
            "shot": 0,
            "interocular": np.array([size]),
            "frames": frames,
            "times": frames / fps,
        }  # type: ignore[dict-item]
        made.append(Track(**fields))  # type: ignore[arg-type]
    values = {name: 0 for name in FaceTracks.__dataclass_fields__} | {"tracks": tuple(made), "fps": fps}
    return FaceTracks(**values)  # type: ignore[arg-type]


def test_eight_seconds_are_enough_whatever_their_clock() -> None:
    one = film(cells(STEP, seconds=8))
    clocks = [one.times, np.floor(1000 * one.times) / 1000, np.round(1000 * one.times) / 1000]
    for times in clocks:
        assert examine(FaceVideo(films=(replace(one, times=times),)), tracks(100)).facts["seconds"] == pytest.approx(
            8, abs=0.01
        )


def value(colours: np.ndarray) -> float:
    return examine(FaceVideo(films=(film(colours),)), tracks(100)).value


def test_a_beat_in_step_or_in_a_wave_is_low_and_one_out_of_step_is_high() -> None:
    in_step, wave, mixed = (value(cells(phases)) for phases in (STEP, WAVE, MIXED))
    assert in_step < 0.03 and wave < 0.12
    assert mixed > 0.5


def test_without_a_beat_the_value_is_low_however_disordered_the_phases_are() -> None:
    values = [value(cells(STEP, percent=0.0, seed=seed)) for seed in range(8)]
    assert max(values) < 0.12


def test_the_face_most_out_of_step_gives_the_value() -> None:
    calm, mixed = film(cells(STEP)), film(cells(MIXED), person=1)
    measurement = examine(FaceVideo(films=(calm, mixed)), tracks(100, 100))
    assert measurement.value == examine(FaceVideo(films=(mixed,)), tracks(100, 100)).value
    assert measurement.where[0].track == 1  # type: ignore[union-attr]
    assert measurement.facts["faces"] == 2
    twice = examine(FaceVideo(films=(mixed, mixed)), tracks(100, 100))  # two stretches of one face
    assert twice.facts["faces"] == 1


def test_a_stretch_that_is_most_of_the_clip_is_no_place_to_look_at() -> None:
    video = FaceVideo(films=(film(cells(MIXED)),))  # 12 s
    assert examine(video, tracks(100, seconds=12)).where == examine(video, tracks(100, seconds=14)).where == ()
    (place,) = examine(video, tracks(100, seconds=20)).where
    assert (place.start_s, place.end_s) == pytest.approx((0, 12), abs=0.04)  # type: ignore[union-attr]


def test_the_film_shows_the_face_and_its_changes_enlarged() -> None:
    measurement = examine(FaceVideo(films=(film(cells(STEP, percent=0.4)),)), tracks(100))
    (shown,) = (figure for figure in measurement.exhibits if isinstance(figure, Clip))
    assert len(shown.mp4) < 400_000 and 7.9 < shown.seconds < 10
    with av.open(io.BytesIO(shown.mp4)) as file:
        frames = np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]).astype(float)
    assert frames.shape[1:] == (144, 288, 3)
    plain, magnified = (frames[30:-30, 62:82, x : x + 20, 1].mean((1, 2)).std() for x in (62, 62 + 144))
    assert magnified > 15 * plain


def test_maps_say_nothing_outside_the_skin_and_limits_warn() -> None:
    measurement = examine(FaceVideo(films=(film(cells(STEP)),)), tracks(100))
    maps = [figure for figure in measurement.exhibits if isinstance(figure, Map)]
    assert all(one.x_name and one.y_name for one in maps)
    assert len(maps) == 2 and all(np.isnan(one.values[0, 0]) for one in maps)
    assert "does not show" in measurement.limits[0] and len(measurement.limits) == 1
    silent = examine(FaceVideo(films=(film(cells(STEP, percent=0.0)),)), tracks(100))
    assert "hardly a beat" in silent.limits[1]


@pytest.mark.parametrize(
    ("films", "of", "reason"),
    [
        ((film(cells(STEP)),), tracks(100, fps=12.0), "12 frames a second"),
        ((), tracks(), "no face was found"),
        ((film(cells(STEP, seconds=5)),), tracks(100), "the longest for 5.0 s"),
        ((film(cells(STEP)),), tracks(41), "the largest has 41 px"),
    ],
)
def test_gates_give_their_numbers(films: tuple[FaceFilm, ...], of: FaceTracks, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        examine(FaceVideo(films=films), of)
