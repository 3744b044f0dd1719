"""``veridical keys``: the keys that sign bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..errors import UsageError
from ._console import err, out

app = typer.Typer(no_args_is_help=True, help="Make and show the keys that sign bundles.")
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="The passphrase of the key is the first line of this file."),
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Name of the key.", show_default=True)] = "default",
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Ask for a passphrase that protects the private key.")
    ] = False,
    passphrase_file: Passphrase = None,
) -> None:
    """Make a key. The private half stays on this machine, readable by you alone; keep a copy of it in a safe place.

    Give the public half (NAME.pub) to those who shall check your bundles, by a way that they trust: on paper, in person.
    """
    from ..bundle import keys

    secret = read_passphrase(passphrase_file)
    if secret is None and passphrase:
        secret = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True).encode()
    made = keys.new(name, secret)
    where = keys.folder()
    _say(f"private key {where / (name + keys.PRIVATE)}{'' if secret else ' (no passphrase)'}")
    _say(f"public key  {where / (name + keys.PUBLIC)}")
    _say(f"id          {made.id}")


@app.command("list")
def list_keys() -> None:
    """List your keys and their ids."""
    from ..bundle import keys

    known = keys.names()
    if not known:
        err.print("you have no key; make one with: veridical keys new")
        return
    table = Table("name", "id", box=None, pad_edge=False)
    for name in known:
        table.add_row(Text(name), Text(keys.public(name).id))
    out.print(table, soft_wrap=True)


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="[NAME]", help="Name of the key.")] = "default") -> None:
    """Print the public half of a key, as others give it to: veridical verify --trust."""
    from ..bundle import keys

    typer.echo(keys.stated(keys.public(name)), nl=False)


def read_passphrase(path: Path | None) -> bytes | None:
    """Return the first line of a file, None without a file; raises UsageError if it cannot be read or is empty."""
    if path is None:
        return None
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    if not lines or not lines[0]:
        raise UsageError(f"{path} has no passphrase in its first line")
    return lines[0]


def _say(text: str) -> None:
    out.print(Text(text), soft_wrap=True)
