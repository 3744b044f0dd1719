"""The graph does what six convolutions written out do, with weights drawn by chance and with the published ones."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from veridical.models import quality_graph, runtime, store

from .torch_files import archive, plain

_WIDE = (2, 64, 64, 128, 256, 256, 256)


def _drawn(seed=3):
    rng = np.random.default_rng(seed)
    found = {}
    for layer, (narrow, wide) in enumerate(zip(_WIDE[:-1], _WIDE[1:], strict=True)):
        found[f"{2 * layer}.weight"] = rng.normal(0, 1 / np.sqrt(9 * narrow), (wide, narrow, 3, 3)).astype(np.float32)
        found[f"{2 * layer}.bias"] = rng.normal(0, 0.1, wide).astype(np.float32)
    return found


def _file(weights):
    storages = {}
    body = plain({"model": {f"cnn.cnn.{name}": one for name, one in weights.items()}}, storages)
    return archive(body, storages)


def _written_out(spectra, weights):
    """Convolve by summing over every patch, in float64."""
    x = spectra.astype(float)
    for layer in range(6):
        kernel, bias = weights[f"{2 * layer}.weight"].astype(float), weights[f"{2 * layer}.bias"].astype(float)
        padded = np.pad(x, ((0, 0), (0, 0), (0, 0), (1, 1)))
        patches = sliding_window_view(padded, (3, 3), axis=(2, 3))
        patches = patches[:, :, :: 1 if layer == 0 else 2, :: 2 if layer == 5 else 1]
        x = np.einsum("ncftij,ocij->noft", patches, kernel, optimize=True) + bias[:, None, None]
        x = np.where(x > 0, x, 0.1 * x)
    return x.mean(3).reshape(len(x), -1)


def test_it_convolves_as_written_out():
    weights = _drawn()
    session = onnxruntime.InferenceSession(quality_graph.graph_of(_file(weights)), providers=["CPUExecutionProvider"])
    spectra = np.random.default_rng(0).standard_normal((2, 2, 161, 9)).astype(np.float32)
    (means,) = session.run(None, {"spectra": spectra})
    assert means.shape == (2, quality_graph.NUMBERS)
    np.testing.assert_allclose(means, _written_out(spectra, weights), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("spoil", ["missing", "shape", "type"])
def test_another_network_is_refused(spoil):
    weights = _drawn()
    if spoil == "missing":
        del weights["10.bias"]
    elif spoil == "shape":
        weights["4.weight"] = weights["4.weight"][:, :, :2].copy()
    else:
        weights["0.bias"] = weights["0.bias"].astype(np.float64)
    with pytest.raises(ValueError, match="not Distill-MOS"):
        quality_graph.graph_of(_file(weights))


@pytest.mark.models
@pytest.mark.skipif(
    not store.is_present("speech.quality"), reason="not on this machine: veridical models fetch speech.quality"
)
def test_the_published_weights_are_taken():
    spectra = np.random.default_rng(1).standard_normal((1, 2, 161, 12)).astype(np.float32)
    (means,) = runtime.torch("speech.quality")(spectra)
    assert means.shape == (1, 1024) and np.isfinite(means).all() and means.std() > 1e-3
