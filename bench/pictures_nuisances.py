"""What says nothing of how a picture came about: size, coding, mean colour; of the files, and under each condition."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pictures import shown
from PIL import Image

from veridical.benchmark.quality import quality_of
from veridical.media.exhibit import open_exhibit
from veridical.training.launder import CONDITIONS
from veridical.training.pictures import Row

_AGAIN = 95
"""Quality at which a picture is coded once more, for how many bits a pixel of it takes."""


def measure(folder: Path, rows: Sequence[Row], work: Path) -> None:
    """Write ``nuisances.json``: of each condition, of each file, its nuisances; "files" are the files as published."""
    path = work / "nuisances.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else {}
    known = kept.setdefault("files", {})
    for row in rows:
        if row["file"] not in known:
            with open_exhibit(folder / row["file"]) as exhibit:
                known[row["file"]] = dict(quality_of(exhibit))
    for name in CONDITIONS[1:]:
        kept[name] = {row["file"]: left_over(picture) for row, picture in shown(folder, rows, name)}
    with tempfile.NamedTemporaryFile("w", dir=work, delete=False) as file:
        json.dump(kept, file)
    Path(file.name).replace(path)


def left_over(picture: np.ndarray) -> dict[str, float]:
    """Return what a condition leaves of the nuisances: size, bits a pixel when coded once more, and colours."""
    height, width = picture.shape[:2]
    coded = io.BytesIO()
    Image.fromarray(picture).save(coded, "JPEG", quality=_AGAIN)
    colour = picture.reshape(-1, 3).astype(np.float32)
    top = colour.max(1)
    red, green, blue = (float(one) for one in colour.mean(0))
    return {
        "width": width, "height": height, "megapixels": width * height / 1e6,
        "bits_per_pixel": 8 * len(coded.getvalue()) / (width * height),
        "mean_red": red, "mean_green": green, "mean_blue": blue,
        "mean_saturation": float(np.mean((top - colour.min(1)) / np.maximum(top, 1))),
    }  # fmt: skip
