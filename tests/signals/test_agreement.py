from __future__ import annotations

import numpy as np
import pytest

from veridical.signals.agreement import agreement


def test_distances_are_from_the_median_of_the_others_that_agree() -> None:
    found = agreement(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [50.0, 0.0]]), 3.0)
    assert found.typical in (0, 1, 2)
    np.testing.assert_allclose(found.distances, [1.5, 0.0, 1.5, 49.0])
    assert found.apart[0, 3] == 50


@pytest.mark.parametrize("others", [[9.0], []])
def test_one_that_agrees_with_nobody_is_compared_with_the_most_typical(others: list[float]) -> None:
    found = agreement(np.array([[0.0], *([one] for one in others)]), 1.0)
    np.testing.assert_allclose(found.distances, [0.0, *others] if found.typical == 0 else [9.0, 0.0])
