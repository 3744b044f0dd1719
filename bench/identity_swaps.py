"""Clips in which a face swap drops out, and their controls: what bench/identity_drift.py measures.

    python bench/identity_swaps.py CLIPS PICTURES MADE

CLIPS and PICTURES are folders with a manifest.csv (columns file, label, source). The faces of photographs are laid over those
of real clips, and left out for 5 to 20 frames at one to three places. The clips and their controls (as it is, with its own
face pasted back, with a swap that never drops) are written to MADE, with made.json.
"""

from __future__ import annotations

import csv
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar, cast

import av
import cv2
import numpy as np
from PIL import Image as Pillow

from veridical.errors import MediaError
from veridical.lab.swap import Swap, swap_face
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.media.video import Video
from veridical.percept import Watch
from veridical.perception.faces import see_faces
from veridical.perception.identity import embedding
from veridical.perception.tracks import FaceTracks, Track, watch_faces
from veridical.signals.face_crops import face_crop

P = TypeVar("P")
LEAST_FRAMES, MOST_FRAMES, LEAST_PX, MOST_PX = 60, 100, 24.0, 64.0
DROPS = (5, 8, 12, 16, 20)
CLIPS_OF_ONE = 2
SAME_PERSON = 0.45  # distance of median descriptors: clips nearer than this count as one person
DONOR_SOURCES, DONORS, LIKE_DEG = ("ffhq", "webportraits", "unsplash", "utkface"), 200, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One made clip: what it is, and the frames (first, behind the last) in which a swap is dropped."""

    file: str
    kind: str
    clip: str
    source: str
    person: int
    fps: float
    donor: str
    distance: float
    drops: tuple[tuple[int, int], ...]
    fade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Frames of a real clip with one face throughout: pictures, meshes, and who it is."""

    file: str
    source: str
    fps: float
    pictures: list[np.ndarray]
    meshes: np.ndarray
    yaw: float
    identity: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Donor:
    """A photograph of a face, its eyes at most 120 pixels apart."""

    file: str
    pixels: np.ndarray
    mesh: np.ndarray
    yaw: float
    identity: np.ndarray


def rows(folder: Path) -> list[dict[str, str]]:
    """Return the real files of a manifest."""
    with (folder / "manifest.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["label"] == "real"]


def make(clips: Path, pictures: Path, made: Path) -> None:
    """Write all made clips and what they are."""
    made.mkdir(parents=True, exist_ok=True)
    people: list[np.ndarray] = []
    donors = list(_donors(pictures))
    done: list[Made] = []
    for row in sorted(rows(clips), key=lambda row: zlib.crc32(row["file"].encode())):
        shot = _shot(clips / row["file"], row["source"])
        if shot is None:
            continue
        person = _person(shot.identity, people)
        if sum(one.person == person and one.kind == "unswapped" for one in done) >= CLIPS_OF_ONE:
            continue
        done += _make_all(shot, person, donors, made)
        print(f"{row['file']}: person {person}, {len(shot.pictures)} frames", flush=True)
        (made / "made.new").write_text(json.dumps([asdict(one) for one in done]))
        (made / "made.new").rename(made / "made.json")


def _make_all(shot: Shot, person: int, donors: list[Donor], folder: Path) -> Iterator[Made]:
    random = np.random.default_rng(zlib.crc32(shot.file.encode()))
    stem = Path(shot.file).stem

    def written(kind: str, frames: list[np.ndarray], donor: Donor | None, drops: tuple[tuple[int, int], ...] = (),
                fade: int = 0) -> Made:  # fmt: skip
        name = f"{stem}-{kind}.mp4"
        _write(folder / name, frames, shot.fps)
        far = float(np.linalg.norm(donor.identity - shot.identity)) if donor else 0.0
        return Made(
            file=name, kind=kind, clip=shot.file, source=shot.source, person=person, fps=shot.fps,
            donor=donor.file if donor else "", distance=round(far, 3), drops=drops, fade=fade,
        )  # fmt: skip

    yield written("unswapped", shot.pictures, None)
    own = [swap_face(p, m, p, m).pixels for p, m in zip(shot.pictures, shot.meshes, strict=True)]
    yield written("selfpaste", own, None)
    for which, donor in zip(("alike", "any"), _chosen(shot, donors, random), strict=True):
        swaps = [swap_face(p, m, donor.pixels, donor.mesh) for p, m in zip(shot.pictures, shot.meshes, strict=True)]
        yield written(f"{which}-swapped", [swap.pixels for swap in swaps], donor)
        drops = _places(len(swaps), random)
        fade = int(random.integers(2)) * 2
        yield written(f"{which}-dropped", _dropped(shot.pictures, swaps, drops, fade), donor, drops, fade)


def _dropped(
    pictures: list[np.ndarray], swaps: list[Swap], drops: tuple[tuple[int, int], ...], fade: int
) -> list[np.ndarray]:
    """Leave the swap out where it drops; with a fade it goes and comes over that many frames before and after."""
    share = np.ones(len(swaps))
    for first, end in drops:
        share[first:end] = 0
        for step in range(fade):
            share[[first - 1 - step, end + step]] = (step + 1) / (fade + 1)
    return [
        cv2.addWeighted(swap.pixels, float(part), picture, 1 - float(part), 0)
        for picture, swap, part in zip(pictures, swaps, share, strict=True)
    ]


def _places(frames: int, random: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """Return one to three places with swapped frames before, between and after them."""
    found: list[tuple[int, int]] = []
    at = int(random.integers(12, 25))
    for length in random.choice(DROPS, int(random.integers(1, 4))):
        if at + length + 12 > frames:
            break
        found.append((at, int(at + length)))
        at += int(length + random.integers(15, 40))
    return tuple(found) if found else ((frames // 2, frames // 2 + DROPS[0]),)


def _chosen(shot: Shot, donors: list[Donor], random: np.random.Generator) -> tuple[Donor, Donor]:
    """Return the donor that looks most alike of those with a like pose, and any other."""
    like = [donor for donor in donors if abs(donor.yaw - shot.yaw) < LIKE_DEG] or donors
    like.sort(key=lambda donor: float(np.linalg.norm(donor.identity - shot.identity)))
    return like[0], like[int(random.integers(min(5, len(like) - 1), len(like)))]


def _person(identity: np.ndarray, people: list[np.ndarray]) -> int:
    far = [float(np.linalg.norm(identity - other)) for other in people]
    if far and min(far) < SAME_PERSON:
        return int(np.argmin(far))
    people.append(identity)
    return len(people) - 1


def _shot(path: Path, source: str) -> Shot | None:
    """Return the first frames of the longest unbroken track of one face."""
    pictures: list[np.ndarray] = []
    try:
        with open_exhibit(path) as exhibit:
            tracks = _tracks(exhibit.stream(Video), pictures)
    except MediaError:
        return None
    fit = [track for track in tracks.tracks if _run(track) >= LEAST_FRAMES and np.median(track.interocular) >= LEAST_PX]
    if not fit:
        return None
    track = max(fit, key=_run)
    run = min(_run(track), MOST_FRAMES)
    meshes = track.mesh()[:run, :468].astype(np.float64)
    scale = min(1.0, MOST_PX / float(np.median(track.interocular)))
    chosen = [
        cv2.resize(pictures[i], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for i in track.frames[:run]
    ]
    meshes = (meshes + 0.5) * scale - 0.5
    seen = [embedding(face_crop(chosen[i], meshes[i])) for i in np.linspace(0, run - 1, 5).astype(int)]
    return Shot(
        file=path.name, source=source, fps=tracks.fps, pictures=chosen, meshes=meshes,
        yaw=float(np.median(track.pose[:run, 0])), identity=np.median(seen, axis=0),
    )  # fmt: skip


def _run(track: Track) -> int:
    """Return how many frames the track runs before its first gap."""
    breaks = np.flatnonzero(np.diff(track.frames) != 1)
    return int(breaks[0]) + 1 if len(breaks) else len(track.frames)


def _tracks(video: Video, pictures: list[np.ndarray]) -> FaceTracks:
    faces = watch_faces(video)
    next(faces)
    for frame in video.frames():
        if len(pictures) < 3 * MOST_FRAMES:
            pictures.append(frame.pixels)
            faces.send(frame)
    return ended(faces)


def _donors(folder: Path) -> Iterator[Donor]:
    wanted = [row for row in rows(folder) if row["source"] in DONOR_SOURCES]
    wanted.sort(key=lambda row: zlib.crc32(row["file"].encode()))
    found = 0
    for row in wanted:
        pixels = np.asarray(Pillow.open(folder / row["file"]).convert("RGB"))
        scale = min(1.0, 1024 / max(pixels.shape))
        if scale < 1:
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        faces = see_faces(
            Image(pixels=pixels, format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None)
        ).faces
        if not faces or faces[0].interocular < 50 or abs(faces[0].yaw) > 30:
            continue
        face = faces[0]
        yield Donor(
            file=row["file"], pixels=pixels, mesh=face.mesh[:, :2], yaw=face.yaw,
            identity=embedding(face_crop(pixels, face.mesh)),
        )  # fmt: skip
        found += 1
        if found == DONORS:
            return


def _write(path: Path, frames: list[np.ndarray], fps: float) -> None:
    height, width = (size - size % 2 for size in frames[0].shape[:2])
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=round(fps), options={"crf": "23", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.thread_count = 1
        for picture in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture[:height, :width].copy(), format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def ended(watcher: Watch[P]) -> P:
    """Tell a watcher that the video is over, and return what it has seen."""
    try:
        watcher.send(None)
    except StopIteration as end:
        return cast(P, end.value)
    raise AssertionError("a watcher goes on after its last frame")


if __name__ == "__main__":
    make(*(Path(argument) for argument in sys.argv[1:4]))
