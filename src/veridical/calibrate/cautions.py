"""What the media of a validation cannot show, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scipy.stats import fisher_exact

from ..benchmark.audit import Audit
from ..benchmark.cells import SHARE_APART
from ..benchmark.rows import Examined
from .items import Scored
from .table import lacking
from .validated import ALL, APART, Part


def cautions_of(files: Sequence[Examined], audits: Sequence[Audit], parts: Sequence[Part]) -> tuple[str, ...]:
    """Return everything that a reader must know before the figures."""
    return (*_cautions(files, audits), *_met(parts), *_uneven(parts))


def _cautions(files: Sequence[Examined], audits: Sequence[Audit]) -> Iterable[str]:
    """Say plainly what these media cannot show."""
    for kind in sorted({one.kind for one in files}):
        some = {one.path: one for one in files if one.kind == kind}.values()
        items = [Scored(value=0.0, label=one.label, source=one.source, group=one.group) for one in some]
        if short := lacking(items):
            yield f"{kind.capitalize()}: too few files. There are {short}. Figures on so few say little about other files."
        both = {one.source for one in some if one.label == "fake"} & {one.source for one in some if one.label == "real"}
        if not both:
            yield (
                f"{kind.capitalize()}: no source holds both real and fake files. What differs between collections cannot be "
                "told from what differs between real and fake."
            )
    for one in audits:
        if one.leaks or one.leaks_together:
            verdict = one.verdict[:1].upper() + one.verdict[1:]
            yield f"{one.kind.capitalize()}, {one.chain}: the label is confounded with the state of the files. {verdict}"


def _met(parts: Sequence[Part]) -> Iterable[str]:
    """Say which tables in use were fitted on these very files."""
    named = {one.id for one in parts if one.shipped and one.shipped.note.endswith(APART)}
    if named:
        yield f"Tables in use were fitted on some of these files, and are not judged here: {', '.join(sorted(named))}."


def _uneven(parts: Sequence[Part]) -> Iterable[str]:
    """Say where far more files of one label than of the other got an LR: error rates are then those of a choice of files."""
    for one in parts:
        judged = one.shipped.judged if one.shipped and one.state == ALL else None
        if judged is None:
            continue
        shares = judged.reals / one.reals, judged.fakes / one.fakes
        counts = [[judged.reals, one.reals - judged.reals], [judged.fakes, one.fakes - judged.fakes]]
        if abs(shares[0] - shares[1]) > SHARE_APART and float(fisher_exact(counts).pvalue) < 0.01:
            yield (
                f"{one.id}, {one.kind}, {one.chain}: {shares[0]:.0%} of the real and {shares[1]:.0%} of the fake files got an "
                "LR. The error rates are those of these files only."
            )
