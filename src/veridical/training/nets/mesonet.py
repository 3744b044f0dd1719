"""Meso-4, written anew, as a torch module: the small network of 2018 that others are measured by.

Four convolutions of 8, 8, 16 and 16 maps, each with a rectifier, then a normalisation, then a maximum over neighbours; two
linear layers; 27,977 weights.

References
----------
Afchar et al., MesoNet: a compact facial video forgery detection network, WIFS 2018, arXiv:1809.00888.
"""

from __future__ import annotations

from torch import Tensor, nn

SIDE = 256
_STAGES = ((8, 3, 2), (8, 5, 2), (16, 5, 2), (16, 5, 4))  # (maps, kernel, pool)
_HIDDEN, _DROPPED, _SLOPE = 16, 0.5, 0.1


class Meso4(nn.Module):
    """From pictures of 256 px to log-odds, higher for a fake; the original says one minus that."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        taken, side = 3, SIDE
        for given, size, pooled in _STAGES:
            layers += [nn.Conv2d(taken, given, size, padding=size // 2), nn.ReLU(), nn.BatchNorm2d(given)]
            layers.append(nn.MaxPool2d(pooled))
            taken, side = given, side // pooled
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Dropout(_DROPPED), nn.Linear(taken * side * side, _HIDDEN), nn.LeakyReLU(_SLOPE),
            nn.Dropout(_DROPPED), nn.Linear(_HIDDEN, 1),
        )  # fmt: skip

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (B,) of (B, 3, 256, 256), R, G, B from 0 to 1."""
        return self.head(self.body(pictures).flatten(1)).squeeze(1)
