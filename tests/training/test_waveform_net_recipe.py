"""What the network learns from: pairs that share source, channel, window and mask; and that torch is asked for by name."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from veridical.errors import NotInstalled
from veridical.signals.voice_windows import BINS
from veridical.training.recipes import waveform_net as recipe
from veridical.training.recipes.waveform_net import OTHERS, PAIRS, WINDOW, Material, batches

DRAWS = 4


def spectra(number: float, frames: int = 300) -> tuple[np.ndarray, ...]:
    """Return spectra that ramp with time, so that a window tells where it was cut; the number sets their upper bins."""
    ramp = np.linspace(-60, -20, frames, dtype=np.float32)[:, None] * np.ones(BINS, np.float32)
    ramp[:, 60:] = number
    return tuple(ramp.astype(np.float16) for _ in range(DRAWS))


def material() -> Material:
    pairs = [("a", spectra(-30.0), [spectra(-30.0)]), ("b", spectra(-50.0), [spectra(-50.0), spectra(-50.0)])]
    real = {"a": [spectra(-30.0)] * 4, "b": [spectra(-50.0)] * 4, "c": [spectra(-40.0)] * 9}
    return Material(pairs, real, {"a": {"x": [spectra(-30.0)]}, "d": {"y": [spectra(-20.0)]}})


def test_pairs_share_all_but_what_the_vocoder_did():
    batch = next(batches(material(), np.random.default_rng(0)))
    assert batch.shape == (2 * (PAIRS + OTHERS), WINDOW, BINS) and batch.dtype == np.float32
    for real, copy in zip(batch[0 : 2 * PAIRS : 2], batch[1 : 2 * PAIRS : 2], strict=True):
        np.testing.assert_array_equal(real, copy)


def test_real_and_synthetic_recordings_come_from_one_source():
    """Only source a holds both labels: b and c have no synthetic recordings, d no real ones."""
    for batch, _ in zip(batches(material(), np.random.default_rng(1)), range(3), strict=False):
        for one in batch[2 * PAIRS :]:
            free = one[(one != one.mean()).any(1)]
            level = np.median(free[:, 70:100]) - np.median(free[-3:, :60])
            assert abs(level) < 3  # neither −50 nor −20 dB against its ramp


def test_the_same_seed_gives_the_same_batches():
    one, other = (next(batches(material(), np.random.default_rng(7))) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_short_sound_is_repeated_and_colour_shared():
    short = recipe.window(spectra(-30.0, 50)[0], 0)
    assert short.shape == (WINDOW, BINS)
    np.testing.assert_allclose(short[:50], short[50:100])


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match="veridical\\[train\\]"):
        recipe.train(material(), steps=1)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_a_network_learns_what_copies_share_and_is_written(tmp_path):
    import onnxruntime

    random = np.random.default_rng(0)

    def noisy(spread: float) -> tuple[np.ndarray, ...]:
        return tuple(random.normal(-40, spread, (300, BINS)).astype(np.float16) for _ in range(DRAWS))

    pairs = [("a", noisy(8.0), [noisy(2.0)]) for _ in range(4)]
    net = recipe.train(Material(pairs, {}, {}), steps=30)
    recipe.export(net, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    odds = [
        float(session.run(None, {"spectra": recipe.window(noisy(spread)[0], 0)[None]})[0][0]) for spread in (8.0, 2.0)
    ]
    assert odds[1] > odds[0] + 1
