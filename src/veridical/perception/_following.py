"""Follow faces from frame to frame: the mesh of one frame says where to look in the next, the detectors find new faces."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np

from . import _blazeface, _finder, _mesh
from ._cuts import CutFinder
from ._looking import Sight, agrees, look

# A face that comes back within this time, near where it was, is the same one.
_REMEMBERED_S = 1.0
# The mesh net, told where to look by its own last answer, can slide off a face and stay sure of itself: a detector is
# asked every few frames, and whenever the score falls below what it is on a face that is really there.
_CHECK_EVERY = 3
_SURE = 0.99
_MOST_UNCONFIRMED = 3
_THOROUGH_EVERY = 4
# A mesh is drawn towards the middle of its square: a face that moved farther than this share of it is looked at again.
_STEADY = 0.05
_MOST_LOOKS = 4
_SAME = 0.25


@dataclass(slots=True)
class Followed:
    """A face in the current frame: ``number`` of its track, ``row`` as of a detector, both in display pixels."""

    number: int
    row: np.ndarray
    sight: Sight
    age: int = 0
    unconfirmed: int = 0

    def next(self, sight: Sight) -> Followed:
        """Return the same face a frame later."""
        return Followed(self.number, row_of_mesh(sight), sight, self.age + 1, self.unconfirmed)


@dataclass(slots=True)
class _Lost:
    number: int
    box: np.ndarray
    time_s: float


class Follower:
    """Told one displayed frame after another, gives the faces in it.

    Attributes
    ----------
    shot
        Number of the current shot, from 0.
    """

    def __init__(self, *, detect_every: int, min_px: float) -> None:
        self.shot = 0
        self._every, self._min_px = detect_every, min_px
        self._cuts = CutFinder()
        self._faces: list[Followed] = []
        self._lost: list[_Lost] = []
        self._count = 0
        self._since = self._since_thorough = 1 << 30

    def see(self, picture: np.ndarray, time_s: float) -> list[Followed]:
        """Return the faces of the next frame."""
        if self._cuts.starts(picture):
            self.shot += 1
            self._faces, self._lost = [], []
            self._since = self._since_thorough = 1 << 30
        self._since += 1
        self._since_thorough += 1
        in_doubt = self._go_on(picture, time_s)
        if in_doubt or self._since >= (self._every if self._faces else max(self._every // 4, 1)):
            self._detect(picture, time_s)
        return list(self._faces)

    def _go_on(self, picture: np.ndarray, time_s: float) -> bool:
        """Find the faces of the last frame in this one; say whether one was lost or is in doubt."""
        kept: list[Followed] = []
        in_doubt = False
        for face in self._faces:
            sight = _look_after(picture, face.sight.mesh) or _look_again(picture, face.row)
            now = None if sight is None else face.next(sight)
            if now is not None and (now.age % _CHECK_EVERY == 0 or now.sight.mesh_score < _SURE):
                now = _checked(picture, now)
                in_doubt |= now is None or now.unconfirmed == 1
            if now is None or any(_same(now.row, other.row) for other in kept):
                self._lost.append(_Lost(face.number, face.row, time_s))
                in_doubt = True
            else:
                kept.append(now)
        self._faces = kept
        return in_doubt

    def _detect(self, picture: np.ndarray, time_s: float) -> None:
        thorough = self._since_thorough >= _THOROUGH_EVERY * self._every
        # Around a fortieth of the long side the search costs the same for every size of picture.
        least = max(self._min_px, max(picture.shape[:2]) / 40)
        rows = _finder.find(picture, min_px=least) if thorough else _finder.find_quickly(picture)
        self._since = 0
        self._since_thorough = 0 if thorough else self._since_thorough
        for row in rows:
            known = next((face for face in self._faces if _same(row, face.row)), None)
            if known is not None:
                _corrected(picture, known, row)
                continue
            sight = look(picture, _mesh.roi_of_answer(row))
            if sight is not None and not any(_same(box_of(sight.mesh), face.row) for face in self._faces):
                new = row_of_mesh(sight)
                self._faces.append(Followed(self._number(new, time_s), new, sight))

    def _number(self, row: np.ndarray, time_s: float) -> int:
        """Return the number of the face that was lost here a moment ago, or a new one."""
        self._lost = [lost for lost in self._lost if time_s - lost.time_s <= _REMEMBERED_S]
        for lost in sorted(self._lost, key=lambda lost: -lost.time_s):
            if _same(row, lost.box):
                self._lost.remove(lost)
                return lost.number
        self._count += 1
        return self._count - 1


def _checked(picture: np.ndarray, face: Followed) -> Followed | None:
    """Ask a detector about a face: correct it where it slid, give it up where no detector has seen it for long."""
    found = _finder.confirmed(picture, face.row)
    if found is None:
        face.unconfirmed += 1
        return face if face.unconfirmed <= _MOST_UNCONFIRMED else None
    _corrected(picture, face, found)
    return face


def _corrected(picture: np.ndarray, face: Followed, row: np.ndarray) -> None:
    """Look anew where a detector sees the face, if the mesh lies elsewhere."""
    face.unconfirmed = 0
    if agrees(face.sight.mesh, row):
        return
    sight = look(picture, _mesh.roi_of_answer(row))
    if sight is not None:
        face.sight, face.row = sight, row_of_mesh(sight)


def _look_after(picture: np.ndarray, mesh: np.ndarray) -> Sight | None:
    """Look where the face was; as long as it turns out to lie off the middle, look where it is."""
    sight = None
    roi = _mesh.roi_of_mesh(mesh)
    for _ in range(_MOST_LOOKS):
        sight = look(picture, roi)
        if sight is None:
            break
        last, roi = roi, _mesh.roi_of_mesh(sight.mesh)
        if hypot(roi.x - last.x, roi.y - last.y) < _STEADY * last.side:
            break
    return sight


def _look_again(picture: np.ndarray, row: np.ndarray) -> Sight | None:
    """Look for a face that moved out of its square: a detector is asked around the place where it was."""
    found = _finder.confirmed(picture, row)
    return None if found is None else look(picture, _mesh.roi_of_answer(found))


def box_of(mesh: np.ndarray) -> np.ndarray:
    """Return the box (x0, y0, x1, y1) around a mesh."""
    return np.concatenate([mesh[:, :2].min(0), mesh[:, :2].max(0)])


def row_of_mesh(sight: Sight) -> np.ndarray:
    """Return the row of 17 that a detector would give for a mesh."""
    mesh = sight.mesh[:, :2]
    eyes = [mesh[list(corners)].mean(0) for corners in _mesh.EYE_CORNERS]
    points = [*eyes, mesh[1], mesh[[13, 14]].mean(0), mesh[234], mesh[454]]
    return np.concatenate([box_of(mesh), *points, [sight.mesh_score]]).astype(np.float32)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    boxes = other[None, :4]
    return bool(_blazeface.overlap(one[:4], boxes)[0] > _SAME or _blazeface.inside(one[:4], boxes)[0] > 0.6)
