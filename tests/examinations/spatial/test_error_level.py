import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import error_level
from veridical.finding import Measurement, Region
from veridical.media.image import Image, JpegData
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "immunohistochemistry")
AREA = (slice(96, 224), slice(128, 272))


def image(pixels: np.ndarray, jpeg: JpegData | None = None) -> Image:
    pixels = np.array(pixels)
    pixels.flags.writeable = False
    return Image(
        pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=jpeg
    )  # fmt: skip


def jpeg_data(quality: int) -> JpegData:
    return JpegData(
        tables=np.ones((1, 8, 8), np.uint16), component_tables=(0, 0, 0), subsampling="4:2:0", quality=quality,
        quality_error=0.0, progressive=False, _decoder=None,
    )  # type: ignore[arg-type]  # fmt: skip


def pasted(host: np.ndarray, source: np.ndarray) -> np.ndarray:
    out = host.copy()
    out[AREA] = source[AREA]
    return out


def softened(pixels: np.ndarray) -> np.ndarray:
    """As a face swap that was made at half the size."""
    half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.resize(half, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def inside(region: Region) -> bool:
    """Whether the middle of the region lies in the pasted area."""
    ys, xs = AREA
    x, y = region.x + region.width / 2, region.y + region.height / 2
    return xs.start <= x <= xs.stop and ys.start <= y <= ys.stop


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_compressed_before_is_darker_and_raises_the_value(name: str) -> None:
    original = getattr(data, name)()
    control = error_level.examine(image(recompress(original, 95)))
    edited = error_level.examine(image(recompress(pasted(original, recompress(original, 60)), 95)))
    assert edited.value > control.value + 0.3
    first = edited.where[0]
    assert first.label.startswith("darker")
    assert first.value is not None
    assert first.value < -2
    assert inside(first)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_never_compressed_is_brighter_and_raises_the_value(name: str) -> None:
    original = getattr(data, name)()
    host = recompress(original, 90)
    control = error_level.examine(image(host))
    edited = error_level.examine(image(pasted(host, np.ascontiguousarray(original[:, ::-1]))))
    assert edited.value > control.value + 0.2
    assert edited.where[0].label.startswith("brighter")
    assert inside(edited.where[0])


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_made_at_half_the_size_raises_the_value(name: str) -> None:
    host = recompress(getattr(data, name)(), 90)
    control = error_level.examine(image(host))
    assert error_level.examine(image(pasted(host, softened(host)))).value > control.value + 0.03


def test_a_pasted_area_of_low_quality_is_darker(low_quality_paste: np.ndarray) -> None:
    """Golden check G16: bright does not mean edited."""
    blocks = error_level._measure(low_quality_paste, 90)
    middle = np.zeros((32, 32), bool)
    middle[10:22, 10:22] = True
    ratio = blocks.error[middle].mean() / blocks.error[~middle].mean()
    assert 0.75 < ratio < 0.95


def test_a_picture_of_one_history_stays_low() -> None:
    values = [error_level.examine(image(recompress(getattr(data, name)(), 95))).value for name in PHOTOGRAPHS]
    noise = np.random.default_rng(0).integers(60, 190, (320, 320, 3)).astype(np.uint8)
    assert max(values) < 0.4
    assert error_level.examine(image(noise)).value < 0.1


def test_the_error_level_map_is_in_steps_of_one_level() -> None:
    pixels = data.astronaut()
    found = error_level.examine(image(pixels))
    change = np.abs(recompress(pixels, 90).astype(float) - pixels)
    level = found.exhibits[1]
    assert np.nanmean(level.values) == pytest.approx(change.mean(), rel=0.01)
    assert (level.low, level.high) == (0, 20)
    for channel, name in enumerate("RGB"):
        assert found.facts[f"mean error {name}"] == pytest.approx(change[..., channel].mean(), rel=0.01)


def test_tiles_do_not_change_the_error_level() -> None:
    pixels = np.tile(data.astronaut(), (3, 1, 1))
    blocks = error_level._measure(pixels, 90)
    whole = np.abs(recompress(pixels, 90).astype(float) - pixels).mean(2).reshape(96, 16, 32, 16).mean((1, 3))
    np.testing.assert_allclose(blocks.error, whole, atol=1e-4)


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.coffee())
    before = exhibit.pixels.copy()
    first, second = error_level.examine(exhibit), error_level.examine(exhibit)
    assert first.value == second.value
    assert first.where == second.where
    np.testing.assert_array_equal(first.exhibits[0].values, second.exhibits[0].values)
    np.testing.assert_array_equal(exhibit.pixels, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (255, 4000)])
def test_too_small_is_not_applicable(shape: tuple[int, int]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        error_level.examine(image(np.zeros((*shape, 3), np.uint8)))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_is_not_applicable(level: int) -> None:
    with pytest.raises(NotApplicable, match="0 of 256 blocks"):
        error_level.examine(image(np.full((256, 256, 3), level, np.uint8)))


def test_knobs_outside_their_range_are_refused() -> None:
    with pytest.raises(UsageError, match="quality must be"):
        error_level.examine(image(data.astronaut()), quality=0)


def test_limits_name_what_the_file_was_saved_at() -> None:
    def limits(quality: int) -> str:
        return " ".join(error_level.examine(image(data.astronaut(), jpeg_data(quality))).limits)

    assert "70" in limits(70)
    assert "itself was saved" in limits(90)
    assert limits(97) == ""
    assert "not JPEG" in error_level.examine(image(data.astronaut())).limits[0]


def test_no_area_at_all_is_a_measured_zero() -> None:
    found: Measurement = error_level.examine(image(data.coffee()), beyond=50.0)
    assert found.value == 0
    assert found.where == ()
    assert "no area" in found.observation
