"""The network of ``learned.image_net`` on tiles of native pixels, as torch modules; import it where torch is installed.

The first eleven blocks of EfficientNet-Lite0 as ImageNet taught them. These see how a picture is drawn more than what it shows.
Mean and standard deviation over a tile of the maps at stride 8 and of those at stride 16, a linear rule on each of the two, and
the mean of both log-odds.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from .lite0 import CHANNELS, Lite0

LEVELS = (2, 3)
"""Which features of `Lite0.features` are seen: strides 8 and 16."""
WIDTHS = tuple(2 * CHANNELS[level] for level in LEVELS)
_LEAST = 1e-5


class PixelNet(nn.Module):
    """From tiles (B, 3, H, W), R, G, B from 0 to 255, to log-odds (B,), higher for generated, and features."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = Lite0(0, levels=LEVELS[-1] + 1)
        for one in self.blocks.modules():
            if isinstance(
                one, nn.Conv2d
            ):  # so that maps keep their spread from block to block where no weights are loaded
                nn.init.kaiming_normal_(one.weight)
        self.rules = nn.ModuleList(nn.Linear(width, 1) for width in WIDTHS)

    def features(self, tiles: Tensor) -> list[Tensor]:
        """Return the pooled maps of each level, (B, WIDTHS[i])."""
        levels = self.blocks.features(tiles / 255)
        return [pooled(levels[level]) for level in LEVELS]

    def rule(self, number: int, direction: np.ndarray, offset: float) -> None:
        """Set the rule on the features of a level."""
        rule = self.rules[number]
        rule.weight.data = torch.from_numpy(direction.astype(np.float32))[None]
        rule.bias.data = torch.tensor([offset], dtype=torch.float32)

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-odds and features."""
        found = self.features(tiles)
        odds = [rule(one)[:, 0] for rule, one in zip(self.rules, found, strict=True)]
        return torch.stack(odds).mean(0), torch.cat(found, 1)


def pooled(maps: Tensor) -> Tensor:
    """Return mean and standard deviation of maps (B, C, h, w) over the tile, (B, 2 C)."""
    mean = maps.mean((2, 3), keepdim=True)
    spread = torch.sqrt(((maps - mean) ** 2).mean((2, 3)) + _LEAST)
    return torch.cat([mean[:, :, 0, 0], spread], 1)
