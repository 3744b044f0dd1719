import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import resampling
from veridical.finding import Measurement
from veridical.media.image import Image
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("coffee", "astronaut", "rocket")


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels) if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def examine(pixels: np.ndarray, **knobs: float) -> Measurement:
    return resampling.examine(image(pixels), **knobs)


def noise(side: int = 512, seed: int = 0) -> np.ndarray:
    return np.clip(np.rint(np.random.default_rng(seed).normal(128, 20, (side, side))), 0, 255).astype(np.uint8)


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def with_patch(pixels: np.ndarray, other: np.ndarray, x: int = 240, y: int = 100, side: int = 224) -> np.ndarray:
    out = pixels.copy()
    top, left = ((n - side) // 2 for n in other.shape[:2])
    out[y : y + side, x : x + side] = other[top : top + side, left : left + side]
    return out


def first_factor(found: Measurement, which: int) -> float:
    return float(found.exhibits[2].rows[0][1].split(" or ")[which].lstrip("×"))


@pytest.mark.parametrize("factor", [1.25, 1.5, 1.8])
@pytest.mark.parametrize("compressed", [False, True], ids=["png", "jpeg 95"])
def test_enlarging_the_whole_picture_is_listed_and_does_not_count(factor: float, compressed: bool) -> None:
    pixels = scaled(noise(), factor)
    found = examine(recompress(pixels, 95) if compressed else pixels)
    assert first_factor(found, 0) == pytest.approx(factor, abs=0.03)
    assert float(found.exhibits[2].rows[0][2]) > 0.7
    assert found.value < 2.2


@pytest.mark.parametrize("factor", [0.8, 0.85])
def test_reducing_the_whole_picture_is_listed(factor: float) -> None:
    found = examine(scaled(noise(700), factor))
    assert first_factor(found, 1) == pytest.approx(factor, abs=0.02)


def test_turning_the_whole_picture_is_listed() -> None:
    grid = cv2.getRotationMatrix2D((300, 300), 10, 1)
    found = examine(cv2.warpAffine(noise(600), grid, (600, 600), flags=cv2.INTER_LINEAR)[80:520, 80:520])
    assert found.exhibits[2].rows[0][1] == "turned, or both directions"
    assert float(found.exhibits[2].rows[0][2]) > 1


@pytest.mark.parametrize("factor", [1.15, 1.3, 1.5, 0.8])
def test_a_resized_patch_in_noise_is_found_and_its_factor_named(factor: float) -> None:
    found = examine(with_patch(noise(), scaled(noise(seed=1), factor)))
    control = examine(with_patch(noise(), noise(seed=1)))
    assert control.value < 2
    assert found.value > 2.8
    assert _inside(found)
    named = [float(name.lstrip("×")) for name in str(found.facts["possible factors"]).split(" or ")]
    assert min(abs(name - factor) for name in named) < 0.03


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_patch_enlarged_by_1_3_in_a_photograph_is_found(name: str) -> None:
    photograph = getattr(data, name)()
    source = data.coffee() if name != "coffee" else data.astronaut()
    control = examine(with_patch(photograph, source))
    found = examine(with_patch(photograph, scaled(source, 1.3)))
    assert found.value > control.value + 0.7
    assert found.value > 2.5
    assert _inside(found)
    place = found.where[0]
    assert place.value == pytest.approx(found.value, abs=1e-3)
    assert 180 <= place.x + place.width / 2 <= 524
    assert 40 <= place.y + place.height / 2 <= 384


def test_jpeg_95_weakens_it() -> None:
    pixels = with_patch(noise(), scaled(noise(seed=1), 1.3))
    found = examine(recompress(pixels, 95))
    assert 2.2 < found.value < examine(pixels).value
    assert _inside(found)


def test_an_unresized_patch_in_a_resized_picture_is_not_seen() -> None:
    """As the docstring says: only a rhythm that is there counts, not one that is missing."""
    pixels = with_patch(scaled(noise(), 1.3), noise(seed=1))
    assert examine(pixels).value < 2.2


@pytest.mark.parametrize("quality", [75, 90])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_and_jpeg_have_no_rhythm_of_their_own(name: str, quality: int) -> None:
    photograph = getattr(data, name)()
    assert examine(photograph).value < 2.5
    assert examine(recompress(photograph, quality)).value < 2.5


def test_the_map_is_empty_where_it_is_too_smooth_to_tell() -> None:
    pixels = noise()
    pixels[:, :380] = 90
    found = examine(pixels)
    drawn = found.exhibits[0].values
    assert np.isnan(drawn[:, : drawn.shape[1] // 2]).all()
    assert np.isfinite(drawn[:, -drawn.shape[1] // 8 :]).mean() > 0.9
    assert "too smooth" in found.limits[-1]


@pytest.mark.parametrize("pixels", [np.zeros((255, 600), np.uint8), np.zeros((2, 4), np.uint8)])
def test_too_small_is_not_applicable(pixels: np.ndarray) -> None:
    with pytest.raises(NotApplicable, match=f"{pixels.shape[1]} × {pixels.shape[0]}"):
        examine(pixels)


def test_a_flat_picture_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="0 of 49 windows"):
        examine(np.full((512, 512), 77, np.uint8))


def test_knobs() -> None:
    pixels = with_patch(noise(), scaled(noise(seed=1), 1.3))
    assert len(examine(pixels, beyond=2.5).where) >= 1
    assert examine(pixels, beyond=9).where == ()
    with pytest.raises(UsageError, match="beyond"):
        examine(pixels, beyond=0)


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.chelsea())
    before = exhibit.pixels.copy()
    first, second = resampling.examine(exhibit), resampling.examine(exhibit)
    assert first.value == second.value
    assert first.facts == second.facts
    np.testing.assert_array_equal(first.exhibits[0].values, second.exhibits[0].values)
    np.testing.assert_array_equal(exhibit.pixels, before)


def _inside(found: Measurement) -> bool:
    """Return whether the middle of the strongest place lies in the patch at x 240, y 100, of 224 pixels a side."""
    words = found.observation.replace(",", "").split()
    x, y = (int(words[words.index(name) + 1]) for name in ("x", "y"))
    return 240 <= x <= 464 and 100 <= y <= 324
