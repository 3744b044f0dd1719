"""Values of labelled files from networks that had not seen them, as what ``veridical.calibrate`` fits on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import evidence_files as files
import evidence_quality

from veridical import catalogue
from veridical.calibrate.items import Scored
from veridical.evidence.groups import dependence
from veridical.examiner import Examiner

SCORES = {
    "image": ("pictures", {
        "learned.ensemble": "ensemble", "learned.image_net": "image_net", "learned.embedding_length": "embedding_length",
        "learned.neuron_coverage": "neuron_coverage", "learned.locality_autoencoder": "locality_autoencoder",
        "learned.face_net": "face_net", "spatial.blend_boundary": "blend_boundary",
    }),
    "audio": ("voices", {
        "learned.voice_net": "voice_net", "audio.waveform_net": "waveform_net", "audio.cepstral": "cepstral",
        "audio.vocoder_trace": "vocoder_trace",
    }),
    "video": ("", {}),
}  # fmt: skip
"""Where the values of examinations that learned, or were asked before, lie: each by networks without the file's fold."""


LEARNED = ("spatial.blend_boundary", "audio.waveform_net", "audio.cepstral")
"""Examinations beside those of ``learned`` for which something was taught; their values are of what had not seen the fold."""


@dataclass(frozen=True)
class Valued:
    """One value of one file under one condition, as it is calibrated on."""

    condition: str
    file: files.Labelled
    item: Scored


@dataclass(frozen=True)
class Gathered:
    """All values of a kind of file, by id of examination; ``vectors`` are the quality vectors that were measured."""

    kind: str
    values: dict[str, list[Valued]]
    vectors: evidence_quality.Vectors


def gather(kind: str, data: Path, work: Path) -> Gathered:
    """Read everything that was measured for a kind of file."""
    listed = {one.file: one for one in files.listed(kind, data)}
    path = work / f"quality/{kind}.jsonl"
    vectors = evidence_quality.read(path) if path.exists() else {}
    values: dict[str, list[Valued]] = {}
    barred = {*dependence().never} | {one.id for one in catalogue.load().examinations.values() if one.aid}
    faces = {(line[0], line[1]) for line in _scores(kind, work) if line[2] == "learned.embedding_length"}
    for condition, file, id, value in _scores(kind, work):
        if condition not in files.CONDITIONS[kind] or file not in listed or id in barred:
            continue
        one = listed[file]
        quality = vectors.get((condition, file)) or _known(kind, condition, one, (condition, file) in faces)
        item = Scored(
            value=value, label="fake" if one.fake else "real", source=one.source, group=one.person, generator=one.maker,
            quality=quality, sha256=one.sha256, cross_fitted=id.startswith("learned.") or id in LEARNED,
        )  # fmt: skip
        values.setdefault(id, []).append(Valued(condition, one, item))
    return Gathered(kind, values, vectors)


def _scores(kind: str, work: Path) -> Iterator[tuple[str, str, str, float]]:
    """Yield condition, file, id and value of everything measured; of a file with several statistics the first counts."""
    folder, names = SCORES[kind]
    for id, name in names.items():
        first = ""
        for line in _lines(Path("out") / folder / f"scores/{name}.csv"):
            first = first or line["statistic"]
            if line["value"] and line["statistic"] == first:
                yield line["condition"], line["file"], id, float(line["value"])
    own = work / f"values/{kind}.csv"
    for line in _lines(own) if own.exists() else ():
        if line["value"] and line["statistic"] not in names:
            yield line["condition"], line["file"], line["statistic"], float(line["value"])


def _lines(path: Path) -> Sequence[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _known(kind: str, condition: str, one: files.Labelled, face: bool) -> dict[str, float]:
    """Return what is known of the quality of a file whose vector was not measured: enough to tell its bin."""
    if kind == "image":
        return {"jpeg_quality": float(files.jpeg_quality(one.file, condition)), **({"face_px": 60.0} if face else {})}
    if kind == "audio":
        return {"bandwidth_hz": 3400.0 if condition == "telephone" else 7000.0}
    return {}


@cache
def settings_of(id: str) -> dict[str, object]:
    """Return the knobs of an examination as they are without changes: the values were measured under these."""
    listed = catalogue.load()
    return dict(Examiner(listed).settings_of(listed.examinations[id]))
