"""The encoding is that of CLIP: its own outputs stay as they are, and inner layers agree with them."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from veridical.media.image import Image
from veridical.models import runtime, store
from veridical.perception.picture_encoding import BLOCKS, MODELS, encoded, see_picture_encoding, square
from veridical.signals.clip_planes import clip_planes


@pytest.fixture(autouse=True)
def there() -> None:
    if not store.is_present(MODELS[0]):
        pytest.skip("not on this machine: veridical models fetch clip.b16")


def test_asking_for_inner_layers_leaves_what_the_network_says_as_it_is():
    pixels = data.astronaut()
    vector = encoded(pixels)
    assert vector.shape == (sum(BLOCKS.values()),) and vector.dtype == np.float32
    embedding, tokens = runtime.onnx(MODELS[0])(clip_planes(square(pixels)))
    np.testing.assert_allclose(vector[:512], embedding[0], atol=1e-4)
    np.testing.assert_allclose(vector[512:1280], tokens[0, 0], atol=1e-4)
    np.testing.assert_allclose(vector[1280:2048], tokens[0, 1:].mean(0), atol=1e-4)


def test_it_sees_the_middle_square_upright_at_one_size():
    pixels = np.ascontiguousarray(data.astronaut()[:, 100:400])
    turned = Image(
        pixels=np.ascontiguousarray(np.rot90(pixels)), format="png", mode="RGB", bits=8, orientation=6, frames=1,
        thumbnail=None, jpeg=None,
    )  # fmt: skip
    np.testing.assert_allclose(see_picture_encoding(turned).vector, encoded(pixels), atol=1e-5)
    assert square(pixels).shape == (224, 224, 3)
    white = np.zeros((100, 300, 3), np.uint8)
    white[:, 100:200] = 255
    assert square(white).min() >= 250 or square(white)[:, 10:-10].min() == 255


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (225, 224)])
def test_any_size_is_brought_to_the_square(size):
    assert square(np.zeros((*size, 3), np.uint8)).shape == (224, 224, 3)


def test_unlike_pictures_lie_farther_apart_than_one_picture_and_its_jpeg():
    from veridical.training.launder import jpeg

    own, other = data.astronaut(), data.coffee()
    near = np.linalg.norm(encoded(own) - encoded(jpeg(own, 80)))
    assert near < 0.5 * np.linalg.norm(encoded(own) - encoded(other))
