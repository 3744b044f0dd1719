"""Say what detectors of generated and edited pictures are worth on sources and generators that they have not seen.

    python bench/pictures.py nuisances FOLDER                 # what size, coding and colours say; FOLDER/manifest.csv
    python bench/pictures.py score clip_probe FOLDER          # yardsticks: a linear head on CLIP, and two recipes of
    python bench/pictures.py score mesonet FOLDER --bf16 --steps 150 --tune-every 25 --fold A B C
    python bench/pictures.py score lite0 FOLDER --bf16 --steps 60 --batch 24 --tune-every 20 --fold A B C --weights W
    python bench/pictures.py score ensemble FOLDER            # puts together what its members have handed in
    python bench/pictures.py page FOLDER                      # writes docs/validation/pictures.md

``veridical train``; W are published weights. Everything is kept under ``out/pictures``. A detector hands in
``out/pictures/scores/NAME.csv`` (condition, file, statistic, value), each value from a model that has seen nothing of the
file's fold (``training/pictures.py``), under the conditions of ``training/launder.py``. What it cannot judge it leaves out. Of
a file with several statistics the first is the main one.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from veridical.training import pictures, recipe
from veridical.training.launder import CONDITIONS, condition

WORK = Path("out/pictures")
LEAST_SIDE = 90
"""Pictures whose shorter side has fewer pixels under a condition are not judged by the yardsticks."""


def shown(folder: Path, rows: Iterable[pictures.Row], name: str) -> Iterator[tuple[pictures.Row, np.ndarray]]:
    """Yield every picture that a condition leaves large enough, as it shows it."""
    for row in rows:
        picture = condition(pictures.load(folder, row), name, row)
        if picture is not None and min(picture.shape[:2]) >= LEAST_SIDE:
            yield row, picture


def write_scores(name: str, values: Iterable[tuple[str, str, str, float]]) -> None:
    """Write lines of condition, file, statistic and value."""
    path = WORK / f"scores/{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = [(*line[:3], round(line[3], 5)) for line in values]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("condition", "file", "statistic", "value"), *made])


def trained(name: str, folder: Path, options: Sequence[str]) -> None:
    """Run a recipe (``veridical train``), as far as it was not run yet, and take its scores."""
    out = WORK / f"trained/{name}"
    (WORK / "scores").mkdir(exist_ok=True)
    if name == "ensemble":
        recipe.as_script(name, [str(folder), str(WORK / "scores"), str(out), *options])
    else:
        recipe.as_script(name, [str(folder), str(out), "--squares", str(WORK / "squares"), *options])
    shutil.copy(out / "scores.csv", WORK / f"scores/{name}.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    scored = steps.add_parser("score")
    scored.add_argument("detector", choices=("clip_probe", "mesonet", "lite0", "ensemble"))
    for step in (scored, steps.add_parser("nuisances"), steps.add_parser("page")):
        step.add_argument("folder", type=Path)
    given, options = parser.parse_known_args()
    rows = pictures.rows(given.folder)
    if given.step == "nuisances":
        from pictures_nuisances import measure

        measure(given.folder, rows, WORK)
    elif given.step == "page":
        from pictures_page import write

        write(WORK, rows, CONDITIONS)
    elif given.detector == "clip_probe":
        from pictures_clip import probed

        write_scores("clip_probe", probed(given.folder, rows, WORK))
    else:
        trained(given.detector, given.folder, options)


if __name__ == "__main__":
    main()
