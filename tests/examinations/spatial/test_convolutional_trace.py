import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable
from veridical.examinations.spatial import convolutional_trace
from veridical.finding import Measurement
from veridical.media.image import Image
from veridical.perception.neighbour_prediction import see_neighbour_prediction
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "camera")


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels) if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def examine(pixels: np.ndarray) -> Measurement:
    exhibit = image(pixels)
    return convolutional_trace.examine(exhibit, see_neighbour_prediction(exhibit))


def half(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)


def between(pixels: np.ndarray) -> np.ndarray:
    """Enlarge by two and keep the small pixels: those between are means of two or four."""
    height, width = (2 * side - 1 for side in pixels.shape[:2])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    grid = np.array([[0.5, 0, 0], [0, 0.5, 0]])
    return cv2.warpAffine(pixels, grid, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def noise(side: int = 256, seed: int = 0) -> np.ndarray:
    return np.clip(np.rint(np.random.default_rng(seed).normal(128, 20, (side, side))), 0, 255).astype(np.uint8)


def transposed(small: np.ndarray, factor: int) -> np.ndarray:
    """Enlarge as a transposed convolution does: zeros between the pixels, then a kernel that overlaps unevenly."""
    wide = np.zeros((small.shape[0] * factor, small.shape[1] * factor))
    wide[::factor, ::factor] = small
    line = np.bartlett(2 * factor + 1)[1:-1]
    return np.clip(np.rint(cv2.sepFilter2D(wide, -1, line, line)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_enlarging_by_two_raises_the_value(name: str) -> None:
    photograph = getattr(data, name)()
    control = examine(photograph).value
    small = half(photograph)
    assert control < 2.6
    assert examine(small.repeat(2, 0).repeat(2, 1)).value > control + 1
    assert examine(between(small)).value > control + 1


def test_enlarging_by_two_around_the_pixels_centres_leaves_no_rhythm() -> None:
    """Every pixel is then weighed 3/4 and 1/4 with one neighbour a direction: all four phases are mirror images."""
    small = noise(256)
    centred = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    assert examine(centred).value < 2.6
    assert examine(between(small)).value > 5


@pytest.mark.parametrize("factor", [2, 4])
def test_a_transposed_convolution_shows_at_its_own_rhythm(factor: int) -> None:
    found = examine(transposed(noise(512 // factor), factor))
    assert found.value > 5
    spectrum = found.exhibits[1].values
    rows, columns = np.nonzero(spectrum > found.value - 1)
    cycles = np.stack([rows / spectrum.shape[0], columns / spectrum.shape[1]]) * factor
    assert np.abs(cycles - np.rint(cycles)).max() < 0.03


def test_noise_has_no_rhythm() -> None:
    values = [examine(noise(seed=seed)).value for seed in range(4)]
    # The largest of eight exponential variables, as a logarithm: about ln 2.7.
    assert np.mean(values) == pytest.approx(1.0, abs=0.7)


def test_the_camera_s_colour_filter_is_shown_and_not_counted() -> None:
    """Green in two of four pixels, the others interpolated: the map repeats at (1/2, 1/2) only."""
    green = noise().astype(float)
    rows, columns = np.indices(green.shape)
    missing = (rows + columns) % 2 == 1
    cross = cv2.filter2D(green, -1, np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4)
    found = examine(np.rint(np.where(missing, cross, green)).astype(np.uint8))
    assert found.facts["camera's colour filter (1/2, 1/2)"] > 5
    assert found.value < 2.6


@pytest.mark.parametrize("quality", [75, 90])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_grid_of_jpeg_is_not_taken_for_a_rhythm_of_four(name: str, quality: int) -> None:
    found = examine(recompress(getattr(data, name)(), quality))
    assert found.value < 2.6
    assert found.facts["JPEG grid"] > 1.5


def test_kernels_stand_beside_each_other_red_green_blue() -> None:
    exhibit = image(data.astronaut())
    seen = see_neighbour_prediction(exhibit)
    found = convolutional_trace.examine(exhibit, seen)
    three, five, seven = (figure.values for figure in found.exhibits[2:5])
    assert [drawn.shape for drawn in (three, five, seven)] == [(3, 11), (5, 17), (7, 23)]
    assert np.isnan(three[:, [3, 7]]).all()
    assert np.isnan(three[1, [1, 5, 9]]).all()
    np.testing.assert_array_equal(three[0, 4:7], seen.three[0, 1, 0])
    np.testing.assert_array_equal(five[4, 12:], seen.five[0, 2, 4])
    np.testing.assert_array_equal(found.features, seen.features)


def test_a_rhythm_in_one_part_is_found_and_placed() -> None:
    pixels = data.astronaut().copy()
    pixels[32:256, 272:496] = between(half(pixels))[32:256, 272:496]
    control, found = examine(data.astronaut()), examine(pixels)
    assert control.value < 2
    assert control.where == ()
    assert found.value == pytest.approx(found.facts["strongest place"], abs=1e-3)
    assert found.value > 3
    drawn = found.exhibits[0].values
    inside = np.zeros(drawn.shape, bool)
    scale = drawn.shape[0] / 512
    inside[round(48 * scale) : round(240 * scale), round(288 * scale) : round(480 * scale)] = True
    assert np.nanmedian(drawn[inside]) > np.nanquantile(drawn[~inside], 0.8) + 1
    place = found.where[0]
    assert 32 <= place.y + place.height / 2 <= 256
    assert 272 <= place.x + place.width / 2 <= 496


def test_the_posterior_map_lies_where_it_was_measured() -> None:
    pixels = np.tile(data.astronaut(), (3, 3, 1))[:1400, :1301]
    exhibit = image(pixels)
    seen = see_neighbour_prediction(exhibit)
    drawn = convolutional_trace.examine(exhibit, seen).exhibits[5].values
    assert drawn.shape == (700, 650)
    known = np.isfinite(drawn)
    for x, y, width, height in seen.boxes.tolist():
        assert known[y // 2 + 2 : (y + height) // 2 - 2, x // 2 + 2 : (x + width) // 2 - 2].mean() > 0.95
        known[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2] = False
    assert not known.any()
    x, y, _, _ = seen.boxes[0]
    block = seen.posterior[0, 10:12, 20:22].astype(np.float32)
    assert drawn[(y + 12) // 2, (x + 22) // 2] == pytest.approx(np.nanmean(block), abs=1e-3)


def test_a_small_or_compressed_picture_has_limits() -> None:
    found = examine(noise(200))
    assert "200 pixels a side" in found.limits[0]
    assert examine(noise(150)).facts["strongest place"] is None
    with pytest.raises(NotApplicable, match="100 × 100"):
        examine(noise(100))


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.chelsea())
    before = exhibit.pixels.copy()
    seen = see_neighbour_prediction(exhibit)
    posterior = seen.posterior.copy()
    first, second = (convolutional_trace.examine(exhibit, seen) for _ in range(2))
    assert first.value == second.value
    assert first.facts == second.facts
    np.testing.assert_array_equal(seen.posterior, posterior)
    np.testing.assert_array_equal(exhibit.pixels, before)
