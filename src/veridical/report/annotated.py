"""An annotated copy of a video: its frames with the faces outlined, above the traces of the strongest findings, with sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..errors import MediaChanged, MediaError, NotApplicable
from ..media.audio import Audio
from ..media.exhibit import Exhibit, open_exhibit
from ..media.film import writing
from ..media.video import Frame, Video
from ..perception.tracks import FaceTracks
from .board import Board, chip
from .colours import PERSON_COLOURS
from .lanes import groups_of
from .model import Report
from .outlines import ENDS, lines_of
from .page import duration_of
from .pictures import ORIENTATION_OF_ROTATION, on_picture
from .wording import Words

LONGEST, NARROWEST = 1280, 640
"""Long side of the copy's picture at most, and width of the whole at least, pixels."""
TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What became of an annotated copy: frames written, seconds of them, and why it ends early if it does."""

    frames: int
    seconds: float
    broken: str = ""


def render(
    report: Report, path: Path, to: Path, tracks: FaceTracks | None, *, words: Words | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Rendered:  # fmt: skip
    """Decode a video once more and write its annotated copy.

    Parameters
    ----------
    path
        The exhibit.
    to
        The new file; it appears when it is whole.
    tracks
        The faces that were followed; None draws none.
    tell
        Called now and then with the second that is being written.

    Raises
    ------
    MediaError
        If the exhibit cannot be decoded any more, or is another file now.
    OSError
        If the copy cannot be written, or is there already; nothing is left behind then.
    """
    if to.exists():
        raise FileExistsError(17, "there is a file of this name already", str(to))
    part = to.with_name(f"{to.name}.part")
    try:
        with open_exhibit(path) as exhibit:
            if exhibit.sha256 != report.exhibit.sha256:
                raise MediaChanged(path, "the file changed since it was examined", "Examine it again")
            done = _Copy(report, exhibit, tracks, words or Words()).write(part, tell)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return done


class _Copy:
    """The copy that is being made: its canvas, the board below the picture, the outlines of each frame."""

    def __init__(self, report: Report, exhibit: Exhibit, tracks: FaceTracks | None, words: Words) -> None:
        self._report, self._tracks = report, tracks
        self._video = exhibit.stream(Video)
        self._audio = _sound(exhibit)
        upright = self._video.rotation % 180 == 0
        native = (self._video.width, self._video.height)
        self._size = fitted(native if upright else native[::-1])
        width = _even(max(self._size[0], NARROWEST))
        length = max(duration_of(report), tracks.duration_s if tracks else 0.0, 1e-3)
        self._board = Board(groups_of(report), words, width=width, length_s=length, cuts=report.exhibit.cuts,
                            caption=words("annotated.caption"), about=_about(report, words))  # fmt: skip
        self._canvas = np.zeros((_even(self._size[1] + self._board.height), width, 3), np.uint8)
        self._left = (width - self._size[0]) // 2
        self._outlines = _outlines(tracks, self._video, self._size) if tracks else {}

    def write(self, to: Path, tell: Callable[[float], None]) -> Rendered:
        height, width = self._canvas.shape[:2]
        fps = (self._tracks.fps if self._tracks else 0.0) or self._video.claimed_fps or 25.0
        about = {"title": "Annotated copy, not the exhibit", "comment": f"of SHA-256 {self._report.exhibit.sha256}"}
        count, last, told, broken = 0, 0.0, -TELL_EVERY_S, ""
        with writing(to, width=width, height=height, fps=fps, audio=self._audio, about=about) as film:
            try:
                for frame in self._video.frames(why="annotated copy"):
                    film.add(self._drawn(frame), frame.time_s)
                    count, last = count + 1, frame.time_s
                    if last - told >= TELL_EVERY_S:
                        told = last
                        tell(last)
            except MediaError as error:
                if not count:
                    raise
                broken = error.problem
        return Rendered(frames=count, seconds=last + 1 / fps, broken=broken)

    def _drawn(self, frame: Frame) -> np.ndarray:
        picture = self._canvas[: self._size[1], self._left : self._left + self._size[0]]
        if frame.display.shape[:2] == self._size[::-1]:
            picture[:] = frame.display
        else:
            shrinks = frame.display.shape[1] > self._size[0]
            picture[:] = cv2.resize(
                frame.display, self._size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            )
        drawn = np.ascontiguousarray(picture)
        for person, lines in self._outlines.get(frame.index, ()):
            _draw_face(drawn, person, lines)
        picture[:] = drawn
        self._board.draw(self._canvas[self._size[1] :], frame.time_s)
        return self._canvas


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size at which a picture of (width, height) is shown: even, not above 1280, enlarged if it is small."""
    width, height = size
    scale = min(LONGEST / max(width, height), max(1.0, NARROWEST / width))
    return _even(round(width * scale)), _even(round(height * scale))


def _even(length: int) -> int:
    return max(2, length + length % 2)


def _sound(exhibit: Exhibit) -> Audio | None:
    try:
        audio = exhibit.stream(Audio)
    except (NotApplicable, MediaError):  # no sound, or none that can be decoded: the report says so
        return None
    return audio if len(audio.samples) else None


def _about(report: Report, words: Words) -> str:
    name = report.exhibit.path.replace("\\", "/").rpartition("/")[2]
    return words("annotated.of", start=report.exhibit.sha256[:16], name=name)


def _outlines(tracks: FaceTracks, video: Video, size: tuple[int, int]) -> dict[int, list[tuple[int, np.ndarray]]]:
    """Return, by frame, the person and the outlines of each face in pixels of the copy: a few hundred bytes a face."""
    turned = ORIENTATION_OF_ROTATION[video.rotation]
    found: dict[int, list[tuple[int, np.ndarray]]] = {}
    for track in tracks.tracks:
        shown = on_picture(lines_of(track), turned, (video.width, video.height), size)
        points = np.rint(shown).clip(-32768, 32767).astype(np.int16)
        for index, lines in zip(track.frames.tolist(), points, strict=True):
            found.setdefault(index, []).append((track.person, lines))
    return found


def _draw_face(picture: np.ndarray, person: int, points: np.ndarray) -> None:
    colour = PERSON_COLOURS[person % len(PERSON_COLOURS)]
    lines = [line.astype(np.int32) for line in np.split(points, ENDS[:-1])]
    cv2.polylines(picture, lines[:1], True, (0, 0, 0), 4, cv2.LINE_AA)  # round eyes and lips it would hide them
    cv2.polylines(picture, lines[:1], True, colour, 2, cv2.LINE_AA)
    cv2.polylines(picture, lines[1:], True, colour, 1, cv2.LINE_AA)
    x, y = points[np.argmin(points[:, 1])].tolist()
    number = chip(person)
    high, wide = number.shape[:2]
    left, top = min(max(x - wide // 2, 0), picture.shape[1] - wide), min(max(y - high - 6, 0), picture.shape[0] - high)
    picture[top : top + high, left : left + wide] = number
