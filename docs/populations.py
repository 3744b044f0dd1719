"""Write where the values of pristine pictures lie: ``python docs/populations.py FOLDER…``.

Each folder is a finished ``veridical benchmark`` run over still images under the chain ``native``. Only files with the label
"real" enter, and only examinations at their default settings. The table is shipped; it holds quantiles and counts, no file.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from veridical import catalogue
from veridical.benchmark import results
from veridical.evidence import population

PREFIX = "spatial."


def main() -> None:
    """Gather the rows of all folders and replace the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=population.FILE)
    chosen = parser.parse_args()
    known = catalogue.load().examinations
    values: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    sources = []
    for folder in chosen.folders:
        request = (results.read_json(folder / results.REQUEST) or {}).get("request", {})
        if request.get("knobs"):
            parser.error(f"{folder} was run with changed knobs; populations hold for default settings only")
        sources.append({"items": request.get("items"), "code": request.get("code")})
        for row in results.read_rows(folder):
            wanted = row.id in known and row.id.startswith(PREFIX) and row.quality.get("kind") == "image"
            if wanted and row.chain == "native" and row.label == "real" and row.value is not None:
                condition = population.bin_of(str(row.quality["format"]), row.quality.get("jpeg_quality"))
                values[row.id].append((row.value, condition, row.source))
    table = {
        "format": population.FORMAT, "made_from": sources,
        "populations": {id: population.summarise(values[id], known[id].knobs) for id in known if id in values},
    }  # fmt: skip
    chosen.out.write_text(json.dumps(table, indent=None, separators=(",", ":")) + "\n", "utf-8")
    for id, rows in sorted(values.items()):
        print(f"{id}: {len(rows)} pristine pictures")


if __name__ == "__main__":
    main()
