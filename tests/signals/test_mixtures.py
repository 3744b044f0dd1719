"""Densities of mixtures against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from veridical.signals.mixtures import Mixture


def test_the_density_is_the_sum_of_its_parts() -> None:
    random = np.random.default_rng(0)
    weights, means, variances = np.array([0.2, 0.5, 0.3]), random.normal(0, 2, (3, 4)), random.uniform(0.2, 3, (3, 4))
    points = random.normal(0, 2, (50, 4))
    density = sum(
        w * multivariate_normal(m, np.diag(v)).pdf(points) for w, m, v in zip(weights, means, variances, strict=True)
    )
    found = Mixture(weights=weights, means=means, variances=variances).log_density(points)
    assert found == pytest.approx(np.log(density), abs=1e-9)


def test_far_points_stay_finite_and_many_points_are_what_each_is_alone() -> None:
    mixture = Mixture(weights=np.array([0.5, 0.5]), means=np.array([[0.0], [1.0]]), variances=np.full((2, 1), 0.01))
    assert np.isfinite(mixture.log_density(np.array([[1e4]]))).all()
    points = np.linspace(-3, 3, 20000)[:, None]
    whole = mixture.log_density(points)
    assert whole[[0, 9000, 19999]] == pytest.approx(mixture.log_density(points[[0, 9000, 19999]]))
    assert mixture.log_density(np.zeros((0, 1))).shape == (0,)
