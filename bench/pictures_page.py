"""The page of bench/pictures.py: figures of every statistic in out/pictures/scores under every condition."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from pictures_files import (
    ALARMS,
    LEAST,
    Files,
    Found,
    auc_of,
    by_sources,
    calibrated,
    figures,
    flagged,
    mean_of_folds,
    plain,
    statistics,
    within,
    worded,
)
from pictures_text import HAS, HEAD, MAIN, TAIL, WORDS, YARDSTICKS

from veridical.benchmark import baseline
from veridical.training.pictures import FOLDS, SYNTHESIS, Row

PAGE = Path(__file__).parents[1] / "docs/validation/pictures.md"
PAIRED = ("dexer1", "laboratoriet", "kurlyto", "seegma")
"""Sources of synthesis that hold both labels."""
EQUAL = ("dexer1", "laboratoriet")
"""Those in which format, coding and size say the least; the page shows how far they are equal."""
LAUNDERED = ("jpeg_75", "half", "common")
_OVERALL = (
    "| statistic | condition | real + fake | AUC (pictures drawn again) | sources drawn again | mean of folds | AP "
    "| TPR at 1 % | EER | Cllr | Cllr_min |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)  # fmt: skip


def write(work: Path, rows: Sequence[Row], conditions: Sequence[str]) -> None:
    found, main = statistics(work, rows, conditions)
    main.sort(key=lambda name: (name in YARDSTICKS, MAIN.index(name) if name in MAIN else len(MAIN), name))
    nuisances = json.loads((work / "nuisances.json").read_text())
    judged = found | by_nuisances(rows, nuisances, conditions)
    shown = [*main, *(name for name in judged if name not in found)]
    nuisance = [name for name in shown if name not in main]
    parts = [
        HEAD, counted(rows), goals(found, main), overall(judged, shown), common_files(found, main),
        by_fold(judged, main, nuisance), paired(judged, shown, rows, nuisances["files"]), by_generator(found, main),
        alarms(found, main), editing(judged, shown), brought(found, main), TAIL,
    ]  # fmt: skip
    PAGE.write_text("\n".join([line for part in parts for line in (*part, "")]).rstrip() + "\n")


def counted(rows: Sequence[Row]) -> Iterator[str]:
    yield "| fold | real | fake |"
    yield "|---|---|---|"
    for fold in FOLDS:
        cells = []
        for label in ("real", "fake"):
            count = Counter(row["source"] for row in rows if row["fold"] == fold and row["label"] == label)
            cells.append(", ".join(f"{source} {n}" for source, n in count.most_common()))
        yield f"| {fold} | {' | '.join(cells)} |"


def by_nuisances(
    rows: Sequence[Row], nuisances: Mapping[str, Mapping[str, baseline.Quality]], conditions: Sequence[str]
) -> dict[str, dict[str, Files]]:
    """Judge by nuisances alone: on other pictures than were learned from, and on other folds."""
    found: dict[str, dict[str, Files]] = {"nuisances, other pictures": {}, "nuisances, other folds": {}}
    for name in conditions:
        table = nuisances["files" if name == "native" else name]
        own = Files([row for row in rows if row["file"] in table], np.zeros(0))
        qualities = [table[row["file"]] for row in own.rows]
        other = baseline.fold_of(own.groups, own.labels)
        folds = np.unique(own.folds, return_inverse=True)[1]
        for way, of in zip(found, (other, folds), strict=True):
            if of is not None:
                found[way][name] = Files(own.rows, baseline.together(qualities, own.labels, of))
    return found


def goals(found: Found, main: Sequence[str]) -> Iterator[str]:
    """What was to be reached, and what is."""
    yield "## Goals"
    yield ""
    yield "Synthesis, folds A to C. Goals: AUC of 0.92 laundered (the mean over JPEG 75, half size and common); 0.97 in native"
    yield f"form on pairs of equal format ({', '.join(EQUAL)}, see below); at most 2 % of each real source flagged at the"
    yield "threshold of the other folds, native."
    yield ""
    yield "| statistic | judged, native | laundered | pairs of equal format | real sources over 2 % | the most flagged |"
    yield "|---|---|---|---|---|---|"
    for name in main:
        own = {condition: files.synthesis() for condition, files in found[name].items()}
        laundered = [plain(own[one]) for one in LAUNDERED if one in own]
        cells = [str(len(own["native"].rows)) if "native" in own else "–"]
        cells.append(f"{np.mean(laundered):.2f}" if len(laundered) == len(LAUNDERED) else "–")
        if "native" in own:
            shares = flags(found[name]["native"])
            over = [(n / of, source) for source, (n, of) in shares if n > ALARMS * of]
            most = f"{max(over)[1]} ({max(over)[0]:.0%})" if over else "–"
            cells += [worded(within(own["native"], EQUAL)), f"{len(over)} of {len(shares)}", most]
        else:
            cells += ["–"] * 3
        yield f"| {name} | {' | '.join(cells)} |"


def overall(found: Found, shown: Sequence[str]) -> Iterator[str]:
    yield "## Synthesis, folds A to C together"
    yield ""
    yield from _OVERALL
    for name in shown:
        for condition, files in found[name].items():
            yield _row(name, condition, files.synthesis())


def common_files(found: Found, main: Sequence[str]) -> Iterator[str]:
    """The same on the pictures that all main detectors judged, where some judge faces alone."""
    yield "## On the pictures that all of them judged"
    yield ""
    yield from _OVERALL
    for condition in WORDS:
        having = [name for name in main if condition in found[name]]
        sets = [{row["file"] for row in found[name][condition].rows} for name in having]
        if not sets or all(one == sets[0] for one in sets):
            continue
        shared = set.intersection(*sets)
        for name in having:
            files = found[name][condition]
            kept = np.array([row["file"] in shared for row in files.rows])
            yield _row(name, condition, files.where(kept).synthesis())


def _row(name: str, condition: str, files: Files) -> str:
    real, fake = int((files.labels == 0).sum()), int(files.labels.sum())
    cells = [auc_of(files), by_sources(files), f"{mean_of_folds(files):.2f}", *figures(files, calibrated(files))]
    return f"| {name} | {WORDS[condition]} | {real} + {fake} | " + " | ".join(cells) + " |"


def by_fold(found: Found, main: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    yield "## Each fold"
    yield ""
    yield "A fold's fakes against the real pictures of the same fold; calibrated on the other folds."
    yield ""
    yield "| statistic | condition | fold | AUC | AP | TPR at 1 % | EER | Cllr | Cllr_min |"
    yield "|" + "---|" * 9
    for name in main:
        for condition, files in found[name].items():
            whole = files.synthesis()
            ratios = calibrated(whole)
            for fold in SYNTHESIS:
                own = whole.where(whole.folds == fold)
                if own.enough:
                    cells = [auc_of(own), *figures(own, ratios[whole.folds == fold])]
                    yield f"| {name} | {WORDS[condition]} | {fold} | {' | '.join(cells)} |"
    yield ""
    yield f"| AUC | condition | {' | '.join(SYNTHESIS)} |"
    yield "|" + "---|" * (2 + len(SYNTHESIS))
    for name in others:
        for condition, files in found[name].items():
            cells = [auc_of(files.where(files.folds == fold)) for fold in SYNTHESIS]
            yield f"| {name} | {WORDS[condition]} | {' | '.join(cells)} |"


def paired(
    found: Found, shown: Sequence[str], rows: Sequence[Row], nuisances: Mapping[str, baseline.Quality]
) -> Iterator[str]:
    """AUC within each source that holds both labels, and how equal its files are."""
    yield "## Within sources that hold both labels"
    yield ""
    yield "How the files of both labels are coded; what is equal cannot give the label away:"
    yield ""
    yield "| source | label | files | format | subsampling | JPEG quality | width | height | bits a pixel |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for source in PAIRED:
        for label in ("real", "fake"):
            own = [nuisances[row["file"]] for row in rows if row["source"] == source and row["label"] == label]
            words = [", ".join(sorted({str(one.get(field)) for one in own})) for field in ("format", "subsampling")]
            spans = [
                _span([one.get(field) for one in own])
                for field in ("jpeg_quality", "width", "height", "bits_per_pixel")
            ]
            yield f"| {source} | {label} | {len(own)} | {' | '.join([*words, *spans])} |"
    yield ""
    yield f"AUC. *Equal* is the mean of {' and '.join(EQUAL)}."
    yield ""
    yield f"| statistic | condition | {' | '.join(PAIRED)} | equal |"
    yield "|" + "---|" * (3 + len(PAIRED))
    for name in shown:
        for condition, files in found[name].items():
            cells = [auc_of(files.where(files.sources == source)) for source in PAIRED]
            if {*cells} != {"–"}:
                yield f"| {name} | {WORDS[condition]} | {' | '.join(cells)} | {worded(within(files, EQUAL))} |"


def _span(values: Sequence[object]) -> str:
    known = np.array([float(one) for one in values if isinstance(one, int | float)])
    if not len(known):
        return "–"
    low, middle, high = np.quantile(known, (0, 0.5, 1))
    return f"{low:.4g}" if low == high else f"{low:.4g} – {middle:.4g} – {high:.4g}"


def by_generator(found: Found, main: Sequence[str]) -> Iterator[str]:
    yield "## Each generator"
    yield ""
    yield f"AUC of its fakes against the real pictures of its fold, from {LEAST} fakes on."
    for condition in WORDS:
        having = [name for name in main if condition in found[name]]
        if not having:
            continue
        every = {(str(f), s, g) for n in having for f, s, g in _made(found[n][condition])}
        yield ""
        yield f"{WORDS[condition].capitalize()}:"
        yield ""
        yield f"| fold | source | generator | fakes | {' | '.join(having)} |"
        yield "|" + "---|" * (4 + len(having))
        for fold, source, made in sorted(every):
            cells, most = [], 0
            for name in having:
                files = found[name][condition]
                mine = (files.generators == made) & (files.sources == source) & (files.labels == 1)
                own = files.where(mine | ((files.labels == 0) & (files.folds == fold)))
                most = max(most, int(mine.sum()))
                cells.append(f"{plain(own):.2f}" if own.enough else "–")
            if most >= LEAST:
                yield f"| {fold} | {source} | {made} | {most} | {' | '.join(cells)} |"


def _made(files: Files) -> set[tuple[str, str, str]]:
    own = files.where(files.labels == 1)
    return set(zip(own.folds.tolist(), own.sources.tolist(), own.generators.tolist(), strict=True))


def flags(files: Files) -> list[tuple[str, tuple[int, int]]]:
    """Return, of each real source, how many of how many pictures are flagged at the threshold of the other folds."""
    above = flagged(files)
    order = [source for fold in FOLDS.values() for source in fold["real"]]
    found = []
    for source in order:
        own = (files.sources == source) & (files.labels == 0)
        if own.any():
            found.append((source, (int(above[own].sum()), int(own.sum()))))
    return found


def alarms(found: Found, main: Sequence[str]) -> Iterator[str]:
    yield "## False alarms of each real source"
    yield ""
    yield f"Flagged at the threshold that flags at most {ALARMS:.0%} of the real pictures of the other folds:"
    yield ""
    order = [source for fold in FOLDS.values() for source in fold["real"]]
    yield f"| statistic | condition | {' | '.join(order)} | synthesis found |"
    yield "|" + "---|" * (3 + len(order))
    for name in main:
        for condition, files in found[name].items():
            share = dict(flags(files))
            cells = ["{}/{}".format(*share[one]) if one in share else "–" for one in order]
            made = (files.labels == 1) & np.isin(files.folds, SYNTHESIS)
            cells.append(f"{int(flagged(files)[made].sum())}/{int(made.sum())}")
            yield f"| {name} | {WORDS[condition]} | {' | '.join(cells)} |"


def editing(found: Found, shown: Sequence[str]) -> Iterator[str]:
    yield "## Editing: AttGAN"
    yield ""
    yield "Fold D. The edits (128 px) against the six photographs they were made of, and against all of the fold."
    yield ""
    yield "| statistic | condition | real + fake | AUC in the source | AUC in the fold |"
    yield "|---|---|---|---|---|"
    for name in shown:
        for condition, files in found[name].items():
            own, fold = files.where(files.sources == "attgan"), files.where(files.folds == "D")
            if own.enough:
                count = f"{int((own.labels == 0).sum())} + {int(own.labels.sum())}"
                yield f"| {name} | {WORDS[condition]} | {count} | {auc_of(own)} | {auc_of(fold)} |"


def brought(found: Found, main: Sequence[str]) -> Iterator[str]:
    """AUC of every statistic handed in: all synthesis / mean of the folds / within sources."""
    yield "## What each idea brings"
    yield ""
    yield "AUC of all synthesis / mean of folds A to C / mean within sources of both labels; each on what it judged."
    yield ""
    yield f"| statistic | what it has | judged | {' | '.join(WORDS.values())} |"
    yield "|" + "---|" * (3 + len(WORDS))
    for name in [*main, *(one for one in found if one not in main)]:
        cells = []
        for condition in WORDS:
            if condition not in found[name]:
                cells.append("–")
                continue
            own = found[name][condition].synthesis()
            inside = within(own, PAIRED)
            parts = [plain(own), mean_of_folds(own), inside.point if inside else np.nan]
            cells.append(" / ".join(f"{part:.2f}" if np.isfinite(part) else "–" for part in parts))
        has = "the ensemble without that one" if name.startswith("ensemble but") else HAS.get(name, "–")
        most = max(len(files.synthesis().rows) for files in found[name].values())
        yield f"| {name} | {has} | {most} | {' | '.join(cells)} |"
