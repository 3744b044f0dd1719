import cv2
import numpy as np
import pytest
from skimage import data

from veridical.codec import array_from_text, array_to_text, decode, encode
from veridical.errors import NotApplicable
from veridical.media.image import Image
from veridical.perception.neighbour_prediction import NeighbourPrediction, see_neighbour_prediction
from veridical.signals.neighbour_prediction import predict_all, varied

BILINEAR = np.array([[-0.25, 0.5, -0.25], [0.5, 0, 0.5], [-0.25, 0.5, -0.25]])


def image(pixels: np.ndarray) -> Image:
    pixels = np.array(pixels) if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    pixels.flags.writeable = False
    return Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """Bilinear, factor 2, with the small pixels kept: every second position of a warp by one half."""
    height, width = (2 * side - 1 for side in pixels.shape[:2])
    half = np.array([[0.5, 0, 0], [0, 0.5, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, half, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def test_an_enlarged_picture_has_the_bilinear_rule_in_every_channel() -> None:
    seen = see_neighbour_prediction(image(enlarged(data.coffee())))
    assert seen.three.shape[1:] == (3, 3, 3)
    assert np.abs(seen.kernels[0] - BILINEAR).max() < 0.05
    assert seen.sigma_three.max() < 1


def test_small_pictures_have_one_part_and_large_ones_three() -> None:
    small = see_neighbour_prediction(image(data.astronaut()))
    np.testing.assert_array_equal(small.boxes, [[128, 128, 256, 256]])
    assert small.posterior.shape == (1, 252, 252)
    large = see_neighbour_prediction(image(np.tile(data.astronaut(), (3, 3, 1))[:1400, :1300]))
    assert large.boxes.shape == (3, 4)
    assert (large.boxes % 8 == 0).all()
    assert (large.boxes[:, :2] + large.boxes[:, 2:] <= [1300, 1400]).all()
    assert large.boxes[0].tolist() == [520, 568, 256, 256]
    assert len({tuple(box[:2]) for box in large.boxes.tolist()}) == 3
    np.testing.assert_array_equal(large.kernels[1], np.median(large.five, axis=0))


def test_kernels_are_those_of_the_native_pixels() -> None:
    seen = see_neighbour_prediction(image(data.astronaut()))
    green = np.ascontiguousarray(data.astronaut()[128:384, 128:384, 1])
    three, five = predict_all(green, (3, 5), judged=varied(green), most=40)
    np.testing.assert_allclose(seen.three[0, 1], three.kernel, atol=1e-6)
    np.testing.assert_allclose(seen.five[0, 1], five.kernel, atol=1e-6)
    assert seen.sigma_five[0, 1] == pytest.approx(five.sigma)
    assert seen.sigma_seven.shape == (3,)


def test_features_are_the_weights_without_the_middle() -> None:
    seen = see_neighbour_prediction(image(data.astronaut()))
    assert seen.features.shape == (96,)
    assert seen.features.dtype == np.float32
    np.testing.assert_array_equal(seen.features[:8], np.delete(seen.three[0, 0].ravel(), 4))
    np.testing.assert_array_equal(seen.features[-24:], np.delete(seen.five[0, 2].ravel(), 12))


def test_a_grey_picture_has_three_equal_channels() -> None:
    seen = see_neighbour_prediction(image(data.camera()))
    np.testing.assert_array_equal(seen.three[:, 0], seen.three[:, 2])
    np.testing.assert_array_equal(seen.five[:, 0], seen.five[:, 1])
    np.testing.assert_array_equal(seen.seven[0], seen.seven[1])


def test_flat_areas_are_left_out() -> None:
    pixels = data.astronaut().copy()
    pixels[128:160] = 255
    seen = see_neighbour_prediction(image(pixels))
    assert np.isnan(seen.posterior[0, :28]).all()
    assert np.isfinite(seen.posterior[0, 40:]).mean() > 0.95
    assert seen.varied[0] < 0.9


@pytest.mark.parametrize("shape", [(127, 500), (4, 2)])
def test_too_small_is_not_applicable(shape: tuple[int, int]) -> None:
    with pytest.raises(NotApplicable, match=f"{shape[1]} × {shape[0]}"):
        see_neighbour_prediction(image(np.zeros(shape, np.uint8)))


def test_a_flat_picture_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="0% of the pixels"):
        see_neighbour_prediction(image(np.full((300, 300), 7, np.uint8)))


def test_same_twice_kept_on_disk_and_inputs_unchanged() -> None:
    exhibit = image(data.chelsea())
    before = exhibit.pixels.copy()
    first, second = see_neighbour_prediction(exhibit), see_neighbour_prediction(exhibit)
    np.testing.assert_array_equal(first.features, second.features)
    np.testing.assert_array_equal(first.posterior, second.posterior)
    kept = decode(encode(first, NeighbourPrediction, array_to_text), NeighbourPrediction, array_from_text)
    np.testing.assert_array_equal(kept.posterior, first.posterior)
    assert kept.posterior.dtype == np.float16
    np.testing.assert_array_equal(exhibit.pixels, before)
