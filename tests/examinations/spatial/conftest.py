import cv2
import numpy as np
import pytest

from veridical.signals.recompression import recompress


@pytest.fixture(scope="session")
def low_quality_paste() -> np.ndarray:
    """Coloured noise, 512 × 512, saved at quality 90, an area of 192 × 192 from quality 60, all saved at 95."""
    rng = np.random.default_rng(1)
    smooth = cv2.GaussianBlur(rng.normal(0, 1, (512, 512, 3)), (0, 0), 1.4)
    texture = 128 + 50 * smooth / smooth.std() + rng.normal(0, 8, smooth.shape)
    original = np.clip(texture, 0, 255).astype(np.uint8)
    picture = recompress(original, 90)
    area = slice(160, 352)
    picture[area, area] = recompress(original, 60)[area, area]
    return recompress(picture, 95)
