"""HiFi-GAN as torch modules: the decoder that turns a mel spectrogram into speech; weights are read, never shipped.

Copies of real speech through it train detectors: what they differ in from the original is what the vocoder does. Submodules
bear the names of the published weights, which are kept as direction and length of each kernel and joined here on loading.
The weights that copies were made with are the authors' universal ones of configuration V1 (licence: MIT).
Import this module where torch is known to be installed (``copies`` does so).

References
----------
Kong, Kim and Bae, HiFi-GAN: generative adversarial networks for efficient and high fidelity speech synthesis, NeurIPS 2020,
arXiv:2010.05646 (configuration V1).
Salimans and Kingma, Weight normalization, NeurIPS 2016, arXiv:1602.07868 (direction and length of a kernel).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UsageError

MELS, TOP_HZ = 80, 8000.0
_CHANNELS = 512
_KERNELS = (3, 7, 11)
_DILATIONS = (1, 3, 5)
_SLOPE = 0.1
_LAST_SLOPE = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """``rate``: samples a second; ``window``: samples of the analysis; ``strides``: even, their product is the hop."""

    rate: int
    window: int
    strides: tuple[int, ...]

    @property
    def hop(self) -> int:
        """Samples a frame."""
        return int(np.prod(self.strides))


WIDE = Plan(rate=22050, window=1024, strides=(8, 8, 2, 2))


class Residual(nn.Module):
    """Three dilated convolutions, each followed by a plain one and added to what came in."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in _DILATIONS
        )
        self.convs2 = nn.ModuleList(
            nn.Conv1d(channels, channels, kernel, padding=(kernel - 1) // 2) for _ in _DILATIONS
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return what has the shape of ``x``: (B, channels, time)."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            x = x + plain(functional.leaky_relu(dilated(functional.leaky_relu(x, _SLOPE)), _SLOPE))
        return x


class Generator(nn.Module):
    """The generator in configuration V1: four transposed convolutions."""

    def __init__(self, plan: Plan = WIDE) -> None:
        super().__init__()
        self.plan = plan
        self.conv_pre = nn.Conv1d(MELS, _CHANNELS, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        channels = _CHANNELS
        for stride in plan.strides:
            self.ups.append(nn.ConvTranspose1d(channels, channels // 2, 2 * stride, stride, padding=stride // 2))
            channels //= 2
            self.resblocks.extend(Residual(channels, kernel) for kernel in _KERNELS)
        self.conv_post = nn.Conv1d(channels, 1, 7, padding=3)

    def forward(self, mel: Tensor) -> Tensor:
        """Return sound of shape (B, hop * frames) in -1…1 of log-mel spectra of shape (B, 80, frames)."""
        x = self.conv_pre(mel)
        for stage, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, _SLOPE))
            blocks = self.resblocks[stage * len(_KERNELS) : (stage + 1) * len(_KERNELS)]
            x = torch.stack([block(x) for block in blocks]).mean(0)
        return torch.tanh(self.conv_post(functional.leaky_relu(x, _LAST_SLOPE)))[:, 0]


def load(path: Path) -> Generator:
    """Return a generator with published weights, ready to speak.

    Parameters
    ----------
    path
        A torch file that holds a dictionary ``generator`` of tensors; no program in it is run.

    Raises
    ------
    UsageError
        If the file is missing or holds other weights.
    """
    model = Generator()
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)["generator"]
        model.load_state_dict(_joined(kept), strict=True)
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, AttributeError, UnpicklingError) as error:
        raise UsageError(f"{path} does not hold the weights of HiFi-GAN V1 ({error})") from None
    return model.eval()


def speak(model: Generator, log_mel: np.ndarray) -> np.ndarray:
    """Return sound at the model's rate, shape (hop * frames,), float32, of log-mel spectra of shape (80, frames)."""
    with torch.inference_mode():
        return np.asarray(model(torch.from_numpy(np.asarray(log_mel, np.float32)[None]))[0].numpy())


def _joined(kept: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replace each kernel's direction and length by the kernel."""
    joined = {}
    for name, tensor in kept.items():
        if name.endswith("weight_v"):
            length = kept[name[:-1] + "g"]
            joined[name[:-2]] = tensor * (length / tensor.flatten(1).norm(dim=1).reshape(length.shape))
        elif not name.endswith("weight_g"):
            joined[name] = tensor
    return joined
