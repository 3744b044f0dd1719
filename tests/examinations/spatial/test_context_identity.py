import dataclasses

import numpy as np
import pytest

from veridical import lab
from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import context_identity
from veridical.knowledge import context_head
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.models import store
from veridical.perception.faces import Faces
from veridical.perception.identity import MODELS, Identities, Identity, see_identities

from .faces_of import portrait


def described(*, held: float = 1.0, cosine: float = 1.0, index: int = 0) -> Identity:
    """A face whose identity has a chosen cosine with the one that its surroundings let one expect."""
    random = np.random.default_rng(index)
    features = random.normal(size=512)
    features = (features / np.linalg.norm(features)).astype(np.float32)
    expected = context_head.expected_identity(features)
    expected = expected / np.linalg.norm(expected)
    across = random.normal(size=128)
    across -= across @ expected * expected
    own = cosine * expected + np.sqrt(1 - cosine**2) * across / np.linalg.norm(across)
    embedding = (own * 0.5 - context_head.own_identity(np.zeros(128))).astype(np.float32)
    crops = np.zeros((150, 150, 3), np.uint8), np.zeros((224, 224, 3), np.uint8)
    return Identity(index=index, face=crops[0], context=crops[1], held=held, embedding=embedding, features=features)


@pytest.mark.parametrize("cosine", [1.0, 0.4, 0.0, -0.7])
def test_the_value_is_one_less_the_cosine(cosine: float) -> None:
    image, faces, _ = portrait(2.0)
    found = context_identity.examine(image, faces, Identities((described(cosine=cosine),)))
    assert found.value == pytest.approx(1 - cosine, abs=2e-3)
    assert found.value == pytest.approx(np.nanmax(found.exhibits[0].values), abs=1e-5)
    assert f"{found.value:.2f}" in found.observation


def test_the_face_that_disagrees_most_counts_and_each_is_drawn_where_it_is() -> None:
    image, faces, _ = portrait(2.0)
    first = faces.faces[0]
    aside = dataclasses.replace(
        first, mesh=first.mesh + np.float32([260, 0, 0]), box=first.box + np.float32([260, 0] * 2)
    )
    two = Faces((first, aside))
    found = context_identity.examine(image, two, Identities((described(cosine=0.5), described(cosine=-0.2, index=1))))
    assert found.value == pytest.approx(1.2, abs=2e-3)
    assert [place.value for place in found.where] == pytest.approx([1.2, 0.5], abs=2e-3)
    assert found.where[0].x == pytest.approx(float(aside.box[0]))
    left, right = (part[np.isfinite(part)] for part in np.split(found.exhibits[0].values, [250], axis=1))
    assert np.median(left) == pytest.approx(0.5, abs=2e-3)
    assert np.median(right) == pytest.approx(1.2, abs=2e-3)


def test_what_is_not_fit_is_not_applicable() -> None:
    image, faces, _ = portrait(2.0)
    with pytest.raises(NotApplicable, match="none of 1 faces"):
        context_identity.examine(image, faces, Identities(()))
    with pytest.raises(NotApplicable, match=r"0\.10 of a face"):
        context_identity.examine(image, faces, Identities((described(held=0.1),)))
    assert context_identity.examine(image, faces, Identities((described(held=0.1),)), least_held=0.05).value >= 0
    with pytest.raises(UsageError, match="least_held"):
        context_identity.examine(image, faces, Identities(()), least_held=2)


def test_the_table_is_small_and_holds_one_linear_map() -> None:
    table = context_head._load()
    assert table["weights"].shape == (512, 128)
    assert np.isfinite(table["weights"]).all()
    features = np.random.default_rng(0).normal(size=(3, 512)).astype(np.float32)
    each = np.stack([context_head.expected_identity(one) for one in features])
    np.testing.assert_allclose(context_head.expected_identity(features), each, rtol=1e-4, atol=1e-5)


@pytest.mark.models
def test_identity_follows_the_face_and_features_its_surroundings() -> None:
    if not all(map(store.is_present, MODELS)):
        pytest.skip("not on this machine: veridical models fetch face.identity clip.b16")
    image, faces, _ = portrait(2.0)
    before = image.pixels.copy()
    (one,) = see_identities(image, faces).identities
    (again,) = see_identities(image, faces).identities
    np.testing.assert_array_equal(one.embedding, again.embedding)
    np.testing.assert_array_equal(one.features, again.features)
    np.testing.assert_array_equal(image.pixels, before)
    assert np.linalg.norm(one.features) == pytest.approx(1, abs=1e-5)
    (mirrored,) = see_identities(
        dataclasses.replace(image, pixels=np.clip(image.pixels.astype(int) + 12, 0, 255).astype(np.uint8)), faces
    ).identities
    # dlib calls two pictures one person below 0.6.
    assert np.linalg.norm(mirrored.embedding - one.embedding) < 0.3


@pytest.mark.models
def test_a_face_of_other_proportions_is_another_identity_in_the_same_surroundings(tmp_path) -> None:
    if not all(map(store.is_present, MODELS)):
        pytest.skip("not on this machine: veridical models fetch face.identity clip.b16")
    made = lab.make("lab.swap.face", None, tmp_path)
    from veridical.perception.faces import see_faces

    seen = []
    for path in (made.control, made.altered):
        with open_exhibit(path) as exhibit:
            image = exhibit.stream(Image)
            seen.append(see_identities(image, see_faces(image)).identities[0])
    assert np.linalg.norm(seen[0].embedding - seen[1].embedding) > 0.3
    assert seen[0].features @ seen[1].features > 0.95
