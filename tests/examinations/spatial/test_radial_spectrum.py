import cv2
import numpy as np
import pytest
from scipy import fft
from skimage import data

from veridical.errors import NotApplicable
from veridical.examinations.spatial import radial_spectrum
from veridical.finding import Table
from veridical.media.image import Image
from veridical.perception.picture_spectrum import see_picture_spectrum
from veridical.signals import spectra
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "camera", "rocket")


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels) if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def half(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)


def repeated(pixels: np.ndarray) -> np.ndarray:
    return pixels.repeat(2, 0).repeat(2, 1)


def interpolated(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)


def with_zeros(pixels: np.ndarray) -> np.ndarray:
    out = np.zeros((pixels.shape[0] * 2, pixels.shape[1] * 2, *pixels.shape[2:]), np.uint8)
    out[::2, ::2] = pixels
    return out


def noise(side: int = 512) -> np.ndarray:
    return np.clip(np.random.default_rng(0).normal(128, 20, (side, side)), 0, 255).astype(np.uint8)


def examine(pixels: np.ndarray):
    return ask(image(pixels))


def ask(exhibit: Image):
    return radial_spectrum.examine(exhibit, see_picture_spectrum(exhibit))


@pytest.mark.parametrize("enlarge", [repeated, interpolated, with_zeros])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_enlarging_raises_the_value(name: str, enlarge) -> None:
    photograph = getattr(data, name)()
    assert examine(enlarge(half(photograph))).value > examine(photograph).value


@pytest.mark.parametrize("enlarge", [repeated, interpolated, with_zeros])
def test_enlarged_noise_rises_far_above_noise(enlarge) -> None:
    assert examine(noise()).value < 1
    assert examine(enlarge(noise())).value > 3


def test_repeated_pixels_empty_the_lines_of_half_a_cycle() -> None:
    """The response of two equal taps, cos(π f), is zero at f = 1/2 and nowhere below."""
    found = examine(repeated(half(data.astronaut())))
    assert found.facts["largest departure"] == "gap"
    assert found.facts["gap line"] in {"1/2 across", "1/2 down"}
    assert found.facts["gap"] < -10


def test_repeating_four_times_also_empties_a_quarter() -> None:
    found = examine(repeated(repeated(noise(256))))
    table = found.exhibits[2]
    gaps = {row[1]: float(row[2]) for row in table.rows if row[0] == "line"}
    assert max(gaps.values()) < -10
    assert set(gaps) == {"1/2 across", "1/2 down", "1/4 across", "1/4 down"}


def test_interpolation_empties_the_tail() -> None:
    assert examine(interpolated(noise())).facts["tail"] < -15


def test_inserted_zeros_put_replicas_at_half_a_cycle() -> None:
    found = examine(with_zeros(half(data.astronaut())))
    assert found.facts["largest departure"] == "peak"
    assert {found.facts["peak row"], found.facts["peak column"]} <= {0.0, 0.5}
    assert found.facts["peak"] > 20


def test_a_pattern_of_four_pixels_is_marked_at_a_quarter() -> None:
    wave = 3 * np.cos(2 * np.pi * np.arange(512) / 4)
    found = examine(np.clip(noise() + wave[:, None], 0, 255).astype(np.uint8))
    assert (found.facts["peak row"], found.facts["peak column"]) == (0.25, 0)
    assert found.facts["peak"] > 20


def test_a_pattern_of_eight_pixels_counts_as_jpeg_s() -> None:
    """A comb of period 8, as blocking leaves it, has equal peaks at 1/8, 1/4, 3/8 and 1/2: none of them counts."""
    comb = np.zeros(512)
    comb[::8] = 12
    found = examine(np.clip(noise() + comb[:, None] + comb, 0, 255).astype(np.uint8))
    assert found.facts["JPEG grid peaks"] > 15
    assert found.value < 1.2


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_jpeg_compression_does_not_look_like_enlarging(quality: int) -> None:
    photograph = data.astronaut()
    assert examine(recompress(photograph, quality)).value < examine(photograph).value + 0.3


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_stay_low(name: str) -> None:
    assert examine(getattr(data, name)()).value < 2


def test_white_noise_has_a_flat_curve_at_its_power() -> None:
    """Parseval: noise of standard deviation 20 has 20² = 26 dB at every frequency."""
    chart = examine(noise()).exhibits[0]
    level = chart.lines[0].y
    assert level[4:].mean() == pytest.approx(20 * np.log10(20), abs=0.3)
    assert level[4:].std() < 1


def test_the_map_has_frequency_zero_in_the_middle() -> None:
    """The half plane of the real transform is completed to what the full transform gives."""
    luma = data.camera()[:256, :320].astype(np.float32)
    drawn = spectra.view(spectra.spectrum(luma))
    window = np.outer(*(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n) for n in luma.shape))
    full = np.abs(fft.fftshift(fft.fft2((luma - luma.mean()) * window))) ** 2 / (window**2).sum()
    np.testing.assert_allclose(drawn, 10 * np.log10(full + 1e-3), atol=0.1)


@pytest.mark.parametrize("side", [256, 257, 300, 511, 1000, 4096])
def test_sides_are_sixteen_times_small_primes(side: int) -> None:
    fitted = spectra.fitting(side)
    assert 0.9 * side - 16 <= fitted <= side
    rest = fitted // 16
    assert fitted % 16 == 0
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1


def test_same_twice_inputs_unchanged_and_a_crop_is_stated() -> None:
    exhibit = image(data.coffee()[:301, :590])
    before = exhibit.pixels.copy()
    first, second = ask(exhibit), ask(exhibit)
    assert first.value == second.value
    np.testing.assert_array_equal(exhibit.pixels, before)
    assert first.limits == ("The central 576 × 288 pixels were examined.",)


@pytest.mark.parametrize("shape", [(1, 1), (2, 5000), (255, 300)])
def test_too_small_is_not_applicable(shape: tuple[int, int]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        examine(np.zeros((*shape, 3), np.uint8))


def test_one_colour_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="one colour"):
        examine(np.full((256, 256, 3), 77, np.uint8))


def test_isolated_peaks_are_listed_and_marked_where_they_are() -> None:
    y, x = np.mgrid[:512, :512]
    wave = 8 * np.cos(2 * np.pi * (60 * y + 100 * x) / 512)
    found = examine(np.clip(noise() + wave, 0, 255).astype(np.uint8))
    exhibits = {one.name: one for one in found.exhibits if not isinstance(one, Table)}
    listed = found.exhibits[-1]
    assert found.facts["isolated peaks"] == len(listed.rows) == 1
    assert (float(listed.rows[0][0]), float(listed.rows[0][1])) == pytest.approx((60 / 512, 100 / 512), abs=1e-4)
    assert listed.rows[0][4] == ""
    marked = exhibits["Isolated peaks"].values
    level = float(listed.rows[0][3])
    assert marked[256 + 60, 256 + 100] == marked[256 - 60, 256 - 100] == pytest.approx(level, abs=0.1)
    assert marked[256 - 60, 256 + 100] == marked[256, 256] == 0
    assert exhibits["Spectrum"].values[256 + 60, 256 + 100] > exhibits["Spectrum"].values[256 - 60, 256 + 100] + 20


def test_features_are_the_profile_relative_to_its_middle() -> None:
    """White noise is flat; a gain leaves the vector as it is."""
    features = examine(noise()).features
    assert features.shape == (64,)
    assert np.abs(features[4:]).max() < 1
    pixels = data.camera()
    half_as_bright = (pixels // 2).astype(np.uint8)
    plain, dim = (examine(some).features for some in (pixels, half_as_bright))
    np.testing.assert_allclose(plain[:40], dim[:40], atol=0.5)
