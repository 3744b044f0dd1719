"""A face that is its own mirror image differs nowhere; one earring is found at its ear; gates give their numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import symmetry
from veridical.media.image import Image
from veridical.perception.faces import Face, Faces

SIZE = 480
# The points that the examination reads, for a face of which the eyes are 80 px apart; x from the middle line.
SIDES = {33: (-56, 0), 133: (-24, 0), 132: (-72, 70), 234: (-80, 20), **dict.fromkeys(symmetry._BROWS[0], (-40, -28))}
LEFT = {263: (56, 0), 362: (24, 0), 361: (72, 70), 454: (80, 20), **dict.fromkeys(symmetry._BROWS[1], (40, -28))}


def image(pixels: np.ndarray) -> Image:
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None,
        jpeg=None,
    )  # fmt: skip


def faces(*, yaw: float = 0.0, width: float = 180.0, x: float = SIZE / 2 - 0.5, y: float = 180.0) -> Faces:
    mesh = np.zeros((468, 3), np.float32)
    for index, (px, py) in {**SIDES, **LEFT, 152: (0, 130)}.items():
        mesh[index, :2] = x + px, y + py
    box = np.array([x - width / 2, y - 90, x + width / 2, y + 130], np.float32)
    nothing = np.zeros(2, np.float32)
    face = Face(
        box=box, score=1.0, keypoints=np.zeros((6, 2), np.float32), mesh=mesh, irises=np.zeros((2, 5, 2), np.float32),
        mesh_score=1.0, yaw=yaw, pitch=0.0, roll=0.0, interocular=80.0, eye_openness=nothing,
        eye_openness_mesh=nothing, mouth_opening=0.0,
    )  # fmt: skip
    return Faces((face,))


def scene() -> np.ndarray:
    """Coloured texture that is its own mirror image."""
    noise = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (SIZE, SIZE // 2, 3)), (0, 0), 4)
    half = np.clip(140 + 220 * noise, 0, 255).astype(np.uint8)
    return np.concatenate([half, half[:, ::-1]], 1)


def with_earring(pixels: np.ndarray, x: float, radius: int = 10) -> np.ndarray:
    out = pixels.copy()
    cv2.circle(out, (159 if x < 0 else 320, 262), radius, (20, 160, 60), -1)
    return out


def by_name(found: symmetry.Measurement) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in found.exhibits[1].rows}


def test_a_mirror_image_of_itself_differs_nowhere() -> None:
    found = symmetry.examine(image(scene()), faces())
    assert found.facts["pairs"] == 5
    for structure, colour, detail, spread, _ in by_name(found).values():
        assert (float(structure), float(colour), float(detail), float(spread)) == pytest.approx((0, 0, 0, 0), abs=0.15)
    assert found.value < -2
    assert np.nanmax(found.exhibits[0].values) < 0.05


@pytest.mark.parametrize(("side", "x"), [("right", -80), ("left", 80)])
def test_one_earring_is_the_first_thing_to_look_at(side: str, x: int) -> None:
    plain, odd = (symmetry.examine(image(p), faces()) for p in (scene(), with_earring(scene(), x)))
    assert odd.value > plain.value + 2
    assert odd.where[0].label == "earlobe, the person's right"
    place = next(region for region in odd.where if region.label == f"earlobe, the person's {side}")
    assert place.x < SIZE / 2 + x < place.x + place.width and place.y < 262 < place.y + place.height
    assert "earring" in odd.checklist[0].question
    assert odd.checklist[0].where == odd.where[:2]
    others = {"spectacle frame", "ear", "collar", "eyebrow"}
    assert {name: by_name(odd)[name] for name in others} == {name: by_name(plain)[name] for name in others}


def test_a_pair_of_earrings_is_no_difference() -> None:
    both = symmetry.examine(image(with_earring(with_earring(scene(), -80), 80)), faces())
    assert float(by_name(both)["earlobe"][2]) < 0.5
    assert both.value < -2


def test_light_from_one_side_changes_no_distribution() -> None:
    lit = scene().astype(np.float32)
    lit[:, : SIZE // 2] = np.clip(lit[:, : SIZE // 2] * 0.9, 0, 255)
    found = symmetry.examine(image(lit.astype(np.uint8)), faces())
    assert float(by_name(found)["collar"][0]) < 0.05
    assert found.value < 0


def test_structure_is_that_of_an_independent_ssim() -> None:
    """Oracle: scikit-image's SSIM with constant K1 so large that the luminance term is 1."""
    metrics = pytest.importorskip("skimage.metrics")
    rng = np.random.default_rng(0)
    a, b = (cv2.GaussianBlur(rng.uniform(0, 255, (60, 40)).astype(np.float32), (0, 0), 1) for _ in range(2))
    ours = symmetry._similarity(a, b)
    _, theirs = metrics.structural_similarity(
        a, b, data_range=255, gaussian_weights=True, use_sample_covariance=False, K1=1e6, full=True
    )
    np.testing.assert_allclose(ours[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=5e-3)


def test_places_outside_the_picture_are_left_out() -> None:
    found = symmetry.examine(image(scene()), faces(y=330.0))
    assert "collar" not in by_name(found)
    assert found.facts["pairs"] == 4


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit, seen = image(with_earring(scene(), 80)), faces()
    before = exhibit.pixels.copy(), seen.faces[0].mesh.copy()
    first, second = symmetry.examine(exhibit, seen), symmetry.examine(exhibit, seen)
    assert (first.value, first.where, first.checklist) == (second.value, second.where, second.checklist)
    np.testing.assert_array_equal(exhibit.pixels, before[0])
    np.testing.assert_array_equal(seen.faces[0].mesh, before[1])


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Faces(()), "0 faces"),
        (faces(width=80), "80 pixels"),
        (faces(yaw=-12.5), "12.5 degrees"),
        (faces(y=5e3), "0 of 5"),
    ],
)
def test_what_does_not_fit_is_not_applicable(seen: Faces, said: str) -> None:
    with pytest.raises(NotApplicable, match=said):
        symmetry.examine(image(scene()), seen)


def test_knobs_outside_their_range_are_refused() -> None:
    with pytest.raises(UsageError, match="most_yaw"):
        symmetry.examine(image(scene()), faces(), most_yaw=90.0)
