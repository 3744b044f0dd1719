"""A pulse of known rate and strength is found, one that is not there is not named, and the warning is always given."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal import pulse
from veridical.finding import Chart, Measurement, Table
from veridical.perception.skin_traces import SkinTrace, SkinTraces
from veridical.perception.tracks import FaceTracks, Track

FPS = 30.0
TONES = np.array([[190.0, 140, 120], [180, 130, 110], [170, 120, 100], [200, 150, 130], [160, 110, 95]])
BLOOD = np.array([0.43, 1.0, 0.69])


def face(
    seconds: float = 20.0, *, per_minute: float | np.ndarray = 72.0, percent: float = 0.6, noise: float = 0.15,
    person: int = 0, fps: float = FPS, gap: tuple[int, int] | None = None, size: int = 900, seed: int = 0,
    outside: tuple[int, ...] = (),
) -> SkinTrace:  # fmt: skip
    """Five regions of one face; ``per_minute`` may change over time; ``gap`` loses frames from … to."""
    rng = np.random.default_rng(seed)
    n = round(seconds * fps)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(per_minute, n)) / 60 / fps
    wave = np.sin(phase)[:, None, None] * BLOOD * percent / 100
    sway = 0.02 * np.sin(2 * np.pi * 1.7 * np.arange(n) / fps)[:, None, None]
    rgb = TONES * (1 + wave) * (1 + sway) + rng.normal(0, noise, (n, 5, 3))
    rgb[:, outside] = np.nan
    frames = np.arange(n)
    keep = np.ones(n, bool)
    if gap:
        keep[gap[0] : gap[1]] = False
    return SkinTrace(
        person=person, frames=frames[keep].astype(np.int32), times=frames[keep] / fps,
        rgb=rgb[keep].astype(np.float32), pixels=np.full((keep.sum(), 5), size, np.int32),
    )  # fmt: skip


def tracks(fps: float = FPS) -> FaceTracks:
    nothing: tuple[Track, ...] = ()
    return FaceTracks(
        tracks=nothing, cuts=np.zeros(0), frames=0, times=np.zeros(0), fps=fps, duration_s=0, width=640, height=480
    )


def ask(*faces: SkinTrace, fps: float = FPS, **knobs: float) -> Measurement:
    return pulse.examine(SkinTraces(faces), tracks(fps), **knobs)


@pytest.mark.parametrize("per_minute", [50.0, 66.6, 90.0, 130.0])
def test_the_rate_of_a_heart_is_named(per_minute: float) -> None:
    facts = ask(face(per_minute=per_minute)).facts
    assert facts["heart_rate_per_minute"] == pytest.approx(per_minute, abs=1)
    assert facts["snr_pos_db"] > 3


@pytest.mark.parametrize("seconds", [9.0, 20.0, 45.0])
def test_without_a_heart_no_rate_is_named_and_the_value_is_0_at_any_length(seconds: float) -> None:
    measured = [ask(face(seconds, percent=0, seed=seed)) for seed in range(24)]
    assert all(one.facts["heart_rate_per_minute"] is None for one in measured)
    assert np.mean([one.value for one in measured]) == pytest.approx(0, abs=1)


def test_the_value_falls_as_the_pulse_grows() -> None:
    values = [ask(face(percent=percent, noise=0.4)).value for percent in (0, 0.15, 0.3, 0.6, 1.2)]
    assert values == sorted(values, reverse=True)
    assert values[0] > -4 and values[-1] < -10


def test_a_rate_that_wanders_is_not_named_but_a_second_heart_rate_is() -> None:
    wandering = np.linspace(60, 110, round(20 * FPS))
    assert ask(face(per_minute=wandering)).facts["heart_rate_per_minute"] is None
    halves = np.repeat([60.0, 95.0], round(30 * FPS))  # each half minute is looked at by itself
    measured = ask(face(60, per_minute=halves))
    assert measured.facts["heart_rate_per_minute"] is not None
    table = measured.exhibits[-1]
    assert isinstance(table, Table) and [row[2].split()[0] for row in table.rows] == ["60", "95"]


def test_windows_that_hold_nearly_the_same_frames_prove_nothing() -> None:
    assert ask(face(12)).facts["heart_rate_per_minute"] is None
    assert ask(face(16)).facts["heart_rate_per_minute"] == pytest.approx(72, abs=1)


def test_the_face_with_the_least_pulse_gives_the_value() -> None:
    alive, still = face(person=3), face(person=5, percent=0)
    both = ask(alive, still)
    assert both.value == ask(still).value > ask(alive).value
    assert "no heart rate on which one could rely" in both.observation
    assert "face 6" in both.observation and {place.track for place in both.where} == {5}
    trace = both.exhibits[0]
    assert isinstance(trace, Chart) and trace.timeline and [line.track for line in trace.lines] == [5, 3]


def test_stretches_are_measured_apart() -> None:
    measured = ask(face(30, gap=(300, 310)))
    table = measured.exhibits[-1]
    assert isinstance(table, Table) and [row[1] for row in table.rows] == ["0.0–10.0 s", "10.3–30.0 s"]
    assert measured.facts["seconds"] == pytest.approx(29.6, abs=0.1)
    trace = measured.exhibits[0]
    assert isinstance(trace, Chart) and len(trace.lines) == 1
    assert np.isnan(trace.lines[0].y).sum() == 2 and np.isfinite(trace.lines[0].x).all()  # broken after each piece
    lost = ask(face(30, gap=(100, 110)))
    assert lost.facts["seconds"] == pytest.approx(26.3, abs=0.1)  # the 3 s before the gap are too few


def test_the_length_counts_to_the_end_of_the_last_frame() -> None:
    assert ask(face(8)).facts["seconds"] == pytest.approx(8)


def test_a_window_that_is_most_of_the_clip_is_no_place_to_look_at() -> None:
    assert ask(face(11, percent=0)).where == ()
    assert ask(face(25, percent=0)).where


def test_uneven_timestamps_do_no_harm() -> None:
    regular = face(20)
    jitter = np.random.default_rng(2).uniform(-0.012, 0.012, len(regular.times))
    times = regular.times + jitter
    phase = 2 * np.pi * 72 / 60 * times
    rgb = TONES * (1 + 0.006 * np.sin(phase)[:, None, None] * BLOOD)
    shaken = SkinTrace(person=0, frames=regular.frames, times=times, rgb=rgb.astype(np.float32), pixels=regular.pixels)
    assert ask(shaken).facts["heart_rate_per_minute"] == pytest.approx(72, abs=1)


def test_regions_outside_the_picture_are_left_out() -> None:
    assert ask(face(outside=(0, 4))).facts["heart_rate_per_minute"] == pytest.approx(72, abs=1)
    with pytest.raises(NotApplicable, match="8 s without a break"):
        ask(face(outside=(0, 1, 2, 3, 4)))


@pytest.mark.parametrize("percent", [0.0, 0.6])
def test_every_measurement_and_the_page_carry_the_warning(percent: float) -> None:
    for seconds in (9, 40):
        assert "carry the heartbeat of the person" in ask(face(seconds, percent=percent)).limits[0]
    assert pulse.__doc__ and "fakes carry the heartbeat" in pulse.__doc__
    assert any("short" in limit for limit in ask(face(9)).limits)


@pytest.mark.parametrize(
    ("faces", "fps", "reason"),
    [
        ((), FPS, "no face"),
        ((face(20, fps=10),), 10.0, "10 frames a second"),
        ((face(20, size=100),), FPS, "500 px"),
        ((face(6),), FPS, "8 s without a break"),
        ((face(14, gap=(200, 220)),), FPS, "8 s without a break"),
    ],
)
def test_gates_give_their_numbers(faces: tuple[SkinTrace, ...], fps: float, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        ask(*faces, fps=fps)
