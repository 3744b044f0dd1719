"""A face whose layers answer as chosen, in a picture that nobody looks at."""

from __future__ import annotations

import numpy as np

from veridical.knowledge.neuron_coverage import LAYERS, neuron_norms
from veridical.perception.face_layers import FaceAnswer
from veridical.perception.faces import Face, Faces


def face(x: float = 20.0, *, interocular: float = 60.0) -> Face:
    """A face at a place; its mesh lies on a line, for nothing here looks at it."""
    return Face(
        box=np.float32([x, 30, x + 100, 150]), score=0.9, keypoints=np.zeros((6, 2), np.float32),
        mesh=np.zeros((468, 3), np.float32), irises=np.zeros((2, 5, 2), np.float32), mesh_score=0.9, yaw=0.0, pitch=0.0,
        roll=0.0, interocular=interocular, eye_openness=np.ones(2, np.float32), eye_openness_mesh=np.ones(2, np.float32),
        mouth_opening=0.0,
    )  # fmt: skip


def faces(count: int = 1) -> Faces:
    return Faces(tuple(face(20.0 + 150 * number) for number in range(count)))


def answer(index: int = 0, *, share: np.ndarray | float = 0.0, length: float = 1.4) -> FaceAnswer:
    """The answer of the middle pristine face, its log-odds of coverage moved by ``share`` spreads."""
    norms = neuron_norms()
    log_odds = norms.middle[:LAYERS] + norms.spread[:LAYERS] * share
    return FaceAnswer(
        index=index, face=np.zeros((150, 150, 3), np.uint8), coverage=(1 / (1 + np.exp(-log_odds))).astype(np.float32),
        unevenness=np.exp(norms.middle[LAYERS:]).astype(np.float32),
        embedding=(np.full(128, length) / np.sqrt(128)).astype(np.float32),
    )  # fmt: skip
