"""Faces in a still image: where they are, 468 mesh points, irises, head pose, how far eyes and mouth are open."""

from __future__ import annotations

from dataclasses import dataclass

from ..media.image import Image
from . import _finder, _looking, _mesh
from ._face import Face, face_of

__all__ = ["MODELS", "Face", "Faces", "see_faces"]
MODELS = ("blazeface.short", "blazeface.full", "facemesh.468", "iris.64")
# A single picture gives one chance to tell a face from a hand; a video is asked again.
_LEAST_MESH_SCORE = 0.7


@dataclass(frozen=True, slots=True)
class Faces:
    """All faces of a still image, largest first; may be empty."""

    faces: tuple[Face, ...]

    def largest(self, most: int, least_px: float) -> tuple[tuple[int, Face], ...]:
        """Return the largest faces and their numbers, at most so many, with at least ``least_px`` between the eyes."""
        fit = [(index, face) for index, face in enumerate(self.faces) if face.interocular >= least_px]
        return tuple(fit[:most])

    def too_small(self, least_px: float = 24.0) -> str:
        """Say why no face was looked at: there is none, or none has so many pixels between the eyes."""
        if not self.faces:
            return "no face was found"
        return f"none of {len(self.faces)} faces has {least_px:g} pixels between the eyes"


def see_faces(image: Image, *, min_px: float = 24.0) -> Faces:
    """Find the faces of a still image, as it is displayed; give them in native stored pixels.

    Parameters
    ----------
    min_px
        Least side of a face's box.
    """
    picture = image.display
    faces: list[Face] = []
    for row in _finder.find(picture, min_px=min_px):
        sight = _looking.look(picture, _mesh.roi_of_answer(row))
        if sight is not None and sight.mesh_score >= _LEAST_MESH_SCORE and _looking.agrees(sight.mesh, row):
            faces.append(face_of(row, sight, image.orientation, picture.shape))
    faces.sort(key=lambda face: -face.interocular)
    return Faces(tuple(faces))
