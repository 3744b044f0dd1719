"""Published networks that enlarge pictures, read from the layer files that they come in; import it where torch is installed.

A folder holds ``model.json`` (a Keras graph of layers) and the binary shards that it names. Read are the layers of which
residual dense networks are made: convolutions, rectifiers, concatenations, sums and enlargement by copied neighbours.

The weights that copies were made with are ESRGAN slim and medium of UpscalerJS (packages ``@upscalerjs/esrgan-slim`` and
``@upscalerjs/esrgan-medium`` 1.0.0, licence: MIT); they are not shipped.

References
----------
Zhang et al., Residual dense network for image super-resolution, CVPR 2018, arXiv:1802.08797.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class Layer:
    """``kind``, ``name``, names of the layers that it takes from, and its settings."""

    kind: str
    name: str
    taken: tuple[str, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Upscaler:
    """A network that enlarges by a whole factor."""

    layers: Sequence[Layer]
    weights: Mapping[str, Tensor]
    factor: int

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return (B, 3, factor · H, factor · W) of (B, 3, H, W), RGB, levels of 0–255, not clipped."""
        held: dict[str, Tensor] = {}
        for layer in self.layers:
            taken = [held[name] for name in layer.taken]
            held[layer.name] = self._run(layer, taken) if taken else pictures
        return held[self.layers[-1].name]

    def _run(self, layer: Layer, taken: Sequence[Tensor]) -> Tensor:
        match layer.kind:
            case "Conv2D":
                kernel = self.weights[f"{layer.name}/kernel"]
                bias = self.weights.get(f"{layer.name}/bias")
                return functional.conv2d(taken[0], kernel, bias, padding=kernel.shape[-1] // 2)
            case "Activation":
                return functional.relu(taken[0])
            case "Concatenate":
                return torch.cat(list(taken), dim=1)
            case "Add":
                return sum(taken[1:], taken[0])
            case _:
                return functional.interpolate(taken[0], scale_factor=float(layer.settings["size"][0]))


def load(folder: Path) -> Upscaler:
    """Read a network.

    Raises
    ------
    UsageError
        If the folder holds no such network, or one with layers that are not known here.
    """
    try:
        found = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        layers = [_layer(one) for one in found["modelTopology"]["model_config"]["config"]["layers"]]
        weights = {name: one for group in found["weightsManifest"] for name, one in _weights(folder, group).items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} holds no network that enlarges pictures: {error}") from None
    factor = 1
    for layer in layers:
        if layer.kind == "UpSampling2D":
            factor *= int(layer.settings["size"][0])
    return Upscaler(layers, weights, factor)


def _layer(found: Mapping[str, Any]) -> Layer:
    kind, settings = found["class_name"], found["config"]
    known = {
        "InputLayer": True,
        "Conv2D": settings.get("activation") == "linear" and settings.get("strides", [1, 1]) == [1, 1],
        "Activation": settings.get("activation") == "relu",
        "Concatenate": settings.get("axis") in (3, -1),
        "Add": True,
        "UpSampling2D": settings.get("interpolation") == "nearest",
    }
    if not known.get(kind, False):
        raise ValueError(f"layer {found['name']} ({kind}) is not known")
    nodes = found["inbound_nodes"]
    return Layer(kind, found["name"], tuple(node[0] for node in nodes[0]) if nodes else (), settings)


def _weights(folder: Path, group: Mapping[str, Any]) -> dict[str, Tensor]:
    flat = np.frombuffer(b"".join((folder / path).read_bytes() for path in group["paths"]), "<f4")
    weights, start = {}, 0
    for one in group["weights"]:
        size = int(np.prod(one["shape"]))
        array = flat[start : start + size].reshape(one["shape"])
        start += size
        if array.ndim == 4:
            array = array.transpose(3, 2, 0, 1)  # kernels are kept as height, width, channels taken and given
        weights[one["name"]] = torch.from_numpy(array.copy(order="C"))
    if start != len(flat):
        raise ValueError("the shards hold more numbers than the layers name")
    return weights
