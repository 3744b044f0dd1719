"""All commands in one application."""

from __future__ import annotations

import typer

from . import (
    audit,
    benchmark,
    bundle,
    case,
    demo,
    enrol,
    examine,
    explain,
    export,
    keys,
    lab,
    list_,
    models,
    observe,
    report,
    train,
    validate,
    verify,
)

app = typer.Typer(
    name="veridical", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Say what speaks for and against an image, a video or a voice recording being a deepfake.",
    epilog="Exit codes: 0 examined · 1 a file or model was refused · 2 wrong usage · 3 an examination failed · 130 interrupted",
)  # fmt: skip
app.command("examine")(examine.command)
app.command("observe")(observe.command)
app.command("report")(report.command)
app.command("export")(export.command)
app.command("bundle")(bundle.command)
app.command("verify")(verify.command)
app.command("list")(list_.command)
app.command("explain")(explain.command)
app.command("demo")(demo.command)
app.command("benchmark")(benchmark.command)
app.command("audit")(audit.command)
app.command("validate")(validate.command)
app.command("train", context_settings=train.SETTINGS)(train.command)
app.add_typer(case.app, name="case")
app.add_typer(models.app, name="models")
app.add_typer(enrol.app, name="enrol")
app.add_typer(lab.app, name="lab")
app.add_typer(keys.app, name="keys")


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"veridical {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Say what speaks for and against an image, a video or a voice recording being a deepfake."""
