"""What a benchmark reads and writes: labelled items, and one row a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..finding import Outcome, Scalar

Label = Literal["real", "fake"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One labelled file.

    Parameters
    ----------
    category
        "real", or the attack category: reenactment, replacement, editing, synthesis.
    generator
        What made a fake (system, method, network); "" for a real one.
    source
        Collection that the file comes from; the first thing to split by.
    group
        Identity, original clip or speaker: files of one group never stand on both sides of a split. Files without a
        known group are their own (the file's name).
    """

    path: Path
    label: Label
    category: str
    generator: str
    source: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One finding about one item under one chain: a line of ``rows.jsonl``.

    ``path`` is relative to the folder of the manifest; ``exhibit`` is the SHA-256 of the file as it was examined, after the
    chain. ``quality`` is the nuisance vector of that file: size, format, compression, rate, duration, colour mean.
    ``value`` is None unless the outcome is "measured". ``features`` is the vector that the examination gave, to six digits;
    None where it gives none. ``log10_lr`` is what its calibration table makes of the value; None where nothing weighs it, with
    the reason in ``unweighed``.
    """

    id: str
    value: float | None
    outcome: Outcome
    reason: str
    seconds: float
    quality: Mapping[str, Scalar]
    exhibit: str
    path: str
    label: Label
    category: str
    generator: str
    source: str
    group: str
    chain: str
    features: tuple[float, ...] | None = None
    log10_lr: float | None = None
    unweighed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One file under one chain and what its report concludes: a line of ``files.jsonl``.

    Parameters
    ----------
    kind
        "image", "video" or "audio".
    state
        The quality vector of the file as it was examined, as its report gives it.
    log10_lr
        Of the conclusion; None where nothing is concluded.
    band, attack, table
        Band of the verbal scale, attack category that it is said to be most like, and fused model.
    """

    path: str
    chain: str
    exhibit: str
    label: Label
    category: str
    generator: str
    source: str
    group: str
    kind: str
    state: Mapping[str, Scalar]
    log10_lr: float | None
    band: str
    attack: str | None
    table: str
