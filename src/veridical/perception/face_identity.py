"""Whose face each followed face is, some ten times a second, and how it looks in every frame, in few numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from ..signals.face_crops import face_crop
from . import _mesh
from ._face import Face
from .identity import embedding
from .tracks import FaceTracks

MODELS = ("face.identity",)
LOOK = 63
_SIDE, _KEPT = 32, 8
_REACH = 1.9  # side of the square that is looked at / distance between the eyes: brows to chin
_DOWN = 0.42  # how far its middle lies below the line of the eyes, in the same unit


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityTrace:
    """One face track: n frames, m of them described.

    Parameters
    ----------
    person
        Number of the track in FaceTracks.
    frames
        shape (n,), int32: every frame of the track.
    looks
        shape (n, 63), float16: the lowest frequencies (8×8 cosine transform without its mean) of the upright inner face,
        brought to brightness 0 and contrast 1.
    described
        shape (m,), int32: frames that are described.
    descriptors
        shape (m, 128), float16: dlib's descriptor of the inner face.
    sharpness
        shape (m,), float32: mean absolute Laplacian of the inner face at 150 px, 8-bit levels.
    """

    person: int
    frames: np.ndarray
    looks: np.ndarray
    described: np.ndarray
    descriptors: np.ndarray
    sharpness: np.ndarray


@dataclass(frozen=True, slots=True)
class IdentityTraces:
    """Of every face track that is large enough, who it is and how it looks."""

    traces: tuple[IdentityTrace, ...]


def watch_identities(
    video: Video, faces: During[FaceTracks], *, per_second: float = 12.5, least_px: float = 24.0
) -> Watch[IdentityTraces]:
    """Describe every followed face.

    Parameters
    ----------
    per_second
        Descriptions a second, shared by the faces that are in the picture.
    least_px
        Least distance between the eyes.
    """
    growing: dict[int, _Growing] = {}
    frame = yield None
    while frame is not None:
        fit = [(number, face) for number, face in faces.now or () if face.interocular >= least_px]
        for number, face in fit:
            growing.setdefault(number, _Growing(number)).see(frame, face, wait=len(fit) / per_second)
        frame = yield None
    return IdentityTraces(tuple(one.ended() for one in growing.values()))


@dataclass(slots=True)
class _Growing:
    """A trace while the video is being decoded."""

    person: int
    due: float = -np.inf
    frames: list[int] = field(default_factory=list)
    looks: list[np.ndarray] = field(default_factory=list)
    described: list[int] = field(default_factory=list)
    descriptors: list[np.ndarray] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)

    def see(self, frame: Frame, face: Face, *, wait: float) -> None:
        self.frames.append(frame.index)
        self.looks.append(look(frame.pixels, face.mesh))
        # Half a frame of a 100 Hz clock absorbs the rounding of timestamps.
        if frame.time_s < self.due - 0.005:
            return
        self.due = frame.time_s + wait if not self.described else max(self.due, frame.time_s - wait) + wait
        inner = face_crop(frame.pixels, face.mesh)
        self.described.append(frame.index)
        self.descriptors.append(embedding(inner).astype(np.float16))
        grey = cv2.cvtColor(inner[45:115, 40:110], cv2.COLOR_RGB2GRAY)
        self.sharpness.append(float(np.abs(cv2.Laplacian(grey, cv2.CV_16S)).mean()))

    def ended(self) -> IdentityTrace:
        return IdentityTrace(
            person=self.person, frames=np.array(self.frames, np.int32), looks=np.stack(self.looks),
            described=np.array(self.described, np.int32), descriptors=np.stack(self.descriptors),
            sharpness=np.array(self.sharpness, np.float32),
        )  # fmt: skip


def look(pixels: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """Return the low frequencies of the inner face, shape (63,), float16; 0 for a face without contrast.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB.
    mesh
        shape (468, 2 or more): in pixels.
    """
    right, left = (mesh[list(corners), :2].mean(0) for corners in _mesh.EYE_CORNERS)
    across = left - right
    apart = max(float(np.hypot(*across)), 1.0)
    middle = (right + left) / 2 + np.array([-across[1], across[0]]) * _DOWN
    turn = float(np.arctan2(across[1], across[0]))
    roi = _mesh.Roi(float(middle[0]), float(middle[1]), _REACH * apart, turn)
    patch = cv2.cvtColor(_mesh.cut(pixels, roi, _SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
    waves = cv2.dct((patch - patch.mean()) / max(float(patch.std()), 1.0))
    return np.asarray(waves[:_KEPT, :_KEPT].ravel()[1:], np.float16)
