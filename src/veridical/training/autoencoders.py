"""Small autoencoders whose decoders enlarge as generators do; import it where torch is known to be installed.

A copy of a photo through one of them shows the photo and bears the traces of its decoder. Five decoders enlarge in five
ways, since each leaves traces of its own: copied neighbours, transposed convolutions, sub-pixel shuffling, bilinear
interpolation, and copied neighbours that are smoothed and disturbed at every level as in StyleGAN. Shapes: B pictures of
H by W; pictures are RGB in 0–1.

References
----------
Odena, Dumoulin and Olah, Deconvolution and checkerboard artifacts, Distill 2016, doi:10.23915/distill.00003.
Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network,
CVPR 2016, arXiv:1609.05158.
Karras, Laine and Aila, A style-based generator architecture for generative adversarial networks, CVPR 2019, arXiv:1812.04948.
Zhang, Karaman and Chang, Detecting and simulating artifacts in GAN fake images, WIFS 2019, arXiv:1907.06515.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UsageError

_SLOPE = 0.2

Enlarging = Literal["nearest", "transposed", "shuffle", "bilinear", "styled"]


@dataclass(frozen=True, slots=True)
class Plan:
    """``factor``: how much smaller the latent is, a power of two from 4; ``latent``, ``width``: its channels and the widest."""

    enlarging: Enlarging
    factor: int
    latent: int
    width: int = 64

    @property
    def levels(self) -> tuple[int, ...]:
        """Channels of the decoder from the latent's size up to the picture's."""
        return tuple(max(16, self.width >> level) for level in range(self.factor.bit_length()))


PLANS = {
    "nearest_8": Plan("nearest", 8, 16),
    "transposed_4": Plan("transposed", 4, 8),
    "shuffle_4": Plan("shuffle", 4, 8),
    "bilinear_4": Plan("bilinear", 4, 6),
    "styled_8": Plan("styled", 8, 16),
}
"""What is trained; a name says how its decoder enlarges and by how much."""


def _conv(taken: int, given: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(taken, given, 3, stride=stride, padding=1)


class Residual(nn.Module):
    """Two convolutions added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.LeakyReLU(_SLOPE), _conv(channels, channels), nn.LeakyReLU(_SLOPE), _conv(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) of the same shape."""
        return x + self.body(x)


class Disturbed(nn.Module):
    """Smoothing by a binomial filter, then noise of a learned strength for each channel, fresh for each picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("filter", (row[:, None] * row)[None, None].repeat(channels, 1, 1, 1), persistent=False)
        self.strength = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) of the same shape."""
        padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        smooth = functional.conv2d(padded, self.filter.to(x.dtype), groups=x.shape[1])
        return smooth + self.strength[:, None, None] * torch.randn_like(smooth[:, :1])


class Shuffled(nn.Module):
    """A convolution whose channels become the pixels of a picture twice as large."""

    def __init__(self, taken: int, given: int) -> None:
        super().__init__()
        self.conv = _conv(taken, 4 * given)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, D, 2 H, 2 W) of (B, C, H, W)."""
        return functional.pixel_shuffle(self.conv(x), 2)


def _enlarged(way: Enlarging, taken: int, given: int) -> nn.Module:
    match way:
        case "nearest":
            return nn.Sequential(nn.Upsample(scale_factor=2), _conv(taken, given))
        case "bilinear":
            return nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), _conv(taken, given))
        case "transposed":
            return nn.ConvTranspose2d(taken, given, 4, stride=2, padding=1)
        case "shuffle":
            return Shuffled(taken, given)
        case "styled":
            return nn.Sequential(nn.Upsample(scale_factor=2), _conv(taken, given), Disturbed(given))


class Encoder(nn.Module):
    """From pictures to their latents."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        halvings = plan.factor.bit_length() - 2  # the first halving folds pixels into channels
        layers: list[nn.Module] = [nn.PixelUnshuffle(2), _conv(12, 32)]
        taken = 32
        for _ in range(halvings):
            layers += [nn.LeakyReLU(_SLOPE), _conv(taken, plan.width, 2)]
            taken = plan.width
        self.body = nn.Sequential(*layers, Residual(taken), nn.LeakyReLU(_SLOPE), _conv(taken, plan.latent - 3))
        self.factor = plan.factor

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (B, latent, H / factor, W / factor) of (B, 3, H, W); the first three channels are the reduced picture."""
        centred = pictures - 0.5
        return torch.cat([functional.avg_pool2d(centred, self.factor), self.body(centred)], dim=1)


class Decoder(nn.Module):
    """From latents to pictures."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        levels = plan.levels
        layers: list[nn.Module] = [_conv(plan.latent, levels[0]), Residual(levels[0])]
        for level, (taken, given) in enumerate(zip(levels, levels[1:], strict=False)):
            layers += [nn.LeakyReLU(_SLOPE), _enlarged(plan.enlarging, taken, given)]
            if level < len(levels) - 2:
                layers.append(Residual(given))
        layers += [nn.LeakyReLU(_SLOPE), _conv(levels[-1], levels[-1]), nn.LeakyReLU(_SLOPE), _conv(levels[-1], 3)]
        self.body = nn.Sequential(*layers)
        self.factor = plan.factor

    def forward(self, latents: Tensor) -> Tensor:
        """Return (B, 3, H, W) of (B, latent, H / factor, W / factor): the reduced picture, enlarged, and the detail."""
        broad = functional.interpolate(latents[:, :3].float(), scale_factor=float(self.factor), mode="bilinear")
        return broad + self.body(latents) + 0.5


class Autoencoder(nn.Module):
    """An encoder and one of the decoders.

    Parameters
    ----------
    plan
        How much smaller the latent is, how many channels it has, and how the decoder enlarges.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.encoder = Encoder(plan)
        self.decoder = Decoder(plan)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (B, 3, H, W) of the same shape; H and W are multiples of the factor."""
        return self.decoder(self.encoder(pictures))


class Critic(nn.Module):
    """Tells patches of photos from patches of copies: one number for each overlapping patch, higher for a photo."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),
            _conv(12, width),
            nn.LeakyReLU(_SLOPE),
            _conv(width, 2 * width, 2),
            nn.LeakyReLU(_SLOPE),
            _conv(2 * width, 2 * width),
            nn.LeakyReLU(_SLOPE),
            _conv(2 * width, 1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (B, 1, H / 4, W / 4) of (B, 3, H, W)."""
        return self.body(pictures - 0.5)


def load(path: Path) -> Autoencoder:
    """Return an autoencoder with the weights of a file, whose name without its ending is a plan's.

    Raises
    ------
    UsageError
        If no plan bears the name, or the file holds other weights.
    """
    if path.stem not in PLANS:
        raise UsageError(f"{path.name}: there is no autoencoder of this name; there are {', '.join(PLANS)}")
    net = Autoencoder(PLANS[path.stem])
    try:
        with np.load(path, allow_pickle=False) as found:
            net.load_state_dict({name: torch.from_numpy(found[name].astype(np.float32)) for name in found.files})
    except (OSError, ValueError, RuntimeError, BadZipFile) as error:
        raise UsageError(f"{path} holds no weights of {path.stem}: {error}") from None
    return net.eval().requires_grad_(False)
