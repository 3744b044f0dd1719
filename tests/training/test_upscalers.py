"""Published networks that enlarge: their layers do what they are named for, and what is not known is refused."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import UsageError

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")


def layer(kind: str, name: str, taken: list[str], **settings) -> dict:
    nodes = [[[one, 0, 0, {}] for one in taken]] if taken else []
    return {"class_name": kind, "name": name, "config": settings, "inbound_nodes": nodes}


def written(folder: Path, kernel: np.ndarray | None = None, kind: str = "Activation") -> Path:
    """Write a network that rectifies, doubles (x + x), halves by a convolution over both, and enlarges by two."""
    if kernel is None:
        kernel = np.zeros((1, 1, 6, 3), "<f4")
        kernel[0, 0, :3] = 0.5 * np.eye(3)  # of the first three channels: the sum
    layers = [
        layer("InputLayer", "in", []),
        layer(kind, "relu", ["in"], activation="relu"),
        layer("Add", "sum", ["relu", "in"]),
        layer("Concatenate", "both", ["sum", "relu"], axis=3),
        layer("Conv2D", "mix", ["both"], activation="linear", padding="same"),
        layer("UpSampling2D", "up", ["mix"], size=[2, 2], interpolation="nearest"),
    ]
    names = [{"name": "mix/kernel", "shape": [1, 1, 6, 3]}, {"name": "mix/bias", "shape": [3]}]
    found = {
        "modelTopology": {"model_config": {"config": {"layers": layers}}},
        "weightsManifest": [{"paths": ["one.bin", "two.bin"], "weights": names}],
    }
    flat = np.concatenate([kernel.ravel(), np.zeros(3)]).astype("<f4").tobytes()
    (folder / "one.bin").write_bytes(flat[:40])
    (folder / "two.bin").write_bytes(flat[40:])
    (folder / "model.json").write_text(json.dumps(found), encoding="utf-8")
    return folder


def test_the_layers_give_what_they_say(tmp_path):
    import torch

    from veridical.training import upscalers

    net = upscalers.load(written(tmp_path))
    picture = torch.rand(1, 3, 5, 7) * 255
    assert net.factor == 2
    expected = picture.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(net(picture), expected)


def test_kernels_are_turned_to_the_order_of_their_channels(tmp_path):
    import torch

    from veridical.training import upscalers

    kernel = np.zeros((1, 1, 6, 3), "<f4")
    kernel[0, 0, 3, 2] = 1  # the third channel given is the fourth taken: the first of the picture
    made = upscalers.load(written(tmp_path, kernel))(torch.arange(3.0).reshape(1, 3, 1, 1) + 1)
    assert made[0, :, 0, 0].tolist() == [0, 0, 1]


def test_what_is_no_such_network_is_refused(tmp_path):
    from veridical.training import upscalers

    with pytest.raises(UsageError, match="no network that enlarges"):
        upscalers.load(tmp_path)
    with pytest.raises(UsageError, match="not known"):
        upscalers.load(written(tmp_path, kind="Dropout"))
    written(tmp_path)
    (tmp_path / "two.bin").write_bytes(b"\0" * 400)
    with pytest.raises(UsageError, match="more numbers"):
        upscalers.load(tmp_path)


def test_a_way_by_such_a_network_gives_a_photo_its_size(tmp_path):
    from veridical.training import reconstructions

    found = reconstructions.ways(published={"twice": written(tmp_path)})
    assert set(found) == {*reconstructions.INTERPOLATED, "twice"}
    rows, columns = np.indices((61, 90))
    photo = np.stack([rows * 4, columns * 2, (rows + columns) % 31 * 8], axis=2).astype(np.uint8)
    copy = found["twice"](photo, 2)
    assert copy.shape == photo.shape
    assert 1 < np.abs(copy.astype(int) - photo).mean() < 20
