"""A table holds for the networks whose values it was fitted on: one that changes asks for new tables."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from veridical import catalogue
from veridical.evidence.calibration import TABLES
from veridical.models import runtime

KNOWLEDGE = {
    "learned.ensemble": ("ensemble.json", "image_net.npz", "picture_head.npz", "pixel_net.onnx", "neuron_coverage.npz",
                         "locality_autoencoder.onnx"),
    "learned.embedding_length": ("neuron_coverage.npz",),
    "learned.locality_autoencoder": ("locality_autoencoder.onnx",),
    "learned.voice_net": ("voice_net.npz",),
    "audio.vocoder_trace": (),
}  # fmt: skip
"""What the program itself learned and a value rests on, beside the models of the catalogue."""
FITTED_WITH = {
    "learned.ensemble": "fca83bec89b3c3dc",
    "learned.embedding_length": "fda88647307871cd",
    "learned.locality_autoencoder": "e126e2c83b6b0abd",
    "learned.voice_net": "029f5d8798a6d671",
    "audio.vocoder_trace": "987821a5895fbfa2",
}
"""Of every table: digits of the SHA-256 of all that its values rest on. New ones belong to tables that were fitted anew."""


def rests_on(id: str) -> str:
    known = catalogue.load()
    names = sorted({name for one in known.closure([known.examinations[id]]) for name in one.models})
    digests = [runtime.hashes([name])[name] for name in names]
    learned = files("veridical.knowledge")
    digests += [hashlib.sha256((learned / name).read_bytes()).hexdigest() for name in KNOWLEDGE[id]]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "id", sorted(path.stem for path in TABLES.glob("*.*.json") if not path.stem.startswith("fusion."))
)
def test_the_networks_are_those_that_the_table_was_fitted_with(id: str) -> None:
    assert rests_on(id) == FITTED_WITH[id], "a network behind this table changed: fit the table anew"
