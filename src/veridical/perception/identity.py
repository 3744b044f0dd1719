"""What the inner face and what surrounds it (hair, ears, neck) say of who a person is, each without seeing the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.image import Image
from ..models import runtime
from ..signals.clip_planes import clip_planes
from ..signals.face_crops import context_crop, face_crop
from ._face import Face
from .faces import Faces

MODELS = ("face.identity", "clip.b16")
_MIRRORED = (2, 4, 5, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One face.

    Parameters
    ----------
    index
        Its number in Faces.
    face, context
        shape (150, 150, 3) and (224, 224, 3), uint8, RGB: the inner face, and what surrounds it with the face blanked.
    held
        Share of the surroundings that the picture holds, 0 to 1.
    embedding
        shape (128,), float32: dlib's descriptor of the inner face; two pictures of one person lie closer than about 0.6.
    features
        shape (512,), float32, of length 1: CLIP's embedding of the surroundings.
    """

    index: int
    face: np.ndarray
    context: np.ndarray
    held: float
    embedding: np.ndarray
    features: np.ndarray


@dataclass(frozen=True, slots=True)
class Identities:
    """The largest faces of a still image, in the order of Faces; may be empty."""

    identities: tuple[Identity, ...]


def see_identities(image: Image, faces: Faces, *, most: int = 3, least_px: float = 24.0) -> Identities:
    """Describe the inner face and the surroundings of the largest faces.

    Parameters
    ----------
    most
        How many faces at most.
    least_px
        Least distance between the eyes.
    """
    return Identities(tuple(_identity(image, index, face) for index, face in faces.largest(most, least_px)))


def embedding(face: np.ndarray) -> np.ndarray:
    """Return dlib's descriptor of an inner face, shape (128,), float32."""
    return np.asarray(runtime.dlib(MODELS[0])(face[None])[0][0], np.float32)


def features(context: np.ndarray) -> np.ndarray:
    """Return CLIP's embedding of surroundings, shape (512,), float32, of length 1."""
    found = runtime.onnx(MODELS[1])(clip_planes(context))[0][0]
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-6), np.float32)


def _identity(image: Image, index: int, face: Face) -> Identity:
    pixels, mesh = image.pixels, face.mesh[:, :2]
    if image.orientation in _MIRRORED:
        # The stored pixels are a mirror image, which no turn brings upright.
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        mesh = np.column_stack([pixels.shape[1] - 1 - mesh[:, 0], mesh[:, 1]])
    inner = face_crop(pixels, mesh)
    around, held = context_crop(pixels, mesh)
    return Identity(
        index=index, face=inner, context=around, held=held, embedding=embedding(inner), features=features(around)
    )  # fmt: skip
