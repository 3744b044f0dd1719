"""Makes the table of ``learned.voice_net`` from bona fide and synthetic recordings.

    python -m veridical.training.recipes.voice_net VOICES SOUNDS OUT --decoder WEIGHTS

VOICES holds ``manifest.csv`` and the recordings; SOUNDS holds the recordings under the conditions of ``bench/voices.py``;
WEIGHTS are those of the neural decoder (``training/hifigan.py``). Written to OUT: ``voice_net.npz`` for ``knowledge``, and
``voice_net.csv`` with the score of every recording under every condition, each by a table that was made of none of the
sources of its fold. Encodings are kept in OUT/encodings and not made again. Needs torch for the copies.

Every recording is heard under all conditions and through two channels drawn by chance. Nothing is learned from how sources
differ from one another: the directions are those from the real recordings of a source to each system of the same source, and
from originals to their copies, relative to the covariance of all real recordings, that between sources included.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from ...errors import NotApplicable
from ...knowledge.voice_net import Cloud, VoiceClouds
from ...media.audio import Audio
from ...media.exhibit import open_exhibit
from ...models import runtime
from ...perception.speech_encoding import MODELS, WINDOW, fitted, spectra
from ...signals.sound import mono
from ...signals.speech_level import low_passed, sounding
from .. import cards, copies
from ..channels import RATE, finished, random_channel
from ..folds import CONDITIONS, FOLD_OF, FOLDS, alike
from ..recipe import Tell, as_script
from ..recipe import file as there_file
from ..recipe import folder as there_folder

NEEDS = ("torch",)
DRAWS, DIMENSIONS, SHRINKAGE, LEAST = 2, 2, 0.5, 3
COPIES_COUNT = 5
"""Weight of the copies among the directions of the systems."""
_LONGEST = 6 * RATE
_SHORTEST = RATE // 2
_FLOOR = 1e-3

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Encodings, shape (n, 1024), of the recordings of ``rows`` under one way."""

    way: str
    rows: Sequence[Row]
    encodings: np.ndarray

    def where(self, kept: Callable[[Row], bool]) -> Heard:
        """Return those of some recordings."""
        chosen = [i for i, row in enumerate(self.rows) if kept(row)]
        return Heard(self.way, [self.rows[i] for i in chosen], self.encodings[chosen])


def encoded(out: Path, way: str, rows: Sequence[Row], sound_of: Callable[[Row], np.ndarray]) -> Heard:
    """Return the encoding of the middle of each recording; what was encoded before is read."""
    path = out / f"encodings/{way}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        net, names, found = runtime.torch(MODELS[0]), [], []
        for row in rows:
            try:
                sound = sound_of(row)
            except NotApplicable:
                continue
            if len(sound) >= _SHORTEST:
                names.append(row["file"])
                found.append(net(spectra(middle(sound))[None])[0][0])
        np.savez(path, names=np.array(names), f0=np.stack(found))
    with np.load(path, allow_pickle=False) as kept:
        by_name = dict(zip(kept["names"].tolist(), kept["f0"].astype(np.float64), strict=True))
    at_hand = [row for row in rows if row["file"] in by_name]
    return Heard(way, at_hand, np.stack([by_name[row["file"]] for row in at_hand]))


def middle(sound: np.ndarray) -> np.ndarray:
    """Cut out one window in the middle; a shorter sound is repeated."""
    return fitted(sound)[max(0, (len(sound) - WINDOW) // 2) :][:WINDOW]


def drawn(folder: Path, draw: int) -> Callable[[Row], np.ndarray]:
    """Return what sends a recording through a channel that its name and the draw choose."""

    def sound_of(row: Row) -> np.ndarray:
        return random_channel(
            native(folder / row["file"]), np.random.default_rng([draw, zlib.crc32(row["file"].encode())])
        )

    return sound_of


def native(path: Path) -> np.ndarray:
    """Return a recording at 16 kHz, shape (n,), float32."""
    with open_exhibit(path) as exhibit:
        audio = exhibit.stream(Audio)
        return np.concatenate(list(mono(audio.samples, audio.rate, RATE)))


def pairs(folder: Path, decoder: Path) -> tuple[Callable[[Row], np.ndarray], Callable[[Row], np.ndarray]]:
    """Return what gives a recording, and what gives its copy through the neural decoder, cut alike."""
    model = cache(copies.neural)

    def of(row: Row, which: int) -> np.ndarray:
        original = native(folder / row["file"])[:_LONGEST]
        both = copies.pair(original, copies.copy_neural(original, model(decoder)) if which else original)
        return finished(both[which], bounds=sounding(low_passed(both[0]), RATE))

    return (lambda row: of(row, 0)), (lambda row: of(row, 1))


def table(ways: Sequence[Heard], originals: Heard, copied: Heard) -> VoiceClouds:
    """Find the directions and the clouds.

    Parameters
    ----------
    ways
        The recordings under each way of hearing them.
    originals, copied
        Real recordings, and their copies.
    """
    every = np.concatenate([way.encodings for way in ways])
    rows = [row for way in ways for row in way.rows]
    synthetic = np.array([row["label"] == "fake" for row in rows])
    offset, spread = every[~synthetic].mean(0), every[~synthetic].std(0) + 1e-6
    x = (every - offset) / spread
    apart = np.stack([*directions(ways), *([shift(originals, copied)] * COPIES_COUNT * len(ways))]) / spread
    covariance = np.cov(x[~synthetic].T)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(
        len(covariance)
    )
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors / np.sqrt(values)
    main = np.linalg.svd(apart @ whitening, full_matrices=False)[2][:DIMENSIONS]
    # Synthetic voices lie to the right: the sign of a direction is free.
    main *= np.where((apart @ whitening @ main.T).mean(0) < 0, -1, 1)[:, None]
    axes = whitening @ main.T / spread[:, None]
    points = (every - offset) @ axes
    weight = alike([(row["source"], int(row["label"] == "fake")) for row in rows])
    clouds = [cloud(points[synthetic == one], weight[synthetic == one]) for one in (False, True)]
    named = {(row["file"], row["label"]) for row in rows}
    count = tuple(sum(label == one for _, label in named) for one in ("real", "fake"))
    return VoiceClouds(
        middle=offset, axes=axes, real=clouds[0], synthetic=clouds[1], recordings=(count[0], count[1]),
        sources=len({row["source"] for row in rows}), systems=len({row["system"] for row in rows} - {""}),
    )  # fmt: skip


def directions(ways: Iterable[Heard]) -> Iterator[np.ndarray]:
    """Yield the way from the real recordings of a source to each of its systems, heard alike."""
    for way in ways:
        for source in sorted({row["source"] for row in way.rows}):
            own = way.where(lambda row, source=source: row["source"] == source)  # type: ignore[misc]
            real = own.where(lambda row: row["label"] == "real")
            if len(real.rows) < LEAST:
                continue
            for system in sorted({row["system"] for row in own.rows} - {""}):
                made = own.where(lambda row, system=system: row["label"] == "fake" and row["system"] == system)  # type: ignore[misc]
                if len(made.rows) >= LEAST:
                    yield made.encodings.mean(0) - real.encodings.mean(0)


def shift(originals: Heard, copied: Heard) -> np.ndarray:
    """Return the mean way from an original to its copy."""
    where = {row["file"]: i for i, row in enumerate(originals.rows)}
    both = [(where[row["file"]], i) for i, row in enumerate(copied.rows) if row["file"] in where]
    return np.asarray(np.mean([copied.encodings[i] - originals.encodings[at] for at, i in both], axis=0))


def cloud(points: np.ndarray, weight: np.ndarray) -> Cloud:
    """Fit a normal distribution to weighted points."""
    covariance = np.cov(points.T, aweights=weight).reshape(points.shape[1], -1) + _FLOOR * np.eye(points.shape[1])
    return Cloud(np.average(points, axis=0, weights=weight), covariance)


def held_out(ways: Sequence[Heard], originals: Heard, copied: Heard, asked: Sequence[Heard]) -> Iterator[list[object]]:
    """Yield (condition, file, statistic, value), each by a table without the file's fold; prompts get the mean of all."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for fold, sources in FOLDS.items():
        others = [way.where(lambda row, held=sources: row["source"] not in held) for way in ways]  # type: ignore[misc]
        # Fold A holds systems with this very decoder.
        left = [one.where(lambda row, held=sources: row["source"] not in held) for one in (originals, copied)]  # type: ignore[misc]
        clouds = table(
            [way.where(lambda row: row["source"] in FOLD_OF) for way in others], left[0], left[0 if fold == "A" else 1]
        )
        for way in asked:
            for row, value in zip(way.rows, clouds.log_ratio(clouds.points(way.encodings)), strict=True):
                found.setdefault((way.way, row["file"]), {})[fold] = float(value)
    folds = {row["file"]: FOLD_OF.get(row["source"]) for way in asked for row in way.rows}
    for (condition, file), by_fold in found.items():
        own = folds[file]
        value = by_fold[own] if own else float(np.mean(list(by_fold.values())))
        yield [condition, file, "learned.voice_net", round(value, 5)]


def write(path: Path, clouds: VoiceClouds) -> None:
    """Write the table as the program reads it."""
    np.savez_compressed(
        path, middle=clouds.middle.astype(np.float32), axes=clouds.axes.astype(np.float32),
        real_mean=clouds.real.mean, real_covariance=clouds.real.covariance,
        synthetic_mean=clouds.synthetic.mean, synthetic_covariance=clouds.synthetic.covariance,
        counts=np.array([*clouds.recordings, clouds.sources, clouds.systems]),
    )  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("voices", type=there_folder, help="folder with manifest.csv and the recordings")
    parser.add_argument("sounds", type=there_folder, help="folder with the recordings under the conditions")
    parser.add_argument("out", type=Path, help="gets the table, the scores, the encodings and the card")
    parser.add_argument("--decoder", type=there_file, required=True, help="weights of the neural decoder")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Write the table and the scores."""
    manifest = given.voices / "manifest.csv"
    rows = list(csv.DictReader(manifest.read_text(encoding="utf-8").splitlines()))
    known = [row for row in rows if row["source"] in FOLD_OF]

    def under(condition: str) -> Callable[[Row], np.ndarray]:
        return lambda row: soundfile.read(given.sounds / condition / f"{row['file']}.wav", dtype="float32")[0]

    asked = [encoded(given.out, condition, rows, under(condition)) for condition in CONDITIONS]
    ways = [way.where(lambda row: row["source"] in FOLD_OF) for way in asked]
    ways += [encoded(given.out, f"draw_{n}", known, drawn(given.voices, n)) for n in range(1, DRAWS + 1)]
    real = [row for row in known if row["label"] == "real"]
    original, copy = pairs(given.voices, given.decoder)
    both = encoded(given.out, "originals", real, original), encoded(given.out, "copies", real, copy)
    table_file, scores = given.out / "voice_net.npz", given.out / "voice_net.csv"
    write(table_file, table(ways, *both))
    with scores.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("condition", "file", "statistic", "value"))
        writer.writerows(held_out(ways, *both, asked))
    return cards.Made(
        given.out, [table_file, scores], manifests=[manifest], parts=[cards.Part("All folds", rows={"learned from": known})],
        data="Encodings of labelled recordings, under all conditions and through channels whose seed is the file's name.",
        settings={"neural decoder": f"{given.decoder.name}, SHA-256 {cards.sha256(given.decoder)}"},
    )  # fmt: skip


if __name__ == "__main__":
    as_script("voice_net")
