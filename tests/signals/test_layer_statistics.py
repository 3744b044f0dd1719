import numpy as np
import pytest

from veridical.signals import layer_statistics as statistics


def test_coverage_counts_neurons_above_the_threshold_of_their_layer() -> None:
    layers = [np.array([[[0.0, 1.0], [2.0, 3.0]]]), np.array([[[0.5]], [[0.5]], [[4.0]]])]
    np.testing.assert_allclose(statistics.coverage(layers, np.array([1.0, 0.4])), [0.5, 1.0])
    with pytest.raises(ValueError, match="shorter"):
        statistics.coverage(layers, np.array([1.0]))


def test_unevenness_is_the_coefficient_of_variation_whatever_the_scale() -> None:
    layer = np.random.default_rng(0).gamma(2.0, 1.5, (8, 20, 20)).astype(np.float32)
    once, more = statistics.unevenness([layer, 7 * layer])
    assert once == pytest.approx(layer.std() / layer.mean(), rel=1e-4)
    assert more == pytest.approx(once, rel=1e-4)
    assert once == pytest.approx(2**-0.5, abs=0.03)  # that of a gamma distribution of shape 2
    np.testing.assert_array_equal(statistics.unevenness([np.zeros((2, 3, 3)), np.full((2, 3, 3), 2.0)]), [0, 0])


def test_means_are_those_of_all_neurons() -> None:
    layers = [np.full((2, 3, 3), 1.5, np.float32), np.arange(8, dtype=np.float32).reshape(2, 2, 2)]
    np.testing.assert_allclose(statistics.means(layers), [1.5, 3.5])
