"""``veridical enrol``: cameras whose sensor noise pictures are compared with.

Exit codes: 0 done; 1 a picture could not be read; 2 wrong usage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..errors import MediaError, UsageError
from ..report.markup import one_line
from ._console import complain, err, out

app = typer.Typer(
    no_args_is_help=True, help="Enrol cameras by the noise of their sensors; everything stays on this machine."
)
_SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif"}


@app.command()
def camera(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of pictures that the camera took.")],
    name: Annotated[str, typer.Option("--name", help="What the camera is called.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace an enrolled camera of that name.")] = False,
) -> None:
    """Make the fingerprint of a camera from pictures that it took, and keep it.

    Give unedited pictures at full size: ten or more of an evenly lit wall or sky, and some ordinary photographs. Each is
    checked against the fingerprint of the others; one that does not match is named and left out.
    """
    from .. import cameras

    paths = _pictures(folder)
    status = err.status("") if err.is_terminal else None

    def tell(what: str, done: int, count: int) -> None:
        if status is not None:
            status.update(f"{what}: {done + 1} of {count}")

    try:
        if status is not None:
            status.start()
        made, checks = cameras.enrol(paths, name, replace_=replace, tell=tell)
    except MediaError as error:
        complain(str(error))
        raise typer.Exit(1) from None
    finally:
        if status is not None:
            status.stop()
    for one in checks:
        if not one.matches:
            said = f"left out: {one.path.name} does not match the others (PCE {one.pce:.1f}, {cameras.LEAST_PCE:g} is needed)"
            err.print(Text(one_line(said), "yellow"), soft_wrap=True)
    kept = [one.pce for one in checks if one.matches]
    text = (
        f"enrolled {made.name}: {len(made.inputs)} pictures of {made.width} × {made.height} pixels"
        f"{f', {made.make}' if made.make else ''}; each against the others PCE {min(kept):.0f} to {max(kept):.0f}"
    )
    out.print(Text(one_line(text)), soft_wrap=True)


@app.command("list")
def list_cameras() -> None:
    """List the enrolled cameras."""
    from .. import cameras

    known = cameras.listed()
    if not known:
        out.print(
            Text("no camera is enrolled; enrol one with: veridical enrol camera FOLDER --name NAME"), soft_wrap=True
        )
        return
    table = Table("camera", "make", "size", "pictures", "enrolled", box=None, pad_edge=False)
    for one in known:
        cells = (one.name, one.make or "–", f"{one.width} × {one.height}", str(len(one.inputs)), one.made[:10])
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    out.print(table)


@app.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="The camera.")]) -> None:
    """Remove an enrolled camera."""
    from .. import cameras

    cameras.remove(name)
    out.print(Text(one_line(f"removed {name}")), soft_wrap=True)


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give the folder that holds pictures of the camera")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not paths:
        raise UsageError(f"{folder} holds no pictures ({', '.join(sorted(_SUFFIXES))})")
    return paths
