"""AASIST and AASIST-L, published detectors of synthetic speech, as a yardstick for our own: weights are read, never shipped.

The network judges windows of 64,600 samples at 16 kHz. Its authors score the first window of a recording; here windows follow
every two seconds to the end, so that a synthetic part far inside is not passed over. A shorter recording is repeated until it
fills a window.

References
----------
Jung et al., AASIST: audio anti-spoofing using integrated spectro-temporal graph attention networks, ICASSP 2022,
arXiv:2110.01200.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NotInstalled, UsageError

RATE = 16000
WINDOW = 64600
HOP = 2 * RATE
NAMES = ("AASIST", "AASIST-L")
_ARCHITECTURE = "AASIST"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What the network says of each window.

    Parameters
    ----------
    starts_s
        Begin of each window in seconds [shape=(n,)].
    real_logit
        The score of the authors, higher for a real voice [shape=(n,)].
    log_odds
        Natural logarithm of the odds of synthetic against real, by the network's own softmax [shape=(n,)]. They are not
        calibrated: it was trained on one synthetic collection, with one real item to nine synthetic ones.
    """

    starts_s: np.ndarray
    real_logit: np.ndarray
    log_odds: np.ndarray


def network(config: Path) -> Any:
    """Return an untrained network as a published configuration file describes it.

    Raises
    ------
    NotInstalled
        If torch is not installed.
    UsageError
        If the file cannot be read, or describes another architecture.
    """
    net = _net()
    try:
        model = json.loads(config.read_text(encoding="utf-8"))["model_config"]
        if model["architecture"] != _ARCHITECTURE:
            raise UsageError(f"{config} describes {model['architecture']!r}; only {_ARCHITECTURE} is known here")
        filters, *channels = model["filts"]
        return net.Network(
            filters=filters, taps=model["first_conv"], channels=[tuple(pair) for pair in channels],
            widths=tuple(model["gat_dims"]), shares=model["pool_ratios"], temperatures=model["temperatures"],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{config} cannot be read as a configuration of {_ARCHITECTURE} ({error})") from None


def load(folder: Path, name: str = "AASIST-L") -> Any:
    """Return a network with published weights, ready to judge.

    Parameters
    ----------
    folder
        Holds ``config_NAME.conf`` and ``NAME.pth``.
    name
        ``AASIST`` or ``AASIST-L``.

    Raises
    ------
    NotInstalled
        If torch is not installed.
    UsageError
        If there is no such network, or a file is missing or holds other weights.
    """
    if name not in NAMES:
        raise UsageError(f"no published network {name!r}; take one of: {', '.join(NAMES)}")
    model = network(folder / f"config_{name}.conf")
    torch = import_module("torch")
    path = folder / f"{name}.pth"
    try:
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=True)
    except (OSError, RuntimeError, EOFError, import_module("pickle").UnpicklingError) as error:
        raise UsageError(f"{path} does not hold the weights of {name} ({error})") from None
    # Channels last: 0.6 of the processor's time for a window, the same logits to 1e-6.
    return model.eval().to(memory_format=torch.channels_last)


def judge(model: Any, samples: np.ndarray) -> Judged:
    """Judge every window of a recording.

    Parameters
    ----------
    model
        From ``load``.
    samples
        One channel at 16 kHz [shape=(n,)]; neither level nor pauses are changed.

    Raises
    ------
    UsageError
        If the recording is empty.
    """
    torch = import_module("torch")
    starts = window_starts(len(samples))
    with torch.inference_mode():  # one window at a time: more at once take longer each, and more memory
        logits = [model(torch.from_numpy(_window(samples, start)[None])).numpy() for start in starts]
    both = np.concatenate(logits).astype(np.float64)
    return Judged(np.array(starts) / RATE, both[:, 1], both[:, 0] - both[:, 1])


def window_starts(count: int) -> list[int]:
    """Return where the windows of so many samples begin: every two seconds, and one that ends with the recording."""
    if count < 1:
        raise UsageError("the recording is empty: there is nothing to judge")
    last = max(0, count - WINDOW)
    return sorted({*range(0, last + 1, HOP), last})


def _window(samples: np.ndarray, start: int) -> np.ndarray:
    return np.resize(np.asarray(samples[start : start + WINDOW], np.float32), WINDOW)


def _net() -> Any:
    try:
        return import_module(".aasist_net", __package__)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise NotInstalled("torch is not installed; run: pip install 'veridical[train]'") from None
