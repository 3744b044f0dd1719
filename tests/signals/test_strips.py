import cv2
import numpy as np
import pytest

from veridical.signals import strips as module
from veridical.signals.strips import strips


@pytest.mark.parametrize("height", [16, 100, 161, 480])
@pytest.mark.parametrize("together", [1, 50 * 16, 3 * 50 * 16, 10**6])
def test_a_filter_over_strips_is_the_filter_over_the_whole(
    monkeypatch: pytest.MonkeyPatch, height: int, together: int
) -> None:
    monkeypatch.setattr(module, "_PIXELS", together)
    pixels = np.random.default_rng(0).normal(size=(height, 50)).astype(np.float32)
    whole = cv2.GaussianBlur(pixels, (0, 0), 1.2)[: height // 16 * 16]
    parts, rows = [], []
    for blocks, wide, inner in strips(pixels, 16):
        parts.append(cv2.GaussianBlur(wide, (0, 0), 1.2)[inner])
        rows += range(blocks.start, blocks.stop)
        assert len(parts[-1]) == 16 * (blocks.stop - blocks.start)
    assert rows == list(range(height // 16))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
