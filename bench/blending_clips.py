"""Judges faces of clips: swaps that are shared on the web (DFDC) against real clips, each clip once.

    python bench/blending_clips.py CLIPS TESTED NETWORK

CLIPS is a folder of pickled clips (row of the manifest, tracks, upright 192-pixel crops of the faces), TESTED gets clips.csv:
the mean over eight frames of the clip, of the face that is seen most, under two conditions. ``same size`` brings every face to
one size and one JPEG quality, so that neither resolution nor coding tells the label.
"""

from __future__ import annotations

import csv
import pickle  # noqa: S403 - made on the same machine
import sys
from pathlib import Path

import cv2
import numpy as np
from blending import _session

from veridical.signals.chip_maps import highest
from veridical.signals.face_chips import face_chip
from veridical.training.launder import jpeg

FRAMES, SIDE, SAME, QUALITY = 8, 192, 112, 75
EYES = ((33, 133), (263, 362))
_HEIGHT = 0.4616
REAL = ("lipnet_grid", "liveportrait", "ip_lap", "tpsmm", "styletalk", "jphdotam_dfdc", "styleheat", "aniportrait")


def judge(folder: Path, out: Path, network: Path) -> None:
    """Write a line for each clip and condition."""
    session = _session(network)
    with (out / "clips.csv").open("w", newline="") as file:
        writer = csv.DictWriter(
            file, ("condition", "file", "source", "label", "group", "score", "boundary", "sharpness")
        )
        writer.writeheader()
        for path in sorted(folder.glob("*.pkl")):
            clip = pickle.loads(path.read_bytes())  # noqa: S301 - made on the same machine
            row = clip["row"]
            swapped = row["label"] == "fake" and row["source"] == "jphdotam_dfdc"
            if not (swapped or (row["label"] == "real" and row["source"] in REAL)):
                continue
            frames = list(_frames(clip))
            if not frames:
                continue
            for name in ("as cut", "same size"):
                found = [_said(session, *(_same(*one) if name == "same size" else one)) for one in frames]
                score, boundary, sharpness = np.mean(found, axis=0)
                writer.writerow({
                    "condition": name, "file": row["file"], "source": row["source"], "label": row["label"],
                    "group": row["file"], "score": score, "boundary": boundary, "sharpness": sharpness,
                })  # fmt: skip


def _frames(clip: dict) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return crops and the mesh in each, of the face that is seen most."""
    numbers = [crop[0] for crop in clip["crops"]]
    if not numbers:
        return []
    main = max(set(numbers), key=numbers.count)
    own = [crop for crop in clip["crops"] if crop[0] == main]
    track = clip["tracks"].tracks[main]
    meshes = track.mesh()
    at = {int(frame): place for place, frame in enumerate(track.frames)}
    chosen = [own[i] for i in np.linspace(0, len(own) - 1, min(FRAMES, len(own))).astype(int)]
    return [
        (
            cv2.imdecode(np.frombuffer(crop[4], np.uint8), cv2.IMREAD_COLOR)[..., ::-1],
            _placed(meshes[at[crop[1]]], crop[3]),
        )
        for crop in chosen
        if crop[1] in at
    ]


def _placed(mesh: np.ndarray, scale: float) -> np.ndarray:
    """Return the mesh in pixels of the crop, which was cut upright about a place below the eyes."""
    points = mesh[:468, :2].astype(np.float64)
    right, left = (points[list(corners)].mean(0) for corners in EYES)
    across = (left - right) / max(float(np.hypot(*(left - right))), 1e-9)
    down = np.array([-across[1], across[0]])
    middle = (right + left) / 2 + down * (0.5 - _HEIGHT) * scale * SIDE
    return np.asarray((points - middle) @ np.stack([across, down], 1) / scale + SIDE / 2 - 0.5)


def _same(crop: np.ndarray, mesh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    small = cv2.resize(np.ascontiguousarray(crop), (SAME, SAME), interpolation=cv2.INTER_AREA)
    return jpeg(small, QUALITY), (mesh + 0.5) * (SAME / SIDE) - 0.5


def _said(session: object, crop: np.ndarray, mesh: np.ndarray) -> tuple[float, float, float]:
    chip = face_chip(np.ascontiguousarray(crop), mesh).pixels
    planes = np.ascontiguousarray(chip.transpose(2, 0, 1)[None]).astype(np.float32) / 255
    edge, _, score = session.run(None, {"faces": planes})  # type: ignore[attr-defined]
    return float(score[0]), highest(edge[0]), float(cv2.Laplacian(chip, cv2.CV_32F).var())


if __name__ == "__main__":
    judge(*map(Path, sys.argv[1:4]))
