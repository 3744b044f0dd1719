import cv2
import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import noise_mismatch

from .faces_of import edited, image, portrait

AREA = (slice(160, 320), slice(192, 400))


def noisy(sigma: float, inside: float | None = None, shape: tuple[int, int] = (512, 640)) -> np.ndarray:
    """A soft gradient with white noise, in the area of another strength; grey, so that all channels agree."""
    rng = np.random.default_rng(0)
    plane = np.full(shape, sigma, np.float64)
    plane[AREA] = sigma if inside is None else inside
    ramp = np.linspace(70, 180, shape[1])[None] * np.ones((shape[0], 1))
    grey = np.clip(np.rint(ramp + plane * rng.standard_normal(shape)), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


@pytest.mark.parametrize("sigma", [2.0, 5.0, 12.0])
def test_the_noise_of_a_block_is_its_standard_deviation(sigma: float) -> None:
    blocks = noise_mismatch._measure(noisy(sigma))
    assert np.median(blocks.noise) == pytest.approx(np.hypot(sigma, 0.29), rel=0.03)


@pytest.mark.parametrize(("inside", "decibels"), [(8.0, 6.0), (2.0, -6.0), (16.0, 12.0)])
def test_an_area_of_other_noise_is_found_with_its_decibels(inside: float, decibels: float) -> None:
    found = noise_mismatch.examine(image(noisy(4.0, inside)), None)
    expected = 20 * np.log10((np.hypot(inside, 0.29) + 0.3) / (np.hypot(4, 0.29) + 0.3))
    assert expected == pytest.approx(decibels, abs=0.9)
    first = found.where[0]
    assert first.value == pytest.approx(expected, rel=0.3)
    assert first.label.startswith("more" if decibels > 0 else "less")
    assert (first.x, first.y) == pytest.approx((192, 160), abs=16)
    share = (160 / 16) * (208 / 16) / (32 * 40)
    assert found.value == pytest.approx(abs(first.value or 0) * share**0.5, rel=0.25)


def test_even_noise_is_low_whatever_the_brightness() -> None:
    assert noise_mismatch.examine(image(noisy(4.0)), None).value < 0.5
    ramp = np.linspace(40, 220, 640)[None] * np.ones((512, 1))
    shot = ramp + np.sqrt(ramp) * 0.5 * np.random.default_rng(1).standard_normal(ramp.shape)
    pixels = np.repeat(np.clip(np.rint(shot), 0, 255).astype(np.uint8)[..., None], 3, 2)
    assert noise_mismatch.examine(image(pixels), None).value < 0.7


@pytest.mark.parametrize(("name", "sigma"), [("more", 9.0), ("less", 0.0)])
def test_a_face_of_other_grain_stands_out(name: str, sigma: float) -> None:
    _, faces, _ = portrait()
    rng = np.random.default_rng(3)

    def work(pixels: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(pixels, (0, 0), 1.5) + sigma * rng.standard_normal(pixels.shape[:2])[..., None]

    before = noise_mismatch.examine(portrait()[0], faces)
    after = noise_mismatch.examine(edited(work), faces)
    assert after.value > before.value + 2
    assert any(place.label.startswith(f"face: {name}") for place in after.where)


def test_without_faces_areas_are_still_compared() -> None:
    assert noise_mismatch.examine(portrait()[0], None).facts["faces compared"] == 0


def test_what_is_not_fit_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="200 × 500"):
        noise_mismatch.examine(image(np.zeros((500, 200, 3), np.uint8)), None)
    with pytest.raises(NotApplicable, match="not clipped"):
        noise_mismatch.examine(image(np.full((300, 300, 3), 255, np.uint8)), None)
    with pytest.raises(UsageError, match="beyond"):
        noise_mismatch.examine(image(data.astronaut()), None, beyond=0)


def test_strips_do_not_change_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noisy(4.0, 8.0)
    whole = noise_mismatch._measure(pixels)
    monkeypatch.setattr("veridical.signals.strips._PIXELS", 640 * 48)
    for name in ("noise", "brightness", "texture"):
        np.testing.assert_allclose(
            getattr(noise_mismatch._measure(pixels), name), getattr(whole, name), rtol=1e-4, atol=1e-4
        )
