from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import lighting
from veridical.media.image import Image
from veridical.perception.faces import Face, Faces
from veridical.signals.face_areas import filled, oval
from veridical.signals.shading import brightness, light, normals, turn_between

from .faces_of import image, portrait


def rendered(directions: dict[float, tuple[float, float, float]]) -> tuple[Image, Faces]:
    """The mesh of the portrait's face as matte skin: each part within a share of its outline lit from its direction."""
    shown, faces, _ = portrait()
    face = faces.faces[0]
    mesh = face.mesh.astype(float)
    normal = normals(mesh)
    from scipy.interpolate import NearestNDInterpolator

    rows, columns = np.indices(shown.pixels.shape[:2])
    near = NearestNDInterpolator(mesh[:, :2], normal)(columns, rows)
    linear = np.full(rows.shape, 0.02)
    for share, towards in directions.items():
        towards_unit = np.array(towards) / np.linalg.norm(towards)
        level = 0.12 + 0.3 * np.clip(near @ towards_unit, 0, None)
        inside = filled(oval(face.mesh, share), *rows.shape)
        linear[inside] = level[inside]
    noise = np.random.default_rng(0).normal(0, 1, rows.shape)
    grey = np.clip(np.rint(255 * linear ** (1 / 2.2) + noise), 0, 255).astype(np.uint8)
    return image(np.repeat(grey[..., None], 3, 2)), Faces((face,))


def turned(degrees: float) -> tuple[float, float, float]:
    """A light from the side, counter-clockwise from the right of the picture; y grows down, z away from the camera."""
    return (np.cos(np.radians(degrees)), -np.sin(np.radians(degrees)), -0.6)


@pytest.mark.parametrize("degrees", [20, 100, 200, 310])
def test_the_direction_of_a_rendered_light_is_found(degrees: float) -> None:
    shown, faces = rendered({1.3: turned(degrees)})
    mesh = faces.faces[0].mesh.astype(float)
    found = light(normals(mesh), brightness(shown.pixels, mesh[:, :2], 4.0), mesh[:, :2])
    assert abs((found.direction - degrees + 180) % 360 - 180) < 12
    assert found.spread < 15


def test_an_inner_face_under_another_light_raises_the_value_to_their_angle() -> None:
    same = lighting.examine(*rendered({1.3: turned(30)}))
    other = lighting.examine(*rendered({1.3: turned(30), 0.72: turned(150)}))
    assert same.value < 25
    assert other.value == pytest.approx(120, abs=30)
    assert np.nanmax(np.abs(other.exhibits[0].values)) > np.nanmax(np.abs(same.exhibits[0].values))


def test_two_faces_in_one_light_agree_and_in_two_do_not() -> None:
    left, faces = rendered({1.3: turned(20)})
    for degrees, low, high in ((20, 0, 25), (140, 85, 155)):
        right, _ = rendered({1.3: turned(degrees)})
        shift = np.array([left.width, 0, 0], np.float32)
        face = faces.faces[0]
        second: Face = replace(face, mesh=face.mesh + shift, irises=face.irises + shift[:2])
        both = image(np.concatenate([left.pixels, right.pixels], 1))
        found = lighting.examine(both, Faces((face, second)))
        assert low <= found.value <= high
        assert found.facts["directions compared"] == 3


def test_flat_light_tells_no_direction() -> None:
    shown, faces = rendered({1.3: (0.0, 0.0, -1.0)})
    flat = image(np.clip(shown.pixels * 0 + 120 + np.random.default_rng(1).normal(0, 2, shown.pixels.shape), 0, 255))
    with pytest.raises(NotApplicable, match="does not tell the light"):
        lighting.examine(image(flat.pixels.astype(np.uint8)), faces)


def test_what_is_not_fit_is_not_applicable() -> None:
    shown, faces, _ = portrait()
    face = faces.faces[0]
    with pytest.raises(NotApplicable, match="no face"):
        lighting.examine(shown, Faces(()))
    with pytest.raises(NotApplicable, match="turned by more than 35°"):
        lighting.examine(shown, Faces((replace(face, yaw=50.0),)))
    with pytest.raises(NotApplicable, match="500 are needed"):
        lighting.examine(shown, faces, least_interocular_px=500)
    with pytest.raises(UsageError, match="most_spread"):
        lighting.examine(shown, faces, most_spread=0)


def test_angles_go_round() -> None:
    one = light(normals(portrait()[1].faces[0].mesh.astype(float)), np.ones(468), portrait()[1].faces[0].mesh[:, :2])
    assert turn_between(replace(one, direction=350.0), replace(one, direction=10.0)) == pytest.approx(20)
