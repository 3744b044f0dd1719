from __future__ import annotations

import numpy as np
import pytest

from veridical.models import runtime, store, torch_file, voice_graph

from .torch_files import archive, plain

needs_model = [
    pytest.mark.models,
    pytest.mark.skipif(
        not store.is_present("voice.identity"), reason="not on this machine: veridical models fetch voice.identity"
    ),
]


def _sounds(count: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    return (rng.gamma(0.4, 1.0, (count, 160, 40)) * 10.0 ** rng.uniform(-4, 0, (count, 160, 1))).astype(np.float32)


def _lstm(x: np.ndarray, weights: dict[str, np.ndarray], layer: int) -> np.ndarray:
    """Run one layer as Hochreiter and Schmidhuber describe it, with a forget gate, step by step, in float64."""
    state, memory, out = np.zeros(256), np.zeros(256), []
    into, back, *biases = (
        weights[f"model_state.lstm.{one}_l{layer}"].astype(float)
        for one in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    for step in x:
        take, forget, new, give = (into @ step + back @ state + sum(biases)).reshape(4, 256)
        memory = memory / (1 + np.exp(-forget)) + np.tanh(new) / (1 + np.exp(-take))
        state = np.tanh(memory) / (1 + np.exp(-give))
        out.append(state)
    return np.array(out)


class TestGraph:
    pytestmark = needs_model

    def test_it_gives_what_the_equations_give(self) -> None:
        weights = torch_file.tensors(store.read("voice.identity"))
        sounds = _sounds(2)
        (found,) = runtime.torch("voice.identity")(sounds)
        for sound, seen in zip(sounds, found, strict=True):
            x = sound.astype(float)
            for layer in range(3):
                x = _lstm(x, weights, layer)
            raw = np.maximum(weights["model_state.linear.weight"] @ x[-1] + weights["model_state.linear.bias"], 0)
            np.testing.assert_allclose(seen, raw / np.linalg.norm(raw), atol=2e-6)

    def test_it_gives_what_it_gave_when_it_was_compared_with_torch(self) -> None:
        (found,) = runtime.torch("voice.identity")(_sounds(3))
        np.testing.assert_allclose(np.sort(found, 1)[:, -3:], FROZEN, atol=2e-5)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)

    def test_one_sound_is_described_the_same_alone_and_among_others(self) -> None:
        net, sounds = runtime.torch("voice.identity"), _sounds(5)
        np.testing.assert_allclose(net(sounds)[0][3], net(sounds[3:4])[0][0], atol=1e-6)


# The three largest numbers of each sound, from torch 2.13.
FROZEN = [
    [0.19168800115585327, 0.1964530050754547, 0.2127539962530136],
    [0.2046249955892563, 0.21753700077533722, 0.2202560007572174],
    [0.18560700118541718, 0.1912889927625656, 0.2452629953622818],
]


def test_a_file_that_is_not_the_encoder_is_refused() -> None:
    storages: dict[str, np.ndarray] = {}
    content = archive(plain({"model_state": {"linear.bias": np.zeros(3, np.float32)}}, storages), storages)
    with pytest.raises(ValueError, match="not the speaker encoder"):
        voice_graph.graph_of(content)
