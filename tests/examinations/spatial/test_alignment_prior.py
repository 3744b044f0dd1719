"""Eyes on the template measure 0, shifted ones their shift; orientation and cutting change nothing but what they must."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import alignment_prior
from veridical.knowledge.ffhq_alignment import EYES
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.models import store
from veridical.perception import faces as perceived
from veridical.perception.faces import Face, Faces

SIDE = 500


def image(height: int = SIDE, width: int = SIDE, orientation: int = 1) -> Image:
    return Image(
        pixels=np.zeros((height, width, 3), np.uint8), format="png", mode="RGB", bits=8, orientation=orientation,
        frames=1, thumbnail=None, jpeg=None,
    )  # fmt: skip


def faces(right: tuple[float, float], left: tuple[float, float], width: float = 300.0) -> Faces:
    """One face with the centres of its eyes at two points of the picture, in shares of SIDE."""
    mesh = np.zeros((468, 3), np.float32)
    for (outer, inner), (x, y) in (((33, 133), right), ((263, 362), left)):
        mesh[outer, :2] = x * SIDE - 20.5, y * SIDE - 0.5
        mesh[inner, :2] = x * SIDE + 19.5, y * SIDE - 0.5
    nothing = np.zeros(2, np.float32)
    face = Face(
        box=np.array([0, 0, width, width], np.float32), score=1.0, keypoints=np.zeros((6, 2), np.float32), mesh=mesh,
        irises=np.zeros((2, 5, 2), np.float32), mesh_score=1.0, yaw=0.0, pitch=0.0, roll=0.0, interocular=100.0,
        eye_openness=nothing, eye_openness_mesh=nothing, mouth_opening=0.0,
    )  # fmt: skip
    return Faces((face,))


def test_eyes_on_the_template_measure_nothing() -> None:
    found = alignment_prior.examine(image(), faces(*EYES))
    assert found.value == pytest.approx(0, abs=1e-6)
    assert "0.000" in found.observation
    for region, (x, y) in zip(found.where, EYES, strict=True):
        assert region.x + region.width / 2 == pytest.approx(x * SIDE - 0.5, abs=0.1)
        assert region.y + region.height / 2 == pytest.approx(y * SIDE - 0.5, abs=0.1)


@pytest.mark.parametrize(("across", "down"), [(0.1, 0.0), (0.0, -0.2), (0.03, 0.04)])
def test_a_shift_is_measured_in_widths(across: float, down: float) -> None:
    shifted = [(x + across, y + down) for x, y in EYES]
    found = alignment_prior.examine(image(), faces(*shifted))
    assert found.value == pytest.approx(-np.hypot(across, down), abs=1e-6)


def test_one_eye_off_counts_half() -> None:
    found = alignment_prior.examine(image(), faces(EYES[0], (EYES[1][0], EYES[1][1] + 0.1)))
    assert found.value == pytest.approx(-0.05, abs=1e-6)
    assert [row[3] for row in found.exhibits[0].rows] == ["0.000", "0.100"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_judged_as_it_is_displayed(orientation: int) -> None:
    stored = []
    for x, y in EYES:
        u, v = x, y
        if orientation in (2, 3, 6, 7):
            u = 1 - u
        if orientation in (3, 4, 7, 8):
            v = 1 - v
        stored.append((v, u) if orientation in (5, 6, 7, 8) else (u, v))
    assert alignment_prior.examine(image(orientation=orientation), faces(*stored)).value == pytest.approx(0, abs=1e-6)


def test_a_strip_cut_off_below_changes_nothing_and_is_told() -> None:
    found = alignment_prior.examine(image(height=450), faces(*EYES))
    assert found.value == pytest.approx(0, abs=1e-6)
    assert "500 × 450" in found.limits[0]
    assert alignment_prior.examine(image(height=490), faces(*EYES)).limits == ()


def test_what_does_not_fit_is_not_applicable() -> None:
    with pytest.raises(NotApplicable, match="0 faces"):
        alignment_prior.examine(image(), Faces(()))
    with pytest.raises(NotApplicable, match="30 pixels"):
        alignment_prior.examine(image(), faces(*EYES, width=30.0))
    with pytest.raises(UsageError, match="least_px"):
        alignment_prior.examine(image(), faces(*EYES), least_px=1)


def test_same_twice_and_inputs_unchanged() -> None:
    seen = faces(*EYES)
    before = seen.faces[0].mesh.copy()
    assert alignment_prior.examine(image(), seen) == alignment_prior.examine(image(), seen)
    np.testing.assert_array_equal(seen.faces[0].mesh, before)


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA names no folder of labelled media")
def test_pictures_that_were_not_measured_for_the_template_fit_it_or_not() -> None:
    """roeishc (StyleGAN2) and the FFHQ pictures of seegma went through the alignment, portraits from the web did not."""
    if not all(store.is_present(name) for name in perceived.MODELS):
        pytest.skip("face models not fetched (veridical models fetch)")
    folder = Path(os.environ["VERIDICAL_DATA"]) / "images"
    rows = list(csv.DictReader((folder / "manifest.csv").read_text("utf-8").splitlines()))
    chosen = {"roeishc": "fake", "seegma": "real", "webportraits": "real"}
    far: dict[str, list[float]] = {source: [] for source in chosen}
    for row in rows:
        source = row["source"]
        if chosen.get(source) == row["label"] and len(far[source]) < 3:
            with open_exhibit(folder / row["file"]) as exhibit:
                picture = exhibit.stream(Image)
                far[source].append(-alignment_prior.examine(picture, perceived.see_faces(picture)).value)
    assert max(far["roeishc"] + far["seegma"]) < 0.03 < 0.045 < min(far["webportraits"])
