"""An autoencoder that keeps one half of its code for real faces and one for fake ones, as torch modules.

The code is a small picture itself, so what the fake half holds at a place is a map of where the network saw a fake. Shapes: B
faces, K channels of one half, 16×16 places.

References
----------
Du, Pentyala, Li, Hu, Towards generalizable deepfake detection with locality-aware autoencoder, CIKM 2020, arXiv:1909.05999.
Cozzolino et al., ForensicTransfer: weakly-supervised domain adaptation for forgery detection, 2018, arXiv:1812.02510 (the two
halves of the code).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE, PLACES = 128, 16
"""Pixels of a side of the face, and places of a side of the code."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Errors of the picture, of how active each half is, and of the map, to bring down; and that activity, (B, 2)."""

    picture: Tensor
    activity: Tensor
    attention: Tensor
    active: Tensor

    def weighed(self, attention: float) -> Tensor:
        """Return their sum; the map counts ``attention`` times."""
        return self.picture + self.activity + attention * self.attention


def _step(taken: int, given: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(taken, given, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(given), nn.LeakyReLU(0.1, inplace=True))


def _grown(taken: int, given: int) -> nn.Sequential:
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), _step(taken, given, 1))


class Network(nn.Module):
    """From faces (B, 3, 128, 128), RGB, 0 to 1, to how active both halves are, (B, 2), and the map, (B, 16, 16).

    Parameters
    ----------
    width
        Channels of the first layer.
    half
        Channels of each half of the code.
    """

    def __init__(self, *, width: int = 24, half: int = 16) -> None:
        super().__init__()
        self.half = half
        self.encoder = nn.Sequential(
            _step(6, width, 2),
            _step(width, 2 * width, 2),
            _step(2 * width, 2 * width, 1),
            _step(2 * width, 4 * width, 2),
            _step(4 * width, 4 * width, 1),
            nn.Conv2d(4 * width, 2 * half, 1),
        )
        self.decoder = nn.Sequential(
            _step(2 * half, width, 1),
            _grown(width, width),
            _grown(width, width // 2),
            _grown(width // 2, width // 2),
            nn.Conv2d(width // 2, 3, 3, padding=1),
        )

    def code(self, faces: Tensor) -> Tensor:
        """Return the code (B, 2 K, 16, 16): first the half for real faces, then that for fake ones."""
        fine = faces - functional.avg_pool2d(faces, 3, stride=1, padding=1, count_include_pad=False)
        return self.encoder(torch.cat([2 * faces - 1, 8 * fine], dim=1))

    def activity(self, code: Tensor) -> Tensor:
        """Return the mean magnitude of both halves, (B, 2), the real one first."""
        return torch.stack([one.abs().mean((1, 2, 3)) for one in code.chunk(2, dim=1)], dim=1)

    def attention(self, code: Tensor) -> Tensor:
        """Return the mean magnitude of the fake half at each place, (B, 16, 16)."""
        return code[:, self.half :].abs().mean(1)

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Return activity and map."""
        code = self.code(faces)
        return self.activity(code), self.attention(code)

    def losses(self, faces: Tensor, fake: Tensor, masks: Tensor) -> Losses:
        """Return the losses of a batch.

        Parameters
        ----------
        fake
            shape (B,), bool.
        masks
            shape (B, 16, 16): share of each place that is fake; NaN for a face whose mask nobody asked for.
        """
        code = self.code(faces)
        # Only the half of its own kind may tell the decoder what the face looks like.
        keep = torch.stack([~fake, fake], dim=1).repeat_interleave(self.half, dim=1)[:, :, None, None]
        picture = self.decoder(code * keep)
        error = (picture - faces).abs().mean() + _edges(picture - faces)
        own = torch.stack([~fake, fake], dim=1).to(code.dtype)
        active = self.activity(code)
        activity = (active - own).abs().sum(1).mean()
        known = ~torch.isnan(masks[:, 0, 0])
        maps = self.attention(code[known])
        scaled = maps / maps.amax((1, 2), keepdim=True).clamp_min(1e-3)
        attention = ((scaled - masks[known]) ** 2).mean() if bool(known.any()) else error.new_zeros(())
        return Losses(error, activity, attention, active)


def _edges(error: Tensor) -> Tensor:
    """Return the mean error of differences between neighbours, so that the decoder does not blur for nothing."""
    across, down = error[..., 1:] - error[..., :-1], error[..., 1:, :] - error[..., :-1, :]
    return across.abs().mean() + down.abs().mean()
