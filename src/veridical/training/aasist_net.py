"""The graph attention network AASIST as torch modules; import it through ``aasist``, which says what to install.

Submodules and parameters bear the names of the published weights. Shapes: B windows, N graph nodes, C numbers a node.

References
----------
Jung et al., AASIST: audio anti-spoofing using integrated spectro-temporal graph attention networks, ICASSP 2022,
arXiv:2110.01200.
Ravanelli and Bengio, Speaker recognition from raw waveform with SincNet, SLT 2018 (the filters of the first layer).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

RATE = 16000
_BANDS_LEFT = 23  # of 70 filters, after a maximum over three
_DROPPED_IN, _DROPPED_NODES, _DROPPED_WAY, _DROPPED_OUT = 0.2, 0.3, 0.2, 0.5


def sinc_filters(count: int, taps: int) -> np.ndarray:
    """Return band-passes whose edges lie evenly on the mel scale from 0 to 8 kHz: shape (count, taps), float32.

    Each is the difference of two ideal low-passes under a Hamming window. An even number of taps becomes the next odd one.
    """
    taps += 1 - taps % 2
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, count + 1) / 2595) - 1)
    width = 2 * edges[:, None] / RATE
    low_passes = width * np.sinc(width * (np.arange(taps) - taps // 2))
    return np.asarray(np.diff(low_passes, axis=0) * np.hamming(taps), np.float32)


class Block(nn.Module):
    """Residual block of two convolutions over (frequency, time), which takes the maximum over three moments.

    Its first normalisation never reaches the output: the network was trained so, and the published weights show it (its
    scales are still exactly 1). It is kept for its name alone.
    """

    def __init__(self, taken: int, given: int, *, first: bool) -> None:
        super().__init__()
        if not first:
            self.bn1 = nn.BatchNorm2d(taken)
        self.conv1 = nn.Conv2d(taken, given, (2, 3), padding=(1, 1))
        self.bn2 = nn.BatchNorm2d(given)
        self.conv2 = nn.Conv2d(given, given, (2, 3), padding=(0, 1))
        self.conv_downsample = nn.Conv2d(taken, given, (1, 3), padding=(0, 1)) if taken != given else None

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, given, F, T // 3) of (B, taken, F, T)."""
        y = self.conv2(functional.selu(self.bn2(self.conv1(x))))
        y = y + (x if self.conv_downsample is None else self.conv_downsample(x))
        return functional.max_pool2d(y, (1, 3))


class Attention(nn.Module):
    """Graph attention: a node becomes the weighted mean of all nodes, plus itself, each through a linear map.

    The weight of a pair rests on the product of its two nodes, so that it is the same in both directions before the softmax.
    """

    def __init__(self, taken: int, given: int, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.att_proj = nn.Linear(taken, given)
        self.att_weight = _vector(given)
        self.proj_with_att = nn.Linear(taken, given)
        self.proj_without_att = nn.Linear(taken, given)
        self.bn = nn.BatchNorm1d(given)
        self.input_drop = nn.Dropout(_DROPPED_IN)

    def forward(self, nodes: Tensor) -> Tensor:
        """Return (B, N, given) of (B, N, taken)."""
        nodes = self.input_drop(nodes)
        scores = torch.tanh(self.att_proj(_pairs(nodes))) @ self.att_weight
        weights = functional.softmax(scores.squeeze(-1) / self.temperature, dim=-1)
        mixed = self.proj_with_att(weights @ nodes) + self.proj_without_att(nodes)
        return functional.selu(_normalised(self.bn, mixed))


class MixedAttention(nn.Module):
    """Graph attention over nodes of two kinds (times and frequencies) and one node that stands for both.

    A pair is weighted by its kinds: 11, 22, or 12 for either mixed one.
    """

    def __init__(self, taken: int, given: int, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.proj_type1 = nn.Linear(taken, taken)
        self.proj_type2 = nn.Linear(taken, taken)
        self.att_proj = nn.Linear(taken, given)
        self.att_projM = nn.Linear(taken, given)
        self.att_weight11, self.att_weight22 = _vector(given), _vector(given)
        self.att_weight12, self.att_weightM = _vector(given), _vector(given)
        self.proj_with_att = nn.Linear(taken, given)
        self.proj_without_att = nn.Linear(taken, given)
        self.proj_with_attM = nn.Linear(taken, given)
        self.proj_without_attM = nn.Linear(taken, given)
        self.bn = nn.BatchNorm1d(given)
        self.input_drop = nn.Dropout(_DROPPED_IN)

    def forward(self, times: Tensor, bands: Tensor, stack: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the new times, frequencies and stack node; stack is (B or 1, 1, taken)."""
        count = times.shape[1]
        nodes = self.input_drop(torch.cat([self.proj_type1(times), self.proj_type2(bands)], dim=1))
        stack = self._stacked(nodes, stack)
        mixed = self.proj_with_att(self._weights(nodes, count) @ nodes) + self.proj_without_att(nodes)
        nodes = functional.selu(_normalised(self.bn, mixed))
        return nodes[:, :count], nodes[:, count:], stack

    def _weights(self, nodes: Tensor, count: int) -> Tensor:
        pairs = torch.tanh(self.att_proj(_pairs(nodes)))
        first = torch.arange(nodes.shape[1], device=nodes.device) < count
        one, other = first[:, None, None], first[None, :, None]
        kinds = (pairs @ self.att_weight11, pairs @ self.att_weight22, pairs @ self.att_weight12)
        scores = torch.where(one & other, kinds[0], torch.where(one | other, kinds[2], kinds[1]))
        return functional.softmax(scores.squeeze(-1) / self.temperature, dim=-1)

    def _stacked(self, nodes: Tensor, stack: Tensor) -> Tensor:
        scores = torch.tanh(self.att_projM(nodes * stack)) @ self.att_weightM
        weights = functional.softmax(scores / self.temperature, dim=1).transpose(1, 2)
        return self.proj_with_attM(weights @ nodes) + self.proj_without_attM(stack)


class Pool(nn.Module):
    """Keeps the share of nodes that a learned direction ranks highest, each scaled by its rank value."""

    def __init__(self, share: float, width: int) -> None:
        super().__init__()
        self.share = share
        self.proj = nn.Linear(width, 1)
        self.drop = nn.Dropout(_DROPPED_NODES)

    def forward(self, nodes: Tensor) -> Tensor:
        """Return (B, max(1, ⌊share · N⌋), C) of (B, N, C), highest first."""
        value = torch.sigmoid(self.proj(self.drop(nodes)))
        kept = torch.topk(value, max(1, int(self.share * nodes.shape[1])), dim=1).indices
        return (nodes * value).gather(1, kept.expand(-1, -1, nodes.shape[2]))


class Network(nn.Module):
    """AASIST: from windows of waveform to two logits, the second of which speaks for a real voice.

    Parameters
    ----------
    filters, taps
        Number and length of the fixed band-passes.
    channels
        (taken, given) of the first residual block, of the second, of the third, of the three others.
    widths
        Numbers a node, before and after the mixed attention.
    shares
        Share of nodes kept: of frequencies, of times, of both after mixing.
    temperatures
        Of the attention over frequencies, over times, of the mixed one.
    """

    def __init__(
        self,
        *,
        filters: int,
        taps: int,
        channels: Sequence[tuple[int, int]],
        widths: tuple[int, int],
        shares: Sequence[float],
        temperatures: Sequence[float],
    ) -> None:
        super().__init__()
        self.register_buffer("sinc", torch.from_numpy(sinc_filters(filters, taps))[:, None], persistent=False)
        self.first_bn = nn.BatchNorm2d(1)
        blocks = [*channels, channels[-1], channels[-1]]
        self.encoder = nn.Sequential(*(nn.Sequential(Block(*b, first=n == 0)) for n, b in enumerate(blocks)))
        wide, narrow = widths
        self.pos_S = nn.Parameter(torch.randn(1, _BANDS_LEFT, blocks[-1][1]))
        self.master1, self.master2 = (nn.Parameter(torch.randn(1, 1, wide)) for _ in range(2))
        self.GAT_layer_S = Attention(blocks[-1][1], wide, temperatures[0])
        self.GAT_layer_T = Attention(blocks[-1][1], wide, temperatures[1])
        self.HtrgGAT_layer_ST11 = MixedAttention(wide, narrow, temperatures[2])
        self.HtrgGAT_layer_ST12 = MixedAttention(narrow, narrow, temperatures[2])
        self.HtrgGAT_layer_ST21 = MixedAttention(wide, narrow, temperatures[2])
        self.HtrgGAT_layer_ST22 = MixedAttention(narrow, narrow, temperatures[2])
        self.pool_S, self.pool_T = Pool(shares[0], wide), Pool(shares[1], wide)
        self.pool_hS1, self.pool_hT1 = Pool(shares[2], narrow), Pool(shares[2], narrow)
        self.pool_hS2, self.pool_hT2 = Pool(shares[2], narrow), Pool(shares[2], narrow)
        self.drop_way, self.drop = nn.Dropout(_DROPPED_WAY), nn.Dropout(_DROPPED_OUT)
        self.out_layer = nn.Linear(5 * narrow, 2)

    def forward(self, windows: Tensor) -> Tensor:
        """Return the logits (B, 2) of waveforms (B, samples) at 16 kHz."""
        features = self.features(windows)
        bands = self.pool_S(self.GAT_layer_S(features.abs().amax(3).transpose(1, 2) + self.pos_S))
        times = self.pool_T(self.GAT_layer_T(features.abs().amax(2).transpose(1, 2)))
        ways = (
            self._way(times, bands, self.master1, self.HtrgGAT_layer_ST11, self.HtrgGAT_layer_ST12,
                      (self.pool_hT1, self.pool_hS1)),
            self._way(times, bands, self.master2, self.HtrgGAT_layer_ST21, self.HtrgGAT_layer_ST22,
                      (self.pool_hT2, self.pool_hS2)),
        )  # fmt: skip
        times, bands, stack = (torch.maximum(one, other) for one, other in zip(*ways, strict=True))
        read = [times.abs().amax(1), times.mean(1), bands.abs().amax(1), bands.mean(1), stack.squeeze(1)]
        return self.out_layer(self.drop(torch.cat(read, dim=1)))

    def features(self, windows: Tensor) -> Tensor:
        """Return the map of the residual blocks: (B, channels, 23 bands, T)."""
        bands = functional.conv1d(windows[:, None], self.sinc)[:, None]
        return self.encoder(functional.selu(self.first_bn(functional.max_pool2d(bands.abs(), 3))))

    def _way(
        self, times: Tensor, bands: Tensor, stack: Tensor, mix: nn.Module, again: nn.Module, pools: Sequence[nn.Module]
    ) -> tuple[Tensor, Tensor, Tensor]:
        times, bands, stack = mix(times, bands, stack)
        times, bands = pools[0](times), pools[1](bands)
        more = again(times, bands, stack)
        before = (times, bands, stack)
        t, b, s = (self.drop_way(one + other) for one, other in zip(before, more, strict=True))
        return t, b, s


def _pairs(nodes: Tensor) -> Tensor:
    """Return the product of each pair of nodes: (B, N, N, C)."""
    return nodes[:, :, None] * nodes[:, None]


def _normalised(norm: nn.Module, nodes: Tensor) -> Tensor:
    return norm(nodes.flatten(0, 1)).view(nodes.shape)


def _vector(length: int) -> nn.Parameter:
    return nn.Parameter(nn.init.xavier_normal_(torch.empty(length, 1)))
