import numpy as np
import pytest
from scipy.optimize import minimize

from veridical.signals.robust import huber_fit


def data(outliers: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(800), rng.uniform(-1, 1, (800, 2))])
    target = design @ [0.5, -2.0, 1.5] + rng.normal(0, 0.1, 800)
    target[: round(800 * outliers)] += 6
    return design, target


def test_one_outlier_in_five_hardly_moves_it() -> None:
    assert huber_fit(*data(0.2)) == pytest.approx([0.5, -2.0, 1.5], abs=0.06)
    plain = np.linalg.lstsq(*data(0.2), rcond=None)[0]
    assert abs(plain[0] - 0.5) > 1


def test_it_is_where_hubers_loss_is_least() -> None:
    design, target = data(0.1)
    found = huber_fit(design, target, rounds=60)
    scale = 1.345 * 1.4826 * np.median(np.abs(target - design @ found))

    def loss(coefficients: np.ndarray) -> float:
        away = np.abs(target - design @ coefficients)
        return float(np.where(away < scale, away**2 / 2, scale * (away - scale / 2)).sum())

    assert minimize(loss, found).x == pytest.approx(found, abs=2e-4)


def test_a_penalty_holds_a_coefficient_back() -> None:
    design, target = data()
    held = huber_fit(design, target, np.array([[0.0, 1e4, 0.0]]))
    assert held[1] == pytest.approx(0, abs=1e-3)
    assert held[2] == pytest.approx(1.5, abs=0.15)
