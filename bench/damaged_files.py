"""Open 200 damaged files and show that each ends in a clear error or a decode, in bounded time and memory.

    python bench/damaged_files.py [FOLDER] [--files 200]

The files are made from small seeds, the same ones every time; FOLDER keeps them (default: a temporary folder).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spoiled_media import make

from veridical.errors import MediaError, NotApplicable
from veridical.media.audio import Audio
from veridical.media.exhibit import STREAMS, Exhibit, open_exhibit
from veridical.media.image import Image
from veridical.media.video import Video


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    name: str
    result: str
    text: str
    seconds: float
    decoder_mib: float

    @property
    def clear(self) -> bool:
        """Decoded, or an error of the tree that names the file and what to do."""
        return self.result != "UNCAUGHT"


class _Watch(threading.Thread):
    """The largest resident memory that any decoder process of one exhibit reaches."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most_kib, self._stop_now = 0, threading.Event()

    def run(self) -> None:
        while not self._stop_now.wait(0.01):
            self.look()

    def look(self) -> None:
        with suppress(OSError):
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for child in children:
                with suppress(OSError, StopIteration):
                    if b"veridical.media.worker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                        continue  # not yet started: its memory is still this process's own
                    lines = Path(f"/proc/{child}/status").read_text().splitlines()
                    high = next(line for line in lines if line.startswith("VmHWM"))
                    self.most_kib = max(self.most_kib, int(high.split()[1]))

    def finish(self) -> float:
        self._stop_now.set()
        self.join()
        return self.most_kib / 1024


def examine(path: Path) -> Outcome:
    """Open one file and decode all that it holds."""
    watch = _Watch()
    watch.start()
    begin = time.perf_counter()
    try:
        with open_exhibit(path) as exhibit:
            result, text = "decoded", _decode(exhibit)
    except MediaError as error:
        result, text = type(error).__name__, str(error)
        if str(path) not in text:
            result = "UNCAUGHT"
    except Exception as error:  # noqa: BLE001 - what must not happen is counted here
        result, text = "UNCAUGHT", repr(error)
    seconds = time.perf_counter() - begin
    return Outcome(path.name, result, text, seconds, watch.finish())


def _decode(exhibit: Exhibit) -> str:
    seen = [exhibit.kind]
    for wanted in STREAMS:
        with suppress(NotApplicable):
            stream = exhibit.stream(wanted)
            if isinstance(stream, Video):
                seen.append(f"{sum(1 for _ in stream.frames())} frames")
            elif isinstance(stream, Audio):
                seen.append(f"{stream.duration_s:.2f} s of sound")
            elif isinstance(stream, Image):
                seen.append("×".join(map(str, stream.pixels.shape[1::-1])))
                if stream.jpeg is not None:
                    seen.append(f"{len(stream.jpeg.coefficients)} components")
    return ", ".join(seen)


def main() -> int:
    """Print the table; the exit status is 1 if any outcome was not clear."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--verbose", action="store_true", help="one line a file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        begin = time.perf_counter()
        paths = make(folder, asked.files)
        print(f"{len(paths)} files made in {time.perf_counter() - begin:.1f} s")
        begin = time.perf_counter()
        outcomes = []
        for path in paths:
            outcomes.append(examine(path))
            if asked.verbose:
                one = outcomes[-1]
                print(f"{one.name:24} {one.result:16} {one.seconds:5.2f} s {one.decoder_mib:5.0f} MiB  {one.text}")
        _table(outcomes, time.perf_counter() - begin)
    return 0 if all(outcome.clear for outcome in outcomes) else 1


def _table(outcomes: list[Outcome], seconds: float) -> None:
    for result, count in Counter(outcome.result for outcome in outcomes).most_common():
        print(f"{result:18}{count:5}")
    print(f"{'all':18}{len(outcomes):5}   in {seconds:.1f} s")
    for title, key in (("slowest", "seconds"), ("largest", "decoder_mib")):
        for one in sorted(outcomes, key=lambda outcome: -getattr(outcome, key))[:4]:
            print(f"{title}  {one.name:24} {one.seconds:6.2f} s {one.decoder_mib:7.0f} MiB  {one.result}")
    for one in outcomes:
        if not one.clear:
            print(f"NOT CLEAR {one.name}: {one.text}")


if __name__ == "__main__":
    sys.exit(main())
