"""The page of bench/voices.py: figures of every statistic in out/voices/scores under every condition."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from sklearn.linear_model import LogisticRegression
from voices_text import HEAD, TAIL

from veridical.benchmark import baseline
from veridical.benchmark.audit import sources_with_both, within_sources
from veridical.benchmark.calibration_metrics import cllr, cllr_min
from veridical.benchmark.intervals import Interval, cluster_bootstrap
from veridical.benchmark.metrics import auc, eer, threshold_at_fpr
from veridical.training.folds import FOLD_OF

PAGE = Path(__file__).parents[1] / "docs/validation/voices.md"
PROMPTS, GERMAN = "asterisk", "emodb"
ALARMS = 0.02
LEAST = 3  # files of a system or of each label of a source that have a row of their own
WORDS = {
    "common": "common", "telephone": "then telephone", "mp3_64": "then MP3 64 kbit/s", "opus_16": "then Opus 16 kbit/s",
}  # fmt: skip
_OVERALL = (
    "| statistic | condition | real | fake | AUC | AUC within sources | EER | Cllr_min | Cllr |",
    "|---|---|---|---|---|---|---|---|---|",
)


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
    shown, aside = main_and_aside(work, found)
    left = {condition: left_over(work / condition, rows) for condition in conditions}
    natives, count = (json.loads((work / f"{name}.json").read_text()) for name in ("natives", "count"))
    apart = np.array([row["source"].startswith(PROMPTS) for row in rows])
    speech = Files(rows, np.zeros(len(rows))).where(~apart)
    lines = [*HEAD, *counted(speech, int(apart.sum()), count), "", "## All systems", "", *_OVERALL]
    for name in shown:
        lines += [overall(name, condition, files.where(~prompts(files))) for condition, files in found[name].items()]
    lines += nuisance_rows(speech, natives, left)
    fewest = min(
        (next(iter(found[name].values())) for name in shown), key=lambda files: len(files.rows), default=speech
    )
    if len(fewest.rows) < len(rows) / 2:
        lines += ["", *beside(found, shown, {row["file"] for row in fewest.rows})]
    lines += ["", *brought({name: found[name] for name in [*shown, *aside]})]
    lines += ["", *systems_told(found, shown)]
    for name in shown:
        lines += ["", f"## {name}", "", *alarms(found[name])]
        if name == shown[0]:
            lines += ["", *by_system(found[name]), "", *by_source(found[name])]
    PAGE.write_text("\n".join([*lines, *TAIL, ""]))


def main_and_aside(work: Path, found: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Return the first statistic of each file of scores, the fused one before all, and the others."""
    first = []
    for path in sorted((work / "scores").glob("*.csv")):
        names = [line["statistic"] for line in csv.DictReader(path.read_text().splitlines()) if line["statistic"]]
        first += [name for name in names[:1] if name in found]
    first.sort(key=lambda name: (name != "fused", name.startswith("aasist")))
    return first, [name for name in found if name not in first]


def beside(found: Mapping[str, dict[str, Files]], shown: Sequence[str], files: set[str]) -> Iterator[str]:
    """Everything on the files that the slowest detectors were asked about."""
    yield "## Beside the yardsticks"
    yield ""
    yield f"On the same {len(files)} recordings, a share of each source; prompts among them do not count here:"
    yield ""
    yield from _OVERALL
    for name in shown:
        for condition, own in found[name].items():
            kept = np.array([row["file"] in files for row in own.rows])
            yield overall(name, condition, own.where(kept & ~prompts(own)))


def brought(found: Mapping[str, dict[str, Files]]) -> Iterator[str]:
    """AUC of all statistics: over all recordings, the mean of the four folds, and within sources."""
    yield "## What each brings"
    yield ""
    yield "AUC over all recordings / mean of the four folds / within sources. *Fused but* one is the mean of the others."
    yield ""
    finished = [one for one in WORDS if any(one in by_condition for by_condition in found.values())]
    yield f"| statistic | {' | '.join(WORDS[one] for one in finished)} |"
    yield "|" + "---|" * (1 + len(finished))
    for name, by_condition in found.items():
        cells = []
        for condition in finished:
            if condition in by_condition:
                own = by_condition[condition]
                own = own.where(~prompts(own))
                within = own.within()
                parts = [auc(own.values, own.labels), mean_of_folds(own), within.point if within else np.nan]
                cells.append(" / ".join(f"{part:.2f}" for part in parts))
            else:
                cells.append("–")
        yield f"| {name} | {' | '.join(cells)} |"


def systems_told(found: Mapping[str, dict[str, Files]], shown: Sequence[str]) -> Iterator[str]:
    """AUC of each system by each main statistic, under its first condition."""
    yield "## Which systems are told"
    yield ""
    yield "AUC of each system against all real recordings but prompts, *common*; without intervals, on few files each."
    yield ""
    yield f"| system | files | {' | '.join(shown)} |"
    yield "|" + "---|" * (2 + len(shown))
    first = {name: next(iter(found[name].values())) for name in shown}
    for system in sorted({row["system"] for files in first.values() for row in files.rows} - {""}):
        cells, count = [], 0
        for files in first.values():
            mine = np.array([row["system"] == system for row in files.rows])
            count = max(count, int(mine.sum()))
            own = files.where(mine | ((files.labels == 0) & ~prompts(files)))
            cells.append(f"{auc(own.values, own.labels):.2f}" if mine.sum() >= LEAST else "–")
        if count >= LEAST:
            yield f"| {system} | {count} | {' | '.join(cells)} |"


def mean_of_folds(files: Files) -> float:
    fold = np.array([FOLD_OF.get(source, "") for source in files.sources])
    each = [files.where(fold == one) for one in sorted({*fold})]
    return float(np.mean([auc(one.values, one.labels) for one in each if 0 < one.labels.sum() < len(one.labels)]))


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
        asked = path.with_suffix(".json")
        wanted = set(json.loads(asked.read_text())) if asked.exists() else {row["file"] for row in rows}
        for statistic in dict.fromkeys(line["statistic"] for line in lines if line["statistic"]):
            found[statistic] = {}
            for condition in dict.fromkeys(line["condition"] for line in lines):
                own = [line for line in lines if line["condition"] == condition]
                values = {line["file"]: float(line["value"]) for line in own if line["statistic"] == statistic}
                if wanted <= {line["file"] for line in own}:
                    with_value = [row for row in rows if row["file"] in values and row["file"] in wanted]
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
        + f" | {calibrated(files):.2f} |"
    )


def calibrated(files: Files) -> float:
    """Return Cllr where every fold is calibrated on the others, by a straight line from the value to the log ratio."""
    fold = np.array([FOLD_OF.get(source, "") for source in files.sources])
    ratios = np.zeros(len(fold))
    for held in {*fold}:
        there = fold != held
        if len({*files.labels[there]}) < 2:
            return float("nan")
        spread = files.values[there].std() or 1.0
        line = LogisticRegression(class_weight="balanced", C=1e3)  # balanced: prior odds of 1
        line.fit(files.values[there, None] / spread, files.labels[there])
        ratios[fold == held] = line.decision_function(files.values[fold == held, None] / spread) / np.log(10)
    return cllr(ratios[files.labels == 1], ratios[files.labels == 0])


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
