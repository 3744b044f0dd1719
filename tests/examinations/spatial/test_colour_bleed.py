"""A patch over an edge is measured by its distance from both sides; patches within one thing are none of its business."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import colour_bleed
from veridical.media.image import Image
from veridical.perception.faces import Face, Faces
from veridical.perception.person import PersonMask

SIDE = 512
GROUND, PERSON, SKIN = (60.0, 5.0, -10.0), (40.0, 0.0, 5.0), (65.0, 15.0, 15.0)


def image(pixels: np.ndarray) -> Image:
    return Image(
        pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None,
        jpeg=None,
    )  # fmt: skip


def face() -> Faces:
    angles = np.linspace(0, 2 * np.pi, 468)
    mesh = np.stack([256 + 60 * np.cos(angles), 200 + 70 * np.sin(angles), 0 * angles], 1).astype(np.float32)
    nothing = np.zeros(2, np.float32)
    one = Face(
        box=np.array([196, 130, 316, 270], np.float32), score=1.0, keypoints=np.zeros((6, 2), np.float32), mesh=mesh,
        irises=np.zeros((2, 5, 2), np.float32), mesh_score=1.0, yaw=0.0, pitch=0.0, roll=0.0, interocular=50.0,
        eye_openness=nothing, eye_openness_mesh=nothing, mouth_opening=0.0,
    )  # fmt: skip
    return Faces((one,))


def mask() -> PersonMask:
    """The person fills the columns from 150 to 362."""
    likeness = np.zeros((256, 256), np.uint8)
    likeness[:, 75:181] = 255
    return PersonMask(likeness)


def scene(
    spot: tuple[int, int] | None = None, *, radius: int = 16, tint: tuple[float, float, float] = (50, -50, 40)
) -> Image:
    """Background, person and face in even colours of CIELAB, and a disc of another one."""
    lab = np.empty((SIDE, SIDE, 3), np.float32)
    lab[:] = GROUND
    lab[:, 150:362] = PERSON
    cv2.ellipse(lab, (256, 200), (60, 70), 0, 0, 360, SKIN, -1)
    if spot is not None:
        cv2.circle(lab, spot, radius, tint, -1)
    return image(np.clip(np.rint(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * 255), 0, 255).astype(np.uint8))


def test_even_things_have_no_patch() -> None:
    found = colour_bleed.examine(scene(), face(), mask())
    assert found.value == 0
    assert found.where == ()
    assert found.observation.startswith("No patch")
    assert not found.exhibits[0].values.any()


@pytest.mark.parametrize(
    ("spot", "between"),
    [((362, 100), ("person", "background")), ((150, 420), ("person", "background")), ((256, 270), ("face", "person"))],
)
def test_a_patch_over_an_edge_is_found_with_its_distance(spot: tuple[int, int], between: tuple[str, str]) -> None:
    found = colour_bleed.examine(scene(spot), face(), mask())
    places = {"background": GROUND, "person": PERSON, "face": SKIN}
    nearer = min(np.hypot(-50 - places[name][1], 40 - places[name][2]) for name in between)
    # the patch itself pulls the mean of its surroundings, and its softened rim counts with less
    assert 0.7 * nearer < found.value < nearer
    first = found.where[0]
    assert first.label == f"one colour on {between[0]} and {between[1]}"
    assert first.x + first.width / 2 == pytest.approx(spot[0], abs=3)
    assert first.y + first.height / 2 == pytest.approx(spot[1], abs=3)
    assert 26 < first.width < 40
    assert found.exhibits[0].values[spot[1], spot[0]] == pytest.approx(found.value, abs=1e-4)
    assert found.checklist[0].where == found.where


@pytest.mark.parametrize("spot", [(60, 400), (256, 420), (256, 200)])
def test_a_patch_within_one_thing_does_not_count(spot: tuple[int, int]) -> None:
    assert colour_bleed.examine(scene(spot), face(), mask()).value == 0


def test_a_greyish_patch_does_not_count() -> None:
    assert colour_bleed.examine(scene((362, 100), tint=(50, -3, 2)), face(), mask()).value == 0


@pytest.mark.parametrize("radius", [6, 110])
def test_tiny_and_huge_patches_do_not_count(radius: int) -> None:
    assert colour_bleed.examine(scene((362, 380), radius=radius), face(), mask()).value == 0


def test_the_net_may_take_the_patch_for_either_side() -> None:
    """The mask dents or bulges around the patch, as the net's does."""
    values = []
    for level in (0, 255):
        likeness = mask().likeness.copy()
        cv2.circle(likeness, (181, 50), 9, level, -1)
        values.append(colour_bleed.examine(scene((362, 100)), face(), PersonMask(likeness)).value)
    assert min(values) > 30


def test_a_larger_picture_gives_native_pixels() -> None:
    large = image(cv2.resize(scene((362, 100)).pixels, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST))
    seen = face()
    seen.faces[0].mesh[:] *= 3
    found = colour_bleed.examine(large, seen, mask())
    assert found.value == pytest.approx(colour_bleed.examine(scene((362, 100)), face(), mask()).value, rel=0.05)
    assert found.where[0].x + found.where[0].width / 2 == pytest.approx(3 * 362, abs=9)


def test_same_twice_and_inputs_unchanged() -> None:
    exhibit, seen, person = scene((362, 100)), face(), mask()
    before = exhibit.pixels.copy(), seen.faces[0].mesh.copy(), person.likeness.copy()
    first, second = (colour_bleed.examine(exhibit, seen, person) for _ in range(2))
    assert (first.value, first.where) == (second.value, second.where)
    for old, new in zip(before, (exhibit.pixels, seen.faces[0].mesh, person.likeness), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_does_not_fit_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="300 × 200"):
        colour_bleed.examine(image(np.zeros((200, 300, 3), np.uint8)), face(), mask())
    with pytest.raises(NotApplicable, match="0 faces"):
        colour_bleed.examine(scene(), Faces(()), mask())
    with pytest.raises(NotApplicable, match="100% of the picture"):
        colour_bleed.examine(scene(), face(), PersonMask(np.full((256, 256), 255, np.uint8)))
    with pytest.raises(UsageError, match="beyond"):
        colour_bleed.examine(scene(), face(), mask(), beyond=-1.0)
