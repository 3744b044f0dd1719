import io

import numpy as np
import pytest
from PIL import Image as Pillow
from scipy import stats
from skimage import data

from veridical.signals import recompression as jpeg


@pytest.mark.parametrize("quality", [30, 90])
def test_recompression_agrees_with_pillow(quality: int) -> None:
    """Another program around the same standard gives the same picture to within rounding."""
    pixels = data.astronaut()
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    other = np.array(Pillow.open(buffer))
    ours = jpeg.recompress(pixels, quality)
    assert np.abs(ours.astype(int) - other).mean() < 0.5
    assert np.abs(ours.astype(int) - pixels).mean() > 1


def test_sides_beyond_the_jpeg_limit_are_cut() -> None:
    for shape in ((16, 70_000), (70_000, 16)):
        pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
        back = jpeg.recompress(pixels, 100)
        assert back.shape == shape
        assert np.abs(back.astype(int) - pixels).mean() < 1


def test_differences_are_window_means_of_squares() -> None:
    pixels = data.astronaut()[:64, :96]
    (got,) = jpeg.differences(pixels, (60,))
    square = (jpeg.recompress(pixels, 60).astype(float) - pixels) ** 2
    np.testing.assert_allclose(got, square.mean(2).reshape(4, 16, 6, 16).mean((1, 3)), rtol=1e-4)


def test_distance_is_the_directed_kolmogorov_smirnov_distance() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(-0.5, 1, 70).round(1), rng.normal(0, 1, 200).round(1)
    assert jpeg.distance(a, b) == pytest.approx(stats.ks_2samp(a, b, alternative="greater").statistic)
    assert jpeg.distance(b, a) == pytest.approx(stats.ks_2samp(b, a, alternative="greater").statistic)
    assert jpeg.distance(np.zeros(3), np.ones(4)) == 1
    assert jpeg.distance(np.ones(3), np.zeros(4)) == 0
