"""Figures: colours keep the absolute scale, places land where the pixels land, charts keep what they thin."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from veridical.finding import Chart, Line, Map, Region, Span
from veridical.media.image import upright
from veridical.report.charts import STYLES, at, chart_figure, dots, path, thin_line, ticks
from veridical.report.colours import STEPS, gradient, levels, png, table
from veridical.report.maps import cells_for_each, draw, map_figure, thin
from veridical.report.model import ExhibitRecord, Preview
from veridical.report.pictures import Pictures, pictures_of, place
from veridical.report.wording import Words

WORDS = Words()


def lightness(rgb: np.ndarray) -> np.ndarray:
    """CIE L* of sRGB colours, from the definition (CIE 15), as an oracle independent of OKLab."""
    c = rgb / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > (6 / 29) ** 3, 116 * np.cbrt(y) - 16, y * (29 / 3) ** 3)


def bare(orientation: int, width: int, height: int) -> Preview:
    return Preview(jpeg=b"", width=width, height=height, orientation=orientation)


def test_sequential_scale_rises_evenly_in_lightness() -> None:
    rises = np.diff(lightness(table(False))[::14])
    assert (rises > 0).all()
    assert rises.max() < 2 * rises.min()


def test_diverging_scale_is_lightest_in_the_middle_and_even_sided() -> None:
    light = lightness(table(True))
    assert light.argmax() == STEPS // 2
    assert (np.diff(light[::14][:9]) > 0).all()
    assert (np.diff(light[::14][-9:]) < 0).all()
    assert tuple(table(True)[STEPS // 2]) > (245, 245, 245)


def test_scales_survive_missing_red_or_green_cones() -> None:
    # Viénot, Brettel, Mollon 1999: without the red or the green cones only a blue-yellow and a dark-light axis are left.
    for diverging in (False, True):
        linear = (table(diverging) / 255.0) ** 2.2
        yellow = linear @ np.array([0.11238, 0.88762, 0.0])
        seen = np.stack([yellow, linear[:, 2]], 1) ** (1 / 2.2)
        ends = np.abs(seen[0] - seen[-1]).max()
        assert ends > 0.3


def test_levels_hold_to_the_given_ends_not_to_the_values() -> None:
    values = np.array([[0.0, 5.0, 10.0, -3.0, 99.0, np.nan, np.inf, -np.inf]], np.float32)
    assert levels(values, 0.0, 10.0).tolist() == [[1, 128, 255, 1, 255, 0, 255, 1]]
    quiet = levels(np.full((2, 2), 0.1, np.float32), 0.0, 10.0)
    assert quiet.max() < 6, "a picture without differences must stay dark"


@given(st.floats(-50, 50), st.floats(0.1, 100), st.floats(0, 1))
def test_a_step_tells_its_value_to_half_a_step(low: float, span: float, share: float) -> None:
    value = low + share * span
    step = int(levels(np.array([[value]]), low, low + span)[0, 0])
    assert abs(low + span * (step - 1) / 254 - value) <= span / 254 / 2 + 1e-9


@pytest.mark.parametrize("diverging", [False, True])
def test_png_is_read_by_another_reader(diverging: bool) -> None:
    steps = np.random.default_rng(1).integers(0, 256, (7, 13)).astype(np.uint8)
    picture = Pillow.open(io.BytesIO(png(steps, diverging=diverging)))
    assert picture.mode == "P"
    assert (np.asarray(picture) == steps).all()
    rgba = np.asarray(picture.convert("RGBA"))
    assert (rgba[steps == 0][:, 3] == 0).all()
    assert (rgba[steps > 0][:, 3] == 255).all()
    assert (rgba[steps > 0][:, :3] == table(diverging)[steps[steps > 0] - 1]).all()


def test_gradient_runs_from_end_to_end() -> None:
    colours = re.findall(r"#(\w{6})", gradient(True))
    assert bytes.fromhex(colours[0]) == bytes(table(True)[0])
    assert bytes.fromhex(colours[-1]) == bytes(table(True)[-1])


def test_thin_is_the_mean_of_known_values() -> None:
    values = np.arange(64, dtype=np.float32).reshape(8, 8)
    values[:4, :4] = np.nan
    values[4, 4] = np.nan
    small = thin(values, 4)
    with np.errstate(invalid="ignore"):
        expected = [[np.nan, values[:4, 4:].mean()], [values[4:, :4].mean(), np.nanmean(values[4:, 4:])]]
    np.testing.assert_allclose(small, expected, rtol=1e-5)
    assert thin(values, 64) is values


def test_cells_are_shared_within_bounds() -> None:
    assert cells_for_each(1) >= cells_for_each(10) >= cells_for_each(1000) > 0
    assert 10 * cells_for_each(10) <= 1_500_000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_land_where_turned_pixels_land(orientation: int) -> None:
    height, width = 30, 44
    rng = np.random.default_rng(orientation)
    for _ in range(20):
        x, y = int(rng.integers(0, width - 4)), int(rng.integers(0, height - 4))
        w, h = int(rng.integers(1, width - x)), int(rng.integers(1, height - y))
        painted = np.zeros((height, width, 1), np.uint8)
        painted[y : y + h, x : x + w] = 1
        rows, columns = np.nonzero(upright(painted, orientation)[..., 0])
        shown = upright(painted, orientation).shape
        region = Region(x=x, y=y, width=w, height=h, label="")
        box = place(region, bare(orientation, shown[1] * 3, shown[0] * 3), (width, height))
        expected = [columns.min(), rows.min(), columns.max() + 1 - columns.min(), rows.max() + 1 - rows.min()]
        np.testing.assert_allclose([box.x, box.y, box.width, box.height], np.array(expected) * 3, atol=1e-9)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_overlay_is_turned_as_its_picture(orientation: int) -> None:
    values = np.random.default_rng(3).random((5, 9)).astype(np.float32)
    figure = Map(name="m", values=values, unit="1", low=0.0, high=1.0)
    assert (
        draw(figure, 10**6, orientation).steps == upright(levels(values, 0, 1)[..., None], orientation)[..., 0]
    ).all()


def test_native_size_comes_from_streams_then_from_the_turned_preview() -> None:
    def exhibit(streams: dict[str, dict[str, int]]) -> ExhibitRecord:
        return ExhibitRecord(
            path="a", sha256="", kind="image", format="jpeg", bytes=1, streams=streams, previews=(bare(6, 30, 40),)
        )

    assert pictures_of(exhibit({"Image": {"width": 4000, "height": 3000}})).native == (4000, 3000)
    assert pictures_of(exhibit({})).native == (40, 30)


def test_nearest_frame() -> None:
    frames = tuple(Preview(jpeg=b"", width=1, height=1, time_s=t) for t in (0.0, 2.0, 5.0))
    pictures = Pictures(frames, (1.0, 1.0))
    assert [pictures.nearest(t) for t in (-1, 0.9, 1.1, 3.4, 3.6, 99, None)] == [0, 0, 1, 1, 2, 2, 1]
    assert Pictures((), (1.0, 1.0)).nearest(3.0) is None


def test_map_prints_its_absolute_scale_with_unit() -> None:
    figure = Map(name="Level", values=np.zeros((4, 4), np.float32), unit="dB", low=-40.0, high=10.0, overlay=False)
    shown = map_figure(figure, Pictures((), (1, 1)), WORDS, cells=10**6)
    legend = re.search(r'class="ticks"[^>]*>(.*?)</div>', shown)
    assert legend is not None
    assert re.findall(r"<span>(.*?)</span>", legend[1]) == ["−40", "−27.5", "−15", "−2.5", "10 dB"]
    assert 'data-low="-40.0"' in shown
    assert 'data-high="10.0"' in shown
    assert "not taken from this file" in shown
    assert 'type="range"' not in shown, "a plane has nothing beneath it"


def test_a_plane_names_its_rows_and_columns() -> None:
    figure = Map(name="Pulse", values=np.zeros((4, 9), np.float32), unit="dB", low=-1.0, high=1.0, overlay=False)
    bare = map_figure(figure, Pictures((), (1, 1)), WORDS, cells=99)
    assert 'class="axes"' not in bare
    named = replace(figure, x_name="time, 0 to 12 s", y_name="cell <1> to 4")
    shown = map_figure(named, Pictures((), (1, 1)), WORDS, cells=99)
    assert re.search(
        r'class="axes".*class="down">cell &lt;1&gt; to 4<.*class="reading".*class="across">time, 0 to 12 s<', shown
    )


def test_two_maps_of_different_strength_have_one_legend() -> None:
    def legend(gain: float) -> str:
        values = np.random.default_rng(5).random((8, 8)).astype(np.float32) * gain
        shown = map_figure(
            Map(name="m", values=values, unit="1", low=0.0, high=10.0, overlay=False),
            Pictures((), (1, 1)),
            WORDS,
            cells=99,
        )
        return re.findall(r'class="ticks".*?</div>', shown)[0]

    assert legend(0.01) == legend(10.0)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_and_within(low: float, span: float) -> None:
    high = low + span
    if not high - low > abs(low) * 1e-9:
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 12
    slack = (high - low) * 1e-6
    assert all(low - slack <= tick <= high + slack for tick in found)


def test_tick_of_an_empty_range() -> None:
    assert ticks(3.0, 3.0) == [3.0]


def test_path_breaks_at_gaps_and_keeps_lone_points() -> None:
    x = np.arange(5.0)
    y = np.array([0.0, 1.0, np.nan, 0.5, np.nan])
    assert path(Line(name="", x=x, y=y), (0, 4), (0, 1)) == "M0.0 1000.0L250.0 0.0M750.0 500.0h0"
    assert dots(Line(name="", x=x, y=y), (0, 4), (0, 1)) == "M750.0 500.0h0"
    assert dots(Line(name="", x=x, y=np.ones(5)), (0, 4), (0, 1)) == ""


def test_a_chart_of_one_point_draws_a_dot_that_can_be_seen() -> None:
    alone = Line(name="score", x=np.array([2.0]), y=np.array([-1.5]))
    shown = chart_figure(replace(timeline(10.0), lines=(alone,)), WORDS, time=(0.0, 10.0))
    assert re.search(r'<path d="M200\.0 [\d.]+h0" class="l0 dot"', shown)
    assert 'class="l0 dot"' not in chart_figure(timeline(10.0), WORDS, time=(0.0, 10.0))


def test_numbers_that_would_touch_on_a_narrow_screen_are_left_out_there() -> None:
    def spare(top: float) -> list[str]:
        line = Line(name="level", x=np.array([0, top]), y=np.array([0.0, 1.0]))
        shown = chart_figure(replace(timeline(10.0), lines=(line,), timeline=False, x_unit="Hz"), WORDS)
        return re.findall(r'class="spare"[^>]*>([^<]+)<', shown)

    assert spare(12.0) == []
    assert spare(12000.0) == ["2000", "6000", "10000"]


def test_thinning_a_line_keeps_every_spike_and_gap() -> None:
    x = np.linspace(0, 100, 50_000)
    y = np.zeros(50_000)
    y[12_345], y[40_000] = 7.0, -3.0
    y[20_000:21_000] = np.nan
    few_x, few_y = thin_line(x, y, (0.0, 100.0))
    assert len(few_x) < 3 * 700
    assert (np.nanmax(few_y), np.nanmin(few_y)) == (7.0, -3.0)
    assert (np.diff(few_x) >= 0).all()
    assert np.isnan(few_y[(few_x > 40.2) & (few_x < 41.8)]).all()


def timeline(end: float) -> Chart:
    line = Line(name="trace", x=np.linspace(0, end, 20), y=np.arange(20.0), track=2)
    return Chart(
        name="c", lines=(line,), x_name="time", x_unit="s", y_name="level", y_unit="dB", timeline=True, marks=(1.0,)
    )


def test_time_charts_share_one_axis() -> None:
    shown = [chart_figure(timeline(end), WORDS, time=(0.0, 12.0), frames=True) for end in (3.0, 12.0)]
    axes = [re.findall(r'class="xs".*?</svg>', one)[0] for one in shown]
    assert axes[0] == axes[1]
    assert 'aria-valuemax="12.0"' in shown[0]
    assert 'class="plot seek"' in shown[0]


def test_chart_names_axes_units_lines_and_spans() -> None:
    span = Span(start_s=2.0, end_s=5.0, label="x")
    shown = chart_figure(timeline(10.0), WORDS, time=(0.0, 10.0), spans=(span,))
    assert "level (dB)" in shown
    assert "time (s)" in shown
    assert "trace, face 3" in shown
    assert re.search(r'<rect x="20.00%"[^>]*width="30.00%"', shown)
    assert re.search(r'x1="10.00%"[^>]*class="mark"', shown)
    assert at(span) == "2–5 s"


def test_a_chart_of_many_faces_draws_as_many_lines_as_can_be_told_apart() -> None:
    chart = timeline(10.0)
    one = chart.lines[0]
    many = replace(chart, lines=tuple(replace(one, track=k) for k in range(STYLES + 3)))
    shown = chart_figure(many, WORDS, time=(0.0, 10.0))
    assert shown.count("data-name=") == STYLES and "3 further lines are not drawn here" in shown
    assert "further line" not in chart_figure(replace(many, lines=many.lines[:STYLES]), WORDS, time=(0.0, 10.0))
