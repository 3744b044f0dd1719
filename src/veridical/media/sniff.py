"""The type of a file from its content, never from its name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["image", "video", "audio"]


def sniff(path: Path) -> tuple[str, Kind | None]:
    """Return the format and the kind of a file; the kind is None where only the streams can tell (mp4, mkv, ogg).

    Raises
    ------
    NotMedia
        If the content is no image, video or audio; the message names what it is where that can be told.
    UnsupportedMedia
        If it is media of a type that this installation cannot decode.
    """
    raise NotImplementedError
