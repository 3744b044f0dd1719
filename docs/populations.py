"""Write where the values of pristine media lie.

    python docs/populations.py FOLDER… [--voices WORK] [--pictures WORK PICTURES]

Each folder is a finished ``veridical benchmark`` run over still images under the chain ``native``. Only files with the label
"real" enter, and only examinations at their default settings. WORK of voices is the folder of ``bench/voices.py`` with the
scores of detectors under the condition *common*, WORK of pictures that of ``bench/pictures.py`` with scores of PICTURES as they
are, each by a model that has not seen the source of the file. What is not made again stays as it is. The table is shipped; it
holds quantiles and counts, no file.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

from veridical import catalogue
from veridical.benchmark import results
from veridical.evidence import population

PREFIX = "spatial."
VOICES = {
    "cepstral": "audio.cepstral", "vocoder_trace": "audio.vocoder_trace", "waveform_net": "audio.waveform_net",
    "voice_net": "learned.voice_net",
}  # fmt: skip
"""Files of scores and the examinations whose value their first statistic is."""
PICTURES = {
    "image_net": "learned.image_net", "neuron_coverage": "learned.neuron_coverage",
    "embedding_length": "learned.embedding_length", "locality_autoencoder": "learned.locality_autoencoder",
    "ensemble": "learned.ensemble",
}  # fmt: skip
"""The same of pictures. The networks for blends that were judged do not share the scale of the shipped one."""
HAS_SEEN = ("spatial.blend_boundary",)
"""Of those that a benchmark measures, the ones whose network has learned from these very pictures."""


def main() -> None:
    """Gather the rows of all folders and replace the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--pictures", nargs=2, type=Path, metavar=("WORK", "PICTURES"))
    parser.add_argument("--out", type=Path, default=population.FILE)
    chosen = parser.parse_args()
    known = catalogue.load().examinations
    values: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    held = json.loads(chosen.out.read_text("utf-8")) if chosen.out.exists() else {"made_from": [], "populations": {}}
    sources = [] if chosen.folders else list(held["made_from"])
    if chosen.voices:
        for id, rows in voices(chosen.voices).items():
            values[id] += rows
    if chosen.pictures:
        for id, rows in pictures(*chosen.pictures).items():
            values[id] += rows
    for folder in chosen.folders:
        request = (results.read_json(folder / results.REQUEST) or {}).get("request", {})
        if request.get("knobs"):
            parser.error(f"{folder} was run with changed knobs; populations hold for default settings only")
        sources.append({"items": request.get("items"), "code": request.get("code")})
        for row in results.read_rows(folder):
            wanted = row.id in known and row.id.startswith(PREFIX) and row.quality.get("kind") == "image"
            wanted = wanted and row.id not in HAS_SEEN
            if wanted and row.chain == "native" and row.label == "real" and row.value is not None:
                condition = population.bin_of(str(row.quality["format"]), row.quality.get("jpeg_quality"))
                values[row.id].append((row.value, condition, row.source))
    table = {
        "format": population.FORMAT, "made_from": sources,
        "populations": {
            id: population.summarise(values[id], known[id].knobs) if id in values else held["populations"][id]
            for id in known if id in values or id in held["populations"]
        },
    }  # fmt: skip
    chosen.out.write_text(json.dumps(table, indent=None, separators=(",", ":")) + "\n", "utf-8")
    for id, rows in sorted(values.items()):
        print(f"{id}: {len(rows)} pristine files")


def voices(work: Path) -> dict[str, list[tuple[float, str, str]]]:
    """Return the values of bona fide recordings, telephone prompts among them, by examination."""
    real = {row["file"]: row["source"] for row in rows_of(work / "rows.csv") if row["label"] == "real"}
    found = {}
    for name, id in VOICES.items():
        lines = [
            row for row in rows_of(work / f"scores/{name}.csv") if row["statistic"] and row["condition"] == "common"
        ]
        own = [row for row in lines if row["statistic"] == lines[0]["statistic"] and row["file"] in real]
        found[id] = [(float(row["value"]), population.ALL, real[row["file"]]) for row in own]
    return found


def pictures(work: Path, folder: Path) -> dict[str, list[tuple[float, str, str]]]:
    """Return the values of photographs as they are, by examination, each with its format and quality."""
    quality = json.loads((work / "nuisances.json").read_text("utf-8"))["files"]
    source = {row["file"]: row["source"] for row in rows_of(folder / "manifest.csv") if row["label"] == "real"}
    found = {}
    for name, id in PICTURES.items():
        lines = [row for row in rows_of(work / f"scores/{name}.csv") if row["condition"] == "native"]
        found[id] = [
            (float(row["value"]), population.bin_of(*_form(quality[row["file"]])), source[row["file"]])
            for row in lines
            if row["file"] in source and row["statistic"] == lines[0]["statistic"] and row["value"] not in ("", "nan")
        ]
    return found


def _form(quality: dict[str, object]) -> tuple[str, object]:
    return str(quality["format"]), quality.get("jpeg_quality")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table with a head."""
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


if __name__ == "__main__":
    main()
