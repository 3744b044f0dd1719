"""Reads the marks of a lab file back from the file itself. Nothing leaves the lab before this has passed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import c2pa
import numpy as np
import soundfile
from PIL import Image as Pillow

from . import label, signature, sound_marks, watermark


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks found in a file.

    Parameters
    ----------
    label
        The visible label (pictures, every frame examined) or the audible signal (sound) is there.
    payload
        What the watermark says; None if there is none, or if frames, or picture and
        sound, disagree.
    term
        Digital source type that the manifest declares; "" if there is no manifest, or if it is not intact.
    assertion
        What the lab's own assertion in the manifest says.
    """

    label: bool
    payload: int | None
    term: str
    assertion: dict[str, Any]


def marks(path: Path, *, frames: int = 3) -> Marks:
    """Read the marks of a lab file; of a video, look at that many frames spread over it (0: all)."""
    if path.suffix == ".wav":
        samples, rate = soundfile.read(path, dtype="float32")
        shown, payload = sound_marks.heard(samples, rate), sound_marks.read(samples, rate)
    else:
        pictures = list(_frames(path, frames)) if path.suffix == ".mp4" else [_picture(path)]
        readings = [watermark.read(pixels) for pixels in pictures]
        payloads = {reading.payload if reading else None for reading in readings}
        shown, payload = all(map(label.seen, pictures)), payloads.pop() if len(payloads) == 1 else None
        if path.suffix == ".mp4" and (sound := _sound(path)) is not None:
            shown = shown and sound_marks.heard(*sound)
            # sound has room for the lower half of the payload
            agree = payload is not None and sound_marks.read(*sound) == payload % 2**sound_marks.BITS
            payload = payload if agree else None
    term, assertion = _manifest(path)
    return Marks(label=shown, payload=payload, term=term, assertion=assertion)


def _picture(path: Path) -> np.ndarray:
    with Pillow.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _frames(path: Path, wanted: int) -> Iterator[np.ndarray]:
    with av.open(str(path)) as container:
        total = container.streams.video[0].frames
        chosen = set(np.linspace(0, total - 1, wanted).round().astype(int).tolist()) if wanted else set(range(total))
        for index, frame in enumerate(container.decode(video=0)):
            if index in chosen:
                yield frame.to_ndarray(format="rgb24")


def _sound(path: Path) -> tuple[np.ndarray, int] | None:
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        samples = [frame.to_ndarray()[0] for frame in container.decode(stream)]
        return np.concatenate(samples), stream.rate


def _manifest(path: Path) -> tuple[str, dict[str, Any]]:
    reader = c2pa.Reader.try_create(path)
    if reader is None:
        return "", {}
    with reader:
        results = reader.get_validation_results() or {}
        manifest = reader.get_active_manifest() or {}
    failures = {entry["code"] for entry in results.get("activeManifest", {}).get("failure", [])}
    if failures - {"signingCredential.untrusted"}:
        return "", {}
    said = {assertion["label"]: assertion["data"] for assertion in manifest.get("assertions", [])}
    actions = said.get("c2pa.actions.v2", {}).get("actions", [])
    term = actions[0].get("digitalSourceType", "") if actions else ""
    own = said.get(signature.ASSERTION, {})
    return term.removeprefix(signature.VOCABULARY), json.loads(own) if isinstance(own, str) else own
