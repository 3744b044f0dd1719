"""``veridical verify BUNDLE``: whether a bundle is whole, who signed it, and whether examining again gives the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ..errors import UsageError
from ..report.markup import one_line
from ._console import out

if TYPE_CHECKING:
    from ..bundle.check import Verdict
    from ..bundle.replay import Replayed


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The file to check.", show_default=False)],
    trust: Annotated[
        list[Path] | None,
        typer.Option("--trust", metavar="FILE", help="Public keys (PEM) that you trust. Repeatable."),
    ] = None,
    tsa: Annotated[
        Path | None,
        typer.Option("--tsa", metavar="FILE", help="Certificates (PEM) of timestamping authorities that you trust."),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Examine the files again under the recorded settings and compare.")
    ] = False,
    media: Annotated[
        list[Path] | None,
        typer.Option(
            "--media", metavar="FILE", help="A file to examine again that the bundle does not hold. Repeatable."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check a bundle: structure, hashes, signature, custody log, timestamp; with --replay examine its files again.

    A signature says which key signed, not who holds it: anybody can make a key and a bundle. Give the public keys of those you
    trust with --trust; a bundle that is signed by another key is then refused. Nothing of a bundle is run, and no network is
    used.

    Exit codes: 0 nothing is wrong (with --replay: and every value came out again); 1 something is wrong or differs; 2 wrong
    usage, or the file cannot be read.
    """
    from ..bundle import keys, timestamp
    from ..bundle.check import check

    if media and not replay:
        raise UsageError("--media names files to examine again: give --replay too")
    if (bundle / "case.db").is_file():
        raise UsageError(f"{bundle} is the folder of a case, not a bundle; make one with: veridical bundle {bundle}")
    trusted = [key for path in trust or () for key in keys.read_public(path)]
    authorities = timestamp.certificates(tsa) if tsa else ()
    verdict = check(bundle, trusted=trusted, authorities=authorities, own=tuple(keys.mine()))
    runs: list[Replayed] = []
    if not as_json:
        _print_verdict(bundle, verdict)
    if replay:
        runs = _replayed(bundle, verdict, media or [], as_json)
    if as_json:
        typer.echo(json.dumps(_plain(bundle, verdict, runs), indent=1))
    raise typer.Exit(0 if verdict.intact and all(one.same for one in runs) else 1)


def _replayed(bundle: Path, verdict: Verdict, media: list[Path], as_json: bool) -> list[Replayed]:
    from ..bundle.replay import replay

    if not verdict.intact:
        if not as_json:
            _say("the examinations are not done again: what the bundle says of them cannot be relied on", "bold red")
        return []
    runs = []
    for one in replay(bundle, verdict, media):
        runs.append(one)
        if not as_json:
            _print_run(one)
    return runs


def _print_verdict(bundle: Path, verdict: Verdict) -> None:
    for text in verdict.right:
        _say(f"right      {text}")
    for text in verdict.unchecked:
        _say(f"unchecked  {text}", "yellow")
    for fault in verdict.faults:
        _say(f"WRONG      {fault.where}: {fault.problem}. {fault.meaning[:1].upper()}{fault.meaning[1:]}.", "bold red")
    _say(_sentence(bundle, verdict), "bold" if verdict.intact else "bold red")


def _sentence(bundle: Path, verdict: Verdict) -> str:
    if verdict.signer is None or not verdict.intact:
        count = len(verdict.faults)
        return f"{bundle}: {count} thing{'' if count == 1 else 's'} wrong; do not rely on it"
    named = f"{verdict.signer.name!r}, key " if verdict.signer.name else "key "
    whole = f"{bundle}: unchanged since it was signed by {named}{verdict.signer.id}"
    return whole if verdict.trusted else f"{whole}; whose key that is was not checked"


def _print_run(run: Replayed) -> None:
    _say(f"examined again: {run.name} ({run.report})", "bold")
    for text in run.knobs:
        _say(f"  knob     {text}")
    for text in run.conditions:
        _say(f"  differs  {text}", "yellow")
    for one in run.differences:
        _say(f"  DIFFERS  {one}", "bold red")
    for text in run.details:
        _say(f"  detail   {text}", "yellow")
    _say(f"  {run.said}", "bold" if run.same else "bold red")


def _plain(bundle: Path, verdict: Verdict, runs: Sequence[Replayed]) -> dict[str, Any]:
    return {
        "bundle": str(bundle), "intact": verdict.intact,
        "faults": [{"where": f.where, "problem": f.problem, "meaning": f.meaning} for f in verdict.faults],
        "right": verdict.right, "unchecked": verdict.unchecked,
        "signed_by": verdict.signer and {"id": verdict.signer.id, "name": verdict.signer.name, "trusted": verdict.trusted},
        "replayed": [
            {"file": run.name, "report": run.report, "same": run.same, "knobs": list(run.knobs),
             "conditions": list(run.conditions), "differences": list(run.differences),
             "details": list(run.details), "said": run.said}
            for run in runs
        ],
    }  # fmt: skip


def _say(text: str, style: str = "") -> None:
    out.print(Text(one_line(text), style), soft_wrap=True)
