"""``veridical enrol``: cameras, persons and voices that exhibits are compared with.

Exit codes: 0 done; 1 a picture, clip or recording could not be read, or a model is missing; 2 wrong usage.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..errors import MediaError, NotInstalled, UsageError
from ..report.markup import one_line
from ._console import complain, err, out

if TYPE_CHECKING:
    from ..enrolment import Compared
    from ..voices import Voice

app = typer.Typer(
    no_args_is_help=True,
    help="Enrol cameras by their sensors' noise, persons by how they move, voices by their sound; everything stays here.",
)
_WELL_KNOWN_S = 3600.0
_WELL_HEARD_S = 30.0
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


@app.command()
def person(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the person is called.")],
    clips: Annotated[list[Path], typer.Argument(metavar="CLIP…", help="Authentic clips that show the person.")],
    face: Annotated[str, typer.Option("--face", help="Whose face, if several are seen: largest, left or right.")] = "",
    window: Annotated[float, typer.Option("--window", help="Seconds over which movements are compared.")] = 10.0,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an enrolled person of that name.")] = False,
) -> None:
    """Learn how a person's face and head move together from authentic clips, and keep it.

    Give as much footage as there is, an hour if possible, of the kind that will be examined (interviews for interviews). What
    is kept is biometric data; it stays on this machine, and the person should know of it. A clip that shows another face than
    the others is named and left out, if the model face.identity is fetched.
    """
    from typing import cast

    from .. import enrolment

    status = err.status("") if err.is_terminal else None

    def tell(number: int, seconds: float) -> None:
        if status is not None:
            status.update(f"clip {number + 1} of {len(clips)}: {seconds:.0f} s seen")

    try:
        if status is not None:
            status.start()
        made, checks = enrolment.enrol(
            name, clips, face=cast(enrolment.FaceChoice, face), window_s=window, replace=replace, tell=tell
        )
    except (MediaError, NotInstalled) as error:
        complain(str(error))
        raise typer.Exit(1) from None
    finally:
        if status is not None:
            status.stop()
    _say_strangers(checks)
    counted = f"{len(made.clips)} clip{'' if len(made.clips) == 1 else 's'}"
    text = f"enrolled {made.name}: {counted}, {made.seconds:.0f} s in {made.windows} windows of {made.window_s:g} s"
    if made.own:
        text += f"; left out of the model in turn, they score {made.own[0]:.2f} to {made.own[2]:.2f} (90 %)"
    out.print(Text(one_line(text)), soft_wrap=True)
    if made.seconds < _WELL_KNOWN_S:
        said = f"{made.seconds / 60:.1f} minutes are little: the published work used an hour or more of each person"
        err.print(Text(said, "yellow"), soft_wrap=True)


@app.command()
def voice(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose voice it is.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Recordings or clips in which only they speak.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace an enrolled voice of that name.")] = False,
) -> None:
    """Learn what a person's voice sounds like from authentic recordings, and keep it.

    Six seconds of speech are needed, half a minute and more is better, of the kind that will be examined (calls for calls).
    Only this person may speak in them. What is kept is biometric data; it stays on this machine, and the person should know
    of it. A recording that holds another voice than the others is named and left out.
    """
    from .. import voice_enrolment

    status = err.status("") if err.is_terminal else None

    def tell(number: int) -> None:
        if status is not None:
            status.update(f"recording {number + 1} of {len(files)}")

    try:
        if status is not None:
            status.start()
        made, checks = voice_enrolment.enrol(name, files, replace=replace, tell=tell)
    except (MediaError, NotInstalled) as error:
        complain(str(error))
        raise typer.Exit(1) from None
    finally:
        if status is not None:
            status.stop()
    for one in checks:
        if not one.matches:
            said = f"left out: {one.path.name} holds another voice than the others (distance {one.distance:.2f})"
            err.print(Text(one_line(said), "yellow"), soft_wrap=True)
    _tell_of_voice(made)


def _tell_of_voice(made: Voice) -> None:
    """Say what was learned, and what is doubtful about it."""
    from .. import voice_enrolment

    counted = f"{len(made.recordings)} recording{'' if len(made.recordings) == 1 else 's'}"
    text = f"enrolled {made.name}: {counted}, {made.seconds:.0f} s of speech"
    if made.own:
        parts = "they" if len(made.recordings) > 1 else "pieces of it"
        text += f"; left out in turn, {parts} are {made.usual} from the others"
    out.print(Text(one_line(text)), soft_wrap=True)
    if made.own and made.own[-1] > voice_enrolment.FARTHEST:
        said = (
            f"pieces lie as far from each other as different people's do (more than {voice_enrolment.FARTHEST:g}): make sure "
            f"that only {made.name} speaks; if not: veridical enrol remove {shlex.quote(made.name)}"
        )
        err.print(Text(one_line(said), "yellow"), soft_wrap=True)
    if made.seconds < _WELL_HEARD_S:
        said = (
            f"{made.seconds:.0f} s of speech are little: half a minute, of several occasions, tells voices apart better"
        )
        err.print(Text(said, "yellow"), soft_wrap=True)


@app.command("list")
def list_enrolled() -> None:
    """List the enrolled cameras, persons and voices."""
    from .. import cameras, persons, voices

    known, people, sounds = cameras.listed(), persons.listed(), voices.listed()
    if not known and not people and not sounds:
        text = (
            "no camera is enrolled, no person and no voice; enrol one with: veridical enrol camera FOLDER --name NAME, "
            "veridical enrol person NAME CLIP…, or: veridical enrol voice NAME FILE…"
        )
        out.print(Text(text), soft_wrap=True)
    if known:
        table = Table("camera", "make", "size", "pictures", "enrolled", box=None, pad_edge=False)
        for one in known:
            cells = (one.name, one.make or "–", f"{one.width} × {one.height}", str(len(one.inputs)), one.made[:10])
            table.add_row(*(Text(one_line(cell)) for cell in cells))
        out.print(table)
    if people:
        table = Table("person", "footage", "windows", "clips", "enrolled", box=None, pad_edge=False)
        for who in people:
            footage, windows = f"{who.seconds / 60:.1f} min", f"{who.windows} of {who.window_s:g} s"
            cells = (who.name, footage, windows, str(len(who.clips)), who.made[:10])
            table.add_row(*(Text(one_line(cell)) for cell in cells))
        out.print(table)
    if sounds:
        table = Table("voice", "speech", "recordings", "enrolled", box=None, pad_edge=False)
        for heard in sounds:
            row = (heard.name, f"{heard.seconds:.0f} s", str(len(heard.recordings)), heard.made[:10])
            table.add_row(*(Text(one_line(cell)) for cell in row))
        out.print(table)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The camera, the person or the voice.")],
    kind: Annotated[str, typer.Option("--kind", help="camera, person or voice, if several have that name.")] = "",
) -> None:
    """Remove an enrolled camera, person or voice."""
    from .. import cameras, persons, voices

    stores = {"camera": cameras, "person": persons, "voice": voices}
    if kind not in ("", *stores):
        raise UsageError(f"--kind is {kind!r}; it is one of: {', '.join(stores)}")
    holders = [kind] if kind else [one for one, store in stores.items() if name in store.names()]
    if len(holders) > 1:
        several = " and ".join(f"a {one}" for one in holders)
        raise UsageError(
            f"{several} are called {name!r}; say which: {', or '.join(f'--kind {one}' for one in holders)}"
        )
    if not holders:
        listed = [f"{one}: {', '.join(store.names()) or 'none'}" for one, store in stores.items()]
        raise UsageError(f"nothing called {name!r} is enrolled; there are: {'; '.join(listed)}")
    stores[holders[0]].remove(name)
    out.print(Text(one_line(f"removed {name}")), soft_wrap=True)


def _say_strangers(checks: Sequence[Compared]) -> None:
    """Name the clips that were left out, and those of which it could not be told whose face they show."""
    from ..models.store import is_present

    said = [
        f"left out: {one.path.name} shows another face than the others (distance {one.distance:.2f})"
        for one in checks if not one.matches
    ]  # fmt: skip
    unknown = [one.path.name for one in checks if one.distance is None]
    if len(checks) > 1 and unknown:
        how = "" if is_present("face.identity") else "; to check it: veridical models fetch face.identity"
        said.append(f"not checked whether the face is the same in all clips: {', '.join(unknown)}{how}")
    for line in said:
        err.print(Text(one_line(line), "yellow"), soft_wrap=True)


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give the folder that holds pictures of the camera")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not paths:
        raise UsageError(f"{folder} holds no pictures ({', '.join(sorted(_SUFFIXES))})")
    return paths
