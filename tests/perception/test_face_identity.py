"""How often a face is described, what is kept of every frame, and that another face in its place shows in both."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from veridical.media.video import Frame
from veridical.models import store
from veridical.percept import During
from veridical.perception import face_identity
from veridical.perception.face_identity import IdentityTraces, look, watch_identities
from veridical.perception.faces import Face, see_faces
from veridical.signals.face_crops import face_crop


@pytest.fixture
def described(models: None) -> None:
    if not store.is_present("face.identity"):
        pytest.skip("not on this machine: veridical models fetch face.identity")


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Describe without a network: the mean colour."""
    monkeypatch.setattr(face_identity, "embedding", lambda face: np.resize(face.mean((0, 1)), 128))


def face_at(x: float, y: float, *, apart: float = 60.0) -> Face:
    """A face of points on a grid, eyes in their places."""
    mesh = np.zeros((468, 3), np.float32)
    mesh[:, 0], mesh[:, 1] = x, y
    places = {33: (-0.65, 0), 133: (-0.35, 0), 362: (0.35, 0), 263: (0.65, 0), 2: (0, 0.75), 10: (0, -0.8),
              152: (0, 1.6), 234: (-1, 0.2), 454: (1, 0.2)}  # fmt: skip
    for point, (right, down) in places.items():
        mesh[point, :2] = x + right * apart, y + down * apart
    values = {name: 0.0 for name in Face.__dataclass_fields__} | {"mesh": mesh, "interocular": apart}
    return Face(**values)  # type: ignore[arg-type]


def watch(frames: Iterator[tuple[np.ndarray, tuple[Face, ...]]], *, fps: float = 25, **knobs: float) -> IdentityTraces:
    faces: During = During()
    watcher = watch_identities(None, faces, **knobs)  # type: ignore[arg-type]
    next(watcher)
    for index, (pixels, seen) in enumerate(frames):
        faces.now = tuple(enumerate(seen))
        watcher.send(Frame(index=index, time_s=index / fps, key=False, kind="P", pixels=pixels, rotation=0))
    with pytest.raises(StopIteration) as end:
        watcher.send(None)
    return end.value.value  # type: ignore[no-any-return]


PICTURE = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (240, 320, 3)).astype(np.uint8), (0, 0), 3)


def test_every_frame_has_its_look_and_some_are_described(plain: None) -> None:
    traces = watch(((PICTURE, (face_at(160, 100),)) for _ in range(50)), per_second=12.5).traces
    assert list(traces[0].described) == list(range(0, 50, 2)) and list(traces[0].frames) == list(range(50))
    assert traces[0].looks.shape == (50, 63) and traces[0].descriptors.shape == (25, 128)
    assert len(traces[0].sharpness) == 25


def test_faces_share_the_rate_and_small_ones_are_left_out(plain: None) -> None:
    three = (face_at(80, 100), face_at(240, 100), face_at(160, 200, apart=20.0))
    traces = watch(((PICTURE, three) for _ in range(50)), per_second=12.5).traces
    assert [one.person for one in traces] == [0, 1]
    assert list(traces[1].described) == list(range(0, 50, 4))


def test_the_look_follows_the_face_not_the_picture() -> None:
    here = look(PICTURE, face_at(160, 100).mesh)
    moved = cv2.warpAffine(PICTURE, np.array([[1.0, 0, 11], [0, 1, 7]]), (320, 240))
    lit = np.clip(PICTURE * 0.6 + 30, 0, 255).astype(np.uint8)
    length = np.linalg.norm(here.astype(float))
    assert np.linalg.norm(here - look(moved, face_at(171, 107).mesh)) < 0.02 * length
    assert np.linalg.norm(here - look(lit, face_at(160, 100).mesh)) < 0.1 * length
    assert np.linalg.norm(here - look(PICTURE, face_at(171, 107).mesh)) > 0.5 * length
    assert not look(np.full_like(PICTURE, 90), face_at(160, 100).mesh).any()


def test_another_face_is_far_and_the_same_one_turned_and_smaller_near(described: None, astronaut, still) -> None:
    (face,) = see_faces(still(astronaut)).faces
    matrix = cv2.getRotationMatrix2D((228.0, 125.0), 12, 0.8)
    turned = cv2.warpAffine(astronaut, matrix, (512, 512))
    (again,) = see_faces(still(turned)).faces
    own, same = (
        face_identity.embedding(face_crop(pixels, one.mesh)) for pixels, one in ((astronaut, face), (turned, again))
    )
    (traces,) = watch(iter([(astronaut, (face,))])).traces
    assert traces.descriptors[0] == pytest.approx(own, abs=1e-3)
    # the halves of her face in each other's place: no longer hers
    upside = astronaut.copy()
    x0, y0, x1, y1 = face.box.astype(int)
    upside[y0:y1, x0:x1] = astronaut[y0:y1, x0:x1][::-1]
    other = face_identity.embedding(face_crop(upside, face.mesh))
    assert np.linalg.norm(own - same) < 0.4 < np.linalg.norm(own - other)


def test_no_faces_no_traces() -> None:
    assert watch((PICTURE, ()) for _ in range(3)).traces == ()
