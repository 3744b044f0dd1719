"""Kill commands on a case with SIGKILL at random instants, and see after each kill that nothing accepted is lost.

python bench/kill_case.py [KILLS] [SEED]

A process works on one case as the command line does, one random command after the other, until it is killed. Accepted is what a
command printed: the head of the log at its end. After each kill the case is checked, the log must hold every head that was ever
printed, every file that was accepted must be there byte for byte, and the next process goes on with the same case.
"""

from __future__ import annotations

import collections
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import veridical.pipeline
import veridical.report.to_html
import veridical.store.export  # loaded before the forks: a kill then falls into the work, not into imports
from veridical.catalogue import load
from veridical.cli import app
from veridical.errors import VeridicalError
from veridical.store.case import Case
from veridical.store.verify import verify

COMMAND = [sys.executable, "-c", "from veridical.cli import main; main()"]
FAST = "spatial.error_level"
LOG = re.compile(r"^Log: (\d+) entr(?:y|ies), head ([0-9a-f]{64})$")
EXHIBIT = re.compile(r"^Exhibit (\d+): .*?(\S+\.png), ")


def picture(path: Path, chance: random.Random) -> Path:
    side = chance.choice([16, 64, 400, 1200])
    Image.fromarray(np.random.default_rng(chance.randrange(2**32)).integers(0, 255, (side, side, 3), np.uint8)).save(
        path
    )
    return path


def command(case: Path, media: list[Path], chance: random.Random, exports: Path) -> list[str]:
    """Draw a command; what writes most is drawn most."""
    exhibits = len(Case.open(case).exhibits())
    what = chance.choices(
        ["add", "note", "examine", "transfer", "agree", "amend", "export", "check"], [6, 6, 4, 1, 1, 1, 1, 1]
    )[0]
    if what == "examine" and exhibits:
        return ["case", "examine", str(case), str(chance.randint(1, exhibits)), "--only", FAST]
    if what == "export":
        return ["case", "export", str(case), "--out", str(exports / f"{time.monotonic_ns()}.zip")]
    rest = {
        "add": [str(one) for one in chance.sample(media, 2)], "transfer": ["handed over"], "check": [],
        "agree": ["--first", "It was made by a machine.", "--second", "It was not."], "amend": ["--question", "And now?"],
    }.get(what, ["a note " * chance.randint(1, 300), "--kind", "observation"])  # fmt: skip
    return ["case", what if what in ("add", "transfer", "check", "agree", "amend") else "note", str(case), *rest]


def work(case: Path, media: list[Path], exports: Path, seed: int, writer: int) -> None:
    """Give commands until killed; what they print goes to the pipe as it would to a terminal."""
    os.dup2(writer, 1)
    os.dup2(os.open(case.parent / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    chance = random.Random(seed)
    while True:
        line = command(case, media, chance, exports)
        print("GIVEN", line[1], flush=True)
        try:
            code = app(line, standalone_mode=False)
        except SystemExit as end:
            code = end.code
        except VeridicalError as error:
            code = f"refused: {error}"
        print("ENDED", line[1], code or 0, flush=True)


def killed_after(seconds: float, *what: object) -> str:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work(*what, writer)
        finally:
            os._exit(1)
    os.close(writer)
    os.set_blocking(reader, False)
    said, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:  # read on, or the pipe fills and the worker stands still
        time.sleep(min(0.01, max(0.0, until - time.monotonic())))
        try:
            said += os.read(reader, 1 << 16)
        except BlockingIOError:
            continue
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise SystemExit(
            f"the worker ended by itself: {said.decode()}\n{Path(what[0]).with_name('stderr.txt').read_text()[-3000:]}"
        )
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as file:  # a child of the worker may still hold it: what is there is enough
        os.set_blocking(file.fileno(), False)
        said += file.read() or b""
    return said.decode()


def main(kills: int = 200, seed: int = 0) -> int:
    load()
    assert veridical.pipeline.Run and veridical.report.to_html and veridical.store.export
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home_:
        home = Path(home_)
        case, exports = home / "case", home / "exports"
        exports.mkdir()
        media = [picture(home / f"{n}.png", chance) for n in range(60)]
        originals = {one: (hashlib.sha256(one.read_bytes()).hexdigest(), one.stat().st_mtime_ns) for one in media}
        subprocess.run(
            [*COMMAND, "case", "new", case, "--name", "K", "--examiner", "A"], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        heads: set[str] = set()
        faults: list[str] = []
        during: collections.Counter[str] = collections.Counter()
        left = taken = 0
        for number in range(kills):
            said = killed_after(chance.uniform(0.0, 2.5), case, media, exports, chance.randrange(2**32))
            lines = said.splitlines()
            given = [line.split()[1] for line in lines if line.startswith("GIVEN")]
            ended = [line for line in lines if line.startswith("ENDED")]
            faults += [f"kill {number}: {one}" for one in ended if not one.endswith(" 0")]
            during[given[-1] if len(given) > len(ended) else "between"] += 1
            heads |= {found[2] for line in lines if (found := LOG.match(line))}
            taken += sum(bool(EXHIBIT.match(line)) for line in lines)
            checked = verify(case)
            left += bool(checked.remarks)
            opened = Case.open(case)
            lost = heads - {one.sha256 for one in opened.entries()}
            faults += [f"kill {number}: {one}" for one in (*checked.problems, *(f"lost {head}" for head in lost))]
            faults += [f"{one} was touched" for one, was in originals.items() if (was != _now(one))]
        recovered = sum(one.action == "recovered" for one in opened.entries())
        opened.note("the end")
        last = verify(case)
        faults += [*last.problems, *last.remarks]
        print(f"{kills} kills: {dict(during.most_common())}")
        print(f"{left} left something behind, {recovered} recoveries are in the log")
        counts = len(opened.entries()), len(opened.exhibits()), len(opened.ledger.examined)
        print("{} entries, {} exhibits, {} reports at the end".format(*counts))
        print(f"{len(heads)} heads and {taken} exhibits were printed as accepted; {len(faults)} faults")
        print(*faults[:20], sep="\n")
        return int(bool(faults))


def _now(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
