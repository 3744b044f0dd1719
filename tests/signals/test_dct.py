import numpy as np
from scipy import fft
from skimage import data

from veridical.signals.blocks import grey
from veridical.signals.dct import block_scales


def test_scales_agree_with_another_transform() -> None:
    pixels = data.astronaut()[:200, :309]  # 309 is no multiple of 8
    blocks = (grey(pixels)[:200, :304] - 128).reshape(25, 8, 38, 8).transpose(0, 2, 1, 3).reshape(-1, 8, 8)
    coefficients = fft.dctn(blocks.astype(np.float64), axes=(1, 2), norm="ortho")
    table = np.full((8, 8), 16, np.uint16)
    beta, zeros = block_scales(pixels, table)
    np.testing.assert_allclose(beta, coefficients.std(0, ddof=1) / np.sqrt(2), rtol=1e-3)
    np.testing.assert_allclose(zeros, (np.abs(coefficients) < 8).mean(0), atol=0.002)


def test_strips_change_nothing(monkeypatch) -> None:
    pixels = data.astronaut()
    whole, _ = block_scales(pixels)
    monkeypatch.setattr("veridical.signals.dct._STRIP_PIXELS", 512 * 8 * 8)
    strips, _ = block_scales(pixels)
    np.testing.assert_allclose(strips, whole, rtol=1e-4)
