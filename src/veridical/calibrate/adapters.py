"""Checking the polarity of an adapter's detector, and calibrating it on labelled files of the user's own.

Calibration is logistic: ln LR = offset + slope · log odds of the network, both labels weighing equally, the slope held back by
a ridge. How good it is is measured on files left out: in five folds, none of which shares a group with the others.

References
----------
Morrison, Tutorial on logistic-regression calibration and fusion, Australian Journal of Forensic Sciences 45, 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import catalogue
from ..benchmark.calibration_metrics import cllr
from ..benchmark.layouts import load
from ..cache import PerceptCache
from ..errors import MediaError, NotInstalled, UsageError
from ..examiner import Examiner
from ..media.exhibit import open_exhibit
from ..models import adapted, adapter_state
from ..models.adapters import Adapter
from . import figures
from .logistic import fit_rows

LEAST = 20
"""Files of each label that a calibration needs."""
_FOLDS = 5
_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic", ".tif", ".tiff", ".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a",
    ".mp4", ".mov", ".mkv", ".webm",
)  # fmt: skip
_DECADE = float(np.log(10))


@dataclass(frozen=True, slots=True)
class Score:
    """What the network of an adapter says of one file: log odds, higher for a fake, and a hash of the decoded content."""

    log_odds: float
    content: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled file; ``group`` is whoever or whatever it shows or comes from."""

    path: Path
    fake: bool
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """A calibration, as it is kept; ``skipped`` are files of which the detector can say nothing, with the reason."""

    fit: dict[str, Any]
    skipped: tuple[tuple[Path, str], ...]


def scorer(adapter: Adapter) -> Callable[[Path], Score | str]:
    """Return what gives the score of a file, or why there is none.

    Raises
    ------
    NotInstalled
        When it is called: a file of the adapter is missing, or it is not converted yet.
    """
    found = catalogue.with_adapter(adapter)
    (one,) = (each for each in found.examinations.values() if each.id == adapter.id)
    examiner = Examiner(found, cache=PerceptCache.of_user())

    def score(path: Path) -> Score | str:
        try:
            with open_exhibit(path) as exhibit:
                (finding,) = examiner.examine(examiner.resolver(exhibit, [one]), [one])
        except MediaError as error:
            return error.problem
        if finding.cause == "installation":
            raise NotInstalled(finding.reason)
        if finding.measurement is None:
            return finding.reason
        facts = finding.measurement.facts
        return Score(float(str(facts["log_odds_of_the_network"])), str(facts["content_sha256"]))

    return score


def check(adapter: Adapter, real: Sequence[Path], fake: Sequence[Path]) -> dict[str, Any]:
    """Test the polarity of an adapter and keep the outcome: every fake must get a higher value than every real exhibit.

    Raises
    ------
    UsageError
        If an exhibit gives no value.
    NotInstalled
        If a file of the adapter is missing.
    """
    adapted.network(adapter)
    before = adapter_state.load(adapter.name)
    adapter_state.keep(
        adapter.name, replace(before, polarity={})
    )  # an earlier failure must not keep it from being tested
    score = scorer(adapter)
    values: dict[str, list[float]] = {"real": [], "fake": []}
    for label, paths in (("real", real), ("fake", fake)):
        for path in paths:
            found = score(path)
            if isinstance(found, str):
                raise UsageError(f"{path} cannot serve for the polarity test of {adapter.name}: {found}")
            values[label].append(found.log_odds)
    passed = bool(min(values["fake"]) > max(values["real"]))
    said = {"passed": passed, "model": adapter.model.sha256, **values}
    adapter_state.keep(adapter.name, replace(before, polarity=said))
    return said


def calibrate(adapter: Adapter, path: Path, *, tell: Callable[[int, int], None] = lambda done, of: None) -> Calibrated:
    """Fit and keep the calibration of an adapter on labelled files.

    Parameters
    ----------
    path
        A folder with the subfolders ``real`` and ``fake``, or labelled media as ``veridical benchmark`` takes them.
    tell
        Called with the number of files that are done, and of all.

    Raises
    ------
    UsageError
        If fewer than 20 files of a label gave a value, or the detector ranks them the wrong way round.
    NotInstalled
        If a file of the adapter is missing.
    """
    adapted.network(adapter)
    items, score = labelled(path), scorer(adapter)
    scores: list[Score] = []
    kept, skipped = [], []
    for number, item in enumerate(items, start=1):
        found = score(item.path)
        tell(number, len(items))
        if isinstance(found, str):
            skipped.append((item.path, found))
        else:
            scores.append(found)
            kept.append(item)
    values = np.array([one.log_odds for one in scores])
    labels = np.array([one.fake for one in kept], bool)
    _demand(adapter, values, labels, skipped)
    offset, slope = logistic(values, labels)
    fit = {
        "offset": offset, "slope": slope, "real": int((~labels).sum()), "fake": int(labels.sum()),
        "cllr": round(left_out(values, labels, [one.group for one in kept]), 4), "auc": round(figures.auc(values, labels), 4),
        "low": float(values.min()), "high": float(values.max()), "files": sorted({one.content for one in scores}),
        "model": adapter.model.sha256, "source": path.name,
    }  # fmt: skip
    adapter_state.keep(adapter.name, replace(adapter_state.load(adapter.name), calibration=fit))
    return Calibrated(fit=fit, skipped=tuple(skipped))


def labelled(path: Path) -> list[Labelled]:
    """Return the files of ``real`` and ``fake`` in a folder, or of a manifest or a known layout; raises UsageError."""
    if path.is_dir() and all((path / label).is_dir() for label in ("real", "fake")):
        return [
            Labelled(file, label == "fake", file.stem)
            for label in ("real", "fake")
            for file in sorted((path / label).rglob("*"))
            if file.suffix.lower() in _SUFFIXES
        ]
    return [Labelled(one.path, one.label == "fake", one.group) for one in load(path).items]


def logistic(values: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return offset and slope of the natural log likelihood ratio, both labels weighing equally; the slope is never negative.

    Parameters
    ----------
    values, labels
        shape (n,): log odds, and True for a fake.
    """
    offset, slope = fit_rows(values, labels, np.ones((1, len(values))))[0] * _DECADE
    return float(offset), float(slope)


def left_out(values: np.ndarray, labels: np.ndarray, groups: Sequence[str]) -> float:
    """Return Cllr of likelihood ratios that each come from a fit without the fold of the file; a group is in one fold."""
    names = sorted(set(groups), key=lambda name: (min(labels[[one == name for one in groups]]), name))
    fold_of = {name: number % _FOLDS for number, name in enumerate(names)}
    folds = np.array([fold_of[one] for one in groups])
    found = np.zeros(len(values))
    for fold in range(_FOLDS):
        rest = folds != fold
        if not (labels[rest].any() and (~labels[rest]).any()):
            raise UsageError("all files of a label belong to one or two groups: nothing is left to measure on")
        offset, slope = logistic(values[rest], labels[rest])
        found[~rest] = (offset + slope * values[~rest]) / _DECADE
    return cllr(found[labels], found[~labels])


def _demand(adapter: Adapter, values: np.ndarray, labels: np.ndarray, skipped: Sequence[tuple[Path, str]]) -> None:
    real, fake = int((~labels).sum()), int(labels.sum())
    if min(real, fake) < LEAST:
        why = f"; {len(skipped)} gave no value, the first because: {skipped[0][1]}" if skipped else ""
        raise UsageError(f"{real} real and {fake} fake files gave a value; at least {LEAST} of each are needed{why}")
    area = figures.auc(values, labels)
    doubt = 1.645 * np.sqrt((real + fake + 1) / (12.0 * real * fake))
    if area < 0.5 - doubt:
        raise UsageError(
            f"{adapter.id} ranks these files the wrong way round (AUC {area:.2f}): either fake in [output] of the adapter is "
            "wrong, or its crop, or the detector is no good here; nothing was kept"
        )
