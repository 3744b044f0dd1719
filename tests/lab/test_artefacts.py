"""Each slip is drawn where its facts say, inside its mask, away from the label, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.knowledge.ffhq_alignment import EYES
from veridical.lab import artefacts, engine, recipe, source
from veridical.lab.recipe import Picture, StillPair

DRAWN = ("earring", "droplet", "colour_patch")


@pytest.fixture(scope="module")
def picture() -> Picture:
    pytest.importorskip("skimage")
    material, _ = source.load(recipe.recipe("lab.artefacts.earring"), None, "", np.random.default_rng(0))
    marked = engine.mark(material, 0x12345678)
    assert isinstance(marked, Picture)
    return marked


def make(picture: Picture, name: str, seed: int = 0) -> StillPair:
    pair = getattr(artefacts, name)(picture, np.random.default_rng(seed))
    assert isinstance(pair, StillPair) and pair.mask is not None
    return pair


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", DRAWN)
def test_control_and_altered_differ_where_the_mask_says(picture: Picture, name: str, seed: int) -> None:
    pair = make(picture, name, seed)
    assert pair.mask is not None
    changed = (pair.control.pixels != pair.altered.pixels).any(2)
    np.testing.assert_array_equal(pair.control.pixels, picture.pixels)
    assert changed.any() and not changed[~pair.mask].any()
    assert changed.sum() > 0.4 * pair.mask.sum()
    assert not changed[picture.label.cut].any()
    rows, columns = np.nonzero(changed)
    assert abs(columns.mean() - float(pair.facts["x"])) < 4  # type: ignore[arg-type]
    assert abs(rows.mean() - float(pair.facts["y"])) < 12  # type: ignore[arg-type]


def test_a_droplet_has_a_bright_rim_and_a_tinted_middle(picture: Picture) -> None:
    pair = make(picture, "droplet")
    x, y = int(pair.facts["x"]), int(pair.facts["y"])  # type: ignore[call-overload]
    change = pair.altered.pixels[y].astype(int) - pair.control.pixels[y]
    assert change[x].tolist() == pytest.approx([-30, -5, 15], abs=2)
    ring = round(0.018 * 512)
    assert change[x - ring].min() > 25 and change[x + ring].min() > 25


def test_the_head_stands_on_the_template_or_off_it(picture: Picture) -> None:
    """The pupils of the demonstration photograph, dark in bright eyes, are found where the template says."""
    pair = make(picture, "template_eyes")
    for still, off in ((pair.altered, 0.0), (pair.control, 0.1)):
        for x, y in EYES:
            column, row = round((x - off) * 512), round((y - off) * 512)
            around = still.pixels[row - 30 : row + 30, column - 40 : column + 40].mean(2)
            eye = still.pixels[row - 8 : row + 8, column - 8 : column + 8].mean(2)
            assert eye.min() < 60 < around.max() - 60
    assert not (pair.altered.pixels != pair.control.pixels)[picture.label.cut].any()


def test_a_head_that_finds_no_room_is_refused(picture: Picture) -> None:
    wide = Picture(pixels=picture.pixels[:256], label=picture.label, face=picture.face, eyes=picture.eyes)
    with pytest.raises(UsageError, match="too wide"):
        artefacts.template_eyes(wide, np.random.default_rng(0))


def test_a_droplet_that_finds_no_place_is_refused(picture: Picture) -> None:
    with pytest.raises(UsageError, match="no free place"):
        artefacts.droplet(picture, np.random.default_rng(0), radius=0.12)
