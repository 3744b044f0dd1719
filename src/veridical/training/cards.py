"""The model card of a run: what it was made of, how, and what it was worth, written by the run itself."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .pictures import Row

CARD = "card.md"
_PACKAGES = ("numpy", "scipy", "opencv-python-headless", "pillow", "torch", "onnx", "onnxruntime", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Part:
    """What one network of a run was made of and how it did.

    Parameters
    ----------
    name
        Which one it is, such as the fold that it has not seen.
    rows
        Rows by what they were for: learned from, ended training, judged with.
    log
        Lines of JSON of the loop.
    figures
        Names and values of what was measured, in the order of the card.
    """

    name: str
    network: Path | None = None
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    log: Path | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """What a recipe made, for its card.

    Parameters
    ----------
    folder
        Where it lies, and where the card goes.
    files
        All that was made, but for logs.
    data
        What it was made from, in words, and manifests whose hash says which media these were.
    settings
        Names and values that are not in the command line as they are: defaults.
    """

    folder: Path
    files: Sequence[Path]
    seed: int | None = None
    data: str = ""
    manifests: Sequence[Path] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    parts: Sequence[Part] = ()


def write(made: Made, *, recipe: str, makes: str, command: str, seconds: float) -> Path:
    """Write ``card.md`` into the folder of what was made, and return its path."""
    path = made.folder / CARD
    path.write_text("\n".join(_lines(made, recipe, makes, command, seconds)) + "\n", encoding="utf-8")
    return path


def _lines(made: Made, recipe: str, makes: str, command: str, seconds: float) -> Iterator[str]:
    yield from (f"# Model card: {recipe}", "", makes, "", "Written by the run.", "")
    yield from ("## How it was made", "", f"- command: `{command}`")
    yield f"- seed: {'none: nothing is drawn but by the names of files' if made.seed is None else made.seed}"
    yield f"- seconds: {seconds:.0f}"
    yield f"- versions: {', '.join(versions())}"
    yield from (f"- {name}: {value}" for name, value in made.settings.items())
    yield from ("", "## Files", "", "| file | bytes | SHA-256 |", "|---|---|---|")
    for file in made.files:
        yield f"| {_below(file, made.folder)} | {file.stat().st_size} | {sha256(file)} |"
    yield from ("", "## Data", "")
    if made.data:
        yield from (made.data, "")
    yield from (f"- `{one.name}`: SHA-256 {sha256(one)}" for one in made.manifests)
    for part in made.parts:
        yield from ("", f"## {part.name}", "")
        yield from _part(part, made.folder)


def _part(part: Part, folder: Path) -> Iterator[str]:
    if part.network is not None:
        yield from (f"Network: {_below(part.network, folder)}", "")
    if part.rows:
        yield from ("| rows | label | source | count |", "|---|---|---|---|")
        for purpose, rows in part.rows.items():
            for (label, source), count in sorted(Counter((row["label"], row["source"]) for row in rows).items()):
                yield f"| {purpose} | {label} | {source} | {count} |"
        yield ""
    if part.log is not None and part.log.exists():
        yield from (logged(part.log), "")
    if part.figures:
        yield from ("| figure | value |", "|---|---|")
        yield from (f"| {name} | {value:.3f} |" for name, value in part.figures.items())


def logged(path: Path) -> str:
    """Return in a sentence or two what the log of a loop says."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    losses = [line for line in lines if "loss" in line]
    looks = [line for line in lines if "tune" in line]
    if not lines:
        return "The log is empty."
    said = f"{lines[-1]['step']} steps in {lines[-1]['seconds']:.0f} s"
    if losses:
        said += f"; loss {losses[0]['loss']:.3f} at step {losses[0]['step']}, {losses[-1]['loss']:.3f} at the end"
    said += "."
    if looks:
        best = max(looks, key=lambda line: line["tune"])  # the first of equals, as in the loop
        said += f" {len(looks)} looks at the tune part; the best, {best['tune']:.3f}, at step {best['step']}, was kept."
    return said


def versions() -> list[str]:
    """Return name and version of Python and of the packages that take part in training."""
    from .. import __version__

    found = [f"Python {platform.python_version()}", f"veridical {__version__}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
