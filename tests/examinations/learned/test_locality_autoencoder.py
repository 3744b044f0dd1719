"""The value is the difference of both halves; the map lies over the face it is of."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.learned import locality_autoencoder
from veridical.perception.face_code import FaceCode, FaceCodes

from ..spatial.faces_of import image
from .faces_answered import faces


def code(index: int = 0, *, real: float = 0.5, fake: float = 0.5, corner: float = 0.0, side: float = 64.0) -> FaceCode:
    """A chip that shows a square of the picture, ``side`` wide, 30 rows down, right of 20 + 150 · index."""
    scale, attention = 128 / side, np.full((16, 16), 0.5, np.float32)
    attention[:4, :4] += corner
    x, y = 20 + 150 * index, 30
    move = np.array([[scale, 0, -scale * x + (scale - 1) / 2], [0, scale, -scale * y + (scale - 1) / 2]])
    return FaceCode(
        index=index, pixels=np.zeros((128, 128, 3), np.uint8), move=move, real=real, fake=fake, attention=attention
    )  # fmt: skip


def picture():
    return image(np.zeros((200, 400, 3), np.uint8))


def test_the_value_is_the_fake_half_less_the_real_half() -> None:
    found = locality_autoencoder.examine(picture(), faces(), FaceCodes((code(real=0.25, fake=0.75),)))
    assert found.value == pytest.approx(0.5)
    assert found.facts["fake half"] == 0.75 and found.facts["real half"] == 0.25
    assert "+0.50" in found.observation


def test_the_highest_face_counts_and_each_has_its_place() -> None:
    codes = FaceCodes((code(0, real=0.9, fake=0.1), code(1, real=0.2, fake=0.4)))
    found = locality_autoencoder.examine(picture(), faces(2), codes)
    assert found.value == pytest.approx(0.2)
    assert [(place.x, place.value) for place in found.where] == [(170.0, 0.2), (20.0, -0.8)]


def test_the_map_lies_over_the_face() -> None:
    found = locality_autoencoder.examine(picture(), faces(), FaceCodes((code(corner=2.0),)))
    values = found.exhibits[0].values
    assert values.shape == (200, 400)
    y, x = np.nonzero(np.isfinite(values))
    assert (y.min(), x.min()) == (30, 20) and (y.max(), x.max()) == (93, 83)
    assert values[34, 24] == pytest.approx(2.5) and values[80, 70] == pytest.approx(0.5)


def test_a_small_face_is_named_as_a_limit() -> None:
    small, large = (
        locality_autoencoder.examine(picture(), faces(), FaceCodes((code(side=side),))) for side in (64.0, 180.0)
    )
    assert any("smaller than the 128" in limit for limit in small.limits)
    assert not any("smaller than the 128" in limit for limit in large.limits)
    assert small.facts["pixels of the face to one it was judged by"] == 0.5


def test_without_a_large_face_it_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="none of 1 faces"):
        locality_autoencoder.examine(picture(), faces(), FaceCodes(()))
