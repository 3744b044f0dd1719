"""Steps for pictures, checked with Pillow and with pictures whose answer is known."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import JpegImagePlugin

from veridical.errors import NotApplicable
from veridical.reencode import _step

Make = Callable[..., Any]


def key_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(pixels).save(path, **options)
    return path


def opened(file: Path | io.BytesIO) -> Pillow.Image:
    """Decode a picture and close its file."""
    with Pillow.open(file) as image:
        image.load()
        return image


def tables(quality: int) -> dict[int, list[int]]:
    file = io.BytesIO()
    Pillow.new("RGB", (16, 16)).save(file, "JPEG", quality=quality)
    return opened(file).quantization


def test_common_has_one_size_one_subsampling_a_drawn_quality_and_no_metadata(
    put: Make, tmp_path: Path, scene: Make
) -> None:
    qualities = set()
    for i in range(4):
        exif = Pillow.Exif()
        exif[0x010F], exif[0x0112] = "who made this", 1 + i
        pixels = scene(300 + 90 * i, 500 - 60 * i, i)
        path = save(tmp_path / f"{i}.jpg", pixels, quality=98, exif=exif, icc_profile=b"icc" * 50)
        made = put("common", path)
        with Pillow.open(made) as image:
            assert (image.format, image.size, image.mode) == ("JPEG", (256, 256), "RGB")
            assert JpegImagePlugin.get_sampling(image) == 2
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            expected = 60 + _step.draw("common", key_of(path), 36)
            assert image.quantization == tables(expected)
        assert b"who made this" not in made.read_bytes()
        qualities.add(expected)
    assert len(qualities) > 1


def test_common_takes_the_middle_of_what_a_viewer_shows(put: Make, tmp_path: Path) -> None:
    pixels = np.zeros((400, 800, 3), np.uint8)
    pixels[:, 200:600] = (0, 255, 0)
    pixels[:200, 200:600] = (255, 0, 0)
    exif = Pillow.Exif()
    exif[0x0112] = 6  # a viewer turns it clockwise: what is above goes to the right
    shown = np.asarray(opened(put("common", save(tmp_path / "a.jpg", pixels, quality=100, exif=exif))))
    assert shown[:, :120, 1].min() > 200
    assert shown[:, 136:, 0].min() > 200
    assert shown[..., 2].max() < 60


def test_what_is_too_small_is_left_out_and_never_scaled_up(put: Make, tmp_path: Path, scene: Make) -> None:
    path = save(tmp_path / "small.png", scene(500, 128))
    with pytest.raises(NotApplicable, match="short side has 128 px; common scales down to 256 px and never up"):
        put("common", path)
    assert opened(put("common_small", path)).size == (112, 112)
    exact = save(tmp_path / "exact.png", scene(256, 256))
    with pytest.raises(NotApplicable):  # it would keep its pixels
        put("common", exact)


@pytest.mark.parametrize("quality", [50, 75, 90])
def test_jpeg(quality: int, picture: Path, put: Make) -> None:
    image = opened(put(f"jpeg_{quality}", picture))
    assert image.size == (360, 280)
    assert image.quantization == tables(quality)
    assert JpegImagePlugin.get_sampling(image) == 2


def test_webp(picture: Path, put: Make, tmp_path: Path) -> None:
    made = put("webp_80", picture)
    expected = io.BytesIO()
    opened(picture).save(expected, "WEBP", quality=80, method=4)
    np.testing.assert_array_equal(np.asarray(opened(made)), np.asarray(opened(expected)))
    wide = save(tmp_path / "wide.png", np.zeros((1, 16384, 3), np.uint8))
    with pytest.raises(NotApplicable, match="WebP holds 16383 px"):
        put("webp_80", wide)


@pytest.mark.parametrize(
    ("percent", "size"), [(50, (150, 110)), (75, (225, 165)), (150, (450, 330)), (200, (600, 440))]
)  # fmt: skip
def test_resize(percent: int, size: tuple[int, int], put: Make, tmp_path: Path) -> None:
    x = np.arange(300)
    ramp = np.broadcast_to((x * 0.8)[None, :, None], (220, 300, 3)).astype(np.uint8)
    made = np.asarray(opened(put(f"resize_{percent}", save(tmp_path / "ramp.png", ramp))))
    assert made.shape[1::-1] == size
    centre = (np.arange(size[0]) + 0.5) * 100 / percent - 0.5
    np.testing.assert_allclose(made[50, 10:-10, 0], 0.8 * centre[10:-10], atol=1.6)


def test_resize_keeps_to_the_limit_of_pixels(picture: Path, put: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_MAX_MEGAPIXELS", "0.2")
    with pytest.raises(NotApplicable, match="720 × 560 px after scaling; the limit is 0.2"):
        put("resize_200", picture)


@pytest.mark.parametrize("sigma", [1, 2])
def test_blur_spreads_a_line_by_its_sigma(sigma: int, put: Make, tmp_path: Path) -> None:
    line = np.zeros((41, 41, 3), np.uint8)
    line[:, 18:23] = 250
    made = np.asarray(opened(put(f"blur_{sigma}", save(tmp_path / "line.png", line))))[20, :, 0].astype(float)
    x = np.arange(41) - 20
    spread = (made * x**2).sum() / made.sum()
    assert spread - 2.0 == pytest.approx(sigma**2, rel=0.06)  # the line itself has the variance (5² − 1) / 12 = 2


@pytest.mark.parametrize("sigma", [2, 5])
def test_noise_has_its_sigma_and_is_white(sigma: int, put: Make, tmp_path: Path) -> None:
    flat = save(tmp_path / "flat.png", np.full((300, 300, 3), 128, np.uint8))
    made = np.asarray(opened(put(f"noise_{sigma}", flat))).astype(float) - 128
    assert made.std() == pytest.approx(np.sqrt(sigma**2 + 1 / 12), rel=0.02)
    assert abs(made.mean()) < 0.05
    assert abs(np.corrcoef(made[:, 1:, 0].ravel(), made[:, :-1, 0].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(made[..., 0].ravel(), made[..., 1].ravel())[0, 1]) < 0.02
    other = save(tmp_path / "other.png", np.full((300, 300, 3), 129, np.uint8))
    assert abs(np.corrcoef(made.ravel(), np.asarray(opened(put(f"noise_{sigma}", other))).ravel())[0, 1]) < 0.02


@pytest.mark.parametrize(("name", "middle"), [("gamma_07", 157), ("gamma_14", 97)])  # 255 · (128 / 255) ** gamma
def test_gamma(name: str, middle: int, put: Make, tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (8, 256, 3))
    made = np.asarray(opened(put(name, save(tmp_path / "ramp.png", ramp))))[4, :, 1]
    assert (made[0], made[128], made[255]) == (0, middle, 255)


def test_crop_is_a_part_of_the_picture_at_a_place_of_the_key(put: Make, tmp_path: Path) -> None:
    places = set()
    for i in range(4):
        y, x = np.mgrid[:100, :200]
        pixels = np.stack([y, x, np.full_like(x, i)], 2).astype(np.uint8)
        made = np.asarray(opened(put("crop_80", save(tmp_path / f"{i}.png", pixels))))
        assert made.shape == (80, 160, 3)
        top, left = (int(value) for value in made[0, 0, :2])
        np.testing.assert_array_equal(made, pixels[top : top + 80, left : left + 160])
        places.add((top, left))
    assert len(places) == 4


def test_screenshot_scales_and_rounds_tones(put: Make, tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.repeat(np.arange(256, dtype=np.uint8), 8)[None, :, None], (64, 2048, 3))
    made = np.asarray(opened(put("screenshot", save(tmp_path / "ramp.png", ramp))))
    assert made.shape[:2] == (53, 1700)
    assert len(np.unique(made)) < 256
    assert made[30, 850, 0] == pytest.approx(128, abs=2)  # the two curves all but agree in the middle


def test_messenger_limits_sharpens_and_forgets(put: Make, tmp_path: Path, scene: Make) -> None:
    step = np.full((700, 1400, 3), 100, np.uint8)
    step[:, 700:] = 150
    exif = Pillow.Exif()
    exif[0x010F] = "who made this"
    made = put("messenger", save(tmp_path / "step.jpg", step, exif=exif, quality=95))
    image = opened(made)
    assert image.size == (1280, 640)
    assert image.quantization == tables(75)
    assert image.info.get("progressive") == 1
    assert b"who made this" not in made.read_bytes()
    assert np.asarray(image)[300, 635:645, 1].max() > 155
    small = save(tmp_path / "small.png", scene(300, 200))
    assert opened(put("messenger", small)).size == (300, 200)


def test_steps_apply_in_order(put: Make, tmp_path: Path, scene: Make) -> None:
    picture = save(tmp_path / "picture.png", scene(400, 300))
    image = opened(put("common+jpeg_50", picture))
    assert (image.size, image.quantization) == ((256, 256), tables(50))
    image = opened(put("jpeg_50+common", picture))
    assert (image.size, image.quantization) == ((256, 256), tables(60 + _step.draw("common", key_of(picture), 36)))
