"""Tables of the localisation benchmark, by manipulation, quality and resizing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from manipulations import KINDS

BANDS = ((75, 82), (83, 90), (91, 98))
DRAWS = 1000
FEWEST = 5
Entry = dict[str, Any]
Cut = tuple[str, Callable[[Entry], bool]]


def read(path: Path) -> dict[int, Entry]:
    """Return the entries of a run by number; a line that breaks off is left out."""
    entries = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        entries[entry["number"]] = entry
    return entries


def written(entries: Sequence[Entry], *, baseline: str) -> str:
    """Return the page."""
    ids = sorted({id for entry in entries for id in entry["maps"]} - {baseline})
    kinds: list[Cut] = [(kind, lambda entry, kind=kind: entry["kind"] == kind) for kind in KINDS]  # type: ignore[misc]
    states: list[Cut] = [
        (f"quality {low} to {high}", lambda e, low=low, high=high: low <= e["quality"] <= high)  # type: ignore[misc]
        for low, high in BANDS
    ]
    states += [("not resized", lambda entry: not entry["resized"]), ("resized", lambda entry: bool(entry["resized"]))]
    photos = len({entry["photo"] for entry in entries})
    parts = [
        "# Validation: where pictures were altered",
        "",
        f"{len(entries)} manipulations of {photos} pristine photographs from sources on which nothing was tuned: "
        + ", ".join(f"{count} {source}" for source, count in _counts(entries, "source").items())
        + ". Each photograph was saved once as a camera would (JPEG quality 85 to 98), manipulated, resized in half of the "
        "cases (0.6 to 0.95), and saved at JPEG quality 75 to 98. A splice comes from another photograph, turned and resized; "
        "a copy-move marks both the copy and where it came from; inpainting fills from the surroundings (Telea or "
        "Navier-Stokes); a face swap is warped by mesh and blended (by mixing or by gradients).",
        "",
        "Pixel AUC: 0.5 is chance. Best F1: the threshold is chosen with the mask of each picture, so it is optimistic, and "
        "chance is not 0 but what marking everything gives. Mean over pictures, with the 5th to 95th percentile of the mean "
        f"over {DRAWS} draws of photographs. *n* is the number of pictures for which there is a map. The last row is a blind "
        "baseline: how far the variance of a median residual in blocks of 16 departs from its median. A map that is not "
        "above it adds nothing by itself. A map that speaks of faces only gains on face swaps by that alone, whatever it shows "
        "there; what it leaves empty counts as its lowest value. How eyes are found was designed on portraits of ffhq and "
        "seegma too.",
    ]
    for title, cuts, key in (
        ("Pixel AUC by manipulation", kinds, "auc"),
        ("Best F1 by manipulation", kinds, "f1"),
        ("Pixel AUC by JPEG quality and resizing", states, "auc"),
        ("Best F1 by JPEG quality and resizing", states, "f1"),
    ):
        parts += ["", f"## {title}", "", *_table(entries, [*ids, baseline], cuts, key)]
    parts += ["", "Command: `python bench/localisation.py DATA/images --out out/localisation --page PAGE`", ""]
    return "\n".join(parts)


def _table(entries: Sequence[Entry], ids: Sequence[str], cuts: Sequence[Cut], key: str) -> list[str]:
    cuts = [("all", lambda _: True), *cuts]
    lines = ["| map | " + " | ".join(name for name, _ in cuts) + " |", "|---|" + "---|" * len(cuts)]
    for id in ids:
        cells = [_cell([e for e in entries if cut(e) and id in e["maps"]], id, key) for _, cut in cuts]
        lines.append(f"| {id} | " + " | ".join(cells) + " |")
    if key == "f1":
        chance = [_mean([e["maps"][ids[-1]]["chance_f1"] for e in entries if cut(e)]) for _, cut in cuts]
        lines.append("| chance | " + " | ".join(chance) + " |")
    return lines


def _cell(entries: Sequence[Entry], id: str, key: str) -> str:
    if len(entries) < FEWEST:
        return f"– (n {len(entries)})"
    values = np.array([entry["maps"][id][key] for entry in entries])
    low, high = _interval(values, [entry["photo"] for entry in entries])
    return f"{values.mean():.2f} [{low:.2f}, {high:.2f}] (n {len(values)})"


def _interval(values: np.ndarray, photos: Sequence[str]) -> tuple[float, float]:
    """Return the 5th and 95th percentile of the mean over draws of whole photographs."""
    names, of = np.unique(photos, return_inverse=True)
    sums, counts = np.bincount(of, values), np.bincount(of)
    drawn = np.random.default_rng(0).integers(0, len(names), (DRAWS, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    return float(np.percentile(means, 5)), float(np.percentile(means, 95))


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.2f}" if values else "–"


def _counts(entries: Sequence[Entry], key: str) -> dict[str, int]:
    names, counts = np.unique([entry[key] for entry in entries], return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))
