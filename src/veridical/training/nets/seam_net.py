"""A compact encoder and decoder for faces: where two pictures were blended, what was pasted, and how sure it is of either.

Features of EfficientNet-Lite0 down to stride 16 are brought back to stride 4 in two steps; from there two maps are drawn. The
score rests on both maps and on the features where they are high. Import it where torch is known to be installed.

References
----------
L. Li et al., Face X-ray for more general face forgery detection, CVPR 2020 (the map of the boundary).
H. Dang et al., On the detection of digital face manipulation, CVPR 2020 (a score with its mask).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .lite0 import CHANNELS, Lite0

SIDE, MAP_SIDE = 256, 64
_LEVELS = 4
_WIDTHS = (64, 48, 32)
_HIGHEST = 0.03  # share of a map whose mean stands for its highest part


class SeamNet(nn.Module):
    """Faces (B, 3, 256, 256), R, G, B from 0 to 1, to boundary and mask, each (B, 64, 64) from 0 to 1, and the score (B,).

    The score is a logit.

    Parameters
    ----------
    frozen
        For a pretrained encoder: leave its normalisation and its filters within channels as they are. Learning these
        filters would cost a third of a step.
    """

    def __init__(self, *, frozen: bool = False) -> None:
        super().__init__()
        self.frozen = frozen
        self.encoder = Lite0(0, levels=_LEVELS)
        deep, middle, fine = CHANNELS[3], CHANNELS[2], CHANNELS[1]
        self.deep = _mixed(deep, _WIDTHS[0])
        self.middle = _mixed(_WIDTHS[0] + middle, _WIDTHS[1])
        self.fine = _mixed(_WIDTHS[1] + fine, _WIDTHS[2])
        self.maps = nn.Conv2d(_WIDTHS[2], 2, 1)
        self.score = nn.Sequential(
            nn.Linear(deep + 2 * _WIDTHS[2] + 4, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1)
        )
        nn.init.constant_(self.maps.bias, -2.0)
        for module in self.encoder.modules():
            if frozen and isinstance(module, nn.Conv2d) and module.groups > 1:
                module.weight.requires_grad_(False)

    def train(self, mode: bool = True) -> SeamNet:
        """Learn, or judge."""
        super().train(mode)
        for module in self.encoder.modules():
            if self.frozen and isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return boundary, mask and score."""
        boundary, mask, score = self.logits(x)
        return boundary.sigmoid(), mask.sigmoid(), score

    def logits(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return boundary and mask, each (B, H / 4, W / 4), and the score (B,), all as logits."""
        _, fine, middle, deep = self.encoder.features(x)
        found = self.deep(deep)
        found = self.middle(torch.cat([_larger(found), middle], 1))
        found = self.fine(torch.cat([_larger(found), fine], 1))
        maps = self.maps(found)
        weights = maps.sigmoid()
        # Features where a boundary is seen, and where the mask is: means weighted by the maps.
        seen = [(found * weights[:, i : i + 1]).sum((2, 3)) / (weights[:, i : i + 1].sum((2, 3)) + 1.0) for i in (0, 1)]
        told = torch.cat([deep.mean((2, 3)), *seen, weights.mean((2, 3)), highest(weights)], 1)
        return maps[:, 0], maps[:, 1], self.score(told)[:, 0]


def highest(maps: Tensor) -> Tensor:
    """Return the mean of the highest part of each map, (B, C) of (B, C, H, W)."""
    flat = maps.flatten(2)
    # The exporter traces whole chips, and must not trace how many cells they have.
    cells = MAP_SIDE**2 if torch.jit.is_tracing() else flat.shape[2]
    return flat.topk(max(int(cells * _HIGHEST), 1), dim=2).values.mean(2)


def _mixed(taken: int, given: int) -> nn.Sequential:
    """Mix channels, then neighbourhoods."""
    return nn.Sequential(
        nn.Conv2d(taken, given, 1, bias=False), nn.BatchNorm2d(given), nn.ReLU(),
        nn.Conv2d(given, given, 3, padding=1, bias=False), nn.BatchNorm2d(given), nn.ReLU(),
    )  # fmt: skip


def _larger(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
