"""What comes before a network, as torch functions with gradients: crops, sizes, tiles, JPEG, mild changes.

Pictures are tensors of shape (n, 3, h, w), RGB, 0 to 1. Each function does what its counterpart of the inference does, so that
an attack on pixels of the file sees the network as it will be asked. What has no useful gradient (JPEG, rounding) is done
as it is on the way there, and taken for unchanged on the way back (BPDA).

References
----------
Athalye, Carlini, Wagner, Obfuscated gradients give a false sense of security, ICML 2018, arXiv:1802.00420 (BPDA, EOT).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..signals import mild_changes
from ..signals.recompression import recompress
from .attacks import Score, Tensor, _torch

Change = Callable[[Tensor], Tensor]


def moved(pixels: Tensor, move: np.ndarray, side: int, blank: float = 127 / 255) -> Tensor:
    """Return crops, shape (n, 3, side, side), as `veridical.signals.face_crops.moved` cuts them.

    Parameters
    ----------
    move
        shape (2, 3): brings points (x, y) of the picture to those of the crop.
    """
    torch = _torch()
    move = np.asarray(move, np.float64)
    scale = float(np.sqrt(abs(np.linalg.det(move[:, :2]))))
    if scale < 0.67:
        height, width = pixels.shape[-2:]
        rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
        pixels = by_areas(pixels, rows, columns)
        back = np.array([width / columns, height / rows])
        move = np.hstack([move[:, :2] * back, (move[:, :2] @ (0.5 * back - 0.5) + move[:, 2])[:, None]])
    inside = torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1)
    warped = _warped(inside, move, side, side, "zeros")
    return warped[:, :3] + blank * (1 - warped[:, 3:])


def by_areas(pixels: Tensor, height: int, width: int) -> Tensor:
    """Return smaller pictures, each pixel the mean over the area that it covers."""
    rows, columns = (_shares(was, now) for was, now in zip(pixels.shape[-2:], (height, width), strict=True))
    torch = _torch()
    return torch.from_numpy(rows).to(pixels) @ pixels @ torch.from_numpy(columns).to(pixels).T


def resized(pixels: Tensor, height: int, width: int) -> Tensor:
    """Return pictures of another size, bilinear, smoothed where they shrink."""
    functional = _torch().nn.functional
    return functional.interpolate(pixels, (height, width), mode="bilinear", align_corners=False, antialias=True)


def tiled(score: Score, side: int, step: int, pooled: Callable[[Tensor], Tensor]) -> Score:
    """Return the score of whole pictures from those of their tiles; ``pooled`` takes (n, tiles) to (n,)."""

    def whole(pixels: Tensor) -> Tensor:
        torch = _torch()
        found = []
        for y in range(0, pixels.shape[-2] - side + 1, step):
            for x in range(0, pixels.shape[-1] - side + 1, step):
                found.append(score(pixels[..., y : y + side, x : x + side]))
        return pooled(torch.stack(found, 1))

    return whole


def after(score: Score, *changes: Change) -> Score:
    """Return the score of pictures after changes, in that order."""

    def whole(pixels: Tensor) -> Tensor:
        for change in changes:
            pixels = change(pixels)
        return score(pixels)

    return whole


def expected(score: Score, changes: Sequence[Change], draws: int, seed: int = 0) -> Score:
    """Return the mean score over ``draws`` of the changes, drawn anew at each call (EOT); 0 takes each of them once."""
    random = np.random.default_rng(seed)

    def whole(pixels: Tensor) -> Tensor:
        taken = random.choice(len(changes), draws, replace=draws > len(changes)) if draws else range(len(changes))
        return _torch().stack([score(changes[int(one)](pixels)) for one in taken]).mean(0)

    return whole


def straight(function: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Return a change that does ``function`` to each picture, uint8 (h, w, 3), and whose gradient is that of no change."""

    def change(pixels: Tensor) -> Tensor:
        torch = _torch()
        levels = (pixels.detach().clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        done = np.stack([function(np.ascontiguousarray(one)) for one in levels])
        there = torch.from_numpy(done).permute(0, 3, 1, 2).to(pixels) / 255
        return pixels + (there - pixels).detach()

    return change


def jpeg(quality: int) -> Change:
    """Return a round trip through JPEG (4:2:0)."""
    return straight(lambda pixels: recompress(pixels, quality))


def mild(height: int, width: int) -> dict[str, Change]:
    """Return the changes of `veridical.signals.mild_changes.changed` for crops of one size, by name."""
    torch = _torch()
    ways: dict[str, Change] = {"mirrored": lambda pixels: pixels.flip(-1)}
    for name, move in mild_changes.moves(height, width).items():
        ways[name] = partial(_warped, move=move, height=height, width=width, outside="border")
    ways |= {f"JPEG {quality}": jpeg(quality) for quality in mild_changes.QUALITIES}
    ways["blurred by half a pixel"] = lambda pixels: blurred(pixels, mild_changes.BLUR)
    added = torch.from_numpy(mild_changes.noise(height, width)).permute(2, 0, 1) / 255
    ways["noise of 2 levels"] = lambda pixels: (pixels + added.to(pixels)).clamp(0, 1)
    ways["six bits"] = straight(lambda pixels: mild_changes.changed(pixels)["six bits"])
    return ways


def blurred(pixels: Tensor, sigma: float) -> Tensor:
    """Return pictures blurred by a Gaussian of five by five pixels."""
    torch = _torch()
    line = torch.exp(-(torch.arange(-2.0, 3.0) ** 2) / (2 * sigma**2))
    kernel = (line[:, None] * line / line.sum() ** 2).to(pixels).expand(3, 1, 5, 5)
    padded = torch.nn.functional.pad(pixels, (2, 2, 2, 2), mode="replicate")
    return torch.nn.functional.conv2d(padded, kernel, groups=3)


def _warped(pixels: Tensor, move: np.ndarray, height: int, width: int, outside: str) -> Tensor:
    """Return pictures after a move of points (2, 3), bilinear."""
    torch = _torch()
    turn = np.linalg.inv(move[:, :2])
    y, x = np.mgrid[:height, :width]
    points = (np.stack([x, y], -1) - move[:, 2]) @ turn.T
    size = np.array(pixels.shape[:-3:-1])  # width, height
    grid = torch.from_numpy((2 * points + 1) / size - 1).to(pixels)[None].expand(len(pixels), -1, -1, -1)
    return torch.nn.functional.grid_sample(pixels, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def _shares(was: int, now: int) -> np.ndarray:
    """Return how much of each old pixel lies in each new one, shape (now, was); rows sum to 1."""
    edges = np.arange(now + 1) * was / now
    old = np.arange(was)
    covered = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.asarray(np.clip(covered, 0, None) * now / was, np.float32)
