"""ONNX files that say what torch said, or are not written."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from veridical.errors import ModelError
from veridical.training import export
from veridical.training.loop import seeded

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")


def network():
    seeded(0)
    layers = torch.nn
    return layers.Sequential(
        layers.Conv2d(3, 32, 3, padding=1), layers.BatchNorm2d(32), layers.ReLU(), layers.Conv2d(32, 64, 3),
        layers.AdaptiveAvgPool2d(1), layers.Flatten(), layers.Dropout(0.5), layers.Linear(64, 2),
    )  # fmt: skip


def written(tmp_path, net=None, **how):
    example = [torch.rand(2, 3, 16, 16)]
    path = tmp_path / "net.onnx"
    found = export.write(net or network(), path, example, inputs=["pictures"], outputs=["odds"], **how)
    return path, found


def test_what_is_written_says_what_torch_says(tmp_path):
    path, difference = written(tmp_path)
    assert difference < 1e-5
    shown = np.random.default_rng(0).random((5, 3, 16, 16)).astype(np.float32)  # another number of pictures
    found = onnxruntime.InferenceSession(str(path)).run(["odds"], {"pictures": shown})[0]
    with torch.no_grad():
        np.testing.assert_allclose(found, network().eval()(torch.from_numpy(shown)), atol=1e-5)


def test_half_precision_is_half_the_size_and_nearly_the_same(tmp_path):
    whole, _ = written(tmp_path / "whole")
    half, difference = written(tmp_path / "half", half=True)
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    assert 0 < difference < 2e-2


def test_a_file_that_differs_is_not_left(tmp_path):
    class Counting(torch.nn.Module):
        """What it says depends on how often it was asked: tracing does not see that."""

        asked = 0

        def forward(self, x):
            self.asked += 1
            return x.mean((1, 2, 3)) + self.asked

    with pytest.raises(ModelError, match="differs from torch by"):
        written(tmp_path, Counting())
    assert not list(tmp_path.iterdir())


def test_a_tolerance_that_half_precision_cannot_hold_is_refused(tmp_path):
    with pytest.raises(ModelError, match="more than 1e-09"):
        written(tmp_path, half=True, half_tolerance=1e-9)
    assert not list(tmp_path.iterdir())


def test_weights_beyond_half_precision_stay_single(tmp_path):
    net = network()
    with torch.no_grad():
        net[0].weight[0, 0, 0, 0] = 1e6
    _, difference = written(tmp_path, net, half=True)
    assert difference < 2e-2


def test_several_outputs_and_fixed_axes(tmp_path):
    class Two(torch.nn.Module):
        def forward(self, x):
            return x.mean((1, 2, 3)), x[:, :1] * 2

    path = tmp_path / "two.onnx"
    difference = export.write(
        Two(), path, [torch.rand(1, 3, 8, 8)], inputs=["x"], outputs=["score", "map"],
        free={"x": {2: "height", 3: "width"}, "map": {2: "height", 3: "width"}},
    )  # fmt: skip
    assert difference < 1e-6
    found = onnxruntime.InferenceSession(str(path)).run(None, {"x": np.ones((1, 3, 5, 7), np.float32)})
    assert found[1].shape == (1, 1, 5, 7) and found[0] == pytest.approx([1.0])
