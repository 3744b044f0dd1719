"""A light convolutional network with max-feature-maps as torch modules; import it where torch is known to be installed.

Each convolution is followed by a maximum over pairs of its maps instead of a rectifier. Shapes: B windows, T frames, F bins.

References
----------
Wu et al., A light CNN for deep face representation with noisy labels, IEEE TIFS 2018, arXiv:1511.02683 (the max-feature-map).
Lavrentyeva et al., STC antispoofing systems for the ASVspoof2019 challenge, Interspeech 2019, arXiv:1904.05576.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_DROPPED = 0.4


class MaxOfPairs(nn.Module):
    """The maximum of the first and second half of the maps."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C / 2, …) of (B, C, …)."""
        one, other = x.chunk(2, dim=1)
        return torch.maximum(one, other)


def _convolution(taken: int, given: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(taken, 2 * given, size, stride=stride, padding=size // 2), MaxOfPairs(), nn.BatchNorm2d(given)
    )


class Network(nn.Module):
    """From windows of scaled log spectra to one number each, higher for a synthetic voice.

    Parameters
    ----------
    bins
        Bins taken from the bottom of the spectrum: 128 reach 4 kHz, 224 reach 7 kHz.
    width
        Maps of the first layer.
    """

    def __init__(self, *, bins: int = 128, width: int = 12) -> None:
        super().__init__()
        self.bins = bins
        self.body = nn.Sequential(
            _convolution(1, width, 9, 4),
            _convolution(width, width * 3 // 2, 3),
            nn.MaxPool2d(2),
            _convolution(width * 3 // 2, width * 2, 3),
            _convolution(width * 2, width * 2, 3),
        )
        maps = width * 2 * (bins // 8)
        self.head = nn.Sequential(nn.Dropout(_DROPPED), nn.Linear(2 * maps, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, spectra: Tensor) -> Tensor:
        """Return (B,) of (B, T, F)."""
        x = spectra[:, :, : self.bins].transpose(1, 2)
        x = self.body((x - x.mean(2, keepdim=True))[:, None])  # the fixed colour of the sound is not seen
        mean = x.mean(3)
        spread = torch.sqrt(((x - mean[..., None]) ** 2).mean(3) + 1e-5)
        return self.head(torch.cat([mean.flatten(1), spread.flatten(1)], dim=1))[:, 0]
