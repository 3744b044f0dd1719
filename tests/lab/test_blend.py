import numpy as np
import pytest
from skimage import data

from veridical.errors import UsageError
from veridical.lab.blend import clone, shifted_grid
from veridical.lab.recipe import Box, Picture

PICTURE = Picture(pixels=np.ascontiguousarray(data.astronaut()), label=Box(x=0, y=470, width=150, height=40))


def box(text: object) -> tuple[slice, slice]:
    x, y, width, height = (int(n) for n in str(text).split(","))
    return slice(y, y + height), slice(x, x + width)


@pytest.mark.parametrize("recipe", [shifted_grid, clone])
def test_only_the_mask_differs_and_the_label_is_left_alone(recipe) -> None:
    for seed in range(5):
        pair = recipe(PICTURE, np.random.default_rng(seed))
        different = (pair.control.pixels != pair.altered.pixels).any(2)
        assert not different[~pair.mask].any()
        assert different[pair.mask].mean() > 0.5
        assert not pair.mask[PICTURE.label.cut].any()


def test_the_moved_grid_is_no_grid_of_the_picture() -> None:
    for seed in range(20):
        pair = shifted_grid(PICTURE, np.random.default_rng(seed))
        source, to = box(pair.facts["from"]), box(pair.facts["to"])
        down, right = ((to[i].start - source[i].start) % 8 for i in range(2))
        assert down > 0
        assert right > 0
        assert pair.facts["grid"] == f"{down} down, {right} right"


def test_a_clone_repeats_its_source() -> None:
    for seed in range(5):
        pair = clone(PICTURE, np.random.default_rng(seed), angle=0, factor=1)
        source, to = box(pair.facts["from"]), box(pair.facts["to"])
        middle = slice(50, 100), slice(50, 100)
        np.testing.assert_array_equal(pair.altered.pixels[to][middle], PICTURE.pixels[source][middle])


def test_a_turned_clone_lies_where_the_facts_say() -> None:
    pair = clone(PICTURE, np.random.default_rng(1), angle=90, factor=1)
    source, to = box(pair.facts["from"]), box(pair.facts["to"])
    turned = np.rot90(PICTURE.pixels[source])[50:100, 50:100].astype(float)
    shown = pair.altered.pixels[to][50:100, 50:100].astype(float)
    assert np.corrcoef(turned.ravel(), shown.ravel())[0, 1] > 0.9


def test_it_says_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match="factor"):
        clone(PICTURE, np.random.default_rng(0), factor=9)
    with pytest.raises(UsageError, match="smaller"):
        clone(PICTURE, np.random.default_rng(0), side=0.9)
    with pytest.raises(UsageError, match="squares of"):
        shifted_grid(PICTURE, np.random.default_rng(0), side=1.5)
