import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable
from veridical.examinations.spatial import colour_statistics
from veridical.media.image import Image
from veridical.signals import colours


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def texture(side: int = 256) -> np.ndarray:
    return np.random.default_rng(0).integers(40, 200, (side, side, 3), np.uint8)


def examine(pixels: np.ndarray):
    return colour_statistics.examine(image(pixels))


def test_nothing_clipped_gives_six() -> None:
    assert examine(texture()).value == pytest.approx(6.0)


@pytest.mark.parametrize("level", [255, 0])
def test_the_value_is_the_clipped_share(level: int) -> None:
    """A square of 32 × 32 in 256 × 256 holds 31 × 31 squares of 2 × 2 wholly; erosion anchors them in 65536 places."""
    pixels = texture()
    pixels[64:96, 64:96] = level
    found = examine(pixels)
    assert 10**-found.value == pytest.approx(31**2 / 256**2, rel=0.01)
    name = "clipped bright" if level else "clipped dark"
    assert found.facts[name] == pytest.approx(31**2 / 256**2, rel=0.01)
    shown = found.exhibits[0].values
    assert np.nanmax(np.abs(shown)) == pytest.approx(1, abs=0.15)
    row, column = np.unravel_index(np.nanargmax(np.abs(shown)), shown.shape)
    scale = 256 / shown.shape[0]
    assert 64 <= row * scale < 96 and 64 <= column * scale < 96
    assert np.sign(shown[row, column]) == (1 if level else -1)


def test_single_clipped_pixels_do_not_count() -> None:
    pixels = texture()
    pixels[::3, ::3] = 255
    assert examine(pixels).value == pytest.approx(6.0)


def test_one_clipped_channel_counts_and_a_dark_one_does_not() -> None:
    """A saturated red is beyond the scale; a blue of 0 in it is what red looks like."""
    pixels = texture()
    pixels[:128] = (255, 30, 0)
    assert examine(pixels).facts["clipped bright"] == pytest.approx(0.5, abs=0.01)
    pixels[:128] = (200, 30, 0)
    found = examine(pixels)
    assert found.facts["clipped bright"] == found.facts["clipped dark"] == 0


def test_squeezing_a_photograph_raises_the_value_and_clipping_lowers_it() -> None:
    photograph = data.astronaut().astype(float)
    squeezed = np.rint(10 + photograph * 235 / 255).astype(np.uint8)
    pushed = np.clip(np.rint(128 + 1.3 * (photograph - 128)), 0, 255).astype(np.uint8)
    assert examine(squeezed).value == pytest.approx(6.0)
    assert examine(pushed).value < examine(data.astronaut()).value < 6


def test_stretching_by_two_per_cent_flips_it() -> None:
    """Known weakness: a levels stretch makes clipping where there was none."""
    photograph = 20 + data.astronaut().astype(float) * 215 / 255
    low, high = np.quantile(photograph, [0.02, 0.98])
    stretched = np.clip(np.rint((photograph - low) / (high - low) * 255), 0, 255).astype(np.uint8)
    assert examine(photograph.astype(np.uint8)).value > 5.9 and examine(stretched).value < 2.5


def test_chromaticity_cells_are_where_arithmetic_puts_them() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :48], pixels[:, 48:] = (100, 60, 40), (50, 100, 50)
    cells, count = colours.chromaticity(pixels)
    assert count == 64 * 64 and cells.sum() == pytest.approx(1)
    for r, g, share in ((0.5, 0.3, 0.75), (0.25, 0.5, 0.25)):
        column = int((r - colours.RED[0]) / (colours.RED[1] - colours.RED[0]) * colours.CELLS)
        row = int((g - colours.GREEN[0]) / (colours.GREEN[1] - colours.GREEN[0]) * colours.CELLS)
        assert cells[row, column] == pytest.approx(share)


def test_dark_and_clipped_pixels_have_no_chromaticity() -> None:
    pixels = np.full((64, 64, 3), 10, np.uint8)
    pixels[:32] = (255, 120, 90)
    assert colours.chromaticity(pixels)[1] == 0


def test_a_large_picture_is_sampled_with_the_same_result() -> None:
    small = texture(512)
    large = small.repeat(4, 0).repeat(4, 1)
    np.testing.assert_allclose(colours.chromaticity(large)[0], colours.chromaticity(small)[0], atol=0.01)


def test_a_grey_picture_says_so_and_shows_no_plane() -> None:
    found = examine(np.repeat(texture()[..., :1], 3, axis=2))
    assert "grey" in found.limits[0]
    assert all(one.name != "Chromaticity beside photographs" for one in found.exhibits)


def test_features_are_of_one_length_and_finite() -> None:
    found = examine(texture())
    assert found.features.shape == (colours.CELLS**2 + 20,) and np.isfinite(found.features).all()
    assert np.square(found.features[: colours.CELLS**2]).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1, 3), (127, 500, 3)])
def test_too_small_is_not_applicable(shape: tuple[int, ...]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        examine(np.full(shape, 99, np.uint8))


@pytest.mark.parametrize("level", [0, 255])
def test_without_colour_is_not_applicable(level: int) -> None:
    with pytest.raises(NotApplicable, match="neither dark nor clipped"):
        examine(np.full((200, 200, 3), level, np.uint8))


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.astronaut())
    before = exhibit.pixels.copy()
    first, second = colour_statistics.examine(exhibit), colour_statistics.examine(exhibit)
    assert first.value == second.value and first.facts == second.facts
    np.testing.assert_array_equal(exhibit.pixels, before)
