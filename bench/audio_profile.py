"""Where the time of a recording goes: ``python bench/audio_profile.py FOLDER [--minutes 1 10 60] [--report]``.

Joins the recordings of a folder of speech (in the order of their names, at 16 kHz, mono, again from the first when they are
used up) to one WAV file of each length, asks every examination about it without a cache, in a process of its own, and prints
wall and processor seconds of every percept and examination and the peak of private memory. ``--report`` also asks
the whole program (``veridical examine``), its report included. Processor seconds count every thread; the decoder is a second
process. Exit status 1 if examining takes more than a twentieth of the length or more than 1 GiB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from budgets import EXAMINE, Watch, measure

RATE = 16000
SUFFIXES = {".wav", ".flac", ".mp3", ".ogg"}
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from veridical import catalogue, resolver
from veridical.cache import PerceptCache
from veridical.examiner import Examiner
from veridical.media.exhibit import open_exhibit
rows, running = {}, []
def now():
    own = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), own.ru_utime + own.ru_stime
def timed(id, ask):
    began = now()
    running.append([0.0, 0.0])
    try:
        return ask()
    finally:
        spent = [end - begin for begin, end in zip(began, now())]
        below = running.pop()
        rows[id] = [rows.get(id, [0, 0])[i] + spent[i] - below[i] for i in (0, 1)]
        if running:
            running[-1] = [running[-1][i] + spent[i] for i in (0, 1)]
def of(what, name, id):
    plain = getattr(what, name)
    setattr(what, name, lambda self, one, *rest: timed(id(one), lambda: plain(self, one, *rest)))
of(resolver.Resolver, "_make", lambda percept: percept.id)
of(Examiner, "_ask", lambda one: one.id)
known = catalogue.load()
chosen = list(known.examinations.values())  # those of pictures end at once
examiner = Examiner(known, cache=PerceptCache(None, most_bytes=0))
with open_exhibit(Path(sys.argv[1])) as exhibit:
    began = now()
    from veridical.media.audio import Audio
    timed("(reading the file)", lambda: exhibit.stream(Audio))
    findings = list(examiner.examine(examiner.resolver(exhibit, chosen), chosen))
    wall, cpu = (end - begin for begin, end in zip(began, now()))
notes = {one.id: one.reason for one in findings}
unasked = {one.id for one in known.percepts.values() if one.watched}
rows = {id: spent for id, spent in rows.items() if not notes.get(id) and id not in unasked}
print("@" + json.dumps({"rows": rows, "notes": notes, "wall": wall, "cpu": cpu}))
"""


def joined(folder: Path, minutes: float, path: Path) -> None:
    """Write recordings of a folder one after the other, 16 kHz mono, until they last this long."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise SystemExit(f"no recordings in {folder}")
    missing, at = round(minutes * 60 * RATE), 0
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as out:
        while missing > 0:
            sound, rate = soundfile.read(files[at % len(files)], dtype="float32", always_2d=True)
            heard = soxr.resample(np.ascontiguousarray(sound.mean(1)), rate, RATE)[:missing]
            out.write(heard)
            missing, at = missing - len(heard), at + 1


def profile(path: Path) -> tuple[dict, Watch]:
    """Ask all examinations of sound in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", MEASURE, str(path)], stdout=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    watch.start()
    answer = process.communicate()[0]
    if process.returncode:
        raise SystemExit(process.returncode)
    return json.loads(answer.rpartition("@")[2]), watch


def main() -> None:
    """Measure each length and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--report", action="store_true", help="ask the whole program as well")
    chosen = parser.parse_args()
    late = False
    with tempfile.TemporaryDirectory() as temporary:
        for minutes in chosen.minutes:
            path = Path(temporary) / f"{minutes:g}min.wav"
            joined(chosen.folder, minutes, path)
            answer, watch = profile(path)
            wall, cpu = answer["wall"], answer["cpu"]
            print(
                f"{minutes:g} min: {wall:.2f} s, {cpu:.2f} CPU s, {watch.private:.0f} MiB private, decoder "
                f"{watch.children:.0f} MiB, {os.cpu_count()} cores; {60 * minutes / wall:.0f} times as fast as the sound"
            )
            for name, (seconds, used) in sorted(answer["rows"].items(), key=lambda row: -row[1][1]):
                print(
                    f"  {seconds:8.3f} s {used:8.3f} CPU s {used / cpu:6.3f}  {name}  {answer['notes'].get(name, '')[:80]}"
                )
            if chosen.report:
                row = measure(EXAMINE, path, Path(temporary) / "out", str(Path(temporary) / f"cache-{minutes:g}"))
                print(f"  whole program: {row['wall']:.2f} s, {row['cpu']:.2f} CPU s, {row['private']:.0f} MiB private")
            late |= wall > 3 * minutes or watch.private > 1024
            path.unlink()
    sys.exit(late)


if __name__ == "__main__":
    main()
