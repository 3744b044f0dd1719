"""Measure what generator attribution is worth: ``python docs/attribution.py FOLDER… [--out PAGE]``.

Each folder is a finished ``veridical benchmark`` run with the vectors of traces. Every picture is compared with the groups of
its condition twice: once with its own group made without it, once without its own group at all, as if its maker were not
known. The spread within groups is that of the whole table: what is shown is therefore a little too good.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from veridical.benchmark import results
from veridical.benchmark.intervals import cluster_bootstrap
from veridical.benchmark.metrics import auc
from veridical.benchmark.output import between
from veridical.benchmark.references import (
    Members,
    distances,
    groups_of,
    matrix,
    pictures_of,
    radius_of,
    whitening_of,
)
from veridical.examinations.spatial.generator_attribution import LEAST_GROUPS
from veridical.knowledge.references import CONDITIONS, TRACES

PAGE = Path(__file__).parent / "validation" / "attribution.md"
ANSWERS = ("its own", "another generator", "photographs", "unknown")


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of the pictures of one group: the kinds of answer, and the value of each picture."""

    tally: Counter[str]
    values: np.ndarray


def ask(own: Members, groups: list[Members], *, known: bool) -> Told | None:
    """Compare the pictures of a group with all groups; ``known`` keeps their own, made without the picture itself.

    Without it nothing of the group is left: radii and the spread within groups are those of the others. None if no
    photographs or no generator would be left.
    """
    table = groups if known else [one for one in groups if one is not own]
    if len({one.real for one in table}) < 2:
        return None
    whitening = {name: made for name in TRACES if (made := whitening_of(table, name)) is not None}
    vectors = {name: matrix(own.pictures, name) for name in TRACES}
    count, rows = len(own.pictures), []
    for other in table:
        theirs = {name: matrix(other.pictures, name) for name in TRACES}
        means = {name: part.mean(0) for name, part in theirs.items()}
        if other is own:
            means = {name: (part.sum(0) - part) / (count - 1) for name, part in theirs.items()}
        rows.append((other, distances(vectors, means, whitening), radius_of(other, whitening)))
    tally: Counter[str] = Counter()
    for i in range(count):
        order = sorted(rows, key=lambda row, i=i: row[1][i])  # type: ignore[misc]
        answer = next((g for g, d, radius in order if radius is not None and d[i] <= radius), None)
        tally[_kind(answer, own)] += 1
    real, made = (np.min([d for g, d, _ in rows if g.real is side], axis=0) for side in (True, False))
    return Told(tally, real - made)


def _kind(answer: Members | None, own: Members) -> str:
    if answer is None:
        return "unknown"
    if answer is own:
        return "its own"
    return "photographs" if answer.real else "another generator"


def _name(group: Members) -> str:
    return f"{'photographs' if group.real else group.name} ({group.source})"


def page(folders: list[Path]) -> str:
    """Return the page."""
    rows = [row for folder in folders for row in results.read_rows(folder)]
    sizes = Counter((one.source, one.label == "real") for one in {row.path: row for row in rows}.values())
    pictures = pictures_of(rows)
    lines = [
        "# Validation: generator attribution", "",
        "What `spatial.generator_attribution` answers: the nearest group within whose radius a picture lies. That is its own, "
        "another generator's, a collection of photographs, or none (*unknown*).", "",
        "- *Known*: its group is in the table, made without the picture itself.",
        "- *Not known*: its whole group is taken out, with radii and spreads of the others only, as for a generator or a "
        "collection that nobody has seen. This is the line to go by.", "",
        "*AUC of the value* (distance to the nearest photographs less that to the nearest generator) is the chance that a "
        "generated picture has a higher value than a photograph, with the 90 % interval when persons (pictures, where these "
        "are not known) are drawn again. A group is one generator in one collection: what a collection leaves (size, encoder) "
        "counts as the generator's where files are compared as they are. Only in the condition of small "
        "JPEGs were all treated alike.",
    ]  # fmt: skip
    for condition in CONDITIONS:
        here = [p for p in pictures if p.condition == condition and all(name in p.vectors for name in TRACES)]
        groups = list(groups_of(here, sizes))
        lines += ["", f"## {condition}", ""]
        if min(sum(one.real is side for one in groups) for side in (True, False)) < LEAST_GROUPS:
            lines.append(
                f"Fewer than {LEAST_GROUPS} generators or collections of photographs: the examination does not apply."
            )
            continue
        for known in (True, False):
            lines += [*_table(groups, known=known), ""]
    return "\n".join(
        [*lines, "Command: `python docs/attribution.py FOLDER`, with the folder of the run that made the table.", ""]
    )


def _table(groups: list[Members], *, known: bool) -> list[str]:
    kinds = [kind for kind in ANSWERS if known or kind != "its own"]
    lines = [f"| {'known' if known else 'not known'} | pictures | " + " | ".join(kinds) + " |"]
    lines.append("|---|---|" + "---|" * len(kinds))
    told = {id(own): ask(own, groups, known=known) for own in groups}
    asked = [(own, found) for own in groups if (found := told[id(own)]) is not None]
    for own, found in asked:
        total = len(own.pictures)
        lines.append(
            f"| {_name(own)} | {total} | " + " | ".join(f"{found.tally[kind] / total:.2f}" for kind in kinds) + " |"
        )
    if len({own.real for own, _ in asked}) == 2:
        labels = np.concatenate([np.full(len(own.pictures), float(not own.real)) for own, _ in asked])
        names = [one.group for own, _ in asked for one in own.pictures]
        found_auc = cluster_bootstrap(auc, np.concatenate([found.values for _, found in asked]), labels, names)
        lines += ["", f"AUC of the value, {'known' if known else 'not known'}: {between(found_auc)}."]
    return lines


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    text = page(chosen.folders)
    chosen.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
