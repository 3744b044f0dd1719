"""Labelled files under conditions that both labels went through alike: what bench/evidence.py fits and judges on.

Pictures lie under the conditions of ``training/launder.py``, as the very JPEG files that these decode; voices under those of
``bench/voices.py``, as WAV; clips under two chains of ``veridical benchmark``. As published, the form of a file gives its label
away: nothing is fitted on that.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from veridical.benchmark import chains
from veridical.errors import MediaError, NotApplicable
from veridical.training import pictures
from veridical.training.folds import FOLD_OF
from veridical.training.launder import COMMON_SIDE, centre, scaled

KINDS = ("image", "audio", "video")
CONDITIONS = {
    "image": ("jpeg_75", "half", "common"),
    "audio": ("common", "telephone", "mp3_64", "opus_16"),
    "video": ("common", "common+h264_33"),
}
FOLDERS = {"image": "images", "audio": "audio", "video": "video"}
VOICES = Path("out/voices")


@dataclass(frozen=True)
class Labelled:
    """One labelled file: ``fake`` is its label, ``maker`` what made it (empty if real), ``person`` who is shown or heard."""

    file: str
    fake: bool
    source: str
    category: str
    maker: str
    person: str
    fold: str
    sha256: str


def listed(kind: str, data: Path) -> list[Labelled]:
    """Return the files of a kind that may be fitted on: no composites, no clips whose label is of low trust."""
    if kind == "image":
        return [
            Labelled(row["file"], row["label"] == "fake", row["source"], row["category"], made(row, "generator"),
                     row["group"] or row["file"], row["fold"], row["sha256"])
            for row in pictures.rows(data / "images")
        ]  # fmt: skip
    with (data / FOLDERS[kind] / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if kind == "audio":
        return [
            Labelled(row["file"], row["label"] == "fake", row["source"], "synthesis" if row["label"] == "fake" else "real",
                     made(row, "system"), row["speaker"] or row["source"], FOLD_OF.get(row["source"], ""), row["sha256"])
            for row in rows
        ]  # fmt: skip
    return [
        Labelled(row["file"], row["label"] == "fake", row["source"], row["category"], made(row, "method"), row["file"],
                 row["source"], row["sha256"])
        for row in rows
        if row["layout"] == "one face" and row["label_trust"] != "low"
    ]  # fmt: skip


def made(row: Mapping[str, str], column: str) -> str:
    """Return what made a file; empty if nothing did. Some manifests name the collection of a real file there."""
    return row[column] if row["label"] == "fake" else ""


def capped(files: Sequence[Labelled], most: int) -> list[Labelled]:
    """Return at most so many files a source and label, in turns over the sources, so that any beginning is balanced."""
    strata = defaultdict(list)
    for one in sorted(files, key=lambda one: zlib.crc32(one.file.encode())):
        strata[one.source, one.fake].append(one)
    return [own[turn] for turn in range(most) for _, own in sorted(strata.items()) if turn < len(own)]


def under(kind: str, condition: str, one: Labelled, data: Path, scratch: Path) -> Path | None:
    """Return the file as a condition shows it, written to ``scratch`` where it is not kept; None where it is unfit for it."""
    home = data / FOLDERS[kind] / one.file
    if condition == "native":
        return home
    if kind == "audio":
        kept = VOICES / condition / f"{one.file}.wav"
        return kept if kept.exists() else None
    if kind == "video":
        key = f"{zlib.crc32(one.file.encode()):08x}" * 8
        try:
            return chains.apply(condition, home, scratch, key=key)
        except (NotApplicable, MediaError):
            return None
    coded = laundered(home, one.file, condition)
    if coded is None:
        return None
    path = scratch / f"{Path(one.file).stem}.jpg"
    path.write_bytes(coded)
    return path


def laundered(home: Path, name: str, condition: str) -> bytes | None:
    """Return the JPEG file that ``training.launder.condition`` decodes for a picture; None where that is too small."""
    with Image.open(home) as source:
        picture = np.asarray(source.convert("RGB"))
    if condition == "half":
        height, width = picture.shape[:2]
        picture = scaled(picture, width // 2, height // 2)
    elif condition == "common":
        if min(picture.shape[:2]) < COMMON_SIDE:
            return None
        picture = centre(picture)
        if len(picture) > COMMON_SIDE:
            picture = scaled(picture, COMMON_SIDE, COMMON_SIDE)
    quality = jpeg_quality(name, condition)
    kept = io.BytesIO()
    Image.fromarray(picture).save(kept, format="JPEG", quality=quality, subsampling=2)
    return kept.getvalue()


def jpeg_quality(name: str, condition: str) -> int:
    """Return the quality at which ``training.launder.condition`` codes a picture of the manifest."""
    if condition == "jpeg_75":
        return 75
    return int(np.random.default_rng([zlib.crc32(name.encode()), zlib.crc32(condition.encode())]).integers(60, 96))
