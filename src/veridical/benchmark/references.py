"""Make the table of photographs and known generators from finished runs: ``python -m veridical.benchmark.references FOLDER…``.

Each folder is what ``veridical benchmark`` has written with the examinations that give vectors, under the chain ``native`` or
``common``; files under ``common`` make the condition of small JPEGs. Nothing else may change the table.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..knowledge import references
from ..knowledge.references import CONDITIONS, FEATURES, PHOTOGRAPHS, SMALL, TRACES
from . import results
from .rows import Row

LEAST_OF_A_SOURCE = 20
"""Pictures that a source needs in a collection to make a group of its own."""
LEAST_VECTORS = 15
SHRINKAGE = 0.3
"""How far the covariance within groups is drawn towards its diagonal."""
RADIUS_HOLDS = 0.9
_TO = Path(references.__file__).with_name(references.TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The vectors of one picture in one condition, by feature."""

    path: str
    source: str
    group: str
    generator: str
    real: bool
    condition: str
    vectors: Mapping[str, np.ndarray]


def pictures_of(rows: Iterable[Row]) -> tuple[Picture, ...]:
    """Put the vectors of each file under each chain together, in order of path."""
    names = {id: name for name, id in FEATURES.items()}
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.id in names and row.features is not None and row.chain in {"native", "common"}:
            found.setdefault((row.path, row.chain), []).append(row)
    made = []
    for (path, chain), some in sorted(found.items()):
        one = some[0]
        condition = _condition(one)
        if (condition == SMALL) != (chain == "common"):  # small files as they are were not all treated alike
            continue
        made.append(
            Picture(
                path=path, source=one.source, group=one.group, generator=one.generator, real=one.label == "real",
                condition=condition, vectors={names[row.id]: np.array(row.features, np.float64) for row in some},
            )
        )  # fmt: skip
    return tuple(made)


def _condition(row: Row) -> str:
    quality = row.quality.get("jpeg_quality")
    width, height = (int(row.quality[side] or 0) for side in ("width", "height"))
    return references.condition_of(None if quality is None else int(quality), width, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The pictures of a group to be."""

    name: str
    real: bool
    source: str
    pictures: tuple[Picture, ...]


def groups_of(pictures: Sequence[Picture], sizes: Mapping[tuple[str, bool], int]) -> tuple[Members, ...]:
    """Return each source of photographs, then each generator of a source, that is large enough.

    Parameters
    ----------
    sizes
        Pictures that each source has in the collection, by source and whether they are photographs.
    """
    found: dict[tuple[bool, str, str], list[Picture]] = {}
    for one in pictures:
        name = PHOTOGRAPHS if one.real else re.sub(r"\s*\(.*?\)", "", one.generator)
        found.setdefault((not one.real, one.source, name), []).append(one)
    return tuple(
        Members(name=name, real=not fake, source=source, pictures=tuple(some))
        for (fake, source, name), some in sorted(found.items())
        if len(some) >= LEAST_VECTORS and sizes[source, not fake] >= LEAST_OF_A_SOURCE
    )


def whitening_of(groups: Sequence[Members], feature: str) -> np.ndarray | None:
    """Return what turns differences into standard units of the covariance within groups, each group weighing the same."""
    covariances = []
    for one in groups:
        vectors = matrix(one.pictures, feature)
        if len(vectors) >= LEAST_VECTORS:
            covariances.append(np.atleast_2d(np.cov(vectors.T)))
    if not covariances:
        return None
    pooled = np.mean(covariances, 0)
    diagonal = np.diag(pooled)
    shrunk = (1 - SHRINKAGE) * pooled + SHRINKAGE * np.diag(diagonal) + 1e-3 * diagonal.mean() * np.eye(len(diagonal))
    values, axes = np.linalg.eigh(shrunk)
    return np.asarray(axes / np.sqrt(values) @ axes.T)


def matrix(pictures: Iterable[Picture], feature: str) -> np.ndarray:
    """Return the vectors of the pictures that have this feature: shape (n, k)."""
    return np.array([one.vectors[feature] for one in pictures if feature in one.vectors])


def distances(
    vectors: Mapping[str, np.ndarray], means: Mapping[str, np.ndarray], whitening: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return how far each picture lies from its mean, root mean square in standard units over the features of a trace.

    Parameters
    ----------
    vectors, means
        shape (n, k) and (k,) or (n, k), by feature.
    """
    parts = [np.mean(((vectors[name] - means[name]) @ whitening[name]) ** 2, axis=1) for name in vectors]
    return np.asarray(np.sqrt(np.mean(parts, axis=0)))


def radius_of(group: Members, whitening: Mapping[str, np.ndarray]) -> float | None:
    """Return the distance within which nine in ten members lie, each measured from the mean of the others."""
    own = own_distances(group, whitening)
    return None if own is None else float(np.quantile(own, RADIUS_HOLDS))


def own_distances(group: Members, whitening: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the distance of each member that has every trace from the mean of the others."""
    whole = [one for one in group.pictures if all(name in one.vectors for name in TRACES)]
    if len(whole) < LEAST_VECTORS or any(name not in whitening for name in TRACES):
        return None
    vectors = {name: matrix(whole, name) for name in TRACES}
    count = len(whole)
    others = {name: (all.sum(0) - all) / (count - 1) for name, all in vectors.items()}
    return distances(vectors, others, whitening)


def make(rows: Sequence[Row], made_from: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the arrays of the table."""
    sizes = Counter((one.source, one.label == "real") for one in {(row.path): row for row in rows}.values())
    pictures = pictures_of(rows)
    arrays: dict[str, np.ndarray] = {}
    conditions = []
    for condition in CONDITIONS:
        here = [one for one in pictures if one.condition == condition]
        real = tuple(one for one in here if one.real)
        if len(real) >= LEAST_OF_A_SOURCE:
            conditions.append(_of_condition(condition, here, real, sizes, arrays))
    about = {"made_from": dict(made_from), "conditions": conditions}
    arrays["about"] = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
    return arrays


def _of_condition(
    condition: str, here: Sequence[Picture], real: tuple[Picture, ...], sizes: Mapping[tuple[str, bool], int],
    arrays: dict[str, np.ndarray],
) -> dict[str, Any]:  # fmt: skip
    groups = groups_of(here, sizes)
    everyone = Members(name=PHOTOGRAPHS, real=True, source="all", pictures=real)
    whitening = {}
    for feature in FEATURES:
        vectors = matrix(real, feature)
        if len(vectors) < LEAST_OF_A_SOURCE:
            continue
        for place, share in (("low", 0.1), ("median", 0.5), ("high", 0.9)):
            arrays[f"{condition}/{place}/{feature}"] = np.quantile(vectors, share, axis=0).astype(np.float32)
        made = whitening_of(groups, feature) if feature in TRACES else None
        if made is not None:
            whitening[feature] = made
            arrays[f"{condition}/whitening/{feature}"] = made.astype(np.float32)
    listed = [_add(arrays, condition, f"group {i}", one, whitening) for i, one in enumerate(groups)]
    return {
        "condition": condition, "sources": dict(sorted(Counter(one.source for one in real).items())),
        "photographs": _add(arrays, condition, PHOTOGRAPHS, everyone, whitening), "groups": listed,
    }  # fmt: skip


def _add(
    arrays: dict[str, np.ndarray], condition: str, place: str, group: Members, whitening: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    for feature in FEATURES:
        vectors = matrix(group.pictures, feature)
        if len(vectors) >= LEAST_VECTORS:
            arrays[f"{condition}/{place}/mean/{feature}"] = vectors.mean(0).astype(np.float32)
            arrays[f"{condition}/{place}/spread/{feature}"] = vectors.std(0, ddof=1).astype(np.float32)
    radius = radius_of(group, whitening)
    return {
        "name": group.name, "real": group.real, "source": group.source, "count": len(group.pictures), "place": place,
        "radius": None if radius is None else round(radius, 4),
    }  # fmt: skip


def origin(folders: Sequence[Path]) -> dict[str, Any]:
    """Return what identifies the runs: hashes of their rows, and the hashes of files, labels and code they hold."""
    found = {}
    for folder in folders:
        request = (results.read_json(folder / results.REQUEST) or {}).get("request", {})
        found[folder.name] = {
            "rows": hashlib.sha256((folder / results.ROWS).read_bytes()).hexdigest(), "code": request.get("code", ""),
            "items": request.get("items", {}).get("sha256", ""), "chains": request.get("chains", []),
        }  # fmt: skip
    return found


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=_TO)
    chosen = parser.parse_args()
    rows = [row for folder in chosen.folders for row in results.read_rows(folder)]
    with chosen.out.open("wb") as file:
        arrays: Any = make(rows, origin(chosen.folders))
        np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    main()
