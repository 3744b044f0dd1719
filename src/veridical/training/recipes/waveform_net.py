"""Trains the network of ``audio.waveform_net`` and writes it as ONNX.

    python -m veridical.training.recipes.waveform_net FOLDER CACHE NETWORK.onnx [--without SOURCE …] [--decoder WEIGHTS]

FOLDER holds ``audio/manifest.csv`` (file, label, system, source) and the recordings. The network learns from pairs: a
bona fide recording and its copy through a vocoder, both sent through the same channel; and a real and a synthetic recording
of the same source. So neither the source, the speaker nor the channel tells the label. Spectra of
all of them are made once and kept in CACHE; what is there is not made again.

``--without`` leaves out sources, to say what the network is worth on others. The number of steps is fixed: nothing that is
left out decides when training ends. The copies of the neural decoder need its weights (``--decoder``).
"""

from __future__ import annotations

import argparse
import csv
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import NotApplicable, NotInstalled
from ...media.audio import Audio
from ...media.exhibit import open_exhibit
from ...signals.sound import mono
from ...signals.speech_level import low_passed, sounding
from ...signals.voice_windows import BINS, FFT, RATE, log_spectra, scaled
from .. import cards, channels, copies
from .. import export as export_file
from ..recipe import Tell, as_script
from ..recipe import file as there_file
from ..recipe import folder as there_folder

NEEDS = ("torch", "onnx")
STEPS, PAIRS, OTHERS = 1500, 3, 6
"""Steps of training; pairs a step of original and copy; pairs a step of real and synthetic recordings of one source."""
WINDOW = 160
"""Frames of a window that is learned from; on windows of 320 frames the network ranked a little better than on these."""
_LEARNING_RATE, _DECAY, _RANKED = 5e-3, 1e-2, 0.5
_DRAWS = 4  # the common condition and three channels drawn by chance
_LONGEST_S = 6.0
_LEFT_OUT = ("asterisk",)  # telephone prompts serve to count false alarms alone
_LEAST_REAL = 4

Spectra = tuple[np.ndarray, ...]
"""Log spectra of one sound, shape (frames, bins) each, after each draw of a channel."""


@dataclass(frozen=True, slots=True)
class Material:
    """What is learned from.

    Parameters
    ----------
    pairs
        Source of each bona fide recording, its spectra, and those of its copies.
    real, synthetic
        Spectra of the recordings of each source; the synthetic ones by system.
    """

    pairs: Sequence[tuple[str, Spectra, Sequence[Spectra]]]
    real: Mapping[str, Sequence[Spectra]]
    synthetic: Mapping[str, Mapping[str, Sequence[Spectra]]]


def gather(folder: Path, cache: Path, *, without: Sequence[str] = (), decoder: Path | None = None) -> Material:
    """Read the recordings, make the copies, and send them through channels; what the cache holds is taken from there.

    Parameters
    ----------
    folder
        Holds ``audio/manifest.csv``.
    without
        Sources that are left out.
    decoder
        Weights of the neural decoder.
    """
    rows = list(csv.DictReader((folder / "audio/manifest.csv").read_text(encoding="utf-8").splitlines()))
    kept = [row for row in rows if row["source"] not in without and not row["source"].startswith(_LEFT_OUT)]
    cache.mkdir(parents=True, exist_ok=True)
    ways = dict(copies.COPIES)
    if decoder is not None:
        model = copies.neural(decoder)
        ways["neural"] = lambda sound: copies.copy_neural(sound, model)
    pairs: list[tuple[str, Spectra, Sequence[Spectra]]] = []
    real: dict[str, list[Spectra]] = defaultdict(list)
    synthetic: dict[str, dict[str, list[Spectra]]] = defaultdict(lambda: defaultdict(list))
    for row in kept:
        made = _kept(cache, folder / "audio" / row["file"], ways if row["label"] == "real" else {})
        if "own" not in made:
            continue
        if row["label"] == "fake":
            synthetic[row["source"]][row["system"]].append(made["own"])
            continue
        real[row["source"]].append(made["own"])
        if "original" in made:
            pairs.append((row["source"], made["original"], [made[way] for way in ways if way in made]))
    return Material(pairs, real, synthetic)


def _kept(cache: Path, path: Path, ways: Mapping[str, Any]) -> dict[str, Spectra]:
    store = cache / f"{path.name}.npz"
    if not store.exists():
        made = _made(path, ways)
        arrays = {f"{name}_{k}": one for name, own in made.items() for k, one in enumerate(own)}
        with store.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
    with np.load(store, allow_pickle=False) as found:
        names = dict.fromkeys(name.rsplit("_", 1)[0] for name in found.files)
        return {name: tuple(found[f"{name}_{k}"] for k in range(_DRAWS)) for name in names}


def _made(path: Path, ways: Mapping[str, Any]) -> dict[str, Spectra]:
    with open_exhibit(path) as exhibit:
        audio = exhibit.stream(Audio)
        sound = np.concatenate(list(mono(audio.samples, audio.rate, RATE)))[: round(_LONGEST_S * RATE)]
    try:
        found = {"own": _sent(sound, sound, path.name)}
        for way, copied in ways.items():
            original, copy = copies.pair(sound, copied(sound))
            found.setdefault("original", _sent(original, original, path.name))
            found[way] = _sent(copy, original, path.name)
    except NotApplicable:
        return {}
    return found if all(len(one) for own in found.values() for one in own) else {}


def _sent(sound: np.ndarray, original: np.ndarray, name: str) -> Spectra:
    """Return the spectra of a sound after each draw: the channels and the ends are those that its original gets."""
    found = []
    for draw in range(_DRAWS):
        seed = [draw, zlib.crc32(name.encode())]
        ends = _through(original, draw, seed)
        heard = _through(sound, draw, seed)
        first, last = sounding(low_passed(ends), RATE)
        done = channels.finished(heard, bounds=(first, max(last, first + FFT)))
        found.append(np.clip(log_spectra(done), -110, 20).astype(np.float16))
    return tuple(found)


def _through(sound: np.ndarray, draw: int, seed: Sequence[int]) -> np.ndarray:
    return sound if draw == 0 else channels.sent(sound, np.random.default_rng(seed))


def batches(material: Material, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield batches without end: windows of scaled spectra, shape (2 (PAIRS + OTHERS), WINDOW, BINS), float32.

    The even ones are real, each beside the synthetic one of its pair. Both of a pair get the same mask and colour.
    """
    by_source: dict[str, list[tuple[Spectra, Sequence[Spectra]]]] = defaultdict(list)
    for source, original, made in material.pairs:
        if made:
            by_source[source].append((original, made))
    sources = sorted(by_source)
    weights = np.sqrt([len(by_source[source]) for source in sources])
    both = sorted(s for s, own in material.real.items() if len(own) >= _LEAST_REAL and s in material.synthetic)
    while True:
        found: list[np.ndarray] = []
        for _ in range(PAIRS):
            own = by_source[sources[int(random.choice(len(sources), p=weights / weights.sum()))]]
            original, made = own[int(random.integers(len(own)))]
            draw, copy = int(random.integers(_DRAWS)), made[int(random.integers(len(made)))]
            start = int(random.integers(max(1, len(original[draw]) - WINDOW + 1)))
            change = _Change.drawn(random)
            found += [change.made(window(one[draw], start)) for one in (original, copy)]
        for _ in range(OTHERS if both else 0):
            source, change = both[int(random.integers(len(both)))], _Change.drawn(random)
            systems = material.synthetic[source]
            system = sorted(systems)[int(random.integers(len(systems)))]
            for pool in (material.real[source], systems[system]):
                one = pool[int(random.integers(len(pool)))][int(random.integers(_DRAWS))]
                found.append(change.made(window(one, int(random.integers(max(1, len(one) - WINDOW + 1))))))
        yield np.stack(found)


def window(spectra: np.ndarray, start: int) -> np.ndarray:
    """Return a window of spectra as the network sees it; a shorter sound is repeated."""
    piece = spectra[start : start + WINDOW].astype(np.float32)
    return scaled(np.resize(piece, (WINDOW, piece.shape[1])))


@dataclass(frozen=True, slots=True)
class _Change:
    """A colour added to the spectrum, and a band and a stretch of time that are hidden."""

    colour: np.ndarray
    band: slice
    time: slice
    top: int

    @classmethod
    def drawn(cls, random: np.random.Generator) -> _Change:
        corners = np.cumsum(random.normal(0, 0.12, 6))
        colour = np.interp(np.arange(BINS), np.linspace(0, BINS - 1, 6), corners)
        wide, long = int(random.integers(28)), int(random.integers(30))
        low, first = int(random.integers(BINS - wide)), int(random.integers(WINDOW - long))
        top = int(random.integers(100, BINS)) if random.random() < 0.25 else BINS
        return cls((colour - colour.mean()).astype(np.float32), slice(low, low + wide), slice(first, first + long), top)

    def made(self, spectra: np.ndarray) -> np.ndarray:
        changed = spectra + self.colour * (spectra > 0)
        changed[:, self.band] = changed.mean()
        changed[self.time] = changed.mean()
        changed[:, self.top :] = 0
        return np.asarray(changed, np.float32)


def train(material: Material, *, steps: int = STEPS, seed: int = 0) -> Any:
    """Return a trained network, ready to judge; raises NotInstalled if torch is not installed."""
    torch, lcnn = _torch()
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # the same bits at every run
    net = lcnn.Network()
    optimiser = torch.optim.AdamW(net.parameters(), lr=_LEARNING_RATE, weight_decay=_DECAY)
    course = torch.optim.lr_scheduler.OneCycleLR(optimiser, _LEARNING_RATE, steps, pct_start=0.2)
    for _, batch in zip(range(steps), batches(material, np.random.default_rng(seed)), strict=False):
        odds = net(torch.from_numpy(batch))
        labels = torch.arange(len(batch)).remainder(2).float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, labels)
        loss = loss + _RANKED * torch.nn.functional.softplus(odds[0::2] - odds[1::2]).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        course.step()
    return net.eval()


def export(net: Any, path: Path) -> None:
    """Write a network as ONNX: input ``spectra`` (n, frames, bins) float32, output ``log_odds`` (n,)."""
    torch, _ = _torch()
    example = torch.zeros(2, WINDOW, BINS)
    export_file.write(
        net, path, [example], inputs=["spectra"], outputs=["log_odds"],
        free={"spectra": {0: "n", 1: "frames"}, "log_odds": {0: "n"}},
    )  # fmt: skip


def _torch() -> tuple[Any, Any]:
    try:
        import torch

        from .. import lcnn
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed; run: pip install 'veridical[train]'") from None
    return torch, lcnn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("folder", type=there_folder, help="folder with audio/manifest.csv and the recordings")
    parser.add_argument("cache", type=Path, help="keeps spectra; what is there is not made again")
    parser.add_argument("network", type=Path, help="ONNX file to write; the card goes beside it")
    parser.add_argument("--without", nargs="*", default=[], metavar="SOURCE", help="sources to leave out")
    parser.add_argument("--decoder", type=there_file, help="weights of the neural decoder, for its copies")
    parser.add_argument("--seed", type=int, default=0)


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and write the network."""
    material = gather(given.folder, given.cache, without=given.without, decoder=given.decoder)
    given.network.parent.mkdir(parents=True, exist_ok=True)
    export(train(material, seed=given.seed), given.network)
    decoder = "none" if given.decoder is None else f"{given.decoder.name}, SHA-256 {cards.sha256(given.decoder)}"
    return cards.Made(
        given.network.parent, [given.network], seed=given.seed, manifests=[given.folder / "audio/manifest.csv"],
        data=f"{len(material.pairs)} bona fide recordings with their copies, through channels; sources left out: "
        f"{', '.join(given.without) or 'none'}.",
        settings={"steps": STEPS, "neural decoder": decoder},
    )  # fmt: skip


if __name__ == "__main__":
    as_script("waveform_net")
