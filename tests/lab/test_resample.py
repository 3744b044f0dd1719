import numpy as np
import pytest
from skimage import data

from veridical.errors import UsageError
from veridical.lab.recipe import Box, Picture
from veridical.lab.resample import patch

PICTURE = Picture(pixels=np.ascontiguousarray(data.coffee()), label=Box(x=0, y=0, width=150, height=40))


def test_control_and_altered_differ_in_the_patch_only() -> None:
    for seed in range(5):
        pair = patch(PICTURE, np.random.default_rng(seed))
        different = (pair.control.pixels != pair.altered.pixels).any(2)
        assert not different[~pair.mask].any()
        assert different[pair.mask].mean() > 0.5
        assert pair.mask.sum() == round(0.45 * 400) ** 2
        np.testing.assert_array_equal(pair.altered.pixels[~pair.mask], PICTURE.pixels[~pair.mask])
        assert not pair.mask[PICTURE.label.cut].any()


def test_the_patch_shows_the_middle_of_its_control_larger() -> None:
    pair = patch(PICTURE, np.random.default_rng(1), factor=2.0)
    x, y, width, height = (int(n) for n in str(pair.facts["to"]).split(","))
    inside = slice(y, y + height), slice(x, x + width)
    small, large = (still.pixels[inside].astype(float) for still in (pair.control, pair.altered))
    quarter = small[height // 4 : -(height // 4), width // 4 : -(width // 4)]
    kept = large[::2, ::2][: quarter.shape[0], : quarter.shape[1]]
    same = quarter[: kept.shape[0], : kept.shape[1]]
    assert np.corrcoef(kept.ravel(), same.ravel())[0, 1] > 0.95


def test_it_says_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match="factor"):
        patch(PICTURE, np.random.default_rng(0), factor=9)
    with pytest.raises(UsageError, match="smaller"):
        patch(PICTURE, np.random.default_rng(0), side=1.1)
