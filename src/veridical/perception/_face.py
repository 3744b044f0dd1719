"""One face: the type that pictures and videos share, and how it is put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import _looking
from ._placement import box_to_native, to_native


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """One face. Pairs are in the order (the person's right, the person's left), as the picture is displayed.

    Parameters
    ----------
    box
        shape (4,), float32: x0, y0, x1, y1.
    score
        Score of the detector, 0–1.
    keypoints
        shape (6, 2), float32: right eye, left eye, nose tip, mouth, right ear, left ear, as the detector sees them.
    mesh
        shape (468, 3), float32: MediaPipe's face mesh; z grows away from the camera, in pixels.
    irises
        shape (2, 5, 2), float32: for each eye the centre of the iris and its rim to the right, above, left and below
        (of the upright face, as displayed).
    mesh_score
        Score by which the mesh net says that it sees a face, 0–1.
    yaw, pitch, roll
        Head pose in degrees as the picture is displayed: yaw above 0 turns the nose to the right of the picture, pitch
        above 0 raises it, roll above 0 turns the head clockwise.
    interocular
        Distance between the centres of the eyes, corrected for yaw and pitch, pixels.
    eye_openness
        shape (2,), float32: height / width of the opening between the lids (eye contour of the iris net).
    eye_openness_mesh
        shape (2,), float32: the same from the mesh; steadier on small faces, but reacts less.
    mouth_opening
        Height of the opening between the inner lips / width of the mouth.
    """

    box: np.ndarray
    score: float
    keypoints: np.ndarray
    mesh: np.ndarray
    irises: np.ndarray
    mesh_score: float
    yaw: float
    pitch: float
    roll: float
    interocular: float
    eye_openness: np.ndarray
    eye_openness_mesh: np.ndarray
    mouth_opening: float


def face_of(row: np.ndarray, sight: _looking.Sight, orientation: int, shape: tuple[int, ...]) -> Face:
    """Put together a face in native pixels from what the detector (a row of 17) and the mesh say of the display."""
    return Face(
        box=box_to_native(row[:4], orientation, shape), score=float(row[16]),
        keypoints=to_native(row[4:16].reshape(6, 2), orientation, shape),
        mesh=to_native(sight.mesh, orientation, shape), irises=to_native(sight.irises, orientation, shape),
        mesh_score=sight.mesh_score, yaw=sight.pose.yaw, pitch=sight.pose.pitch, roll=sight.pose.roll,
        interocular=sight.pose.interocular, eye_openness=sight.eye_openness,
        eye_openness_mesh=sight.eye_openness_mesh, mouth_opening=sight.mouth_opening,
    )  # fmt: skip
