"""How lips move with the speech that is heard: a linear map, fitted on people who talk.

The table ``lip_sync.npz`` is made by ``python bench/lip_sync.py fit FOLDER`` and by nothing else. It holds no picture, no
sound and no measurement of a single clip.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

TABLE = "lip_sync.npz"


@cache
def speech_to_lips() -> np.ndarray:
    """Return the weights: shape (steps around the moment, features of the sound, features of the lips), float64."""
    with (files(__package__) / TABLE).open("rb") as file, np.load(file, allow_pickle=False) as table:
        return np.asarray(table["weights"], np.float64)
