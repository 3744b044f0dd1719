"""How strongly each layer of a network for face recognition answers to a face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..knowledge.neuron_coverage import neuron_norms
from ..media.image import Image
from ..models import runtime
from ..models.dlib_graph import prepared
from ..signals import layer_statistics
from ..signals.face_crops import face_crop
from .faces import Faces

MODELS = ("face.identity",)
_MIRRORED = (2, 4, 5, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAnswer:
    """One face, and what the 29 layers of the network answer to it.

    Parameters
    ----------
    index
        Its number in Faces.
    face
        shape (150, 150, 3), uint8, RGB: what the network saw, aligned as it wants it.
    coverage
        shape (29,), float32: share of the neurons of each layer that answer more than the mean neuron does to pristine faces.
    unevenness
        shape (29,), float32: standard deviation over the neurons of each layer / their mean.
    embedding
        shape (128,), float32: the descriptor that the last layer gives.
    """

    index: int
    face: np.ndarray
    coverage: np.ndarray
    unevenness: np.ndarray
    embedding: np.ndarray


@dataclass(frozen=True, slots=True)
class FaceAnswers:
    """The largest faces of a still image, in the order of Faces; may be empty."""

    answers: tuple[FaceAnswer, ...]


def see_face_answers(image: Image, faces: Faces, *, most: int = 3, least_px: float = 24.0) -> FaceAnswers:
    """Show the largest faces to the network.

    Parameters
    ----------
    most
        How many faces at most.
    least_px
        Least distance between the eyes.
    """
    fit = faces.largest(most, least_px)
    pixels, side = image.pixels, image.pixels.shape[1]
    mirrored = image.orientation in _MIRRORED  # stored as a mirror image, which no turn brings upright
    if mirrored and fit:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    found = []
    for index, face in fit:
        mesh = face.mesh[:, :2]
        if mirrored:
            mesh = np.column_stack([side - 1 - mesh[:, 0], mesh[:, 1]])
        found.append(_answer(index, face_crop(pixels, mesh, blank=False)))
    return FaceAnswers(tuple(found))


def layers_of(face: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the descriptor, shape (128,), and what the 29 layers answer to a face, each (maps, rows, columns), float32."""
    descriptor, *layers = runtime.dlib_layers(MODELS[0])(prepared(face[None]))
    return descriptor[0], tuple(layer[0] for layer in layers)


def _answer(index: int, face: np.ndarray) -> FaceAnswer:
    descriptor, layers = layers_of(face)
    return FaceAnswer(
        index=index, face=face, coverage=layer_statistics.coverage(layers, neuron_norms().thresholds),
        unevenness=layer_statistics.unevenness(layers), embedding=np.asarray(descriptor, np.float32),
    )  # fmt: skip
