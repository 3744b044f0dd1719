"""Kill ``veridical bundle`` with SIGKILL at random instants, and see after each kill that no half bundle lies anywhere.

python bench/kill_bundle.py [KILLS] [SEED]

A process makes bundles as the command line does, of reports and of a case, with the media in them, one after the other,
until it is killed. Accepted is what a command printed. After each kill every bundle that was accepted must be there and right
to the last byte, every file in the folder must be a whole bundle, nothing else may lie there, and the case must verify.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import veridical.pipeline  # loaded before the forks: a kill then falls into the work, not into imports
import veridical.report.to_html  # noqa: F401
from veridical.bundle import keys
from veridical.bundle.check import check
from veridical.catalogue import load
from veridical.cli import app
from veridical.report.to_json import to_json
from veridical.store.case import Case
from veridical.store.ledger import Particulars

BUNDLE = re.compile(r"^Bundle: (\S+) \(")


def prepare(home: Path, chance: random.Random) -> tuple[list[Path], Path]:
    """Examine a few pictures quickly; put them into a case as well."""
    case = Case.create(home / "case", Particulars(name="kills", examiner="bench"))
    request = veridical.pipeline.Request(only=("spatial.error_level",))
    reports = []
    for number, side in enumerate((64, 400, 1200)):
        media = home / f"{number}.png"
        noise = np.random.default_rng(chance.randrange(2**32)).integers(0, 255, (side, side, 3), np.uint8)
        Image.fromarray(noise).save(media)
        text = to_json(veridical.pipeline.Run(request).examine(media))
        (home / f"{number}.report.json").write_text(text)
        reports.append(home / f"{number}.report.json")
        exhibit, _ = case.add(media)
        case.record(exhibit, text, {"band": "inconclusive"})
    keys.new("default")
    return reports, home / "case"


def work(reports: list[Path], case: Path, out: Path, seed: int, writer: int) -> None:
    """Make bundles until killed; what is printed goes to the pipe as it would to a terminal."""
    os.dup2(writer, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    chance = random.Random(seed)
    while True:
        sources = [case] if chance.random() < 0.3 else chance.sample(reports, chance.randint(1, 3))
        path = out / f"{time.monotonic_ns()}.zip"
        words = ["bundle", *map(str, sources), "--with-media", "--out", str(path)]
        try:
            app(words, prog_name="veridical")
        except SystemExit as end:
            if end.code:
                os._exit(9)
        sys.stdout.flush()


def killed(reports: list[Path], case: Path, out: Path, chance: random.Random) -> str:
    """Start, wait, kill; return what was printed."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        try:
            work(reports, case, out, chance.randrange(2**32), writer)
        finally:
            os._exit(8)
    os.close(writer)
    time.sleep(chance.uniform(0.05, 2.5))
    os.kill(process, signal.SIGKILL)
    status = os.waitpid(process, 0)[1]
    if not os.WIFSIGNALED(status):
        raise SystemExit(f"a command failed by itself ({os.WEXITSTATUS(status)})")
    said = b""
    while piece := os.read(reader, 1 << 16):
        said += piece
    os.close(reader)
    return said.decode()


def main(kills: int = 200, seed: int = 0) -> int:
    chance = random.Random(seed)
    load()
    accepted = whole = lost = half = litter = broken = unnamed = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        home = Path(name)
        os.environ["VERIDICAL_KEYS"] = str(home / "keys")
        reports, case = prepare(home, chance)
        out = home / "out"
        out.mkdir()
        for number in range(1, kills + 1):
            said = killed(reports, case, out, chance)
            printed = {Path(found[1]) for line in said.splitlines() if (found := BUNDLE.match(line))}
            there = set(out.iterdir())
            bundles = {path for path in there if path.suffix == ".zip"}
            right = {path for path in bundles if check(path, trusted=[keys.public("default")]).intact}
            accepted += len(printed)
            whole += len(right)
            lost += len(printed - right)
            half += len(bundles - right)
            litter += len(there - bundles)
            unnamed += len(right - printed)
            broken += bool(Case.open(case).verify().problems)
            for path in there:
                path.unlink()
            if number % 20 == 0:
                print(
                    f"{number} kills: {accepted} accepted, {lost} lost, {half} half, {litter} other files", flush=True
                )
    print(
        f"{kills} kills: {accepted} bundles accepted, {lost} of them lost; {whole} whole bundles found, {unnamed} of them made "
        f"just before they would have been announced; {half} half bundles, {litter} "
        f"other files; the case was broken {broken} times"
    )
    return int(lost + half + litter + broken > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
