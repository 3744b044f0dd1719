"""Where the time of a clip goes: ``python bench/temporal_profile.py [--seconds N] [--clip FILE]``.

Examines a 720p25 clip of a face that moves and speaks with every examination of video and sound and no cache, in a process of
its own, and prints seconds and share of the decoding, of every watcher and percept, and of every examination; the sum against
the length of the clip, and the peak of private memory. Exit status 1 if it is slower than real time or takes more than 1 GiB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from budgets import Watch, clip

MEASURE = """
import json, sys, time
from pathlib import Path
from veridical import catalogue, resolver
from veridical.cache import PerceptCache
from veridical.examiner import Examiner
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Video
watched = {}
see = resolver._Running.see
def timed(self, frame):
    began = time.perf_counter()
    see(self, frame)
    watched[self.percept.id] = watched.get(self.percept.id, 0.0) + time.perf_counter() - began
resolver._Running.see = timed
known = catalogue.load()
chosen = [one for id, one in known.examinations.items() if id.startswith(("temporal.", "audio.", "provenance."))]
examiner = Examiner(known, cache=PerceptCache(None, most_bytes=0))
rows = {}
with open_exhibit(Path(sys.argv[1])) as exhibit:
    began = time.perf_counter()
    resolving = examiner.resolver(exhibit, chosen)
    for finding in examiner.examine(resolving, chosen):
        rows[finding.id] = (finding.seconds, finding.reason if finding.outcome != "measured" else "")
    wall = time.perf_counter() - began
    seconds = dict(resolving.seconds)
    video = seconds.pop("video", 0.0)
    rows |= {id: (spent, "watcher") for id, spent in watched.items()}
    rows |= {id: (spent, "percept") for id, spent in seconds.items()}
    rows["(decoding and colour)"] = (video - sum(watched.values()), "")
print("@" + json.dumps({"rows": rows, "wall": wall}))
"""


def main() -> None:
    """Measure one clip and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--clip", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.clip or clip(Path(folder), chosen.seconds)
        process = subprocess.Popen([sys.executable, "-c", MEASURE, str(path)], stdout=subprocess.PIPE, text=True)
        watch = Watch(process.pid)
        watch.start()
        answer = json.loads(process.communicate()[0].rpartition("@")[2])
    wall = answer["wall"]
    print(
        f"{path.name}: {wall:.1f} s, {watch.private:.0f} MiB private, decoder {watch.children:.0f} MiB, {os.cpu_count()} cores"
    )
    for name, (seconds, note) in sorted(answer["rows"].items(), key=lambda row: -row[1][0]):
        print(f"  {seconds:8.3f} s  {seconds / wall:6.3f}  {name}  {note[:90]}")
    late = not chosen.clip and wall > chosen.seconds
    sys.exit(late or watch.private > 1024)


if __name__ == "__main__":
    main()
