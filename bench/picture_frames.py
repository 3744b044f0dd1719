"""What the networks for pictures say of faces in frames of clips, which nothing of them was learned from or chosen on.

    python bench/picture_frames.py CLIPS PAGE

CLIPS is a folder of pickled clips (row of the manifest, upright 192-pixel crops of the faces). Three crops of each face are
saved alike as JPEG 90 and examined; a face has the mean of the three. PAGE gets the table.
"""

from __future__ import annotations

import io
import pickle  # noqa: S403 - made on the same machine
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from veridical.benchmark.metrics import auc
from veridical.cache import PerceptCache
from veridical.pipeline import Request, Run

IDS = (
    "learned.ensemble", "learned.image_net", "learned.embedding_length", "learned.neuron_coverage",
    "learned.locality_autoencoder", "learned.face_net",
)  # fmt: skip
PLACES = (0.2, 0.5, 0.8)
LEAST_CROPS = 10
KINDS = {"reenactment": "talking heads", "replacement": "swaps (DFDC)"}


def faces(folder: Path) -> list[dict]:
    """Return label, category, source, file and values of each face."""
    run = Run(Request(only=("learned",)), cache=PerceptCache(None, most_bytes=0))
    found = []
    for path in sorted(folder.glob("*.pkl")):
        clip = pickle.loads(path.read_bytes())  # noqa: S301 - made on the same machine
        tracks = defaultdict(list)
        for crop in clip["crops"]:
            tracks[crop[0]].append(crop[4])
        for crops in tracks.values():
            if len(crops) >= LEAST_CROPS:
                values = judged(run, [crops[int(place * (len(crops) - 1))] for place in PLACES])
                found.append({**clip["row"], "values": values})
    return found


def judged(run: Run, crops: list[bytes]) -> dict[str, float]:
    """Return the mean value of each examination over crops."""
    said = defaultdict(list)
    for content in crops:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "face.jpg"
            Pillow.open(io.BytesIO(content)).convert("RGB").save(path, quality=90)
            for one in run.examine(path).findings:
                if one.value is not None:
                    said[one.id].append(one.value)
    return {id: float(np.mean(values)) for id, values in said.items()}


def table(found: list[dict]) -> str:
    """Return the page."""
    real = [one for one in found if one["label"] == "real"]
    lines = [f"| examination | {' | '.join(KINDS.values())} |", "|---|" + "---|" * len(KINDS)]
    for id in IDS:
        cells = []
        for kind in KINDS:
            fake = [one for one in found if one["label"] == "fake" and one["category"] == kind]
            cells.append(compared(id, real, fake))
        lines.append(f"| `{id}` | {' | '.join(cells)} |")
    halves = defaultdict(list)
    for one in found:
        if one.get("layout", "").startswith("side-by-side") and "learned.ensemble" in one["values"]:
            halves[one["file"]].append(one["values"]["learned.ensemble"])
    both = [max(values) - min(values) for values in halves.values() if len(values) > 1]
    spread = float(np.std([one["values"]["learned.ensemble"] for one in real if "learned.ensemble" in one["values"]]))
    return "\n".join([
        "# Pictures: faces in frames of clips", "",
        "Written by `python bench/picture_frames.py CLIPS PAGE`. Nothing of the networks for pictures was learned from these "
        "clips or chosen on them. Three 192-pixel crops of each face, saved alike as JPEG 90; a face counts once. AUC against "
        f"{len(real)} faces of real clips, with the 90 % interval when faces are drawn again.", "",
        *lines, "",
        "**Few clips of few people**: talking heads are ten clips by AniPortrait, AniTalker and StyleHEAT, some of one and the "
        "same person; real clips are other collections, of other sizes and coding. Composites hold the portrait or the driving "
        f"video beside what was made of it. In {len(both)} composites two or more faces were judged; the values of "
        f"`learned.ensemble` differ by {np.mean(both):.2f} within them in the mean, beside a standard deviation of "
        f"{spread:.2f} among real faces: what it sees is the clip, not what was generated in it. "
        "`learned.embedding_length`, the best single sign on generated portraits, points the wrong way on talking heads, which "
        "keep the identity of a photograph. Crops of "
        "clips are no kind of picture that the networks for generated pictures were made for: read their values there as "
        "nothing.", "",
    ])  # fmt: skip


def compared(id: str, real: list[dict], fake: list[dict]) -> str:
    """Return the AUC of one examination, with its interval and counts."""
    values = [[one["values"][id] for one in part if id in one["values"]] for part in (real, fake)]
    labels = np.repeat([False, True], [len(part) for part in values])
    random = np.random.default_rng(0)
    drawn = [
        auc(np.concatenate([random.choice(part, len(part)) for part in values]), labels) for _ in range(500)
    ]  # fmt: skip
    low, high = np.quantile(drawn, (0.05, 0.95))
    return f"{auc(np.concatenate(values), labels):.2f} ({low:.2f}–{high:.2f}), {len(values[1])} faces"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(table(faces(Path(sys.argv[1]))), encoding="utf-8")
