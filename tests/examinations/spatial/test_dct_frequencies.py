import io

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from veridical.errors import NotApplicable
from veridical.examinations.spatial import dct_frequencies
from veridical.knowledge.references import Group, Reference
from veridical.media.image import Image, JpegData
from veridical.signals.dct import block_scales
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "camera")
# The luminance table of Annex K of the JPEG standard, which quality 50 uses as it is.
ANNEX_K = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
], np.uint16)  # fmt: skip


def image(pixels: np.ndarray, jpeg: JpegData | None = None) -> Image:
    pixels = np.array(pixels) if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=jpeg)


def saved(pixels: np.ndarray, quality: int) -> Image:
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    table = np.clip((ANNEX_K * scale + 50) // 100, 1, 255).astype(np.uint16)
    jpeg = JpegData(
        tables=table[None], component_tables=(0, 0, 0), subsampling="4:2:0", quality=quality, quality_error=0.0,
        progressive=False, _decoder=None,
    )  # type: ignore[arg-type]  # fmt: skip
    return image(recompress(pixels, quality), jpeg)


def noise(side: int, sigma: float = 10) -> np.ndarray:
    return np.round(np.random.default_rng(0).normal(128, sigma, (side, side))).astype(np.uint8)


def half(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)


def repeated(pixels: np.ndarray) -> np.ndarray:
    return pixels.repeat(2, 0).repeat(2, 1)


def test_white_noise_has_equal_scales() -> None:
    """Golden check G9: the transform is orthonormal, so every β is 10 / √2."""
    beta, _ = block_scales(image(noise(1024)).pixels)
    assert np.abs(beta.ravel()[1:] / (10 / np.sqrt(2)) - 1).max() < 0.02


def test_repeated_pixels_empty_the_fourth_row_and_column() -> None:
    """Golden check G10."""
    exhibit = image(repeated(noise(256)))
    beta, _ = block_scales(exhibit.pixels)
    assert beta[4].max() < 1e-4
    assert beta[:, 4].max() < 1e-4
    others = np.delete(np.delete(beta, 4, 0), 4, 1)
    assert others.min() > 0.1
    found = dct_frequencies.examine(exhibit)
    assert found.value > 3
    assert 4 in {found.facts["row"], found.facts["column"]}


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_enlarging_by_two_raises_the_value(name: str) -> None:
    photograph = getattr(data, name)()
    control = dct_frequencies.examine(image(photograph)).value
    small = half(photograph)
    assert dct_frequencies.examine(image(repeated(small))).value > control + 2
    smooth = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    assert dct_frequencies.examine(image(smooth)).value > control


def test_noise_and_photographs_lie_near_a_smooth_surface() -> None:
    assert dct_frequencies.examine(image(noise(512))).value < 0.1
    for name in PHOTOGRAPHS:
        assert dct_frequencies.examine(image(getattr(data, name)())).value < 0.5


def test_one_frequency_in_excess_is_named() -> None:
    wave = np.cos((2 * np.arange(8) + 1) * 3 * np.pi / 16)
    pattern = np.tile(np.outer(wave, np.cos((2 * np.arange(8) + 1) * 5 * np.pi / 16)), (64, 64))
    sign = np.random.default_rng(1).choice([-1, 1], (64, 64)).repeat(8, 0).repeat(8, 1)
    found = dct_frequencies.examine(image(np.round(noise(512) + 6 * sign * pattern).astype(np.uint8)))
    assert (found.facts["row"], found.facts["column"]) == (3, 5)
    # The pattern adds (6 · 4)² to a variance of 100.
    assert found.value == pytest.approx(0.5 * np.log((100 + 24**2) / 100), rel=0.1)
    assert found.exhibits[2].rows[0][:2] == ("3", "5")


@pytest.mark.parametrize("quality", [75, 90])
def test_frequencies_that_compression_removed_are_not_judged(quality: int) -> None:
    whole = dct_frequencies.examine(image(data.coffee()))
    found = dct_frequencies.examine(saved(data.coffee(), quality))
    assert whole.facts["frequencies judged"] == 63
    assert found.facts["frequencies judged"] < 63
    assert np.isnan(found.exhibits[0].values).sum() == 64 - found.facts["frequencies judged"]
    assert "could not be judged" in found.limits[0]
    assert found.value < 0.5


def test_heavy_compression_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="quality about 10"):
        dct_frequencies.examine(saved(data.coffee(), 10))


def test_the_table_above_is_the_one_that_pillow_writes() -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(data.camera()).save(buffer, "JPEG", quality=50)
    np.testing.assert_array_equal(np.reshape(Pillow.open(buffer).quantization[0], (8, 8)), ANNEX_K)


@pytest.mark.parametrize("level", [0, 200])
def test_a_flat_picture_is_not_applicable(level: int) -> None:
    with pytest.raises(NotApplicable, match="0 of 63"):
        dct_frequencies.examine(image(np.full((256, 256), level, np.uint8)))


@pytest.mark.parametrize("shape", [(1, 1), (7, 9000), (255, 300)])
def test_too_small_is_not_applicable(shape: tuple[int, int]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        dct_frequencies.examine(image(np.zeros(shape, np.uint8)))


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit = image(data.chelsea())
    before = exhibit.pixels.copy()
    first, second = dct_frequencies.examine(exhibit), dct_frequencies.examine(exhibit)
    assert first.value == second.value
    assert first.facts == second.facts
    np.testing.assert_array_equal(exhibit.pixels, before)
    assert "512 × 512" in first.limits[-1]


def test_features_are_the_logarithms_of_all_scales() -> None:
    exhibit = image(repeated(noise(256)))
    beta, _ = block_scales(exhibit.pixels)
    found = dct_frequencies.examine(exhibit).features
    assert found is not None and found.shape == (63,) and np.isfinite(found).all()
    np.testing.assert_allclose(found, np.log(np.maximum(beta, 0.02)).ravel()[1:], rtol=1e-5)
    assert found[4 * 8 - 1] == pytest.approx(np.log(0.02))


def test_scales_are_set_against_photographs_of_the_same_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    """A population that holds half of every β here shows ln 2 everywhere; χ is largest where the generator departs."""
    exhibit = image(noise(512))
    own = np.log(block_scales(exhibit.pixels)[0].ravel()[1:]).astype(np.float32)
    half_of_it, made = own - np.float32(np.log(2)), own.copy()
    made[20] += 1
    name = "block frequencies"
    groups = tuple(
        Group(name=n, real=n != "Net", source=n, count=30, mean={name: m}, spread={name: m}, radius=1.0)
        for n, m in (("photographs", half_of_it), ("Net", made))
    )
    known = Reference(
        condition="not JPEG", photographs=groups[0], low={name: half_of_it - 1}, median={name: half_of_it},
        high={name: half_of_it + 1}, groups=groups, whitening={name: np.eye(63, dtype=np.float32)}, sources={},
    )  # fmt: skip
    monkeypatch.setattr(dct_frequencies, "reference", lambda *_: known)
    exhibits = {one.name: one for one in dct_frequencies.examine(exhibit).exhibits}
    shown = exhibits["β against photographs: not JPEG"].values
    assert np.isnan(shown[0, 0])
    np.testing.assert_allclose(shown.ravel()[1:], np.log(2), atol=1e-5)
    nearest = exhibits["Nearest groups by block frequencies: not JPEG"]
    assert [row[0] for row in nearest.rows] == ["Net", "photographs"]
    strongest = exhibits["What sets Net apart from photographs"].rows
    assert strongest[0][:3] == (str(21 // 8), str(21 % 8), "1.00") and len(strongest) == 5
