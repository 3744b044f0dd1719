"""Seconds and memory of `veridical examine` on media of known size, beside decoding alone, in one run.

    python bench/budgets.py [--long] [WORD…]      (only exhibits whose name holds one of the words)

Each row is a process of its own: wall seconds, processor seconds and the peak of its own memory (the decoder process is
listed apart). The budgets are those of the design. --long adds a 10-minute clip, to show that memory does not grow.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import av
import cv2
import numpy as np
import soundfile
from skimage.data import astronaut

from veridical.lab.portrait import open_mouth
from veridical.lab.scene import FPS
from veridical.lab.source import DEMO_FACE, DEMO_MOUTH
from veridical.lab.speech import RATE, babble
from veridical.lab.talk import level, opening

DECODE = """
import sys
from veridical.media.exhibit import open_exhibit
from veridical.media.audio import Audio
from veridical.media.video import Video
with open_exhibit(sys.argv[1]) as exhibit:
    if exhibit.kind == "video":
        print(sum(1 for _ in exhibit.stream(Video).frames()), "frames")
    elif exhibit.kind == "audio":
        print(exhibit.stream(Audio).samples.shape)
"""
EXAMINE = """
import sys
from veridical.cli import main
sys.argv = ["veridical", "examine", sys.argv[1], "--out", sys.argv[2]]
main()
"""
MEASURE = """
import json, resource, sys, time
began = time.perf_counter()
try:
    exec(sys.argv.pop(1))
except SystemExit as end:
    assert not end.code, end.code
own, below = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
print("@" + json.dumps({"wall": time.perf_counter() - began,
    "cpu": own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime}))
"""


class Watch(threading.Thread):
    """Peaks of memory of a process and of its children, MiB, read from /proc while they run.

    ``own`` and ``children`` count everything resident, ``private`` only what the process itself has allocated: pages of
    files (libraries, the sound of a long clip) are the system's to drop. ru_maxrss would count the starter's memory.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.own, self.private, self.children = pid, 0.0, 0.0, 0.0

    def run(self) -> None:
        while peak := _memory(self.pid, "VmHWM"):
            self.own = max(self.own, peak)
            self.private = max(self.private, _memory(self.pid, "RssAnon"))
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
                self.children = max([self.children, *(_memory(int(child), "VmRSS") for child in children)])
            time.sleep(0.01)


def _memory(pid: int, kind: str) -> float:
    try:
        found = re.search(rf"{kind}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def portrait(folder: Path, megapixels: float) -> Path:
    """A photograph of a face, enlarged with added grain, as JPEG 90."""
    side = round((megapixels * 1e6) ** 0.5 / 8) * 8
    picture = cv2.resize(astronaut(), (side, side), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    picture += np.random.default_rng(0).normal(0, 3, picture.shape).astype(np.int16)
    path = folder / f"{megapixels:g}mp.jpg"
    cv2.imwrite(str(path), np.clip(picture, 0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    return path


def clip(folder: Path, seconds: int) -> Path:
    """A 720p25 H.264 clip of a face that moves, turns gently and speaks, with its sound."""
    path = folder / f"{seconds}s.mp4"
    random = np.random.default_rng(0)
    scene = np.full((720, 1280, 3), 96, np.uint8)
    scene += random.integers(0, 24, scene.shape, np.uint8)
    chin = DEMO_FACE.y + DEMO_FACE.height
    faces = [open_mouth(astronaut(), DEMO_MOUTH, chin, 1.7 * step / 16) for step in range(17)]
    said = babble(random, min(seconds, 60.0))
    said = np.tile(said, -(-seconds * RATE // len(said)))[: seconds * RATE]
    gaps = opening(said[: 60 * RATE], min(seconds, 60))
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "23"})
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        sound = file.add_stream("aac", rate=RATE, layout="mono")
        written = 0
        for index in range(25 * seconds):
            moment = index / 25
            turn = cv2.getRotationMatrix2D((256, 256), 4 * np.sin(moment), 1.6 + 0.08 * np.sin(0.7 * moment))
            turn[:, 2] += (400 + 60 * np.sin(0.5 * moment), 100 + 30 * np.sin(0.9 * moment))
            face = faces[level(gaps[round(moment * FPS) % len(gaps)])]
            frame = cv2.warpAffine(face, turn, (1280, 720), dst=scene.copy(), borderMode=cv2.BORDER_TRANSPARENT)
            file.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            while written < min((index + 1) * RATE / 25, len(said)):
                part = av.AudioFrame.from_ndarray(said[None, written : written + 1024], format="fltp", layout="mono")
                part.rate, part.pts = RATE, written
                written += 1024
                file.mux(sound.encode(part))
        file.mux(video.encode())
        file.mux(sound.encode())
    return path


def speech(folder: Path) -> Path:
    """60 s of speech-like sound."""
    path = folder / "60s.wav"
    soundfile.write(path, babble(np.random.default_rng(1), 60.0), RATE)
    return path


def measure(code: str, path: Path, folder: Path, cache: str) -> dict[str, float]:
    environment = os.environ | {"VERIDICAL_CACHE": cache}
    command = [sys.executable, "-c", MEASURE, code, str(path), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    watch = Watch(process.pid)
    watch.start()
    said, complained = process.communicate()
    if process.returncode:
        raise SystemExit(complained)
    return json.loads(said.rpartition("@")[2]) | {"own": watch.own, "private": watch.private, "decoder": watch.children}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wanted = [word for word in sys.argv[1:] if not word.startswith("--")]
        cases = [
            ("1-megapixel portrait", portrait(folder, 1), 10.0), ("12-megapixel portrait", portrait(folder, 12), 30.0),
            ("30 s of 720p25", clip(folder, 30), 30.0), ("60 s of speech", speech(folder), 3.0),
        ]  # fmt: skip
        if "--long" in sys.argv:
            cases.insert(3, ("10 min of 720p25", clip(folder, 600), 600.0))
        cases = [case for case in cases if not wanted or any(word in case[0] for word in wanted)]
        print("| exhibit | step | wall, s | budget, s | CPU, s | resident, MiB | private, MiB | decoder, MiB |")
        print("|---" * 8 + "|")
        for name, path, budget in cases:
            cache = str(folder / f"cache-{path.stem}")
            for step, code, limit in (
                ("decode only", DECODE, ""),
                ("examine", EXAMINE, budget),
                ("examine again", EXAMINE, ""),
            ):
                row = measure(code, path, folder, cache)
                memory = " | ".join(f"{row[key]:.0f}" for key in ("own", "private", "decoder"))
                print(f"| {name} | {step} | {row['wall']:.2f} | {limit} | {row['cpu']:.2f} | {memory} |", flush=True)


if __name__ == "__main__":
    began = time.time()
    main()
    print(f"\n{time.time() - began:.0f} s in all, {os.cpu_count()} cores", file=sys.stderr)
