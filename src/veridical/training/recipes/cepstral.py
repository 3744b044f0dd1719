"""Makes the table of ``audio.cepstral`` from bona fide and synthetic recordings.

    python -m veridical.training.recipes.cepstral VOICES SOUNDS OUT

VOICES holds ``manifest.csv`` and the recordings; SOUNDS holds the recordings under the conditions of ``bench/voices.py``.
Written to OUT: ``cepstral.npz`` for ``knowledge`` and ``cepstral.csv`` with the score of every recording under every
condition, each by a table that was made of none of the sources of its fold.

Every recording is heard as it is and through two channels drawn by chance (``training/channels.py``). Where one source holds
both labels, what differs within it is learned, and what differs between sources is not: the mixtures see equally many frames
of both labels of each source, and the weighing of the ratios sees them about the middle of their source. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import soundfile
import soxr

from ...errors import NotApplicable
from ...examinations.audio.cepstral import in_speech, windows_scored
from ...knowledge.cepstral import CepstralTable, Densities
from ...media.audio import Audio
from ...perception.speech import find_speech
from ...signals.cepstra import about_mean, cepstra, quickness
from .. import cards
from ..channels import RATE, finished, random_channel
from ..folds import CONDITIONS, FOLD_OF, FOLDS
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

NEEDS = ("sklearn",)
COMPONENTS, TIMES = 8, 3
_DRAWS = 2
_LEAST_FILES, _LEAST_FRAMES, _MOST_FRAMES = 5, 20, 12_000
_ROUNDS, _LEAST_VARIANCE, _PENALTY = 12, 1e-4, 100.0
STATISTICS = ("audio.cepstral", "cepstral mixtures")
_COLUMNS = ("condition", "file", "statistic", "value")


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Cepstra of a sound, shape (frames, 20), and which frames are speech."""

    values: np.ndarray
    spoken: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A recording as it is and under other channels."""

    source: str
    synthetic: bool
    ways: Sequence[Heard]


def hear(sound: np.ndarray) -> Heard:
    """Return what the examination sees of a sound at 16 kHz; without much speech all frames count."""
    sound = np.asarray(sound, np.float32)
    values = cepstra(sound)
    audio = Audio(
        samples=sound[:, None], rate=RATE, codec="pcm_s16le", lossless=True, bits=16, start_s=0.0, bit_rate=0
    )  # fmt: skip
    spoken = in_speech(find_speech(audio).segments, len(values))
    return Heard(values, spoken if spoken.sum() >= _LEAST_FRAMES else np.ones(len(values), bool))


def examples(rows: Sequence[Mapping[str, str]], folder: Path) -> list[Example]:
    """Read what is learned from: recordings of the folds, each through the same number of channels."""
    found = []
    for row in rows:
        if row["source"] not in FOLD_OF:
            continue
        samples, rate = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)
        sound = np.asarray(soxr.resample(samples.mean(1), rate, RATE, "VHQ"), np.float32)
        seed = zlib.crc32(row["file"].encode())
        try:
            ways = [finished(sound)]
            ways += [random_channel(sound, np.random.default_rng(seed + draw)) for draw in range(1, _DRAWS + 1)]
        except NotApplicable:
            continue
        found.append(Example(row["source"], row["label"] == "fake", [hear(way) for way in ways]))
    return found


def table_of(given: Sequence[Example], seed: int = 0) -> CepstralTable:
    """Fit mixtures and weights on some examples, and measure how their bona fide windows score."""
    random = np.random.default_rng(seed)
    real, synthetic = _balanced(given, random)
    course = _weights(given)
    table = CepstralTable(_mixture(real, random), _mixture(synthetic, random), (0.0, 1.0), course, 0.0)
    envelope, moves = (_level(given, table, part) for part in ("envelope", "values"))
    return replace(
        table,
        envelope=envelope,
        course=course / moves[1],
        course_offset=moves[0] / moves[1],
        real_recordings=sum(not one.synthetic for one in given),
        synthetic_recordings=sum(one.synthetic for one in given),
    )


def score(heard: Heard, table: CepstralTable) -> tuple[float, float] | None:
    """Return what the examination would measure, and beside it the mixtures; of less speech if there is no other window."""
    for least in (1.0, 0.3):
        found = windows_scored(heard.values, heard.spoken, table, least)
        if len(found.values):
            return float(found.values.mean()), float(found.envelope.mean())
    return None


def _by_source(given: Sequence[Example]) -> dict[str, tuple[list[Example], list[Example]]]:
    """Return bona fide and synthetic examples of the sources that hold enough of both."""
    found: dict[str, tuple[list[Example], list[Example]]] = defaultdict(lambda: ([], []))
    for one in given:
        found[one.source][one.synthetic].append(one)
    return {source: both for source, both in found.items() if min(map(len, both)) >= _LEAST_FILES}


def _balanced(given: Sequence[Example], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return frames of bona fide and of synthetic speech, equally many of each source."""
    parts: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for both in _by_source(given).values():
        frames = [
            np.concatenate([about_mean(way.values, way.spoken) for one in own for way in one.ways]) for own in both
        ]
        count = min(_MOST_FRAMES, *map(len, frames))
        for part, points in zip(parts, frames, strict=True):
            part.append(points[random.choice(len(points), count, replace=False)])
    return np.concatenate(parts[0]), np.concatenate(parts[1])


def _mixture(points: np.ndarray, random: np.random.Generator) -> Densities:
    """Fit some mixtures from different beginnings and return their mean, which is a mixture again."""
    fits = []
    for _ in range(TIMES):
        model = import_module("sklearn.mixture").GaussianMixture(
            COMPONENTS, covariance_type="diag", max_iter=_ROUNDS, tol=1e-9, reg_covar=_LEAST_VARIANCE,
            init_params="random_from_data", random_state=int(random.integers(1 << 31)),
        )  # fmt: skip
        with import_module("warnings").catch_warnings():
            import_module("warnings").simplefilter("ignore")  # that it has not converged: rounds are few by intent
            fits.append(model.fit(points))
    return (
        np.concatenate([one.weights_ for one in fits]) / TIMES,
        np.concatenate([one.means_ for one in fits]),
        np.concatenate([one.covariances_ for one in fits]),
    )


def _weights(given: Sequence[Example]) -> np.ndarray:
    """Fit weights of the ratios that tell the labels apart within sources, each source and label counting alike."""
    points, labels, counts = [], [], []
    for both in _by_source(given).values():
        for draw in range(_DRAWS + 1):
            rows = [np.array([quickness(one.ways[draw].values, one.ways[draw].spoken) for one in own]) for own in both]
            middle = (rows[0].mean(0) + rows[1].mean(0)) / 2
            for label, own in enumerate(rows):
                points.append(own - middle)
                labels += [label] * len(own)
                counts += [1 / len(own)] * len(own)
    every, weights = np.concatenate(points), np.array(counts) * 1000 / sum(counts)
    spread = np.sqrt(np.average(every**2, axis=0, weights=weights))
    model = import_module("sklearn.linear_model").LogisticRegression(C=1 / _PENALTY, fit_intercept=False, max_iter=500)
    model.fit(every / spread, labels, sample_weight=weights)
    return np.asarray(model.coef_[0] / spread)


def _level(given: Sequence[Example], table: CepstralTable, part: str) -> tuple[float, float]:
    """Return mean and standard deviation of one part of the score in bona fide windows, sources counting alike."""
    by_source: dict[str, list[float]] = defaultdict(list)
    for one in given:
        if not one.synthetic:
            for way in one.ways:
                by_source[one.source] += getattr(windows_scored(way.values, way.spoken, table), part).tolist()
    scores = [np.array(own) for own in by_source.values() if len(own) >= 2 * _LEAST_FILES]
    mean = float(np.mean([own.mean() for own in scores]))
    return mean, float(np.sqrt(np.mean([((own - mean) ** 2).mean() for own in scores])))


def held_out(
    rows: Sequence[Mapping[str, str]], given: Sequence[Example], sounds: Path
) -> list[tuple[str, str, str, float]]:
    """Score every recording by a table of the other folds; recordings of no fold get the mean of all."""
    tables = {fold: table_of([one for one in given if one.source not in sources]) for fold, sources in FOLDS.items()}
    found = []
    for condition in CONDITIONS:
        for row in rows:
            path = sounds / condition / f"{row['file']}.wav"
            if not path.exists():
                continue
            heard = hear(soundfile.read(path, dtype="float32")[0])
            own = [tables[FOLD_OF[row["source"]]]] if row["source"] in FOLD_OF else tables.values()
            scores = [value for table in own if (value := score(heard, table)) is not None]
            for name, values in zip(STATISTICS, zip(*scores, strict=True), strict=False):
                found.append((condition, row["file"], name, round(float(np.mean(values)), 5)))
    return found


def save(table: CepstralTable, path: Path) -> None:
    """Write a table as ``knowledge`` reads it."""
    real, synthetic = (np.column_stack([w, m, v]).astype(np.float32) for w, m, v in (table.real, table.synthetic))
    np.savez_compressed(
        path, real=real, synthetic=synthetic, envelope=np.array(table.envelope),
        course=np.append(table.course, table.course_offset).astype(np.float32),
        bona_fide=np.array([table.low, table.middle, table.high]),
        recordings=np.array([table.real_recordings, table.synthetic_recordings]),
    )  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("voices", type=there_folder, help="folder with manifest.csv and the recordings")
    parser.add_argument("sounds", type=there_folder, help="folder with the recordings under the conditions")
    parser.add_argument("out", type=Path, help="gets the table, the scores and the card")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Write the table and the scores."""
    manifest = given.voices / "manifest.csv"
    rows = list(csv.DictReader(manifest.read_text().splitlines()))
    learned = examples(rows, given.voices)
    lines = held_out(rows, learned, given.sounds)
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "cepstral.csv").open("w", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *lines])
    real = {row["file"] for row in rows if row["label"] == "real" and row["source"] in FOLD_OF}
    low, middle, high = np.percentile(
        [value for _, file, name, value in lines if file in real and name == STATISTICS[0]], (10, 50, 90)
    )
    table = replace(table_of(learned), low=float(low), middle=float(middle), high=float(high))
    save(table, given.out / "cepstral.npz")
    part = cards.Part("All folds", rows={"learned from": [row for row in rows if row["source"] in FOLD_OF]})
    return cards.Made(
        given.out, [given.out / "cepstral.npz", given.out / "cepstral.csv"], seed=0, manifests=[manifest], parts=[part],
        data="Labelled recordings, each as it is and through channels drawn by chance.",
    )  # fmt: skip


if __name__ == "__main__":
    as_script("cepstral")
