"""Chains: named ways to bring labelled files to one form, or to treat them as the world does.

What a chain does to a file is decided by its name and the SHA-256 of the file, never by label or file name: both classes go
through the same. ``native`` is the file itself. ``common`` takes away what tells collections apart without a look at the
content: size, format, compression, rate, band, level, metadata. It never scales up and never fills a band: a file that is
too small or sampled too slowly is left out with the reason, of both classes alike. The other chains change one thing, to
see what an examination withstands. Names are joined with "+" and applied in order: ``common+jpeg_50``.

What ``common`` cannot take away: what an earlier reduction, compression or frame rate left in the content. Run the leak
audit beside it.
"""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import NotApplicable, UsageError
from ...media.exhibit import open_exhibit
from ...reencode import STEPS as _STEPS

NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Chain:
    """One step that a chain is made of.

    Parameters
    ----------
    name
        As users type it.
    description
        What it does, for each kind of file if it differs.
    kinds
        The kinds of file it is for: "image", "audio", "video".
    """

    name: str
    description: str
    kinds: tuple[str, ...]


def _chains() -> dict[str, Chain]:
    found = {NATIVE: Chain(NATIVE, "the file as it is", tuple(_STEPS))}
    for name in dict.fromkeys(name for steps in _STEPS.values() for name in steps):
        said = {kind: steps[name].description for kind, steps in _STEPS.items() if name in steps}
        text = "; ".join(f"{kind}: {what}" for kind, what in said.items()) if len(said) > 1 else [*said.values()][0]
        found[name] = Chain(name, text, tuple(said))
    return found


CHAINS: Mapping[str, Chain] = _chains()


def names(chain: str) -> tuple[str, ...]:
    """Return the steps of a chain, without ``native``; raises UsageError if one does not exist."""
    steps = tuple(part.strip() for part in chain.split("+"))
    for step in steps:
        if step not in CHAINS:
            near = difflib.get_close_matches(step, CHAINS, 3)
            hint = f"did you mean {' or '.join(near)}" if near else f"there are: {', '.join(CHAINS)}"
            raise UsageError(f"there is no chain {step!r}; {hint}; join several with '+'")
    return tuple(step for step in steps if step != NATIVE)


def kinds(chain: str) -> tuple[str, ...]:
    """Return the kinds of file that a chain is for; raises UsageError if no kind has all its steps."""
    steps = names(chain)
    found = tuple(kind for kind in _STEPS if all(kind in CHAINS[step].kinds for step in steps))
    if not found:
        said = ", ".join(f"{step} is for {' and '.join(CHAINS[step].kinds)} files" for step in steps)
        raise UsageError(f"the chain {chain!r} is for no kind of file: {said}")
    return found


def apply(name: str, path: Path, folder: Path, *, key: str) -> Path:
    """Apply a chain to a file.

    Parameters
    ----------
    name
        One name of ``CHAINS``, or several joined with "+".
    path
        An image, a recording or a video; read in the decoder process.
    folder
        Where the result is written, named by key and chain, replacing what has that name. Safe with several processes.
    key
        SHA-256 of the file, in hexadecimal; all that is random is drawn from it.

    Returns
    -------
    Path
        The new file; for ``native`` the path as it was given.

    Raises
    ------
    UsageError
        If there is no such chain, or its encoder is missing here.
    NotApplicable
        If the file is not fit for the chain: of another kind, too small, sampled too slowly, silent.
    MediaError
        If the file cannot be decoded.
    """
    kinds(name)
    steps = names(name)
    if not steps:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".chain-") as scratch:
        made = path
        for i, step in enumerate(steps):
            made = _apply_step(step, made, Path(scratch) / str(i), key)
        return made.replace(folder / f"{key}-{'+'.join(steps)}{made.suffix}")


def _apply_step(name: str, path: Path, stem: Path, key: str) -> Path:
    with open_exhibit(path) as exhibit:
        if exhibit.kind not in CHAINS[name].kinds:
            fit = " and ".join(CHAINS[name].kinds)
            raise NotApplicable(f"the chain {name} is for {fit} files; this one is of the kind {exhibit.kind}")
        return _STEPS[exhibit.kind][name].make(exhibit, stem, key)


__all__ = ["CHAINS", "NATIVE", "Chain", "apply", "kinds", "names"]
