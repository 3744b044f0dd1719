"""Say how well the beat of frame-wise decoders tells synthetic voices from real ones, by source, system and frame rate.

    python bench/vocoder_trace.py [--copies FOLDER]

Reads the sounds that ``bench/voices.py sounds`` wrote, writes out/voices/scores/vocoder_trace.csv and
docs/validation/vocoder_trace.md. FOLDER holds a folder for the originals and one for each vocoder of
``veridical.training.copies``, each with arrays of the same names; without it the table of copies is left out of the page.

The value is not learned. The two numbers that are measured beside it are turned into distances from the median of bona fide
recordings of other folds than the file's own.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from voices import CONDITIONS, RATE, WORK, rows_at_hand, wav
from voices_page import WORDS

from veridical.benchmark.intervals import cluster_bootstrap
from veridical.benchmark.metrics import auc, eer
from veridical.signals import vocoder_traces as traces

PAGE = Path(__file__).parents[1] / "docs/validation/vocoder_trace.md"
FOLDS = {
    "hifigan_demo": "A", "vits_demo": "A", "glowtts_demo": "A", "wavefake_tests": "A", "diffwave_demo": "A",
    "vqmivc_demo": "B", "starganv2vc_demo": "B", "tortoise_tts": "C", "pyannote_tests": "C", "emodb": "C",
    "nii_nsf": "D", "resemblyzer": "D",
}  # fmt: skip
PROMPTS = "asterisk"
# Rates of known decoders that were tried and are not looked for, and rates of none.
TRIED = {"16 kHz / 200": 80.0, "22.05 kHz / 300": 73.5, "16 kHz / 256": 62.5}
NONE = {"of none": 78.3, "of none (2)": 89.7, "of none (3)": 106.3, "of none (4)": 68.9}
VOCODERS = ("hifigan", "world", "griffin_lim", "lpc")
VALUE, SCATTER, SMOOTH = "vocoder lines", "vocoder scattered phase", "vocoder weak fast modulation"
LEAST = 5


@contextmanager
def looking_for(rates: Mapping[str, float]) -> Iterator[None]:
    """Look for other frame rates, with their tones."""
    kept = traces.FRAME_RATES, traces.TONELESS
    traces.FRAME_RATES, traces.TONELESS = dict(rates), ()
    try:
        yield
    finally:
        traces.FRAME_RATES, traces.TONELESS = kept


def numbers(sound: np.ndarray) -> np.ndarray | None:
    """Return the value, the coherence and the fast modulation of seven bands, and the lines of a recording: shape (n,)."""
    found = traces.vocoder_traces(sound, RATE)
    if not len(found):
        return None
    bands = [np.nanmean(part, 0) if len(part) else part for part in (found.coherence, found.fast)]
    return np.concatenate([[traces.line_evidence(found.lines).mean()], *bands, found.lines.mean(0).ravel()])


def measured(condition: str, rows: Sequence[Mapping[str, str]]) -> dict[str, np.ndarray]:
    found = {row["file"]: numbers(soundfile.read(wav(condition, row), dtype="float32")[0]) for row in rows}
    return {name: values for name, values in found.items() if values is not None}


def distances(found: Mapping[str, dict[str, np.ndarray]], rows: Sequence[Mapping[str, str]], columns: slice) -> dict:
    """Return how far each file lies below bona fide recordings of other folds: mean over bands, in standard deviations."""
    result: dict[str, dict[str, float]] = {condition: {} for condition in found}
    for fold in "ABCD":
        known = [row for row in rows if row["label"] == "real" and FOLDS.get(row["source"], fold) != fold]
        learned = np.array([one[row["file"]][columns] for one in found.values() for row in known if row["file"] in one])
        middle = np.nanmedian(learned, 0)
        spread = 1.4826 * np.nanmedian(np.abs(learned - middle), 0)
        for condition, one in found.items():
            for row in rows:
                own = FOLDS.get(row["source"])
                if row["file"] in one and own in (None, fold):
                    away = np.clip((middle - one[row["file"]][columns]) / spread, -3, 3)
                    value = float(np.nanmean(away)) if np.isfinite(away).any() else 0.0
                    share = 1.0 if own else 0.25  # prompts: the mean of the four
                    result[condition][row["file"]] = result[condition].get(row["file"], 0.0) + share * value
    return result


def write_scores(
    statistics: Mapping[str, Mapping[str, Mapping[str, float]]], rows: Sequence[Mapping[str, str]]
) -> None:
    path = WORK / "scores/vocoder_trace.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("condition", "file", "statistic", "value"))
        for condition in CONDITIONS:
            for row in rows:
                own = {name: by[condition].get(row["file"]) for name, by in statistics.items()}
                known = {name: value for name, value in own.items() if value is not None}
                for name, value in (known or {"": ""}).items():
                    writer.writerow((condition, row["file"], name, round(value, 5) if value != "" else ""))


class Judged:
    """Files of the sources that are judged, with a value each."""

    def __init__(self, values: Mapping[str, float], rows: Sequence[Mapping[str, str]]) -> None:
        kept = [row for row in rows if row["file"] in values]
        self.rows = [row for row in kept if row["source"] in FOLDS]
        self.prompts = np.array([values[row["file"]] for row in kept if row["source"].startswith(PROMPTS)])
        self.values = np.array([values[row["file"]] for row in self.rows])
        self.labels = np.array([int(row["label"] == "fake") for row in self.rows])
        self.sources = np.array([row["source"] for row in self.rows])
        self.both = [
            source
            for source in sorted({*self.sources})
            if min(np.bincount(self.labels[self.sources == source], minlength=2)) >= LEAST
        ]

    def of(self, source: str) -> float:
        here = self.sources == source
        return auc(self.values[here], self.labels[here])

    def row(self) -> str:
        spread = cluster_bootstrap(auc, self.values, self.labels, self.sources)
        edge = np.quantile(self.values[self.labels == 0], 0.98)
        bounds = "–" if spread.low is None or spread.high is None else f"{spread.low:.2f}–{spread.high:.2f}"
        return (
            f"{auc(self.values, self.labels):.2f} | {bounds} | {np.mean([self.of(one) for one in self.both]):.2f} | "
            f"{eer(self.values, self.labels):.2f} | {np.mean(self.values[self.labels == 1] > edge):.2f} | "
            f"{np.sum(self.prompts > edge)} of {len(self.prompts)} | "
            f"{np.sum(self.values[self.sources == 'emodb'] > edge)} of {np.sum(self.sources == 'emodb')}"
        )


def overall(judged: Mapping[str, Mapping[str, Judged]]) -> Iterator[str]:
    yield (
        "| number | condition | AUC | 90 % interval | AUC within sources | EER | synthetic ones above 98 % of the real | "
        "telephone prompts above it | German above it |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, by_condition in judged.items():
        for condition, one in by_condition.items():
            yield f"| {name} | {WORDS[condition]} | {one.row()} |"


def by_source(by_condition: Mapping[str, Judged]) -> Iterator[str]:
    both = by_condition["common"].both
    yield f"| condition | {' | '.join(both)} |"
    yield f"|{'---|' * (len(both) + 1)}"
    for condition, one in by_condition.items():
        yield f"| {WORDS[condition]} | {' | '.join(f'{one.of(source):.2f}' for source in both)} |"


def by_system(by_condition: Mapping[str, Judged]) -> Iterator[str]:
    """Compare each system with all bona fide recordings: a source has too few of its own."""
    yield f"| system | source | files | {' | '.join(WORDS[condition] for condition in by_condition)} |"
    yield f"|---|---|---|{'---|' * len(by_condition)}"
    common = by_condition["common"]
    groups = sorted({(row["source"], row["system"]) for row in common.rows if row["label"] == "fake"})
    for source, system in groups:
        cells = []
        for one in by_condition.values():
            own = np.array([(row["source"], row["system"]) == (source, system) for row in one.rows])
            kept = own | (one.labels == 0)
            cells.append(f"{auc(one.values[kept], own[kept].astype(int)):.2f}")
        count = sum((row["source"], row["system"]) == (source, system) for row in common.rows)
        if count >= LEAST:
            yield f"| {system} | {source} | {count} | {' | '.join(cells)} |"


def by_rate(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Say what each frame rate alone is worth, with those that are not looked for and those of no decoder."""
    kept = {**traces.FRAME_RATES, **TRIED, **NONE}
    with looking_for(kept):
        lines = {name: one[15:].reshape(len(kept), -1) for name, one in measured("common", rows).items()}
    both = Judged({name: 0.0 for name in lines}, rows).both
    yield f"| frames a second | decoder | all | {' | '.join(both)} |"
    yield f"|---|---|---|{'---|' * len(both)}"
    for index, (name, rate) in enumerate(kept.items()):
        one = Judged({file: float(np.log(np.exp(np.clip(of[index], -2, 8)).sum())) for file, of in lines.items()}, rows)
        cells = " | ".join(f"{one.of(source):.2f}" for source in both)
        yield f"| {rate:.2f} | {name} | {auc(one.values, one.labels):.2f} | {cells} |"


def by_copy(folder: Path) -> Iterator[str]:
    names = sorted(path.name for path in (folder / "original").glob("*.npy"))
    measured_ones = {
        kind: {name: numbers(np.load(folder / kind / name)) for name in names} for kind in ("original", *VOCODERS)
    }
    yield "| copy | pairs | lines higher in the copy | phases more scattered | fast modulation weaker |"
    yield "|---|---|---|---|---|"
    for kind in VOCODERS:
        pairs = [(measured_ones["original"][name], measured_ones[kind][name]) for name in names]
        kept = [(one, other) for one, other in pairs if one is not None and other is not None]
        first, second = (np.array([pair[side] for pair in kept]) for side in (0, 1))
        change = [
            np.mean(second[:, 0] > first[:, 0]),
            *(np.mean(np.nanmean(first[:, part] - second[:, part], 1) > 0) for part in (slice(1, 8), slice(8, 15))),
        ]
        yield f"| {kind} | {len(kept)} | {' | '.join(f'{share:.2f}' for share in change)} |"


def main(copies: Path | None) -> None:
    rows = rows_at_hand()
    start = time.process_time()
    found = {condition: measured(condition, rows) for condition in CONDITIONS}
    spent = time.process_time() - start
    seconds = sum(soundfile.info(wav(condition, row)).duration for condition in CONDITIONS for row in rows)
    statistics = {
        VALUE: {condition: {name: float(one[0]) for name, one in by.items()} for condition, by in found.items()},
        SCATTER: distances(found, rows, slice(1, 8)),
        SMOOTH: distances(found, rows, slice(8, 15)),
    }
    write_scores(statistics, rows)
    judged = {
        name: {condition: Judged(values, rows) for condition, values in by.items()} for name, by in statistics.items()
    }
    lines = [
        *HEAD.format(speed=round(seconds / spent, -1)).splitlines(),
        *overall(judged), "", "## By source", "", BY_SOURCE, "", *by_source(judged[VALUE]),
        "", "## By system", "", BY_SYSTEM, "", *by_system(judged[VALUE]),
        "", "## By frame rate", "", *BY_RATE.splitlines(), "", *by_rate(rows),
        *(["", "## Copies", "", *BY_COPY.splitlines(), "", *by_copy(copies)] if copies else []),
        *TAIL.splitlines(),
    ]  # fmt: skip
    PAGE.write_text("\n".join(lines) + "\n")


HEAD = """# The beat of frame-wise decoders

`audio.vocoder_trace` looks for lines at 86.13, 93.75 and 100 Hz and their multiples, the frame rates of decoders of
synthetic speech. Written by `python bench/vocoder_trace.py`.

The examination also asks for a second of speech since, which leaves out 7 of these recordings (65 over all conditions, most by
telephone); here they are counted. [voices.md](voices.md) has the figures without them: they differ by 0.01 at most.

**It finds decoders whose frame rate it knows (WaveGlow most clearly, then HiFi-GAN, MelGAN, Tortoise's, those of VQMIVC), and
next to nothing of others: source-filter decoders, StarGANv2-VC, DiffWave, WaveNet.** A low value says nothing.

Nothing is learned: no value depends on a file of a training fold. Which frame rates are looked for was decided on these
recordings, among six that are known of decoders; three brought nothing here (table by frame rate).

## What was measured

The recordings and conditions of [voices](voices.md): both labels at 16 kHz, 7 kHz wide, one level, ends trimmed; then by
telephone, MP3 or Opus. Telephone prompts are in no AUC. Intervals: sources drawn again. `vocoder lines` is the value of
the examination; the other two are measured beside it, as distances from bona fide recordings of other folds
(A–D of the bench), and do not enter it. Of these four-second files one processor core measured {speed:.0f} seconds a second, by
its own clock; an hour at 44.1 kHz took it 5 s and 15 MiB beside the recording.

"""
BY_SOURCE = "AUC of the value within each source that holds five files of both labels."
BY_SYSTEM = "AUC of the value, each system with five files or more against all bona fide recordings."
BY_RATE = """What one frame rate alone is worth (AUC, common condition), with rates of decoders that are not looked for, and
rates of none, which show what chance does."""
BY_COPY = """Bona fide recordings copied by the vocoders of `training/copies.py`: share of pairs in which the copy lies on the
synthetic side of its own original. hifigan works with 86.13 frames a second, world and lpc with 200, griffin_lim with 62.5."""
TAIL = """
## Codecs

MP3 divides sound of 22.05 and 24 kHz into bands whose edges lie at multiples of 344.5 and 375 Hz, where tones are looked for,
and some sources publish synthetic voices as MP3 only. 50 bona fide recordings were coded at these rates (MP3 at 32 and
64 kbit/s, AAC at 48 kbit/s) and then brought to the common condition: the median stayed between 2.8 and 2.9, and 2 to 6 percent
lay above 3.9, as 4 percent did without a codec. The lines are not those of the codec.

## What was tried and left out

- A logistic regression on 86 numbers (randomness of the spectrum over time and frequency, bends of the phase, period and
  alignment of band envelopes, kurtosis of the prediction residual, lines, modulation spectrum), learned on other folds:
  AUC 0.42 common and 0.45 telephone over all sources, 0.54 and 0.57 within sources; with HiFi-GAN copies of their bona fide
  recordings added, the same. It learns the recordings of a source, not their decoder.
- The sum of the value with 0.3 of each of the two numbers beside it: 0.75 common, 0.71 telephone, 0.76 MP3, 0.71 Opus.
  Weights chosen on the same files; the meaning is lost. They are handed on as numbers of their own.
- Kurtosis and skewness of the prediction residual, alignment of pulses across bands, period of the high-band envelope: near
  chance on their own, in opposite directions in different sources.

## What limits it

Lines depend on an exact clock. Of 30 copies by HiFi-GAN, MelGAN and WaveGlow (common condition) the median value fell from 3.6
to 3.0 when their speed was changed by 0.05 percent, and to 2.7, that of sound without a beat, at 0.3 percent. Bit rates below
those tried, noise and reverberation cover weak lines. Most systems here share few decoders and one clock, so the number of
independent decoders is far below the number of systems.
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=Path)
    main(parser.parse_args().copies)
