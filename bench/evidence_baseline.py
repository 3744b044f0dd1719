"""What the quality vector alone says of sources left out: a figure beside those of the evidence."""

from __future__ import annotations

from pathlib import Path

import evidence_files as files
import evidence_quality
import numpy as np
from evidence_fit import cost

from veridical.benchmark.scikit import scikit

NAMES = {
    "image": ("short_side_px", "megapixels", "jpeg_quality", "blur", "noise", "bits_per_pixel_frame"),
    "audio": ("bandwidth_hz", "speech_s", "snr_db", "duration_s"),
}


def judge(kind: str, data: Path, work: Path) -> dict[str, float]:
    """Return Cllr by condition of a logistic regression that was fitted without each source in turn."""
    vectors = evidence_quality.read(work / f"quality/{kind}.jsonl")
    listed = {one.file: one for one in files.listed(kind, data)}
    keys = [key for key, vector in vectors.items() if key[1] in listed and all(name in vector for name in NAMES[kind])]
    given = np.log1p(np.abs(np.array([[vectors[key][name] for name in NAMES[kind]] for key in keys])))
    labels = np.array([int(listed[file].fake) for _, file in keys])
    sources = np.array([listed[file].source for _, file in keys])
    named = np.array([condition for condition, _ in keys])
    ratios = np.zeros(len(keys))
    for source in {*sources.tolist()}:
        rest = sources != source
        scaler = scikit("preprocessing").StandardScaler().fit(given[rest])
        model = (
            scikit("linear_model")
            .LogisticRegression(class_weight="balanced")
            .fit(scaler.transform(given[rest]), labels[rest])
        )
        ratios[~rest] = model.decision_function(scaler.transform(given[~rest])) / np.log(10)
    return {name: cost(ratios[named == name], labels[named == name]) for name in files.CONDITIONS[kind]}
