import numpy as np
import pytest
from scipy import stats
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import jpeg_ghosts
from veridical.finding import Chart, Region
from veridical.media.image import Image
from veridical.signals.recompression import QUALITIES, differences, recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "immunohistochemistry")
AREA = (slice(96, 224), slice(128, 272))


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def with_ghost(photograph: np.ndarray, *, shift: tuple[int, int] = (0, 0), quality: int = 60) -> np.ndarray:
    """Saved at 90, one area from a copy saved at a lower quality on a shifted grid, all saved at 95."""
    dy, dx = shift
    low = photograph.copy()
    low[dy:, dx:] = recompress(np.ascontiguousarray(photograph[dy:, dx:]), quality)
    host = recompress(photograph, 90)
    host[AREA] = low[AREA]
    return recompress(host, 95)


def control(photograph: np.ndarray) -> np.ndarray:
    return recompress(recompress(photograph, 90), 95)


def covered(region: Region) -> float:
    ys, xs = AREA
    wide = max(0.0, min(region.x + region.width, xs.stop) - max(region.x, xs.start))
    high = max(0.0, min(region.y + region.height, ys.stop) - max(region.y, ys.start))
    return wide * high / (region.width * region.height)


def test_the_dip_is_broad_and_lies_above_the_true_quality(low_quality_paste: np.ndarray) -> None:
    """Golden check G15."""
    changes = dict(zip(QUALITIES, differences(low_quality_paste), strict=True))
    inside = np.zeros((32, 32), bool)
    inside[10:22, 10:22] = True
    distance = {q: stats.ks_2samp(d[inside], d[~inside]).statistic for q, d in changes.items()}
    assert min(distance[q] for q in range(60, 81, 5)) >= 0.92
    assert distance[70] == pytest.approx(1.0, abs=0.005)
    assert max(distance[q] for q in range(30, 51, 5)) <= 0.25


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_saved_before_at_low_quality_raises_the_value(name: str) -> None:
    photograph = getattr(data, name)()
    clean = jpeg_ghosts.examine(image(control(photograph)))
    found = jpeg_ghosts.examine(image(with_ghost(photograph)))
    assert found.value > clean.value
    assert covered(found.where[0]) > 0.6
    assert 50 <= found.facts["quality of the strongest area"] <= 85


def test_the_first_published_form_finds_it_too(low_quality_paste: np.ndarray) -> None:
    found = jpeg_ghosts.examine(image(low_quality_paste), colour=True)
    assert found.value > 0.4
    assert found.where[0].x == pytest.approx(160, abs=32)
    assert found.where[0].width == pytest.approx(192, abs=64)


def test_a_shifted_grid_is_found_among_all_shifts() -> None:
    exhibit = image(with_ghost(data.astronaut(), shift=(2, 6), quality=50))
    aligned, all_shifts = jpeg_ghosts.examine(exhibit), jpeg_ghosts.examine(exhibit, shifts=16)
    assert all_shifts.facts["K–S distance"] > aligned.facts["K–S distance"]
    assert all_shifts.facts["grid shift"] == "2 down, 6 right"
    assert covered(all_shifts.where[0]) > 0.7
    assert "Only the file's own" in aligned.limits[0]


def test_all_64_shifts_are_told_apart() -> None:
    photograph = data.astronaut()[:320, :320]
    found = jpeg_ghosts.examine(image(with_ghost(photograph, shift=(3, 5), quality=50)), shifts=64)
    clean = jpeg_ghosts.examine(image(control(photograph)), shifts=64)
    assert found.facts["grid shift"] == "3 down, 5 right"
    assert found.value > clean.value + 0.1
    assert "changes less" in found.where[0].label


def test_what_chance_exceeds_grows_with_the_number_of_shifts() -> None:
    """Against the asymptotic law of the directed distance, P(D √(nm/(n+m)) > c) = exp(−2c²), at half of one in twenty."""
    assert stats.ksone.sf(jpeg_ghosts._chance(1) / np.sqrt(10**6), 10**6) == pytest.approx(0.025, rel=0.01)
    assert 64 * stats.ksone.sf(jpeg_ghosts._chance(64) / np.sqrt(10**6), 10**6) == pytest.approx(0.025, rel=0.02)


def test_many_shifts_of_a_large_picture_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    photograph = np.tile(data.astronaut(), (2, 2, 1))
    monkeypatch.setattr(jpeg_ghosts, "_MOST_IN_ALL", 4_800_000)
    assert jpeg_ghosts.examine(image(photograph)).facts["windows"] == 64 * 64
    found = jpeg_ghosts.examine(image(photograph), shifts=16)
    assert found.facts["windows"] in (31 * 31, 31 * 32, 32 * 32)
    assert "one window in 4" in found.limits[0]


def test_noise_without_history_gives_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (384, 384, 3)).astype(np.uint8)
    found = jpeg_ghosts.examine(image(noise))
    assert found.value == 0
    assert found.where == ()
    assert not any(isinstance(figure, Chart) for figure in found.exhibits)
    assert "None of" in found.observation


def test_a_large_picture_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    photograph = np.tile(data.astronaut(), (2, 2, 1))
    low, host = recompress(photograph, 60), recompress(photograph, 90)
    host[256:768, 256:768] = low[256:768, 256:768]
    monkeypatch.setattr(jpeg_ghosts, "_MOST_PIXELS", 300_000)
    found = jpeg_ghosts.examine(image(recompress(host, 95)))
    assert found.facts["windows"] == 32 * 32
    assert "one window in 4" in found.limits[1]
    first = found.where[0]
    assert found.value > 0.3
    assert first.x >= 224
    assert first.x + first.width <= 800


def test_sampled_windows_are_the_picture_s_own() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 90, 3)).astype(np.uint8)
    sampled = jpeg_ghosts._windows(pixels, 2)
    assert sampled.shape == (48, 48, 3)
    np.testing.assert_array_equal(sampled[16:32, 32:48], pixels[32:48, 64:80])


def test_the_chart_shows_the_dip() -> None:
    found = jpeg_ghosts.examine(image(with_ghost(data.astronaut())))
    (chart,) = (figure for figure in found.exhibits if isinstance(figure, Chart))
    inside, outside = chart.lines
    at = QUALITIES.index(int(chart.marks[0]))
    assert inside.y[at] < outside.y[at]


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.coffee())
    before = exhibit.pixels.copy()
    first, second = jpeg_ghosts.examine(exhibit), jpeg_ghosts.examine(exhibit)
    assert (first.value, first.where) == (second.value, second.where)
    np.testing.assert_array_equal(exhibit.pixels, before)


@pytest.mark.parametrize("shape", [(1, 1), (5000, 2), (255, 300)])
def test_too_small_is_not_applicable(shape: tuple[int, int]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        jpeg_ghosts.examine(image(np.zeros((*shape, 3), np.uint8)))


def test_a_flat_picture_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="0 of 256 windows"):
        jpeg_ghosts.examine(image(np.full((256, 256, 3), 90, np.uint8)))


def test_a_number_of_shifts_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="1, 4, 16, 64"):
        jpeg_ghosts.examine(image(data.astronaut()), shifts=3)
