"""The page of bench/voices.py: figures of every statistic in out/voices/scores under every condition."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from veridical.benchmark import baseline
from veridical.benchmark.audit import sources_with_both, within_sources
from veridical.benchmark.calibration_metrics import cllr_min
from veridical.benchmark.intervals import Interval, cluster_bootstrap
from veridical.benchmark.metrics import auc, eer, threshold_at_fpr

PAGE = Path(__file__).parents[1] / "docs/validation/voices.md"
PROMPTS, GERMAN = "asterisk", "emodb"
ALARMS = 0.02
LEAST = 3  # files of a system or of each label of a source that have a row of their own
WORDS = {
    "common": "common", "telephone": "then telephone", "mp3_64": "then MP3 64 kbit/s", "opus_16": "then Opus 16 kbit/s",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Files:
    """Files with a value: all of equal length n; prompts are kept apart by the caller."""

    rows: Sequence[Mapping[str, str]]
    values: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        return np.array([int(row["label"] == "fake") for row in self.rows])

    @property
    def sources(self) -> np.ndarray:
        return np.array([row["source"] for row in self.rows])

    @property
    def groups(self) -> list[str]:
        """Speakers; files of one source that names none count as one speaker."""
        return [row["speaker"] or row["source"] for row in self.rows]

    def where(self, kept: np.ndarray) -> Files:
        return replace(
            self, rows=[row for row, one in zip(self.rows, kept, strict=True) if one], values=self.values[kept]
        )

    def within(self) -> Interval | None:
        both = sources_with_both(self.sources, self.labels)
        return within_sources(self.values, self.labels, self.groups, self.sources, both) if both else None


def write(work: Path, rows: Sequence[Mapping[str, str]], conditions: Sequence[str]) -> None:
    found = statistics(work, rows)
    left = {condition: left_over(work / condition, rows) for condition in conditions}
    natives, count = (json.loads((work / f"{name}.json").read_text()) for name in ("natives", "count"))
    apart = np.array([row["source"].startswith(PROMPTS) for row in rows])
    speech = Files(rows, np.zeros(len(rows))).where(~apart)
    lines = [
        *HEAD,
        *counted(speech, int(apart.sum()), count),
        "",
        "## All systems",
        "",
        "| statistic | condition | real | fake | AUC | AUC within sources | EER | Cllr_min |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, by_condition in found.items():
        for condition, files in by_condition.items():
            lines.append(overall(name, condition, files.where(~prompts(files))))
    lines += nuisance_rows(speech, natives, left)
    for name, by_condition in found.items():
        lines += [
            "",
            f"## {name}",
            "",
            *alarms(by_condition),
            "",
            *by_system(by_condition),
            "",
            *by_source(by_condition),
        ]
    PAGE.write_text("\n".join([*lines, *TAIL, ""]))


def counted(speech: Files, apart: int, count: Mapping[str, int]) -> list[str]:
    real, fake = int((speech.labels == 0).sum()), int(speech.labels.sum())
    sources, systems = {*speech.sources}, {row["system"] for row in speech.rows if row["system"]}
    return [
        f"{count['chosen']} of {count['listed']} recordings were taken, the same share of each source and system; "
        f"{count['chosen'] - count['left']} of them",
        f"could not be processed. {apart} are telephone prompts, which are counted apart. That leaves {real} real ones and",
        f"{fake} synthetic or converted ones, of {len(sources)} sources and {len(systems)} systems.",
    ]


def statistics(work: Path, rows: Sequence[Mapping[str, str]]) -> dict[str, dict[str, Files]]:
    """Return the files of each statistic and condition; conditions that are not finished are left out."""
    found: dict[str, dict[str, Files]] = {}
    for path in sorted((work / "scores").glob("*.csv")):
        lines = list(csv.DictReader(path.read_text().splitlines()))
        for statistic in dict.fromkeys(line["statistic"] for line in lines if line["statistic"]):
            found[statistic] = {}
            for condition in dict.fromkeys(line["condition"] for line in lines):
                own = [line for line in lines if line["condition"] == condition]
                values = {line["file"]: float(line["value"]) for line in own if line["statistic"] == statistic}
                if {row["file"] for row in rows} <= {line["file"] for line in own}:
                    with_value = [row for row in rows if row["file"] in values]
                    numbers = np.array([values[row["file"]] for row in with_value])
                    found[statistic][condition] = Files(with_value, numbers)
    return {statistic: by_condition for statistic, by_condition in found.items() if by_condition}


def left_over(folder: Path, rows: Sequence[Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Return what the processing leaves of each file's nuisances: length, level, peak."""
    found = {}
    for row in rows:
        sound = soundfile.read(folder / f"{row['file']}.wav", dtype="float32")[0]
        power = float(np.mean(np.square(sound, dtype=np.float64)))
        found[row["file"]] = {
            "duration_s": len(sound) / 16000, "level_dbfs": 10 * np.log10(max(power, 1e-12)),
            "peak_dbfs": 20 * np.log10(max(float(np.abs(sound).max()), 1e-6)),
        }  # fmt: skip
    return found


def nuisance_rows(
    speech: Files, natives: Mapping[str, dict[str, object]], left: Mapping[str, dict[str, dict[str, float]]]
) -> Iterator[str]:
    """Judge by nuisances alone, always on speakers, or on sources, from which nothing was learned."""
    tables = {"as published": [natives[row["file"]] for row in speech.rows]}
    tables |= {condition: [found[row["file"]] for row in speech.rows] for condition, found in left.items()}
    for way, names in (("speakers", speech.groups), ("sources", speech.sources.tolist())):
        folds = baseline.fold_of(names, speech.labels)
        if folds is None:
            continue
        for condition, table in tables.items():
            values = baseline.together(table, speech.labels, folds)  # type: ignore[arg-type]
            yield overall(f"nuisances alone, other {way}", condition, replace(speech, values=values))


def overall(name: str, condition: str, files: Files) -> str:
    labels = files.labels
    figures = [cluster_bootstrap(metric, files.values, labels, files.groups) for metric in (auc, eer, cllr_min)]
    said = [worded(figures[0]), worded(files.within()), *(worded(one) for one in figures[1:])]
    return (
        f"| {name} | {WORDS.get(condition, condition)} | {int((labels == 0).sum())} | {int(labels.sum())} | "
        + " | ".join(said)
        + " |"
    )


def prompts(files: Files) -> np.ndarray:
    return np.array([row["source"].startswith(PROMPTS) for row in files.rows])


def alarms(by_condition: Mapping[str, Files]) -> Iterator[str]:
    """Share flagged, by source that sets no threshold, where 2 % of the other real recordings are."""
    yield f"Flagged at the threshold that flags at most {ALARMS:.0%} of the real recordings of all other sources:"
    yield ""
    yield "| condition | asterisk_en | asterisk_fr | asterisk_it | emodb (German) | synthetic found |"
    yield "|---|---|---|---|---|---|"
    for condition, files in by_condition.items():
        fitted = files.where(~prompts(files) & (files.sources != GERMAN))
        threshold = threshold_at_fpr(fitted.values, fitted.labels, fpr=ALARMS)
        cells = []
        for source in ("asterisk_en", "asterisk_fr", "asterisk_it", GERMAN):
            own = files.values[files.sources == source]
            cells.append(f"{int((own >= threshold).sum())}/{len(own)}")
        fakes = files.values[files.labels == 1]
        yield f"| {WORDS[condition]} | {' | '.join(cells)} | {int((fakes >= threshold).sum())}/{len(fakes)} |"


def by_system(by_condition: Mapping[str, Files]) -> Iterator[str]:
    """AUC of each system against all real recordings but the prompts."""
    yield "AUC by system, against all real recordings but telephone prompts:"
    yield ""
    yield from _head("system", by_condition)
    systems = sorted({row["system"] for files in by_condition.values() for row in files.rows} - {""})
    for system in systems:
        cells, count = [], 0
        for files in by_condition.values():
            mine = np.array([row["system"] == system for row in files.rows])
            own = files.where(mine | ((files.labels == 0) & ~prompts(files)))
            count = int(mine.sum())
            cells.append(worded(cluster_bootstrap(auc, own.values, own.labels, own.groups)) if count >= LEAST else "–")
        if count >= LEAST:
            yield f"| {system} | {count} | {' | '.join(cells)} |"


def by_source(by_condition: Mapping[str, Files]) -> Iterator[str]:
    """AUC within each source that holds both labels."""
    yield "AUC within each source that holds both labels (real and fake of one collection; EER in brackets):"
    yield ""
    yield from _head("source", by_condition, "real + fake")
    for source in sorted({row["source"] for files in by_condition.values() for row in files.rows}):
        cells, count = [], ""
        for files in by_condition.values():
            own = files.where(files.sources == source)
            real, fake = int((own.labels == 0).sum()), int(own.labels.sum())
            count = f"{real} + {fake}"
            enough = min(real, fake) >= LEAST
            cells.append(f"{auc(own.values, own.labels):.2f} ({eer(own.values, own.labels):.2f})" if enough else "–")
        if set(cells) != {"–"}:
            yield f"| {source} | {count} | {' | '.join(cells)} |"


def _head(what: str, by_condition: Mapping[str, Files], count: str = "files") -> Iterator[str]:
    yield f"| {what} | {count} | {' | '.join(WORDS[one] for one in by_condition)} |"
    yield "|" + "---|" * (2 + len(by_condition))


def worded(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    if interval.low is None or interval.high is None:
        return f"{interval.point:.2f} (no interval)"
    return f"{interval.point:.2f} ({interval.low:.2f}–{interval.high:.2f})"


HEAD = """# Voices: synthetic and converted speech

Written by `python bench/voices.py` (three steps, see its head). Every recording is brought to one channel at 16 kHz, a band of
7 kHz, an active level of −26 dBov, silence cut off at both ends (*common*), and then through one more way of transmission.
A higher value speaks for a synthetic voice; nothing is turned round, so that an AUC below 0.5 or an EER above it points the
wrong way. In brackets the 90 % interval when whole speakers are drawn again; files of one source that names no speaker count
as one. *AUC within sources* is the mean over the sources that hold five files of each label: what differs between
collections cannot help there.

""".splitlines()

TAIL = """
## How to read it

*aasist_l* is the published AASIST-L, trained by its authors on one collection of synthetic speech (weights not part of
the project; folder named by the user), here on windows of four seconds every two seconds to the end. *log-odds* is the
mean of the windows' logit for synthetic less that for real; *logit* is the authors' score, the logit for real, with its
sign changed. Nothing was fitted to these files.

Our copy of the architecture takes both published weight files without a name or number more or less (297,866 and 85,306
parameters). No collection on which its authors give a figure is at hand, so that no published figure is repeated here.
What speaks for the copy: on eight recordings, the means that enter the encoder's normalisations lie within 0.12 standard
deviations of those stored with the weights, and up to 1.0 off if the first normalisation of each block is wired into the
way, as a drawing of such a block suggests; and the published scales of those are exactly 1, as of a part that training never
reached. The stored means do not settle in which order the two graphs enter the mixed layers; it is that of public copies
of the authors' code.

*nuisances alone* is a model of boosted trees that sees no sound: for files *as published* their size, format, codec,
rate, length and level, and after the processing length, level (with pauses) and peak. It is fitted on other speakers, or
on other sources, than it is judged on. Where it is far below 0.5 on other sources, what gives one collection away says
the opposite in the next.

Where only a share of the recordings was taken, most systems have fewer than five files, and those with fewer than three
have no row of their own. Many files name no speaker: an LJSpeech voice that recurs on several demonstration pages counts
as several. Telephone prompts are narrow-band from the start; beside recordings of 7 kHz their false alarms are partly
those of the band. A condition that is missing for a statistic was not finished. AASIST itself has not been run here, only
AASIST-L.
""".splitlines()
