"""One training loop for all networks, on the processor: deterministic, resumable, logged in JSON, ended by a tune part.

A step depends on the seed and its own number alone: the batch is drawn from ``default_rng([seed, step])``, and torch's random
numbers are set anew before each step. So a run that was killed goes on from its last checkpoint to the same bits as one that
was not, with the same number of threads on the same kind of machine. In the folder of a run lie ``checkpoint.pt``, replaced as
a whole or not at all, and ``log.jsonl``, a line every few steps and one for each look at the tune part.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NotInstalled, UsageError

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
_PRIME = 1_000_003


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is trained.

    Parameters
    ----------
    steps
        Steps at most. The learning rate climbs over the first tenth to ``rate`` and falls to nothing at the last, on a cosine.
    rate, decay, clip
        Learning rate and weight decay of AdamW; bound of the gradient's length.
    tune_every, patience
        Steps between looks at the tune part, and looks in a row without a better figure that end training.
    keep_every, tell_every
        Steps between checkpoints, and between lines of the log.
    bf16
        Compute in bfloat16 where torch deems it safe; about twice as fast on processors that know it.
    what
        Whatever else makes one run another, such as the data: a run with another ``what`` does not go on with this one.
    budget_s
        End after so many seconds, those of earlier runs counted: then the number of steps depends on the machine.
    """

    steps: int
    seed: int = 0
    rate: float = 1e-3
    decay: float = 1e-2
    clip: float = 5.0
    tune_every: int = 100
    patience: int = 5
    keep_every: int = 100
    tell_every: int = 20
    bf16: bool = False
    threads: int = 1
    what: str = ""
    budget_s: float = math.inf

    def identity(self) -> dict[str, Any]:
        """Return what a run that goes on must have in common with the one before: all that changes the weights."""
        free = ("budget_s", "keep_every", "tell_every", "threads")
        return {name: value for name, value in asdict(self).items() if name not in free}


@dataclass(frozen=True, slots=True)
class Tick:
    """How far training has come: for a bar of progress."""

    step: int
    steps: int
    loss: float
    figure: float | None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained network, ready to judge, and how it came about.

    Parameters
    ----------
    step, figure
        The step whose weights were kept and its figure on the tune part; the last step, and None, without one.
    ended
        Why training ended: ``steps``, ``tune`` or ``budget``.
    """

    net: Any
    step: int
    figure: float | None
    ended: str
    seconds: float


Tell = Callable[[Tick], None]


def fit(
    net: Any,
    batch: Callable[[np.random.Generator], Any],
    loss: Callable[[Any, Any], Any],
    folder: Path,
    settings: Settings,
    *,
    tune: Callable[[Any], float] | None = None,
    groups: Sequence[Mapping[str, Any]] | None = None,
    restart: bool = False,
    tell: Tell | None = None,
) -> Fitted:
    """Train a network and return it with the weights of its best look at the tune part.

    Parameters
    ----------
    net
        A torch module; make it after `seeded`, so that its first weights follow from the seed.
    batch
        Draws a batch; a function of the generator it is given and of nothing else that changes.
    loss
        Loss of the network on a batch, a tensor of one number.
    folder
        Gets the checkpoint and the log. A run whose checkpoint lies there goes on.
    tune
        A figure of the network on the tune part, higher for better; the network is set to judge before.
    groups
        Parameters with a factor of the learning rate each: mappings of ``params`` and ``scale``.
    restart
        Forget what lies in the folder.

    Raises
    ------
    NotInstalled
        Without torch.
    UsageError
        If the checkpoint is of another run, or the loss is not finite.
    """
    torch = installed()
    folder.mkdir(parents=True, exist_ok=True)
    if restart:
        for name in (CHECKPOINT, LOG):
            (folder / name).unlink(missing_ok=True)
    with _threads(torch, settings.threads):
        run = _Run(torch, net, folder, settings, groups, tell)
        run.resume()
        while run.ended() is None:
            run.advance(batch, loss)
            if tune is not None and (run.step % settings.tune_every == 0 or run.step == settings.steps):
                run.look(tune)
            if run.step % settings.keep_every == 0:
                run.keep()
        run.keep()
        return run.fitted()


def seeded(seed: int) -> None:
    """Set torch's random numbers, so that the first weights of a network follow from the seed."""
    installed().manual_seed(seed)


def installed() -> Any:
    """Return torch; raises NotInstalled with what to install."""
    try:
        import torch
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise NotInstalled("torch is not installed; run: pip install 'veridical[train]'") from None
    return torch


def replaced(torch: Any, value: Any, path: Path) -> None:
    """Write something with torch so that the file is there as a whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        torch.save(value, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@dataclass(slots=True)
class _State:
    """What goes on from one run to the next beside weights and optimiser."""

    step: int = 0
    best: float | None = None
    best_step: int = 0
    stale: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)


class _Run:
    def __init__(self, torch: Any, net: Any, folder: Path, settings: Settings, groups: Any, tell: Tell | None) -> None:
        self.torch, self.net, self.folder, self.settings, self.tell = torch, net, folder, settings, tell
        groups = groups or [{"params": net.parameters(), "scale": 1.0}]
        self.scales = [float(group.get("scale", 1.0)) for group in groups]
        self.weights = [one for one in net.parameters() if one.requires_grad]
        self.optimiser = torch.optim.AdamW(
            [{"params": list(group["params"])} for group in groups], lr=settings.rate, weight_decay=settings.decay
        )
        self.state = _State()
        self.best: Mapping[str, Any] | None = None
        self.began = time.monotonic()

    @property
    def step(self) -> int:
        return self.state.step

    def seconds(self) -> float:
        return self.state.seconds + time.monotonic() - self.began

    def ended(self) -> str | None:
        if self.state.step >= self.settings.steps:
            return "steps"
        if self.state.stale >= self.settings.patience:
            return "tune"
        return "budget" if self.seconds() >= self.settings.budget_s else None

    def advance(self, batch: Callable[[np.random.Generator], Any], loss: Callable[[Any, Any], Any]) -> None:
        step, settings, torch = self.state.step, self.settings, self.torch
        torch.manual_seed(settings.seed * _PRIME + step)
        for group, scale in zip(self.optimiser.param_groups, self.scales, strict=True):
            group["lr"] = settings.rate * scale * share_of_rate(step, settings.steps)
        self.net.train()
        drawn = batch(np.random.default_rng([settings.seed, step]))
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bf16):
            found = loss(self.net, drawn)
        value = float(found.detach())
        if not math.isfinite(value):
            raise UsageError(f"the loss is {value} at step {step + 1}: lower the learning rate")
        self.optimiser.zero_grad(set_to_none=True)
        found.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, settings.clip)
        self.optimiser.step()
        self.state.step += 1
        self.state.losses.append(value)
        if self.state.step % settings.tell_every == 0 or self.state.step == settings.steps:
            mean = sum(self.state.losses) / len(self.state.losses)
            self.log(loss=round(mean, 6), rate=self.optimiser.param_groups[0]["lr"])
            self.state.losses.clear()
        if self.tell is not None:
            self.tell(Tick(self.state.step, settings.steps, value, self.state.best))

    def look(self, tune: Callable[[Any], float]) -> None:
        self.net.eval()
        with self.torch.no_grad():
            figure = float(tune(self.net))
        better = self.state.best is None or figure > self.state.best
        if better:
            self.state.best, self.state.best_step, self.state.stale = figure, self.state.step, 0
            self.best = {name: value.detach().clone() for name, value in self.net.state_dict().items()}
        else:
            self.state.stale += 1
        self.log(tune=round(figure, 6), best=better)

    def log(self, **what: Any) -> None:
        line = {"step": self.state.step, **what, "seconds": round(self.seconds(), 1)}
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def keep(self) -> None:
        state = {**asdict(self.state), "seconds": self.seconds()}
        kept = {
            "settings": self.settings.identity(), "state": state, "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(), "best": self.best,
        }  # fmt: skip
        replaced(self.torch, kept, self.folder / CHECKPOINT)

    def resume(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.exists():
            (self.folder / LOG).unlink(missing_ok=True)
            return
        kept = self.torch.load(path, map_location="cpu", weights_only=True)
        own = self.settings.identity()
        changed = [name for name, value in own.items() if kept["settings"].get(name, value) != value]
        if changed:
            raise UsageError(
                f"{path} is of a run with another {', '.join(changed)}; start anew, or name another folder"
            )
        self.net.load_state_dict(kept["net"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.best, self.state = kept["best"], _State(**kept["state"])
        self._forget_later_lines()

    def _forget_later_lines(self) -> None:
        """Cut off the log what was written after the checkpoint: it is about to be written again."""
        path = self.folder / LOG
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if _step_of(line) <= self.state.step]
        path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def fitted(self) -> Fitted:
        if self.best is not None:
            self.net.load_state_dict(self.best)
        step = self.state.step if self.best is None else self.state.best_step
        return Fitted(self.net.eval(), step, self.state.best, self.ended() or "steps", self.seconds())


def share_of_rate(step: int, steps: int) -> float:
    """Return the share of the highest learning rate at a step: up over the first tenth, then down on a cosine."""
    climb = max(steps // 10, 1)
    if step < climb:
        return (step + 1) / climb
    return (1 + math.cos(math.pi * (step - climb) / max(steps - climb, 1))) / 2


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf  # the last line of a run that was killed while it wrote


@contextmanager
def _threads(torch: Any, count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
