"""Which identity the surroundings of a face let one expect: a linear map, fitted on photographs.

The table ``context_head.npz`` is made by ``python docs/context_identity.py train FOLDER`` and by nothing else. It holds no
picture and no vector of a single picture.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

TABLE = "context_head.npz"


def expected_identity(features: np.ndarray) -> np.ndarray:
    """Return the identity that surroundings (…, 512) let one expect, less the mean identity: shape (…, 128), float32."""
    table = _load()
    return np.asarray((features - table["mean_features"]) @ table["weights"], np.float32)


def own_identity(embedding: np.ndarray) -> np.ndarray:
    """Return an identity (…, 128) less the mean identity, float32."""
    return np.asarray(embedding - _load()["mean_identity"], np.float32)


def disagreement(embedding: np.ndarray, features: np.ndarray) -> float:
    """Return 1 − the cosine between the identity of a face and the one that its surroundings let one expect: 0 to 2."""
    own, expected = own_identity(embedding), expected_identity(features)
    lengths = float(np.linalg.norm(own) * np.linalg.norm(expected))
    return 1.0 - float(own @ expected) / max(lengths, 1e-9)


@cache
def _load() -> dict[str, np.ndarray]:
    with (files(__package__) / TABLE).open("rb") as file, np.load(file, allow_pickle=False) as table:
        return {name: table[name].astype(np.float32) for name in table.files}
