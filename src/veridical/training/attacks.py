"""Attacks on networks whose weights are known, to measure in the robustness bench how far pixels can mislead them.

A network is asked through a ``Score``: a function of a torch tensor of pictures, shape (n, 3, h, w), RGB, 0 to 1, that returns
one number a picture, shape (n,), higher for a fake. `veridical.training.attack_chains` puts what comes before the network
(crops, tiles, JPEG) into such a function, so that the gradients run through the whole chain. Attacks return pictures within a
distance ``eps`` in every value and between 0 and 1. ``towards`` says for each picture which way its score is to be moved:
−1 lowers it (a fake that wants to pass), +1 raises it.

Nothing here is reachable from the command line, and nothing is written: the bench keeps figures, not pictures.

References
----------
Goodfellow, Shlens, Szegedy, Explaining and harnessing adversarial examples, ICLR 2015, arXiv:1412.6572 (one step).
Madry, Makelov, Schmidt, Tsipras, Vladu, Towards deep learning models resistant to adversarial attacks, ICLR 2018,
arXiv:1706.06083 (many steps).
Brown, Mané, Roy, Abadi, Gilmer, Adversarial patch, 2017, arXiv:1712.09665.
Carlini and Farid, Evading deepfake-image detectors with white- and black-box attacks, CVPR workshops 2020, arXiv:2004.00622.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import NotInstalled

Tensor = Any
Score = Callable[[Tensor], Tensor]


def one_step(score: Score, pixels: Tensor, towards: Tensor, *, eps: float) -> Tensor:
    """Return pictures moved by ``eps`` along the signs of the gradient (FGSM)."""
    return _bounded(pixels + eps * _signs(score, pixels, towards), pixels, eps)


def many_steps(
    score: Score, pixels: Tensor, towards: Tensor, *, eps: float, steps: int = 10, seed: int = 0, best: bool = True
) -> Tensor:
    """Return pictures moved by projected gradient steps from a random start (PGD).

    Parameters
    ----------
    steps
        Each of 2.5 · ``eps`` / steps.
    seed
        Of the random start.
    best
        Keep for each picture the step at which its score lay farthest; of a score that draws by chance take the last one.
    """
    torch = _torch()
    chance = torch.Generator().manual_seed(seed)
    start = (2 * torch.rand(pixels.shape, generator=chance) - 1) * eps
    found = _bounded(pixels + start.to(pixels), pixels, eps)
    if not best:
        for _ in range(steps):
            found = _bounded(found + 2.5 * eps / steps * _signs(score, found, towards), pixels, eps)
        return found
    farthest = found
    reached = torch.full((len(pixels),), -torch.inf)
    for _ in range(steps):
        signs, scores = _gradient(score, found, towards)
        farthest, reached = _farther(farthest, reached, found, scores * towards)
        found = _bounded(found + 2.5 * eps / steps * signs, pixels, eps)
    with torch.no_grad():
        return _farther(farthest, reached, found, score(found) * towards)[0]


@dataclass(frozen=True, slots=True)
class Patch:
    """A square that is laid over pictures: ``values`` of shape (3, s, s), its upper left corner at row ``y``, column ``x``."""

    values: Tensor
    y: int
    x: int

    def over(self, pixels: Tensor) -> Tensor:
        """Return pictures with the square laid over them."""
        torch = _torch()
        side = self.values.shape[-1]
        height, width = pixels.shape[-2:]
        around = (self.x, width - self.x - side, self.y, height - self.y - side)
        laid = torch.nn.functional.pad(self.values, around)
        covered = torch.nn.functional.pad(torch.ones_like(self.values), around)
        return pixels * (1 - covered) + laid * covered


def patch(
    score: Score, pixels: Tensor, towards: Tensor, *, share: float = 0.01, steps: int = 60, rate: float = 0.05,
    batch: int = 8, seed: int = 0,
) -> Patch:  # fmt: skip
    """Learn one square for all pictures that moves their scores; it stands where the gradient of the first ones is largest.

    Parameters
    ----------
    share
        Share of the picture that the square covers.
    steps, rate
        Steps by the signs of the gradient, each of this size at first and of none at the end.
    batch
        Pictures a step.
    """
    torch = _torch()
    chance = torch.Generator().manual_seed(seed)
    side = max(1, round(float(share * pixels.shape[-1] * pixels.shape[-2]) ** 0.5))
    y, x = _most_sensitive(score, pixels[:batch], towards[:batch], side)
    found = Patch(torch.full((3, side, side), 0.5), y, x)
    for step in range(steps):
        some = torch.randperm(len(pixels), generator=chance)[:batch]
        values = found.values.clone().requires_grad_()
        aim = (score(Patch(values, y, x).over(pixels[some])) * towards[some]).mean()
        (gradient,) = torch.autograd.grad(aim, values)
        moved = found.values + rate * (1 - step / steps) * gradient.sign()
        found = Patch(moved.clamp(0, 1), y, x)
    return found


def against(loss: Callable[[Tensor], Tensor], pixels: Tensor, *, eps: float, seed: int) -> Tensor:
    """Return pictures that raise a loss, by one step from a random start: what adversarial training learns from.

    Parameters
    ----------
    loss
        From pictures to one number.
    seed
        Of the random start; another one for each batch.

    References
    ----------
    Wong, Rice, Kolter, Fast is better than free: revisiting adversarial training, ICLR 2020, arXiv:2001.03994.
    """
    torch = _torch()
    start = (2 * torch.rand(pixels.shape, generator=torch.Generator().manual_seed(seed)) - 1) * eps
    with torch.enable_grad():
        moving = _bounded(pixels + start.to(pixels), pixels, eps).requires_grad_()
        (gradient,) = torch.autograd.grad(loss(moving), moving)
    return _bounded(moving + 1.25 * eps * gradient.sign(), pixels, eps)


def in_levels(pixels: Tensor) -> Tensor:
    """Return pictures rounded to 8 bits: what a file can hold. Whole levels of ``eps`` stay respected."""
    return (pixels * 255).round() / 255


def _gradient(score: Score, pixels: Tensor, towards: Tensor) -> tuple[Tensor, Tensor]:
    """Return the signs of the gradient towards the aim, and the scores."""
    torch = _torch()
    with torch.enable_grad():
        moving = pixels.detach().clone().requires_grad_()
        scores = score(moving)
        (found,) = torch.autograd.grad((scores * towards).sum(), moving)
    return found.sign(), scores.detach()


def _signs(score: Score, pixels: Tensor, towards: Tensor) -> Tensor:
    return _gradient(score, pixels, towards)[0]


def _farther(kept: Tensor, reached: Tensor, found: Tensor, now: Tensor) -> tuple[Tensor, Tensor]:
    torch = _torch()
    more = now > reached
    return torch.where(more[:, None, None, None], found, kept), torch.where(more, now, reached)


def _bounded(moved: Tensor, pixels: Tensor, eps: float) -> Tensor:
    return moved.clamp(min=pixels - eps, max=pixels + eps).clamp(0, 1).detach()


def _most_sensitive(score: Score, pixels: Tensor, towards: Tensor, side: int) -> tuple[int, int]:
    torch = _torch()
    moving = pixels.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad((score(moving) * towards).sum(), moving)
    strength = torch.nn.functional.avg_pool2d(gradient.abs().mean((0, 1))[None, None], side, 1)[0, 0]
    place = int(strength.argmax())
    return place // strength.shape[1], place % strength.shape[1]


def _torch() -> Any:
    try:
        import torch
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed; run: pip install 'veridical[train]'") from None
    return torch
