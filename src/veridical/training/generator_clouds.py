"""Where real pictures and those of each known generator lie among the features of a network, for ``learned.image_net``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .pictures import Row

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "StyleGAN family": ("fakefaces", "seeprettyface", "roeishc", "seegma", "kurlyto"),
    "Stable Diffusion 1.4": ("sd14",),
    "Gemini image": ("nanobanana",),
    "AttGAN": ("attgan",),
}
"""Sources of generated pictures whose generator is known, by the name of its kind."""
REAL = "real photographs"
_SHRUNK, _GATE = 0.1, 0.95


def clouds(features: np.ndarray, rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return the table: means by kind, what they share in spread, and how far most pictures of each kind lie from its mean.

    Parameters
    ----------
    features
        shape (n, d): mean features of pictures, each perhaps under several conditions.
    rows
        Their rows in the manifest.

    Returns
    -------
    dict
        ``names`` (k,), ``means`` (k, d), ``middle`` (d,), ``axes`` (d, d): a point is (features - middle) @ axes, where the
        spread within kinds is 1; ``gates`` (k,): the distance below which 95 % of a kind lie; ``counts`` (k,): its pictures.
    """
    kinds = [_kind(row) for row in rows]
    names = [name for name in (REAL, *FAMILIES) if name in kinds]
    kept = np.array([kind in names for kind in kinds])
    points, label = features[kept].astype(np.float64), np.array([names.index(k) for k in kinds if k in names])
    middle = points.mean(0)
    means = np.stack([points[label == k].mean(0) for k in range(len(names))])
    within = np.cov((points - means[label]).T)
    within += _SHRUNK * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    axes = vectors / np.sqrt(values)
    whitened, centres = (points - middle) @ axes, (means - middle) @ axes
    apart = np.linalg.norm(whitened - centres[label], axis=1)
    gates = [np.quantile(apart[label == k], _GATE) for k in range(len(names))]
    files = [{row["file"] for row, kind in zip(rows, kinds, strict=True) if kind == name} for name in names]
    return {
        "names": np.array(names), "means": centres.astype(np.float32), "middle": middle.astype(np.float32),
        "axes": axes.astype(np.float32), "gates": np.array(gates, np.float32), "counts": np.array([len(one) for one in files]),
    }  # fmt: skip


def _kind(row: Row) -> str:
    if row["label"] == "real":
        return REAL
    return next((name for name, sources in FAMILIES.items() if row["source"] in sources), "")
