import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import background
from veridical.perception.faces import Faces
from veridical.perception.person import PersonMask
from veridical.signals.straight_lines import chains

from .faces_of import image, portrait

NOBODY = PersonMask(np.zeros((256, 256), np.uint8))
SIZE = (600, 800)


def drawn(bend: float, lines: int = 6) -> np.ndarray:
    """Upright bars of 500 pixels, whose middle leaves the straight line by ``bend`` of their length."""
    plane = np.full(SIZE, 200, np.uint8)
    rows = np.arange(50, 550.0)
    shift = bend * 500 * np.sin(np.pi * (rows - 50) / 500)
    for column in np.linspace(100, 700, lines):
        points = np.stack([column + shift, rows], 1)
        cv2.polylines(plane, [np.rint(points * 16).astype(np.int32)], False, 60, 8, cv2.LINE_AA, 4)
    return plane


def examine(plane: np.ndarray, person: PersonMask = NOBODY) -> object:
    return background.examine(image(np.repeat(plane[..., None], 3, 2)), person, portrait()[1])


@pytest.mark.parametrize("bend", [0.01, 0.02, 0.04])
def test_the_bend_of_a_line_is_its_share_of_the_length(bend: float) -> None:
    found = chains(drawn(bend), np.ones(SIZE, bool), least=300)
    assert len(found) >= 6
    assert np.median([one.bend for one in found]) == pytest.approx(bend, rel=0.25)
    assert np.median([one.length for one in found]) == pytest.approx(500, rel=0.1)


def test_straight_lines_are_straight_and_bent_ones_raise_the_value() -> None:
    straight, bent = examine(drawn(0.0)), examine(drawn(0.025))
    assert straight.value < 2  # type: ignore[attr-defined]
    assert bent.value > straight.value + 8  # type: ignore[attr-defined]
    assert bent.where[0].label == "a line that bends"  # type: ignore[attr-defined]
    assert bent.checklist[0].where  # type: ignore[attr-defined]


def test_a_circle_is_no_line() -> None:
    plane = np.full(SIZE, 200, np.uint8)
    cv2.circle(plane, (400, 300), 200, 60, 6, cv2.LINE_AA)
    assert all(one.bend < 0.08 for one in chains(plane, np.ones(SIZE, bool), least=60))


def test_lines_on_the_person_do_not_count() -> None:
    likeness = np.zeros((256, 256), np.uint8)
    likeness[:, :128] = 255
    both, half = examine(drawn(0.0)), examine(drawn(0.0), PersonMask(likeness))
    assert half.facts["lines"] < both.facts["lines"]  # type: ignore[attr-defined]


def test_a_further_face_cut_by_the_edge_is_named() -> None:
    shown, faces, _ = portrait()
    from dataclasses import replace

    cut = replace(faces.faces[0], box=np.array([-20, 40, 60, 140], np.float32))
    plane = drawn(0.0)
    found = background.examine(image(np.repeat(plane[..., None], 3, 2)), NOBODY, Faces((faces.faces[0], cut)))
    assert found.facts["faces at the edge"] == 1
    assert found.where[-1].label == "a face at the edge"


def test_what_is_not_fit_is_not_applicable() -> None:
    shown, faces, _ = portrait()
    with pytest.raises(NotApplicable, match="no face"):
        background.examine(shown, NOBODY, Faces(()))
    with pytest.raises(NotApplicable, match="lines are long enough"):
        examine(np.full(SIZE, 120, np.uint8))
    with pytest.raises(NotApplicable, match="200 × 300"):
        background.examine(image(np.zeros((300, 200, 3), np.uint8)), NOBODY, faces)
    with pytest.raises(UsageError, match="least_length"):
        background.examine(shown, NOBODY, faces, least_length=5)
