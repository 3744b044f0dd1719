"""Peaks and profiles of pictures whose spectrum is known, and the published recipe of radial profiles on them."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from veridical.signals import spectra
from veridical.signals.traces import RINGS, radial_features

DURALL = os.environ.get("VERIDICAL_DURALL", "")
SIDE, EACH = 128, 100


def noise(seed: int, side: int = 512, exponent: float = 1.0) -> np.ndarray:
    """Noise whose amplitude falls with frequency, as photographs' does."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1
    shaped = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) / frequency**exponent, (side, side))
    return np.asarray(128 + 40 * shaped / shaped.std(), np.float32)


@pytest.mark.parametrize(("row", "column"), [(0.25, 0.25), (0.0, 0.1875), (-0.125, 0.3125)])
def test_a_periodic_pattern_is_the_highest_isolated_peak(row: float, column: float) -> None:
    y, x = np.mgrid[:512, :512]
    wave = 6 * np.cos(2 * np.pi * (row * y + column * x) + 0.3)
    peaks = spectra.isolated_peaks(spectra.spectrum((noise(0) + wave).astype(np.float32)))
    first = peaks[0]
    assert (abs(first[0]), first[1]) == pytest.approx((abs(row), column), abs=1 / 512)
    assert np.sign(first[0]) == np.sign(row) or row == 0
    assert first[2] > spectra.PEAK_DB


def test_noise_alone_has_no_isolated_peak() -> None:
    assert len(spectra.isolated_peaks(spectra.spectrum(noise(1)))) == 0


def test_the_radial_profile_of_shaped_noise_falls_as_it_was_made() -> None:
    level = spectra.radial_mean(spectra.spectrum(noise(2, exponent=1.5)))
    frequency = (np.arange(len(level)) + 0.5) / (2 * len(level))
    inside = (frequency > 0.03) & (frequency < 0.4)
    slope = np.polyfit(np.log10(frequency[inside]), level[inside], 1)[0]
    assert slope == pytest.approx(-30, abs=1.5)
    assert radial_features(level).shape == (RINGS,)


def _published(luma: np.ndarray, points: int = 40) -> np.ndarray:
    """The published vector: 20 ln |F| over whole radii, brought to a length by cubic interpolation, over its first value."""
    height, width = luma.shape
    level = 20 * np.log(np.abs(np.fft.fftshift(np.fft.fft2(luma))) + 1e-8)
    radius = np.hypot(np.arange(height)[:, None] - height // 2, np.arange(width)[None] - width // 2).astype(int)
    profile = (
        np.bincount(radius.ravel(), level.ravel())[: min(height, width) // 2]
        / np.bincount(radius.ravel())[: min(height, width) // 2]
    )
    curve = CubicSpline(np.linspace(0, 1, len(profile) - 1), profile[1:])(np.linspace(0, 1, points))
    return np.asarray(curve / curve[0])


def _small(seed: int, *, enlarged: bool) -> np.ndarray:
    """A small picture from a large one; enlarged ones are made at half size and go through an up-convolution."""
    picture = noise(seed, 2 * SIDE)
    if enlarged:
        half = cv2.resize(picture, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
        return np.rint(cv2.resize(half, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))
    return np.rint(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def _accuracy(vectors: np.ndarray, labels: np.ndarray) -> list[float]:
    """Mean accuracy of the three published classifiers over ten random 80/20 splits."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import ShuffleSplit, cross_val_score
    from sklearn.svm import SVC

    splits = ShuffleSplit(10, test_size=0.2, random_state=0)
    models = (SVC(kernel="linear"), SVC(C=6.37, gamma=0.86), LogisticRegression(solver="liblinear"))
    return [float(cross_val_score(model, vectors, labels, cv=splits).mean()) for model in models]


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.repeat([0, 1], EACH)


def test_the_published_recipe_tells_up_convolution_and_its_lowest_bins_do_not(labels: np.ndarray) -> None:
    """Golden check G6 in kind: of one size and history, the cue lies in the high frequencies alone."""
    vectors = np.array([_published(_small(seed, enlarged=seed >= EACH)) for seed in range(2 * EACH)])
    assert min(_accuracy(vectors, labels)) > 0.95
    assert max(_accuracy(vectors[:, 1:4], labels)) < 0.65


def test_a_tighter_crop_shows_in_the_lowest_bins_where_no_generator_was(labels: np.ndarray) -> None:
    """Golden check G5 in kind: faces of one origin, half of them cropped tighter, are told apart by the lowest bins."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    faces = [100 * np.exp(-(x**2 + y**2) / (2 * spread**2)) for spread in (0.15, 0.3)]
    pictures = [0.3 * _small(seed, enlarged=False) + faces[int(seed >= EACH)] for seed in range(2 * EACH)]
    vectors = np.array([_published(picture) for picture in pictures])
    assert min(_accuracy(vectors[:, 1:4], labels)) > 0.9


class _Arrays(pickle.Unpickler):
    """Builds arrays of numpy and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "numpy" and name in (
            "_reconstruct",
            "ndarray",
            "dtype",
            "scalar",
            "_frombuffer",
        ):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


@pytest.mark.skipif(not DURALL, reason="VERIDICAL_DURALL does not name the folder of the published feature files")
@pytest.mark.parametrize(
    ("file", "expected", "lowest"), [("celeba_low_1000.pkl", 0.9985, 0.955), ("test_1000.pkl", 0.7825, 0.4635)]
)
def test_the_published_features_give_the_published_figures(file: str, expected: float, lowest: float) -> None:
    """Golden checks G5 and G6: a linear SVM, and logistic regression on bins 1 to 3."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import ShuffleSplit, cross_val_score
    from sklearn.svm import SVC

    with (Path(DURALL) / file).open("rb") as opened:
        held = _Arrays(opened, encoding="latin1").load()
    vectors, labels = np.asarray(held["data"]), np.asarray(held["label"]).ravel()
    splits = ShuffleSplit(10, test_size=0.2, random_state=0)
    assert cross_val_score(SVC(kernel="linear"), vectors, labels, cv=splits).mean() == pytest.approx(expected, abs=0.02)
    few = cross_val_score(LogisticRegression(solver="liblinear"), vectors[:, 1:4], labels, cv=splits).mean()
    assert few == pytest.approx(lowest, abs=0.03)
