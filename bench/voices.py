"""Say what detectors of synthetic voices are worth when both labels come through one and the same processing.

    python bench/voices.py sounds FOLDER [--share 0.3]       # FOLDER/audio/manifest.csv; every file under every condition
    python bench/voices.py score DETECTOR [--weights FOLDER] [--share 0.3] # aasist, aasist_l (extra train) or an id
    python bench/voices.py fuse NAME NAME…                   # weighs scores of several, on folds that none has seen
    python bench/voices.py page                              # writes docs/validation/voices.md

Everything is kept under ``out/voices``; scoring that was stopped goes on when the same is typed again. A detector that learns
writes ``out/voices/scores/NAME.csv`` itself (condition, file, statistic, value), each value from a model that has seen neither
the source nor the speaker. Files that the processing cannot take (silent ones) are left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from scipy import signal

from veridical.benchmark.quality import quality_of
from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit
from veridical.reencode import _coding, _sound
from veridical.signals.speech_level import common

WORK = Path("out/voices")
RATE = _sound.COMMON_RATE
CODED = {"mp3_64": ("libmp3lame", "mp3", 64), "opus_16": ("libopus", "ogg", 16)}
CONDITIONS = ("common", "telephone", *CODED)
Row = Mapping[str, str]


def sounds(folder: Path, share: float) -> None:
    """Write every chosen file under every condition, and what its own form says of it."""
    listed = list(csv.DictReader((folder / "audio/manifest.csv").read_text().splitlines()))
    rows = chosen(listed, share)
    WORK.mkdir(parents=True, exist_ok=True)
    kept, natives = [], {}
    for row in rows:
        with open_exhibit(folder / "audio" / row["file"]) as exhibit:
            native = _sound.mono(exhibit.stream(Audio), RATE)
            natives[row["file"]] = dict(quality_of(exhibit))
        try:
            sound = common(native)
        except NotApplicable:
            continue
        kept.append(row)
        for condition in CONDITIONS:
            path = wav(condition, row)
            path.parent.mkdir(exist_ok=True)
            soundfile.write(path, np.clip(under(condition, sound), -1, 1), RATE, "PCM_16", format="WAV")
    with (WORK / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(kept)
    (WORK / "natives.json").write_text(json.dumps(natives))
    (WORK / "count.json").write_text(json.dumps({"listed": len(listed), "chosen": len(rows), "left": len(kept)}))


def chosen(rows: list[dict[str, str]], share: float) -> list[dict[str, str]]:
    """Return the same share of each source, label and system, one file at least, in an order that their hashes give."""
    strata = defaultdict(list)
    for row in rows:
        strata[row["source"], row["label"], row["system"]].append(row)
    return [
        row
        for _, own in sorted(strata.items())
        for row in sorted(own, key=lambda row: row["sha256"])[: max(1, round(share * len(own)))]
    ]


def under(condition: str, sound: np.ndarray) -> np.ndarray:
    """Return the common sound after one more way of transmission, at 16 kHz again."""
    if condition == "common":
        return sound
    if condition == "telephone":
        narrow = signal.firwin(401, (265, 3435), window=("kaiser", 6.0), fs=8000, pass_zero=False)
        spoken = _sound.filtered(soxr.resample(sound, RATE, 8000, "VHQ"), narrow)
        with tempfile.TemporaryFile() as file:
            soundfile.write(file, np.clip(spoken, -1, 1), 8000, "ULAW", format="WAV")
            file.seek(0)
            return soxr.resample(soundfile.read(file, dtype="float32")[0], 8000, RATE, "VHQ")
    codec, container, kbit = CODED[condition]
    with tempfile.NamedTemporaryFile() as file:
        with av.open(file.name, "w", format=container, options=_coding.CONTAINER) as out:
            _coding.Speaker(out, _coding.Voice(sound, RATE, kbit, codec)).finish()
        return decoded(file.name)


def decoded(path: str) -> np.ndarray:
    with av.open(path) as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", stream.rate)
        frames = [one for frame in source.decode(stream) for one in resampler.resample(frame)]
        sound = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        return soxr.resample(sound, stream.rate, RATE, "VHQ")


def wav(condition: str, row: Row) -> Path:
    return WORK / condition / f"{row['file']}.wav"


def rows_at_hand() -> list[dict[str, str]]:
    return list(csv.DictReader((WORK / "rows.csv").read_text().splitlines()))


def score(name: str, weights: Path | None, share: float = 1.0) -> None:
    """Ask a detector about every sound that it has not judged yet, or about a share of them if it is slow."""
    path = WORK / "scores" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    rows = chosen(rows_at_hand(), share)
    path.with_suffix(".json").write_text(json.dumps([row["file"] for row in rows]))
    done = {(row["condition"], row["file"]) for row in scored(path)}
    ask = detector(name, weights)
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(("condition", "file", "statistic", "value"))
        for condition in CONDITIONS:
            for row in rows:
                if (condition, row["file"]) not in done:
                    found = ask(wav(condition, row)) or {"": ""}  # asked, and not measured
                    writer.writerows((condition, row["file"], *one) for one in found.items())
                    file.flush()


def scored(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        yield from csv.DictReader(path.read_text().splitlines())


def detector(name: str, weights: Path | None) -> Callable[[Path], Mapping[str, float]]:
    """Return what gives the statistics of a sound, each higher for a synthetic voice."""
    if name.startswith("aasist"):
        if weights is None:
            raise SystemExit("--weights must name the folder of the published weights")
        from veridical.training import aasist

        model = aasist.load(weights, {"aasist": "AASIST", "aasist_l": "AASIST-L"}[name])

        def judged(path: Path) -> dict[str, float]:
            found = aasist.judge(model, soundfile.read(path, dtype="float32")[0])
            odds, logit = float(found.log_odds.mean()), float(found.real_logit.mean())
            return {f"{name} log-odds": round(odds, 5), f"{name} logit": round(-logit, 5)}

        return judged

    from veridical import examine

    def examined(path: Path) -> dict[str, float]:
        findings = examine(path, only=[name]).findings
        return {one.id: one.measurement.value for one in findings if one.measurement}

    return examined


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    made = steps.add_parser("sounds")
    made.add_argument("folder", type=Path)
    made.add_argument("--share", type=float, default=1.0)
    asked = steps.add_parser("score")
    asked.add_argument("detector")
    asked.add_argument("--weights", type=Path)
    asked.add_argument("--share", type=float, default=1.0)
    weighed = steps.add_parser("fuse")
    weighed.add_argument("detectors", nargs="+")
    steps.add_parser("page")
    given = parser.parse_args()
    if given.step == "sounds":
        sounds(given.folder, given.share)
    elif given.step == "score":
        score(given.detector, given.weights, given.share)
    elif given.step == "fuse":
        from voices_fusion import fuse

        fuse(WORK, rows_at_hand(), given.detectors)
    else:
        from voices_page import write

        write(WORK, rows_at_hand(), CONDITIONS)
