"""Ask the whole program about what is no fake and shows no face or voice, and about files unlike all that were calibrated."""

from __future__ import annotations

import csv
import io
import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import evidence_files as files
import evidence_quality
import numpy as np
import soundfile
from PIL import Image

from veridical.pipeline import Request, Run
from veridical.report.model import Report

KINDS = ("tone", "photograph", "odd")
PHOTOGRAPHS = TONES = 100
RATE = 16000
ONLY = {"tone": (), "photograph": ("learned",), "odd": ("learned",)}
"""What is asked: of pictures the examinations that have a table, and those beside them; no other can weigh anything."""
SKIPPED = ("learned.adversarial_probe",)
"""An alarm about a network, slow, and never weighed."""
WEAK = math.log10(2)


def run(data: Path, work: Path, kinds: Sequence[str] = KINDS, part: int = 0, parts: int = 1) -> None:
    """Write ``alarms/KIND-PART.json``: for each file what the conclusion says, and every log10 LR; goes on where it stopped.

    Parameters
    ----------
    part, parts
        Which share of the files to ask about, from 0, of how many.
    """
    (work / "alarms").mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        program = Run(Request(only=ONLY[kind], skip=SKIPPED, sound=False))
        out = work / f"alarms/{kind}-{part}.json"
        found = json.loads(out.read_text()) if out.exists() else []
        done = {one["file"] for one in found}
        with tempfile.TemporaryDirectory() as scratch:
            for number, (name, path) in enumerate(ASKED[kind](data, work, Path(scratch))):
                if name not in done and number % parts == part:
                    found.append({"what": kind, "file": name, **said(program.examine(path))})
                    out.write_text(json.dumps(found, indent=1))
                path.unlink()


def said(report: Report) -> dict[str, object]:
    """Return what a report says for or against a fake."""
    return {
        "band": report.conclusion.band, "log10_lr": report.conclusion.log10_lr, "kind": report.exhibit.kind,
        "findings": {one.id: one.evidence.log10_lr for one in report.findings if one.evidence},
        "unweighed": {
            one.id: one.unweighed for one in report.findings if one.id.startswith("learned") and one.unweighed
        },
    }  # fmt: skip


def tones(data: Path, work: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield clean tones."""
    for number in range(TONES):
        path = scratch / f"tone-{number:03}.wav"
        soundfile.write(path, tone(number), RATE, "PCM_16")
        yield path.name, path


def photographs(data: Path, work: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield photographs without a face: of cameras that no network was taught with, then scenes of the labelled pictures."""
    with (data / "prnu/manifest.csv").open(newline="") as file:
        natural = [row["file"] for row in csv.DictReader(file) if row["kind"] == "natural"]
    left = PHOTOGRAPHS
    for name in natural:
        for condition in ("half", "common"):
            home = data / "prnu" / name
            coded = files.laundered(home, name, condition)
            if coded is not None and left:
                left -= 1
                yield f"{name}, {condition}", written(scratch, coded)
    vectors = evidence_quality.read(work / "quality/image.jsonl")
    scenes = files.capped([one for one in files.listed("image", data) if not one.fake], 60)
    for condition in ("common", "half"):
        for one in scenes:
            if left and vectors.get((condition, one.file), {}).get("faces") == 0:
                coded = files.laundered(data / "images" / one.file, one.file, condition)
                if coded is not None:
                    left -= 1
                    yield f"{one.file}, {condition}", written(scratch, coded)


def written(scratch: Path, coded: bytes) -> Path:
    path = scratch / "picture.jpg"
    path.write_bytes(coded)
    return path


def tone(number: int) -> np.ndarray:
    """Return a clean tone of 4 s: a sine, a chord, a rising tone, a tone that pulses like syllables, or one with overtones."""
    random = np.random.default_rng(number)
    time = np.arange(4 * RATE) / RATE
    pitch = float(random.uniform(80, 1000))
    wave = {
        0: lambda: np.sin(2 * np.pi * pitch * time),
        1: lambda: sum(np.sin(2 * np.pi * pitch * share * time) for share in (1, 1.25, 1.5)) / 3,
        2: lambda: np.sin(2 * np.pi * (pitch * time + 150 * time**2)),
        3: lambda: np.sin(2 * np.pi * pitch * time) * (1 + np.sin(2 * np.pi * random.uniform(2, 6) * time)) / 2,
        4: lambda: sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, int(7000 // pitch) + 1)) / 2,
    }[number % 5]()
    return np.asarray(0.5 * wave / np.abs(wave).max())


def odd(data: Path, work: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield faces, fake and real, in states that nothing was calibrated on: tiny, huge, hardly coded, drowned in noise."""
    chosen = [
        one
        for one in files.capped(files.listed("image", data), 1)
        if one.source in ("fakefaces", "ffhq", "sd14", "unsplash")
    ]
    for one in chosen:
        with Image.open(data / "images" / one.file) as source:
            picture = source.convert("RGB")
        noise = np.random.default_rng(0).normal(0, 45, (picture.height, picture.width, 3))
        noisy = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
        for state, made, quality in (
            ("48 px", picture.resize((48, 48), Image.Resampling.LANCZOS), 75),
            ("2600 px", picture.resize((2600, 2600), Image.Resampling.LANCZOS), 75),
            ("JPEG 4", picture, 4),
            ("noise of 45 steps", noisy, 75),
        ):
            kept = io.BytesIO()
            made.save(kept, "JPEG", quality=quality)
            yield f"{one.file}, {state}", written(scratch, kept.getvalue())


ASKED = dict(zip(KINDS, (tones, photographs, odd), strict=True))
