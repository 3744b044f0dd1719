"""The probe's scores: of the face itself, then of its copies in their order, whatever network is asked."""

from __future__ import annotations

import numpy as np

from veridical.perception.steadiness import scores_of
from veridical.signals.mild_changes import NAMES, changed


def test_scores_are_those_of_the_crop_and_of_each_copy() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    asked: list[int] = []

    def score(crops: np.ndarray) -> np.ndarray:
        asked.append(len(crops))
        return np.array([one.astype(float)[:, :20].mean() for one in crops])  # not the same for the mirror image

    plain, others = scores_of(pixels, score)
    assert plain == pixels[:, :20].mean()
    assert others.shape == (len(NAMES),) and sum(asked) == len(NAMES) + 1
    np.testing.assert_allclose(others, [one[:, :20].mean() for one in changed(pixels).values()])
