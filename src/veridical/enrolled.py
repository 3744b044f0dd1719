"""Folders of what this user has enrolled, such as cameras and persons: one folder an entry, replaced in one step.

An entry is a JSON text beside arrays as .npy files, each with its SHA-256 in the text; no pickles. A folder is written beside
its place and moved there. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from . import settings
from .errors import NotInstalled, UsageError

T = TypeVar("T")
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where entries of one kind are kept.

    Parameters
    ----------
    setting
        Name of the setting that names its folder, and of that folder: "cameras".
    kind
        What an entry is called: "camera".
    how
        The command that enrols one.
    """

    setting: str
    kind: str
    how: str

    def folder(self) -> Path:
        """Return where the entries are."""
        where = settings.text(self.setting)
        return Path(where) if where else settings.user_data() / self.setting

    def names(self) -> tuple[str, ...]:
        """Return the names of all entries, damaged ones too."""
        home = self.folder()
        if not home.is_dir():
            return ()
        return tuple(sorted(path.name for path in home.iterdir() if path.is_dir() and not path.name.startswith(".")))

    def free(self, name: str, *, replace: bool) -> None:
        """Raise UsageError if a name is unfit, or taken and not to be replaced."""
        if self._place(name).exists() and not replace:
            raise UsageError(
                f"a {self.kind} {name!r} is enrolled already; replace it with --replace, or choose another name"
            )

    def load(self, name: str, parse: Callable[[dict[str, Any]], T]) -> T:
        """Return what ``parse`` makes of an entry's text; raises UsageError if there is none of that name, or it is damaged."""
        place = self._place(name)
        try:
            plain = json.loads((place / f"{self.kind}.json").read_text("utf-8"))
            if plain.pop("format") != _FORMAT:
                raise ValueError("another format")
            return parse(plain)
        except FileNotFoundError:
            raise UsageError(
                f"no {self.kind} {name!r} is enrolled; there are: {', '.join(self.names()) or 'none'}. Enrol one with: "
                f"{self.how}"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"the enrolled {self.kind} {name!r} is damaged ({error}); enrol it again with --replace, or remove it with: "
                f"veridical enrol remove {name}"
            ) from None

    def legible(self, load: Callable[[str], T]) -> tuple[list[T], tuple[str, ...]]:
        """Return all sound entries, and a sentence for each damaged one, which must not keep an exhibit from being examined.

        Raises
        ------
        NotInstalled
            If none is left.
        """
        found, unread = [], []
        for name in self.names():
            try:
                found.append(load(name))
            except UsageError as error:
                unread.append(f"One {self.kind} was left out: {error}.")
        if not found:
            raise NotInstalled(" ".join(unread) or f"no {self.kind} is enrolled; enrol one with: {self.how}")
        return found, tuple(unread)

    def array(self, name: str, what: str, digest: str) -> np.ndarray:
        """Return an array of an entry as it was kept; raises UsageError if its file is not the one that was made."""
        try:
            data = (self._place(name) / f"{what}.npy").read_bytes()
        except OSError as error:
            raise UsageError(f"the {what} of {name!r} cannot be read ({error.strerror}); enrol it again") from None
        if sha256(data).hexdigest() != digest:
            raise UsageError(f"the {what} of {name!r} is not the one that was made; enrol it again with --replace")
        return np.asarray(np.load(BytesIO(data), allow_pickle=False))

    def keep(
        self, name: str, arrays: Mapping[str, np.ndarray], plain: Callable[[dict[str, str]], dict[str, Any]]
    ) -> None:
        """Keep an entry; what was there before goes only when the new one is in.

        Parameters
        ----------
        arrays
            What is kept beside the text, by name.
        plain
            Makes the text's content from the SHA-256 of each array.

        Raises
        ------
        UsageError
            If the folder cannot be written to; what was enrolled before is still there.
        """
        place = self._place(name)
        try:
            place.parent.mkdir(0o700, parents=True, exist_ok=True)  # the names in it are of persons
            staging = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        except OSError as error:
            raise UsageError(
                f"cannot write to {place.parent} ({error.strerror}); set VERIDICAL_{self.setting.upper()} to another folder"
            ) from None
        try:
            hashes = {}
            for what, array in arrays.items():
                np.save(staging / f"{what}.npy", array, allow_pickle=False)
                hashes[what] = sha256((staging / f"{what}.npy").read_bytes()).hexdigest()
            text = json.dumps(plain(hashes) | {"format": _FORMAT}, indent=1)
            (staging / f"{self.kind}.json").write_text(text + "\n", "utf-8")
            _exchange(staging, place)
        except OSError as error:
            raise UsageError(
                f"cannot write to {place.parent} ({error.strerror}); what was enrolled before is still there"
            ) from None
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def remove(self, name: str) -> None:
        """Remove an entry; raises UsageError if there is none of that name."""
        place = self._place(name)
        if not place.is_dir():
            self.load(name, dict)
        shutil.rmtree(place)

    def _place(self, name: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,80}", name):
            raise UsageError(
                f"a {self.kind}'s name holds letters, digits, spaces and . _ - and begins with a letter or digit, not {name!r}"
            )
        return self.folder() / name


def _exchange(staging: Path, place: Path) -> None:
    """Move a finished folder to its place; what was there goes only when the new one is in."""
    if not place.exists():
        os.replace(staging, place)
        return
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
    os.replace(place, old)
    try:
        os.replace(staging, place)
    except OSError:
        os.replace(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)
