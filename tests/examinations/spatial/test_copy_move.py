import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import copy_move
from veridical.finding import Map, Table
from veridical.media.image import Image
from veridical.signals.recompression import recompress


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def cloned(
    pixels: np.ndarray,
    source: tuple[int, int],
    to: tuple[int, int],
    *,
    side: int = 120,
    angle: float = 0,
    scale: float = 1,
) -> np.ndarray:
    """Copy a disc around ``source`` (x, y) to ``to``, turned clockwise on the screen and enlarged; saved at quality 90."""
    matrix = cv2.getRotationMatrix2D(source, -angle, scale)
    matrix[:, 2] += np.subtract(to, source)
    height, width = pixels.shape[:2]
    moved = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    y, x = np.ogrid[:height, :width]
    disc = (x - to[0]) ** 2 + (y - to[1]) ** 2 < (side / 2) ** 2
    return recompress(np.where(disc[:, :, None], moved, pixels), 90)


def table(found) -> Table:
    (one,) = (figure for figure in found.exhibits if isinstance(figure, Table))
    return one


@pytest.mark.parametrize(("angle", "scale"), [(0, 1), (25, 1), (0, 1.15), (-12, 0.85), (180, 1)])
def test_a_copy_is_found_and_its_movement_measured(angle: float, scale: float) -> None:
    photograph = data.astronaut()
    control = copy_move.examine(image(recompress(photograph, 90)))
    found = copy_move.examine(image(cloned(photograph, (385, 330), (120, 90), angle=angle, scale=scale)))
    assert control.value == 0
    assert found.value > 0.15
    row = table(found).rows[0]
    turned, enlarged = float(row[4]), float(row[5])
    if enlarged * scale < 1.05 and abs(scale - 1) > 0.1:  # told from the copy to its source
        turned, enlarged = -turned, 1 / enlarged
    elif abs(scale - 1) <= 0.1 and abs(turned + angle) < 2:
        turned = -turned
    assert (turned - angle + 180) % 360 - 180 == pytest.approx(0, abs=2)
    assert enlarged == pytest.approx(scale, rel=0.03)
    ends = sorted((r.x + r.width / 2, r.y + r.height / 2) for r in found.where)
    assert ends[0] == pytest.approx((120, 90), abs=25)
    assert ends[1] == pytest.approx((385, 330), abs=25)


def test_the_map_covers_both_ends_and_little_else() -> None:
    found = copy_move.examine(image(cloned(data.astronaut(), (385, 330), (120, 90))))
    values = found.exhibits[0].values
    scale = values.shape[0] / 512
    y, x = np.ogrid[: values.shape[0], : values.shape[1]]
    both = np.zeros(values.shape, bool)
    for centre in ((385, 330), (120, 90)):
        both |= (x - centre[0] * scale) ** 2 + (y - centre[1] * scale) ** 2 < (60 * scale) ** 2
    assert (values[both] > 0.5).mean() > 0.5
    assert (values[~both] > 0.5).mean() < 0.02
    assert found.value == pytest.approx(np.sqrt((values > 0.5).mean()), abs=0.03)
    lines = found.exhibits[1]
    assert isinstance(lines, Map)
    drawn = np.isfinite(lines.values)
    assert 0.01 < drawn.mean() < 0.5
    assert lines.values[drawn] == pytest.approx(found.where[0].value, abs=0.001)


def test_two_copies_are_two_areas() -> None:
    once = cloned(data.astronaut(), (385, 330), (120, 90))
    found = copy_move.examine(image(cloned(once, (250, 440), (440, 90), side=100)))
    assert len(table(found).rows) >= 2
    assert {r.label for r in found.where} >= {"area 1, one end", "area 2, other end"}


def test_a_large_picture_is_reduced_and_places_stay_native() -> None:
    photograph = cv2.resize(
        cloned(data.astronaut(), (385, 330), (120, 90)), (1536, 1536), interpolation=cv2.INTER_CUBIC
    )
    found = copy_move.examine(image(photograph), megapixels=0.3)
    ends = sorted((r.x + r.width / 2, r.y + r.height / 2) for r in found.where)
    assert ends[0] == pytest.approx((360, 270), abs=75)
    assert ends[1] == pytest.approx((1155, 990), abs=75)
    assert found.limits == ("Examined at 548 × 548 pixels.",)


def test_two_views_of_one_thing_are_no_copy() -> None:
    """The same texture with its own noise each time: alike, but not to the grain."""
    rng = np.random.default_rng(0)
    photograph = recompress(data.astronaut(), 90).astype(float)
    photograph[30:150, 60:180] = cv2.GaussianBlur(photograph, (0, 0), 2.5)[270:390, 325:445]
    photograph += rng.normal(0, 6, photograph.shape)
    found = copy_move.examine(image(photograph.clip(0, 255).astype(np.uint8)))
    assert found.value == 0
    assert "no movement" in found.observation


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(cloned(data.astronaut(), (385, 330), (120, 90)))
    before = exhibit.pixels.copy()
    first, second = copy_move.examine(exhibit), copy_move.examine(exhibit)
    assert (first.value, first.where) == (second.value, second.where)
    np.testing.assert_array_equal(first.exhibits[0].values, second.exhibits[0].values)
    np.testing.assert_array_equal(exhibit.pixels, before)


def test_knobs_and_what_is_not_applicable() -> None:
    exhibit = image(cloned(data.astronaut(), (385, 330), (120, 90)))
    assert copy_move.examine(exhibit, fewest=1000).value == 0
    assert copy_move.examine(exhibit, ratio=0.01).facts["matches"] == 0
    with pytest.raises(UsageError, match="megapixels"):
        copy_move.examine(exhibit, megapixels=0)
    with pytest.raises(NotApplicable, match="200 × 300"):
        copy_move.examine(image(data.astronaut()[:300, :200]))
    with pytest.raises(NotApplicable, match="0 keypoints"):
        copy_move.examine(image(np.full((300, 300, 3), 90, np.uint8)))


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA is not set")
def test_pristine_photographs_hold_few_repetitions() -> None:
    values = []
    for path in sorted(Path(os.environ["VERIDICAL_DATA"]).glob("images/unsplash-*.jpg"))[:12]:
        with Pillow.open(path) as picture:
            values.append(copy_move.examine(image(np.asarray(picture.convert("RGB")))).value)
    assert np.mean(np.array(values) > 0) < 0.2
