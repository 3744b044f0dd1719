"""How often real speakers blink: the negative binomial that temporal.blink compares with, fitted on labelled clips.

    python bench/blink_population.py FOLDER [FILE…]

FOLDER holds clips and a manifest.csv with the columns file, label and source; each FILE named after it is left out.
Prints the fit on the real clips, with an interval from a bootstrap over sources, and the counts of both labels. Writes
nothing.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy import optimize, stats

from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.errors import MediaError
from veridical.examiner import Examiner
from veridical.media.exhibit import open_exhibit

GATES = {"least_s": 2.0, "least_eye_px": 16.0}
Counts = list[tuple[int, float]]


def count(folder: Path, left_out: set[str]) -> dict[str, dict[str, Counts]]:
    """Blinks and minutes of every clip with one usable face, by label, then by source."""
    found = catalogue.load()
    blink = found.examinations["temporal.blink"]
    examiner = Examiner(found, knobs={blink.id: GATES}, cache=PerceptCache.of_user())
    counts: dict[str, dict[str, Counts]] = defaultdict(lambda: defaultdict(list))
    with (folder / "manifest.csv").open() as manifest:
        for row in csv.DictReader(manifest):
            if row["file"] in left_out:
                continue
            try:
                with open_exhibit(folder / row["file"]) as exhibit:
                    (finding,) = examiner.examine(examiner.resolver(exhibit, [blink]), [blink])
            except MediaError as error:
                print(error, file=sys.stderr)
                continue
            if finding.measurement:
                facts = finding.measurement.facts
                counts[row["label"]][row["source"]].append((int(facts["blinks"]), float(facts["seconds_seen"]) / 60))
    return counts


def fit(counts: Counts) -> tuple[float, float]:
    """Maximum likelihood of (rate a minute, size a minute) of a negative binomial whose minutes add up."""
    blinks, minutes = np.array(counts).T

    def loss(logs: np.ndarray) -> float:
        rate, size = np.exp(logs)
        return -float(stats.nbinom.logpmf(blinks, size * minutes, size / (size + rate)).sum())

    best = optimize.minimize(loss, np.log([15.0, 5.0]), method="Nelder-Mead")
    return float(np.exp(best.x[0])), float(np.exp(best.x[1]))


def main() -> None:
    counts = count(Path(sys.argv[1]), set(sys.argv[2:]))
    for label, sources in sorted(counts.items()):
        every = [pair for pairs in sources.values() for pair in pairs]
        blinks, minutes = np.array(every).T
        print(
            f"{label}: {len(every)} clips of {len(sources)} sources, {minutes.sum():.2f} min, {blinks.sum():.0f} blinks"
        )
        for source, pairs in sorted(sources.items()):
            k, m = np.array(pairs).T
            print(f"  {source}: {len(pairs)} clips, {m.sum():.2f} min, {k.sum() / m.sum():.1f} a minute")
    real = counts["real"]
    rate, size = fit([pair for pairs in real.values() for pair in pairs])
    random = np.random.default_rng(0)
    names = sorted(real)
    fits = [fit([p for name in random.choice(names, len(names)) for p in real[name]]) for _ in range(200)]
    low, high = np.percentile([f[0] for f in fits], (5, 95))
    print(
        f"real speakers: rate {rate:.1f} a minute (90 % interval over sources {low:.0f} to {high:.0f}), size {size:.2f}"
    )


if __name__ == "__main__":
    main()
