"""From values of labelled files to the tables and models that weigh findings, and what these are worth on sources left out.

    python bench/evidence.py values KIND DATA [--minutes M]    # asks cheap examinations; KIND: image, audio or video
    python bench/evidence.py take KIND RUN                     # or takes what a run of veridical benchmark measured
    python bench/evidence.py quality KIND DATA [--minutes M]   # measures the quality of files under every condition
    python bench/evidence.py fit DATA                          # writes src/veridical/evidence/tables/*.json
    python bench/evidence.py judge DATA                        # leaves out source by source; out/evidence/judged
    python bench/evidence.py alarms DATA                       # photographs without a face, and tones: out/evidence/alarms
    python bench/evidence.py page DATA                         # writes docs/validation/evidence.md and its figures

DATA holds ``images``, ``audio`` and ``video`` with their manifests. The values of examinations that learn are those of
``bench/pictures.py`` and ``bench/voices.py``, each from networks that had not seen the file's fold. Everything else is kept
under ``out/evidence``; what was stopped goes on when the same is typed again.
"""

from __future__ import annotations

import argparse
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WORK = Path("out/evidence")
TABLES = Path("src/veridical/evidence/tables")
VERSION = "2026-11"


def fit(data: Path) -> None:
    """Write every table, fused model, and why the other examinations have none."""
    import evidence_fit
    import evidence_fused
    from evidence_files import KINDS
    from evidence_items import gather

    from veridical.calibrate.table import write_table
    from veridical.errors import UsageError

    date = datetime.now(UTC).date().isoformat()
    TABLES.mkdir(exist_ok=True)
    stale = {*TABLES.glob("*.json")}
    missing: dict[str, Any] = {}
    for kind in KINDS:
        gathered = gather(kind, data, WORK)
        tables: dict[str, Any] = {}
        for id in gathered.values:
            table, figures = evidence_fit.fit(gathered, id, version=VERSION, date=date)
            if table is None:
                missing[id] = {"kind": kind, **figures}
            else:
                tables[id] = table
                stale.discard(write_table(table, TABLES))
            print(kind, id, "weighed" if table else "not weighed", figures.get("cllr", ""), flush=True)
        if evidence_fused.PARTS[kind]:
            try:
                model = evidence_fused.fit(gathered, tables, version=VERSION, date=date)
                evidence_fit.write_json(TABLES / f"fusion.{kind}.json", model, indent=None)
                stale.discard(TABLES / f"fusion.{kind}.json")
                print(kind, "fused", model["figures"]["cllr"], flush=True)
            except UsageError as error:
                print(kind, "not fused:", error, flush=True)
    for old in stale - {TABLES / "unfit.json"}:
        old.unlink()
    evidence_fit.write_json(
        TABLES / "unfit.json", {"format": 1, "date": date, "examinations": evidence_fit.unfit(missing)}
    )


def judge(data: Path) -> None:
    """Weigh every source by what was fitted without it, and keep that."""
    import json

    import evidence_fused
    from evidence_items import gather

    (WORK / "judged").mkdir(parents=True, exist_ok=True)
    for path in sorted(TABLES.glob("fusion.*.json")):
        kind = path.name.split(".")[1]
        tables = {id: json.loads((TABLES / f"{id}.json").read_text()) for id in evidence_fused.members_of(kind)}
        weighed = evidence_fused.end_to_end(gather(kind, data, WORK), tables)
        (WORK / f"judged/{kind}.pickle").write_bytes(pickle.dumps(weighed))
        print(kind, len(weighed), "files and conditions", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    for name in ("values", "quality"):
        step = steps.add_parser(name)
        step.add_argument("kind", choices=("image", "audio", "video"))
        step.add_argument("data", type=Path)
        step.add_argument("--minutes", type=float, default=25)
    taken = steps.add_parser("take")
    taken.add_argument("kind", choices=("image", "audio", "video"))
    taken.add_argument("run", type=Path)
    for name in ("fit", "judge", "alarms", "page"):
        step = steps.add_parser(name)
        step.add_argument("data", type=Path)
        if name == "alarms":
            step.add_argument("--only", nargs="+", choices=("tone", "photograph", "odd"))
            step.add_argument("--part", type=int, default=0)
            step.add_argument("--parts", type=int, default=1)
    given = parser.parse_args()
    if given.step == "values":
        from evidence_values import collect

        collect(given.kind, given.data, WORK, given.minutes)
    elif given.step == "quality":
        from evidence_quality import measure

        measure(given.kind, given.data, WORK, given.minutes)
    elif given.step == "take":
        from evidence_values import take

        take(given.kind, given.run, WORK)
    elif given.step == "fit":
        fit(given.data)
    elif given.step == "judge":
        judge(given.data)
    elif given.step == "alarms":
        from evidence_alarms import KINDS, run

        run(given.data, WORK, given.only or KINDS, given.part, given.parts)
    else:
        from evidence_page import write

        write(given.data, WORK, TABLES)


if __name__ == "__main__":
    main()
