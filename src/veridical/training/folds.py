"""The one split of the shared voices: whole sources are left out together, and with them their systems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FOLDS = {
    "A": ("hifigan_demo", "vits_demo", "glowtts_demo", "wavefake_tests", "diffwave_demo"),
    "B": ("vqmivc_demo", "starganv2vc_demo"),
    "C": ("tortoise_tts", "pyannote_tests", "emodb"),
    "D": ("nii_nsf", "resemblyzer"),
}
"""No system lies in two of them but a Tacotron 2 of three files. Sources that are in none, telephone prompts, are never
learned from."""
CONDITIONS = ("common", "telephone", "mp3_64", "opus_16")
"""Ways in which every recording is heard, as ``bench/voices.py`` makes them."""
FOLD_OF = {source: fold for fold, sources in FOLDS.items() for source in sources}


def alike(kinds: Sequence[tuple[str, int]]) -> np.ndarray:
    """Return a weight for each (source, label), shape (n,): both labels count alike, a source by the root of its size."""
    count = {kind: kinds.count(kind) for kind in set(kinds)}
    weight = np.array([count[kind] ** -0.5 for kind in kinds])
    label = np.array([kind[1] for kind in kinds])
    for one in (0, 1):
        weight[label == one] /= weight[label == one].sum()
    return np.asarray(weight * len(weight) / 2)
