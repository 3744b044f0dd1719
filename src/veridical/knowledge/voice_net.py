"""Where real and synthetic voices lie in the plane of ``learned.voice_net``, from ``training/recipes/voice_net.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """A normal distribution in the plane: ``mean`` of shape (d,), ``covariance`` of shape (d, d)."""

    mean: np.ndarray
    covariance: np.ndarray

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """Return the natural logarithm of the density at points of shape (n, d), up to what all clouds share: shape (n,)."""
        apart = points - self.mean
        squared = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(self.covariance), apart)
        return np.asarray(-0.5 * (squared + np.linalg.slogdet(self.covariance)[1]))

    def outline(self, radius: float, points: int = 73) -> np.ndarray:
        """Return points at one distance from the mean, in standard deviations, of a cloud in the plane: shape (points, 2)."""
        turn = np.linspace(0, 2 * np.pi, points)
        circle = np.stack([np.cos(turn), np.sin(turn)], 1)
        return np.asarray(self.mean + radius * circle @ np.linalg.cholesky(self.covariance).T)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VoiceClouds:
    """A projection of encodings and the two clouds in it.

    Parameters
    ----------
    middle, axes
        shapes (1024,) and (1024, d): a point is (encoding - middle) @ axes.
    recordings
        Real and synthetic recordings it was made from, each counted once whatever channels it was heard through.
    sources, systems
        Collections, and systems of synthesis, among them.
    """

    middle: np.ndarray
    axes: np.ndarray
    real: Cloud
    synthetic: Cloud
    recordings: tuple[int, int]
    sources: int
    systems: int

    def points(self, encodings: np.ndarray) -> np.ndarray:
        """Return the points, shape (n, d), of encodings of shape (n, 1024)."""
        return np.asarray((np.asarray(encodings, np.float64) - self.middle) @ self.axes)

    def log_ratio(self, points: np.ndarray) -> np.ndarray:
        """Return the natural logarithm of the ratio of both densities at points, shape (n,); higher for synthetic."""
        return np.asarray(self.synthetic.log_density(points) - self.real.log_density(points))


@cache
def voice_clouds() -> VoiceClouds:
    """Return the numbers that come with the program."""
    with (files(__package__) / "voice_net.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
        number = {name: kept[name].astype(np.float64) for name in kept.files}
    real, synthetic = (Cloud(number[f"{one}_mean"], number[f"{one}_covariance"]) for one in ("real", "synthetic"))
    count = [int(one) for one in number["counts"]]
    return VoiceClouds(
        middle=number["middle"], axes=number["axes"], real=real, synthetic=synthetic, recordings=(count[0], count[1]),
        sources=count[2], systems=count[3],
    )  # fmt: skip
