"""Trains the small autoencoders that make copies of photos, and writes their weights.

    veridical train autoencoders PHOTOS OUT [--only NAME …] [--seconds N] [--seed N]

PHOTOS is a folder of photos (PNG or JPEG, no generated ones), OUT receives one ``NAME.npz`` for each decoder and
``NAME.csv``, its log, and the card. A copy must look like its photo and be as crisp: the loss is the mean absolute
difference, those of colours and of neighbouring differences, that of the log magnitudes of small blocks' spectra, and in the
second half of the steps what a critic of patches says. Photos that a detector will be tested on do not belong into PHOTOS.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ...errors import NotInstalled, UsageError
from .. import cards
from ..recipe import Tell, as_script
from ..recipe import folder as there_folder

NEEDS = ("torch",)

STEPS, BATCH, SIDE = 1600, 8, 64
"""Steps of training, crops a step, pixels of a crop's side (a multiple of every decoder's factor)."""
_RATE, _CRITIC_RATE = 2e-3, 1e-3
_WEIGHTS, _CRITIC = {"colour": 1.0, "edges": 1.0, "spectrum": 0.02}, 0.003
_BLOCK = 16
_SMALLEST = 0.4  # scale at which a photo is cropped from, drawn between this and 1
_LOGGED = 100


def photo_files(folder: Path) -> list[Path]:
    """Return the PNG and JPEG files of a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg"))


def photos(folder: Path) -> list[np.ndarray]:
    """Return the photos of a folder, each at three scales: shape (H, W, 3), uint8, none smaller than a crop.

    Raises
    ------
    UsageError
        If the folder holds none that is large enough.
    """
    found = []
    for path in photo_files(folder):
        with Image.open(path) as opened:
            photo = opened.convert("RGB")
        for scale in np.geomspace(_SMALLEST, 1, 3):
            size = (round(photo.width * scale), round(photo.height * scale))
            if min(size) >= SIDE:
                found.append(np.asarray(photo.resize(size, Image.Resampling.LANCZOS)))
    if not found:
        raise UsageError(f"{folder} holds no photo of {SIDE} pixels or more")
    return found


def crops(pictures: Sequence[np.ndarray], random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield batches of mirrored crops without end: shape (BATCH, 3, SIDE, SIDE), float32 in 0–1."""
    weights = np.sqrt([picture.shape[0] * picture.shape[1] for picture in pictures])
    while True:
        batch = np.empty((BATCH, 3, SIDE, SIDE), np.float32)
        for k in range(BATCH):
            picture = pictures[int(random.choice(len(pictures), p=weights / weights.sum()))]
            y, x = (int(random.integers(n - SIDE + 1)) for n in picture.shape[:2])
            crop = picture[y : y + SIDE, x : x + SIDE]
            batch[k] = (crop[:, ::-1] if random.random() < 0.5 else crop).transpose(2, 0, 1) / np.float32(255)
        yield batch


def train(
    name: str, pictures: Sequence[np.ndarray], *, steps: int = STEPS, seconds: float | None = None, seed: int = 0
) -> tuple[Any, list[dict[str, float]]]:
    """Return a trained autoencoder and its log.

    Parameters
    ----------
    name
        A key of ``autoencoders.PLANS``.
    pictures
        From ``photos``.
    steps
        Steps, or fewer where ``seconds`` of the processor end first (then the result depends on the machine).

    Raises
    ------
    NotInstalled
        If torch is not installed.
    """
    torch, nets = _torch()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net, critic = nets.Autoencoder(nets.PLANS[name]), nets.Critic()
    net, critic = (one.to(memory_format=torch.channels_last) for one in (net, critic))
    optimiser = torch.optim.Adam(net.parameters(), _RATE, betas=(0.9, 0.99))
    other = torch.optim.Adam(critic.parameters(), _CRITIC_RATE, betas=(0.5, 0.99))
    log: list[dict[str, float]] = []
    began = time.process_time()
    for step, batch in zip(range(steps), crops(pictures, np.random.default_rng(seed)), strict=False):
        spent = (time.process_time() - began) / seconds if seconds else 0.0
        share = max(step / steps, spent)
        if spent >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1, (step + 1) / 50) * (0.05 + 0.95 * (1 + np.cos(np.pi * share)) / 2)
        real = torch.from_numpy(batch).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            copy = net(real)
            judged = critic(copy).float() if share > 0.5 else None
        parts = _differences(torch, copy.float(), real)
        loss = parts["plain"] + sum(weight * parts[name] for name, weight in _WEIGHTS.items())
        if judged is not None:
            loss = loss - _CRITIC * judged.mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        if share > 0.45:
            with torch.autocast("cpu", torch.bfloat16):
                seen = critic(torch.cat([real, copy.detach().float()])).float()
            good, bad = seen.chunk(2)
            margin = torch.relu(1 - good).mean() + torch.relu(1 + bad).mean()
            other.zero_grad()
            margin.backward()
            other.step()
            parts["margin"] = margin
        if step % _LOGGED == 0 or step == steps - 1:
            log.append({"step": float(step)} | {key: round(float(one.detach()), 5) for key, one in parts.items()})
    return net.eval(), log


def _differences(torch: Any, copy: Any, real: Any) -> dict[str, Any]:
    """Return how far copies are from photos: (B, 3, H, W) each."""

    def edges(x: Any) -> tuple[Any, Any]:
        return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]

    def spectrum(x: Any) -> Any:
        blocks = x.mean(1).unfold(1, _BLOCK, _BLOCK // 2).unfold(2, _BLOCK, _BLOCK // 2)
        window = torch.hann_window(_BLOCK, periodic=False)
        return torch.log(torch.fft.rfft2(blocks * window[:, None] * window).abs() + 0.02)

    def colour(x: Any) -> Any:
        return x[:, ::2] - x[:, 1:2]  # red and blue against green

    steps = zip(edges(copy), edges(real), strict=True)
    return {
        "plain": (copy - real).abs().mean(),
        "colour": (colour(copy) - colour(real)).abs().mean(),
        "edges": sum((one - two).abs().mean() for one, two in steps) / 2,
        "spectrum": (spectrum(copy) - spectrum(real)).abs().mean(),
    }


def save(net: Any, path: Path) -> None:
    """Write the weights as half-precision arrays, each under its own name."""
    arrays = {name: one.detach().float().numpy().astype(np.float16) for name, one in net.state_dict().items()}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _torch() -> tuple[Any, Any]:
    try:
        import torch

        from .. import autoencoders
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed; run: pip install 'veridical[train]'") from None
    return torch, autoencoders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    parser.add_argument("photos", type=there_folder, help="folder of photos")
    parser.add_argument("out", type=Path, help="folder for the weights and the card")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="decoders to train (default: all)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"steps of training (default: {STEPS})")
    parser.add_argument("--seconds", type=float, help="end training after so many seconds of the processor")
    parser.add_argument("--seed", type=int, default=0)


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and write the autoencoders."""
    _, nets = _torch()
    names = given.only or list(nets.PLANS)
    if unknown := sorted(set(names) - set(nets.PLANS)):
        raise UsageError(f"no decoder {', '.join(unknown)}; there are {', '.join(nets.PLANS)}")
    pictures = photos(given.photos)
    given.out.mkdir(parents=True, exist_ok=True)
    files, parts = [], []
    for number, name in enumerate(names):
        net, log = train(name, pictures, steps=given.steps, seconds=given.seconds, seed=given.seed)
        files.append(given.out / f"{name}.npz")
        save(net, files[-1])
        with (given.out / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["step", "plain", "colour", "edges", "spectrum", "margin"], restval="")
            writer.writeheader()
            writer.writerows(log)
        first = {"plain at the first step": log[0]["plain"]}
        parts.append(
            cards.Part(name, files[-1], figures=first | {f"{key} at the end": one for key, one in log[-1].items()})
        )
        if tell is not None:
            tell(f"decoders: {name}", number + 1, len(names))
    ended = f"{given.seconds:g} s of the processor" if given.seconds else f"{given.steps} steps"
    return cards.Made(
        given.out, files, seed=given.seed,
        data=f"{len(photo_files(given.photos))} photos, each at three scales; a log lies beside each file.",
        settings={"a decoder learns for": ended, "crops a step": BATCH, "side of a crop": SIDE}, parts=parts,
    )  # fmt: skip


if __name__ == "__main__":
    as_script("autoencoders")
