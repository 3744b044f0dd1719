"""Which masks to ask for, when only few can be drawn: of the fakes that a network is least sure of and places worst.

A mask costs a person minutes. So the network is trained without any first; then it says of each candidate how sure it is and
where it looks, and those are asked for that it most needs (Du et al., Towards generalizable deepfake detection with
locality-aware autoencoder, CIKM 2020, arXiv:1909.05999).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import UsageError


def expected_area(side: int, *, wide: float = 0.31, high: float = 0.42) -> np.ndarray:
    """Return where a face lies on an upright chip, shape (side, side), float32: 1 inside an ellipse, 0 outside.

    Nobody has to draw it: it only says that a fake of a face lies in the face.
    """
    y, x = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    return np.asarray((x / wide) ** 2 + (y / high) ** 2 <= 1, np.float32)


def overlap(maps: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return how well maps (n, h, w), at or above 0, agree with an expected area (h, w): soft intersection over union, 0 to 1.

    Each map is taken relative to its maximum; one that is 0 everywhere agrees with nothing.
    """
    scaled = maps / np.maximum(maps.max((1, 2), keepdims=True), 1e-9)
    shared = np.minimum(scaled, expected).sum((1, 2))
    return np.asarray(shared / np.maximum(np.maximum(scaled, expected).sum((1, 2)), 1e-9))


def need(odds: np.ndarray, maps: np.ndarray, expected: np.ndarray, *, placing: float = 1.0) -> np.ndarray:
    """Return how much a network needs the mask of each candidate, shape (n,).

    Parameters
    ----------
    odds
        shape (n,): what the network says of each, 0 where it cannot tell; beyond ±1 it is sure.
    maps
        shape (n, h, w): where it looks.
    placing
        What a map that misses the face counts beside an answer of 0.
    """
    unsure = 1 - np.minimum(np.abs(odds), 1)
    return np.asarray(unsure + placing * (1 - overlap(maps, expected)))


def choose(needs: np.ndarray, count: int, *, groups: Sequence[str] = (), asked: Sequence[int] = ()) -> np.ndarray:
    """Return the numbers of the candidates to ask for, the neediest first.

    Parameters
    ----------
    needs
        shape (n,), see `need`.
    count
        How many, at most; fewer come back if there are not so many.
    groups
        What each candidate was made of, or nothing: no two of one group are asked for, so that the few masks differ.
    asked
        Candidates whose mask is there already; neither they nor others of their groups are chosen again.

    Raises
    ------
    UsageError
        If ``groups`` does not name one for each candidate.
    """
    if groups and len(groups) != len(needs):
        raise UsageError(f"{len(groups)} groups were named for {len(needs)} candidates")
    own = list(groups) or [str(number) for number in range(len(needs))]
    seen = {own[number] for number in asked}
    chosen: list[int] = []
    for number in np.argsort(-np.asarray(needs), kind="stable"):
        if len(chosen) >= count:
            break
        if own[number] not in seen:
            seen.add(own[number])
            chosen.append(int(number))
    return np.array(chosen, np.int64)
