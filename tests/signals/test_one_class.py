from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from veridical.signals.one_class import fit, kernel


@pytest.mark.parametrize("nu", [0.01, 0.05, 0.1, 0.5])
@pytest.mark.parametrize(("count", "size", "gamma"), [(40, 190, 1 / 190), (300, 5, 0.2), (250, 2, 2.0)])
def test_it_agrees_with_scikit_learn(nu: float, count: int, size: int, gamma: float) -> None:
    svm = pytest.importorskip("sklearn.svm")
    rng = np.random.default_rng(count)
    points, others = rng.standard_normal((count, size)), rng.normal(0.5, 1.5, (100, size))
    ours = fit(points, nu=nu, gamma=gamma, tolerance=1e-7)
    theirs = svm.OneClassSVM(kernel="rbf", nu=nu, gamma=gamma, tol=1e-7).fit(points)
    plain = theirs.decision_function(others)
    np.testing.assert_allclose(ours.distances(others) * ours.length, plain, atol=2e-5 * nu * count + 1e-6)


def test_nu_bounds_the_share_outside_and_the_share_of_support_vectors() -> None:
    points = np.random.default_rng(0).standard_normal((400, 4))
    for nu in (0.05, 0.2):
        machine = fit(points, nu=nu, gamma=0.25)
        assert (machine.distances(points) < -1e-3).mean() <= nu
        assert len(machine.supports) >= nu * 400 - 1e-9
        assert machine.weights.sum() == pytest.approx(nu * 400)


def test_distances_are_those_in_the_space_of_the_kernel() -> None:
    rng = np.random.default_rng(1)
    points, other = rng.standard_normal((60, 3)), rng.standard_normal((5, 3)) + 2
    machine = fit(points, nu=0.2, gamma=0.3)
    # The normal is w = Σ aᵢ φ(xᵢ): its squared length by kernels alone.
    squared = machine.weights @ kernel(machine.supports, machine.supports, 0.3) @ machine.weights
    assert machine.length == pytest.approx(np.sqrt(squared), rel=1e-6)
    expected = (kernel(other, machine.supports, 0.3) @ machine.weights - machine.offset) / np.sqrt(squared)
    np.testing.assert_allclose(machine.distances(other), expected, rtol=1e-6)


def test_what_lies_apart_is_outside_and_the_middle_inside() -> None:
    points = np.random.default_rng(2).standard_normal((200, 3))
    near, far = fit(points, nu=0.1, gamma=0.05).distances(np.array([[0.0, 0, 0], [6, 6, 6]]))
    assert near > 0 > far


def test_the_same_point_many_times_is_no_trouble() -> None:
    machine = fit(np.zeros((10, 4)), nu=0.3, gamma=1.0)
    assert machine.distances(np.zeros((1, 4)))[0] == pytest.approx(0, abs=1e-6)
    assert machine.distances(np.full((1, 4), 3.0))[0] == pytest.approx(-1, abs=1e-6)


@pytest.mark.parametrize(("nu", "gamma", "count"), [(0, 1, 5), (1.2, 1, 5), (0.5, 0, 5), (0.5, 1, 1)])
def test_settings_without_meaning_are_refused(nu: float, gamma: float, count: int) -> None:
    with pytest.raises(ValueError, match="must lie"):
        fit(np.zeros((count, 2)), nu=nu, gamma=gamma)


def test_many_points_are_judged_a_thousand_at_a_time() -> None:
    rng = np.random.default_rng(5)
    machine = fit(rng.normal(size=(400, 6)), nu=0.5, gamma=0.1)
    points = rng.normal(size=(20_000, 6))
    tracemalloc.start()
    found = machine.distances(points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000 * len(machine.supports) * 8 / 4
    assert found[[0, 1023, 1024, -1]] == pytest.approx([machine.distances(points[[i]])[0] for i in (0, 1023, 1024, -1)])
    assert machine.distances(points[:0]).shape == (0,)
