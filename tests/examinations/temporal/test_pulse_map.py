"""One heart in all cells gives 0, none or many give 1; the maps show where; the warning is always given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.temporal import pulse_map
from veridical.finding import Map, Measurement, Table
from veridical.perception.skin_cells import COLUMNS, ROWS, SkinCell, SkinCells
from veridical.perception.tracks import FaceTracks, Track

FPS = 30.0
BLOOD = np.array([0.43, 1.0, 0.69])


def cells(
    seconds: float = 20.0, *, delays: np.ndarray | float = 0.0, percent: np.ndarray | float = 0.6, noise: float = 0.15,
    person: int = 0, per_minute: float = 72.0, fps: float = FPS, seed: int = 0, lost: int = 0,
) -> SkinCell:  # fmt: skip
    """Cells that follow one rate with delays (seconds) and strengths of their own; ``lost`` columns are outside."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * fps)) / fps
    late = np.broadcast_to(delays, (ROWS, COLUMNS))
    wave = np.sin(2 * np.pi * per_minute / 60 * (times[:, None, None] - late)) * percent / 100
    tone = np.array([180.0, 130, 110]) * rng.uniform(0.8, 1.1, (ROWS, COLUMNS, 1))
    sway = 0.02 * np.sin(2 * np.pi * 1.7 * times)[:, None, None, None]
    rgb = tone * (1 + wave[..., None] * BLOOD) * (1 + sway) + rng.normal(0, noise, (len(times), ROWS, COLUMNS, 3))
    rgb[:, :, COLUMNS - lost :] = np.nan
    return SkinCell(
        person=person, frames=np.arange(len(times), dtype=np.int32), times=times, rgb=rgb.astype(np.float32)
    )


def track(person: int, interocular: float) -> Track:
    empty = {name: np.zeros((1, 2), np.float32) for name in Track.__dataclass_fields__}
    return Track(**empty | {"person": person, "shot": 0, "interocular": np.full(1, interocular, np.float32)})  # type: ignore[arg-type]


def ask(*faces: SkinCell, fps: float = FPS, interocular: float = 100.0) -> Measurement:
    people = tuple(track(face.person, interocular) for face in faces)
    clip = FaceTracks(
        tracks=people, cuts=np.zeros(0), frames=0, times=np.zeros(0), fps=fps, duration_s=0, width=640, height=480
    )
    return pulse_map.examine(SkinCells(faces), clip)


def maps(measurement: Measurement) -> dict[str, Map]:
    return {one.name.split(",")[0]: one for one in measurement.exhibits if isinstance(one, Map)}


def test_one_heart_beats_as_one() -> None:
    measured = ask(cells())
    assert measured.value < 0.05
    assert measured.facts["common_rate_per_minute"] == pytest.approx(72, abs=1)
    assert measured.facts["median_snr_db"] > 3


def test_cells_without_a_heart_agree_no_more_than_noise() -> None:
    values = [ask(cells(percent=0.0, seed=seed)).value for seed in range(8)]
    assert np.mean(values) == pytest.approx(1, abs=0.03)
    assert min(values) > 0.85


def test_scattered_beats_are_told_from_a_missing_one_by_their_ratio() -> None:
    delays = np.random.default_rng(3).uniform(0, 60 / 72, (ROWS, COLUMNS))
    measured = ask(cells(delays=delays))
    # the mean real part over pairs of unit vectors at these angles
    units = np.exp(2j * np.pi * delays.ravel() * 72 / 60)
    wanted = (abs(units.sum()) ** 2 - 32) / (32 * 31)
    assert 1 - measured.value == pytest.approx(wanted, abs=0.03)
    assert measured.facts["median_snr_db"] > 3
    assert ask(cells(percent=0.0)).facts["median_snr_db"] < 0


def test_noise_that_grows_brings_the_value_from_0_to_1() -> None:
    values = [ask(cells(noise=noise)).value for noise in (0.05, 0.3, 0.8, 2.0, 6.0)]
    assert values == sorted(values) and values[0] < 0.02 and values[-1] > 0.8


def test_the_maps_show_which_cells_have_no_part() -> None:
    percent = np.full((ROWS, COLUMNS), 0.6)
    percent[:, :2] = 0
    shown = maps(ask(cells(percent=percent)))
    ratio = shown["Signal-to-noise ratio of the pulse"].values
    step = shown["In step with the other cells"].values
    for one, low, high in ((ratio, -2, 3), (step, 0.3, 0.6)):
        assert one.shape == (ROWS, COLUMNS)
        assert one[:, :2].mean() < low and one[:, 2:].mean() > high
    pulse = shown["Pulse of each cell"]
    assert pulse.values.shape == (32, 200) and not pulse.overlay
    rates = shown["Rates of each cell"].values
    assert rates.shape == (32, 52)
    assert 46 + 2 * int(np.argmax(rates[10])) == pytest.approx(72, abs=2)


def test_every_map_says_what_its_rows_and_columns_are() -> None:
    shown = maps(ask(cells()))
    assert len(shown) == 5 and all(one.x_name and one.y_name for one in shown.values())
    time, rows = shown["Pulse of each cell"].x_name, shown["Pulse of each cell"].y_name
    seconds = float(time.removeprefix("time, 0.0 to ").removesuffix(" s"))
    values = shown["Pulse of each cell"].values
    assert rows == f"cell, 1 to {len(values)}"
    assert abs(values.shape[1] / 10 - seconds) < 0.3  # ten columns a second


def test_cells_outside_are_left_out_until_too_few_remain() -> None:
    measured = ask(cells(lost=3))
    assert measured.facts["cells"] == 20 and measured.value < 0.05
    assert np.isnan(maps(measured)["Signal-to-noise ratio of the pulse"].values[:, 5:]).all()
    with pytest.raises(NotApplicable, match="whole for 8 s"):
        ask(cells(lost=5))


def test_the_face_that_agrees_least_gives_the_value() -> None:
    one, none = cells(person=0), cells(person=1, percent=0.0)
    both = ask(one, none)
    assert both.value == ask(none).value
    table = both.exhibits[-1]
    assert isinstance(table, Table) and [row[0] for row in table.rows] == ["2", "1"]
    assert both.where == ()


def test_only_a_piece_that_agrees_less_than_the_face_is_a_place_to_look_at() -> None:
    assert ask(cells(28, percent=0.0)).where == ()
    beating, silent = cells(60), cells(60, percent=0.0)
    late = (beating.times >= 30)[:, None, None, None]
    (place,) = ask(replace(beating, rgb=np.where(late, silent.rgb, beating.rgb))).where
    assert (place.start_s, place.end_s) == pytest.approx((30, 60), abs=0.1)  # type: ignore[union-attr]
    assert place.track == 0 and place.value > 0.8  # type: ignore[union-attr, operator]


def test_the_length_counts_to_the_end_of_the_last_frame() -> None:
    assert ask(cells(8)).facts["seconds"] == pytest.approx(8)


def test_the_warning_is_always_given() -> None:
    for measured in (ask(cells()), ask(cells(9, percent=0.0))):
        assert "carry the heartbeat of the person" in measured.limits[0]
    assert pulse_map.__doc__ and "fakes carry the heartbeat" in pulse_map.__doc__
    assert len(ask(cells(9, percent=0.0)).limits) == 3


@pytest.mark.parametrize(
    ("faces", "knobs", "reason"),
    [
        ((), {}, "no face"),
        ((cells(20, fps=10),), {"fps": 10.0}, "10 frames a second"),
        ((cells(),), {"interocular": 30.0}, "30 px"),
        ((cells(6),), {}, "8 s without a break"),
    ],
)
def test_gates_give_their_numbers(faces: tuple[SkinCell, ...], knobs: dict[str, float], reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        ask(*faces, **knobs)
