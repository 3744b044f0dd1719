"""Write the pages of docs/validation from finished runs: ``python docs/validate.py FOLDER…``, a folder a page.

Each folder is what ``veridical benchmark`` has written; its name becomes that of the page. The pages hold figures, sources
and generators, and no file of the collection; the reports in the folders are made again without pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from veridical.benchmark import output, results
from veridical.benchmark.page import write_report
from veridical.benchmark.tables import Table, make

PAGES = Path(__file__).parent / "validation"


def page(folder: Path, table: Table) -> str:
    """Return the page of one run, with what it was run under at its end."""
    request = (results.read_json(folder / results.REQUEST) or {}).get("request", {})
    known = [f"veridical {request.get('version', '')}", f"{request.get('items', {}).get('count', 0)} files"]
    known += [f"files and labels {request['items']['sha256'][:16]}"] if "items" in request else []
    known += [f"code {request['code'][:16]}"] if "code" in request else []
    return output.markdown(table, title=f"Validation: {folder.name}") + f"\nRun under: {', '.join(known)}.\n"


def main() -> None:
    """Write one page a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=PAGES)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for folder in chosen.folders:
        written = chosen.out / f"{folder.name}.md"
        table = make(results.read_rows(folder), results.read_errors(folder))
        written.write_text(page(folder, table), "utf-8")
        print(written)
        write_report(folder, thumbnails=False, made=table)


if __name__ == "__main__":
    main()
