"""Write docs/validation/separation.md: ``python docs/separation.py FOLDER``, a finished run of the examinations of traces.

The run is ``veridical benchmark DATA/images --chain native --chain common --only spatial.convolutional_trace --only
spatial.dct_frequencies --only spatial.radial_spectrum --only spatial.colour_statistics --out FOLDER``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from veridical.benchmark import output, results
from veridical.benchmark.leave_out import NUISANCES, LeftOut
from veridical.benchmark.tables import Table, make

PAGE = Path(__file__).parent / "validation" / "separation.md"
COMMAND = (
    "veridical benchmark DATA/images --chain native --chain common --only spatial.convolutional_trace "
    "--only spatial.dct_frequencies --only spatial.radial_spectrum --only spatial.colour_statistics --out FOLDER"
)
SOURCES_NOTE = (
    "Mean AUC by held-out source of fakes, over all sources of photographs, under `common`. One collection that stands apart "
    "is no finding about generators: sources differ in what their pictures show, too."
)


def page(table: Table) -> str:
    """Return the page."""
    common = [one for one in table.left_out if one.chain == "common"]
    native = [one for one in table.left_out if one.chain == "native"]
    values = [output.cells_of(cell) for cell in table.cells if cell.level == "all"]
    parts = [
        "# Validation: photographs and generated pictures by their traces",
        f"Made by `python docs/separation.py FOLDER` from the run\n\n    {COMMAND}",
        "## On sources that nothing was learned from", output.LEFT_OUT_NOTE, summary(common),
        "### After one and the same processing (`common`)", output.left_out_markdown(common),
        "### By source of fakes", SOURCES_NOTE, by_source(common),
        "### Files as they are (`native`)",
        "Here the nuisances (format, size, JPEG quality) go with the label in many sources: these figures cannot be read as "
        "what a generator leaves.", output.left_out_markdown(native),
        "## The values, without any training",
        "Nothing was fitted on labels here. The direction is fixed: below 0.5 photographs have the higher values.",
        output._table(output.COLUMNS, values),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def summary(found: list[LeftOut]) -> str:
    """Say in words which vectors do better than the nuisances in the same folds."""
    beats = [f"`{one.id}` ({one.model})" for one in found if one.gain.low is not None and one.gain.low > 0]
    worse = [f"`{one.id}` ({one.model})" for one in found if one.gain.high is not None and one.gain.high < 0]
    best = max(found, key=lambda one: one.auc.point)
    text = f"Under `common` the best is `{best.id}` ({best.model}) with {output.between(best.auc)}; the nuisances alone reach "
    text += f"{output.between(best.nuisance)} on the same files. "
    text += f"Clear of the nuisances: {', '.join(beats) or 'none'}. Clearly below them: {', '.join(worse) or 'none'}. "
    text += f"With {len(found)} comparisons of this kind one in ten would lie clear by chance. "
    return text + "None of these vectors is a detector of generated pictures by itself."


def by_source(found: list[LeftOut]) -> str:
    """Return the mean AUC of each model by held-out source of fakes."""
    fakes = sorted({pair.fake for one in found for pair in one.pairs})
    rows = [
        [f"`{one.id}`", one.model, *(_mean([p.auc[one.model] for p in one.pairs if p.fake == fake]) for fake in fakes)]
        for one in found
    ]
    rows += [
        [
            f"`{one.id}`",
            "nuisances alone",
            *(_mean([p.auc[NUISANCES] for p in one.pairs if p.fake == f]) for f in fakes),
        ]
        for one in found[:1]
    ]
    return output._table(("examination", "model", *fakes), rows)


def _mean(values: list[float]) -> str:
    return output.short(float(np.mean(values)) if values else None)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    table = make(results.read_rows(chosen.folder), results.read_errors(chosen.folder))
    chosen.out.write_text(page(table), "utf-8")
    print(chosen.out)


if __name__ == "__main__":
    main()
