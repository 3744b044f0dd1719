"""The network of ``learned.image_net`` on tiles of native pixels, as torch modules; import it where torch is installed.

Two halves look at each tile. One is the first eleven blocks of EfficientNet-Lite0 as ImageNet taught them: mean and standard
deviation over the tile of the maps at stride 8 and of those at stride 16, and a linear rule on each of the two. The other is
the first five blocks, which see the pixels and what a small blur takes off them, taught further with pairs, and a linear rule.
These blocks see how a picture is drawn more than what it shows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from .lite0 import CHANNELS, Lite0, load_imagenet

LEVELS = (2, 3)
"""Which features of `Lite0.features` are seen: strides 8 and 16."""
WIDTHS = tuple(2 * CHANNELS[level] for level in LEVELS)
TAUGHT = 2 / 3
"""What the half that is taught further counts."""
_LEAST, _DROPPED = 1e-5, 0.3
_RESIDUAL, _FARTHEST = 16.0, 4.0  # grey levels that are one unit of the residual, and where it ends


class PixelNet(nn.Module):
    """From tiles (B, 3, H, W), R, G, B from 0 to 255, to log-odds (B,), higher for generated, and features.

    The features, (B, sum of `WIDTHS`), are those of the half that is not taught further.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks = Lite0(0, levels=LEVELS[-1] + 1)
        self.rules = nn.ModuleList(nn.Linear(width, 1) for width in WIDTHS)
        self.taught = Lite0(0, taken=6, levels=LEVELS[0] + 1)
        self.norm, self.dropped = nn.BatchNorm1d(WIDTHS[0], affine=False), nn.Dropout(_DROPPED)
        self.taught_rule = nn.Linear(WIDTHS[0], 1)
        nn.init.zeros_(self.taught_rule.weight)
        nn.init.zeros_(self.taught_rule.bias)
        for one in self.modules():
            if isinstance(
                one, nn.Conv2d
            ):  # so that maps keep their spread from block to block where no weights are loaded
                nn.init.kaiming_normal_(one.weight)
        for half in (self.blocks, self.rules):
            half.requires_grad_(False)

    def begin(self, path: Path) -> None:
        """Load the ImageNet weights into both halves; the residual is first seen as the pixels are."""
        load_imagenet(self.blocks, path)
        load_imagenet(self.taught, path)
        stem = self.blocks.stem.weights.weight.data
        self.taught.stem.weights.weight.data = torch.cat([stem, stem], 1) / 2

    def train(self, mode: bool = True) -> Self:
        """Set the network to learn; the normalisation within the blocks stays that of photographs."""
        super().train(mode)
        self.blocks.eval()
        self.taught.eval()
        return self

    def features(self, tiles: Tensor) -> list[Tensor]:
        """Return the pooled maps of each level of the half that is not taught further, (B, WIDTHS[i])."""
        levels = self.blocks.features(tiles / 255)
        return [pooled(levels[level].float()) for level in LEVELS]

    def rule(self, number: int, direction: np.ndarray, offset: float) -> None:
        """Set the rule on the features of a level."""
        rule = self.rules[number]
        rule.weight.data = torch.from_numpy(direction.astype(np.float32))[None]
        rule.bias.data = torch.tensor([offset], dtype=torch.float32)

    def taught_odds(self, tiles: Tensor) -> Tensor:
        """Return the log-odds (B,) of the half that is taught further."""
        seen = torch.cat([(tiles - 127) / 128, residual(tiles)], 1)
        found = self.norm(pooled(self.taught.features(seen)[LEVELS[0]].float()))
        return self.taught_rule(self.dropped(found))[:, 0]

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor]:
        """Return log-odds and features."""
        found = self.features(tiles)
        odds = torch.stack([rule(one)[:, 0] for rule, one in zip(self.rules, found, strict=True)]).mean(0)
        return (1 - TAUGHT) * odds + TAUGHT * self.taught_odds(tiles), torch.cat(found, 1)


def residual(tiles: Tensor) -> Tensor:
    """Return what two means over 3 × 3 pixels, one after the other, take off tiles, in units of 16 grey levels."""
    blurred = tiles
    for _ in range(2):
        blurred = nn.functional.avg_pool2d(nn.functional.pad(blurred, (1, 1, 1, 1), mode="reflect"), 3, 1)
    return ((tiles - blurred) / _RESIDUAL).clamp(-_FARTHEST, _FARTHEST)


def pooled(maps: Tensor) -> Tensor:
    """Return mean and standard deviation of maps (B, C, h, w) over the tile, (B, 2 C)."""
    mean = maps.mean((2, 3), keepdim=True)
    spread = torch.sqrt(((maps - mean) ** 2).mean((2, 3)) + _LEAST)
    return torch.cat([mean[:, :, 0, 0], spread], 1)
