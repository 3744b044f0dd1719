"""Kill ``veridical benchmark`` with SIGKILL at random instants, resume it, and compare its rows with a run that was let be.

python bench/kill_benchmark.py [KILLS] [SEED]
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from veridical.benchmark import results

COMMAND = "import typer; from veridical.cli.benchmark import command; typer.run(command)"
FILES = 20


def prepare(folder: Path, random_: np.random.Generator) -> Path:
    lines = ["file,label,category,generator,source,group"]
    for n in range(FILES):
        noise = random_.integers(0, 255, (160, 160, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{n}.jpg", quality=90)
        lines.append(f"{n}.jpg,fake,synthesis,noise,lab," if n % 2 else f"{n}.jpg,real,real,,lab,")
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(lines))
    return manifest


def start(manifest: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    options = ["--out", str(out), "--chain", "native", "--chain", "jpeg_75", "--workers", str(workers)]
    command = [sys.executable, "-c", COMMAND, str(manifest), *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def rows(folder: Path) -> list[object]:
    return [replace(row, seconds=0.0) for row in results.read_rows(folder)]


def main(kills: int = 50, seed: int = 0) -> int:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        media = Path(home, "media")
        media.mkdir()
        manifest = prepare(media, np.random.default_rng(seed))
        whole = Path(home, "whole")
        if start(manifest, whole, 1).wait() != 0:
            raise SystemExit("the run that was let be failed")
        killed = finished = different = 0
        while killed < kills:
            out = Path(home, f"killed-{finished}")
            code = -signal.SIGKILL
            while code == -signal.SIGKILL:
                process = start(manifest, out, 1 + finished % 2)
                try:
                    process.wait(chance.uniform(0.1, 6.0) if killed < kills else None)
                except subprocess.TimeoutExpired:
                    process.kill()
                    killed += 1
                message, code = process.communicate()[1], process.returncode
            if code != 0:
                raise SystemExit(message.decode())
            different += rows(out) != rows(whole)
            finished += 1
        print(f"{killed} kills, {finished} runs brought to their end, {different} with other rows")
        return int(different > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
