"""Figures that training is ended by and cards tell; the full ones are those of ``veridical benchmark``."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata


def auc(fake: Sequence[bool] | np.ndarray, values: Sequence[float] | np.ndarray) -> float:
    """Return the chance that a fake lies above a real one, ties counting half; not a number if one of them is missing."""
    fake = np.asarray(fake, bool)
    above, below = int(fake.sum()), int((~fake).sum())
    if not above or not below:
        return math.nan
    ranks = rankdata(np.asarray(values, float))
    return float((ranks[fake].sum() - above * (above + 1) / 2) / (above * below))
