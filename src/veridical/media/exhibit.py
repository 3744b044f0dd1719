"""One file under examination: its identity, and its typed streams, decoded when first asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from .. import errors, settings
from .audio import Audio, read_audio
from .container import Container, read_container
from .credentials import Credentials, read_credentials
from .decoder import Decoder
from .image import Image, read_image
from .metadata import Metadata, read_metadata
from .sniff import Kind, sniff
from .video import Video, read_video

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FileHash:
    """Which file it is, as a stream of its own: for what must know whether it has met this very file before."""

    sha256: str


STREAMS: tuple[type, ...] = (Image, Video, Audio, Metadata, Container, Credentials, FileHash)
_READERS: dict[type, Callable[[Decoder], Any]] = {
    Image: read_image, Video: read_video, Audio: read_audio,
    Metadata: read_metadata, Container: read_container, Credentials: read_credentials,
}  # fmt: skip
State = tuple[int, int, int, int]
_STILL = "Examine a copy that no other program writes to"
ABSENT = {
    Image: "the exhibit is not a still image",
    Video: "the exhibit has no moving picture",
    Audio: "the exhibit has no sound",
}


class Exhibit:
    """A file, opened for examination; use it in a ``with`` statement or call ``close``.

    Attributes
    ----------
    path, sha256, bytes
        Where it lies, the hash of its content, its size.
    format
        What its content says it is ("jpeg", "mp4", …), whatever its name says.
    kind
        "image", "video" or "audio".
    """

    def __init__(
        self, path: Path, *, sha256: str, size: int, format: str, kind: Kind, decoder: Decoder, state: State
    ) -> None:  # fmt: skip
        self.path, self.sha256, self.bytes, self.format, self.kind = path, sha256, size, format, kind
        self.decoder = decoder
        self._state = state
        self._streams: dict[type, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder process; what was decoded stays usable."""
        self.decoder.close()

    def check_unchanged(self) -> None:
        """Make sure that what was decoded is what ``sha256`` names.

        Raises
        ------
        MediaChanged
            If the file was written to, replaced or removed since it was opened.
        """
        try:
            now = _state(os.stat(self.path))
        except OSError:
            raise errors.MediaChanged(self.path, "the file was removed while it was examined", _STILL) from None
        if now != self._state:
            raise errors.MediaChanged(self.path, "the file changed while it was examined", _STILL)

    def stream(self, wanted: type[T]) -> T:
        """Return one typed stream, decoding it at the first call.

        Raises
        ------
        NotApplicable
            If the exhibit has no such stream; the text says so.
        MediaError
            If the stream is there but cannot be decoded.
        """
        if wanted is FileHash:
            return cast(T, FileHash(self.sha256))
        if wanted not in self._streams:
            main = {"image": Image, "video": Video, "audio": Audio}
            if wanted in ABSENT and wanted is not main[self.kind] and not (wanted is Audio and self.kind == "video"):
                raise errors.NoSuchStream(ABSENT[wanted])
            self._streams[wanted] = _READERS[wanted](self.decoder)
        return cast(T, self._streams[wanted])

    def known(self, wanted: type[T]) -> T | None:
        """Return a stream if it has been decoded already, else None."""
        return cast("T | None", self._streams.get(wanted))


def open_exhibit(path: Path | str) -> Exhibit:
    """Open a file for examination.

    The type comes from the content, never from the name. A still image is decoded at once; of a video or a recording
    only the first frame or sample is, to learn that it can be.

    Raises
    ------
    MediaError
        If the file cannot be examined; the message names it and says what to do.
    """
    path = Path(path)
    size = _size(path)
    format, kind = sniff(path)
    decoder = Decoder(path)
    try:
        with path.open("rb") as file:
            state = _state(os.fstat(file.fileno()))
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        exhibit = Exhibit(
            path, sha256=sha256, size=size, format=format, kind=kind or "image", decoder=decoder, state=state
        )
        container = exhibit.stream(Container)
        if kind is None:
            exhibit.kind = _kind_of_streams(path, container)
        if exhibit.kind == "image":
            exhibit.stream(Image)
        elif exhibit.kind == "video":
            exhibit.stream(Video)
        else:
            decoder.ask("audio", describe=True)
        exhibit.check_unchanged()
    except BaseException:
        decoder.close()
        raise
    return exhibit


def _state(of: os.stat_result) -> State:
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns


def _size(path: Path) -> int:
    if not path.exists():
        raise errors.NotMedia(path, "there is no such file", "Check the path")
    if path.is_dir():
        raise errors.NotMedia(path, "this is a folder", "Name the files in it one by one, or with a wildcard")
    if not path.is_file():
        raise errors.NotMedia(path, "this is a pipe or a device, not a file", "Save its content to a file first")
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise errors.NotMedia(path, f"the file cannot be read ({error.strerror})", "Check its permissions") from None
    if size == 0:
        raise errors.NotMedia(path, "the file is empty", "Fetch it again from its source")
    most = settings.number("max_gib")
    if size > most * 2**30:
        problem = f"the file has {size / 2**30:.1f} GiB; the limit is {most:g} GiB"
        raise errors.MediaTooLarge(path, problem, "Cut out the part in question, or raise VERIDICAL_MAX_GIB")
    return size


def _kind_of_streams(path: Path, container: Container) -> Kind:
    types = {stream["type"] for stream in container.streams}
    if "video" in types:
        return "video"
    if "audio" in types:
        return "audio"
    raise errors.DamagedMedia(
        path, f"this {container.format} file holds neither pictures nor sound", "Fetch it again from its source"
    )
