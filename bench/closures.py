"""Fit the detector of heard closures of the lips on aligned English speech, and say how often it errs on other speakers.

    python bench/closures.py FOLDER      # holds audio/manifest.csv (file, label, source, speaker)

Real recordings only. Where the aligned phones fit well, dips at m, b and p are told from all other dips. Five folds, no
speaker in two of them. Writes the weights (src/veridical/knowledge/closures.npz) and prints the figures as JSON.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from veridical.media.audio import Audio
from veridical.perception.phonemes import Phonemes, hear_phonemes
from veridical.perception.speech import find_speech
from veridical.signals.closures import dips, surroundings
from veridical.signals.speech_features import SpeechFeatures, speech_features

LIPS = ("M", "B", "P")
SECONDS, OF_A_SOURCE, FITTING, FIT = 8, 30, 0.75, -3.0
OTHER_LANGUAGES = ("emodb", "asterisk_it", "asterisk_fr", "pyannote_tests")
WANTED_RECALL, STIFFNESS = 0.4, 0.03
TABLE = Path(__file__).parents[1] / "src/veridical/knowledge/closures.npz"


@dataclass
class Heard:
    speaker: str
    features: SpeechFeatures
    phonemes: Phonemes


def hear(folder: Path) -> list[Heard]:
    by_source = defaultdict(list)
    for row in csv.DictReader((folder / "audio" / "manifest.csv").read_text().splitlines()):
        if row["label"] == "real" and row["source"] not in OTHER_LANGUAGES:
            by_source[row["source"]].append(row)
    rng, found = np.random.default_rng(3), []
    for source, rows in by_source.items():
        for place in rng.permutation(len(rows))[:OF_A_SOURCE]:
            row = rows[place]
            samples, rate = soundfile.read(folder / "audio" / row["file"], dtype="float32", always_2d=True)
            samples = samples[: SECONDS * rate]
            audio = Audio(samples=samples, rate=rate, codec="", lossless=True, bits=16, start_s=0.0, bit_rate=0)
            phonemes = hear_phonemes(audio, find_speech(audio))
            found.append(Heard(row["speaker"] or source, speech_features(samples, rate), phonemes))
    return [one for one in found if one.phonemes.fitting >= FITTING]


def label(one: Heard) -> tuple[np.ndarray, list[str], int]:
    """Return the dips that can be labelled, the phone at each ("-" for none), and how many lip sounds there are."""
    p, places, names = one.phonemes, [], []
    for place in dips(one.features):
        time = place * 0.01
        near = np.flatnonzero((p.phone_times[:, 0] - 0.02 <= time) & (time <= p.phone_times[:, 1] + 0.02))
        lips = [k for k in near if p.phones[k] in LIPS]
        phone = lips[0] if lips else min(near, key=lambda k: abs(p.phone_times[k].mean() - time)) if len(near) else None
        if phone is not None and p.fits[phone] < FIT:
            continue
        places.append(place)
        names.append("-" if phone is None else p.phones[phone])
    return (
        np.array(places, int),
        names,
        sum(bool(n in LIPS and f >= FIT) for n, f in zip(p.phones, p.fits, strict=True)),
    )


def fit(heard: list[Heard]) -> dict[str, object]:
    rows, names, speakers, lips = [], [], [], 0
    for one in heard:
        places, own, count = label(one)
        rows.append(surroundings(one.features, places))
        names += own
        speakers += [one.speaker] * len(own)
        lips += count
    x, y = np.concatenate(rows), np.isin(names, LIPS)
    known, place = np.unique(speakers, return_inverse=True)
    fold = (np.random.default_rng(0).permutation(len(known)) % 5)[place]
    score = np.zeros(len(y))
    for held in range(5):
        model = LogisticRegression(C=STIFFNESS, max_iter=5000).fit(x[fold != held], y[fold != held])
        score[fold == held] = model.decision_function(x[fold == held])
    level = float(np.sort(score[y])[::-1][round(WANTED_RECALL * lips)])
    model = LogisticRegression(C=STIFFNESS, max_iter=5000).fit(x, y)
    np.savez(
        TABLE, weights=model.coef_[0].astype(np.float32), bias=np.float32(model.intercept_[0]), level=np.float32(level)
    )
    taken = score >= level
    wrong = Counter(np.array(names)[taken & ~y].tolist())
    return {
        "recordings": len(heard), "speakers": len(known), "lip_sounds": int(lips), "with_a_dip": int(y.sum()), "dips": len(y),
        "auc_of_dips": round(float(roc_auc_score(y, score)), 3), "recall": round(float((taken & y).sum() / lips), 2),
        "precision": round(float(y[taken].mean()), 2), "base_rate": round(float(y.mean()), 2),
        "taken_wrongly": dict(wrong.most_common(8)),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(fit(hear(Path(sys.argv[1]))), indent=1))
