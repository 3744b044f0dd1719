"""Frame-to-frame change of fine detail and colour inside each face and around it, gathered in the one decode pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from .faces import Face
from .tracks import FaceTracks

SIDE = 96
_BLUR = (5, 5)
_MARGIN = 8
_SPARSE = 3
_CAP = 12.0
_EYES_AND_MOUTH = (33, 133, 362, 263, 61, 291)
_HANN = cv2.createHanningWindow((SIDE, SIDE), cv2.CV_32F)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flicker:
    """Change of one face from frame to frame; n pairs of consecutive frames of one track.

    Parameters
    ----------
    person
        Number of the track in FaceTracks.
    times
        shape (n,), float64: time of the later frame of each pair, seconds.
    detail
        shape (n, 2), float32: mean absolute change of fine detail inside the face (registered) and beside it (as it
        stands), 8-bit levels; NaN where the face fills the picture.
    texture
        shape (n, 2), float32: mean absolute fine detail of the later frame, inside and beside, 8-bit levels.
    colour
        shape (n, 2, 3), float32: change of the mean RGB, inside and beside, 8-bit levels.
    """

    person: int
    times: np.ndarray
    detail: np.ndarray
    texture: np.ndarray
    colour: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class FlickerTraces:
    """The flicker of every face track that has at least two consecutive frames."""

    faces: tuple[Flicker, ...]


def watch_flicker(video: Video, faces: During[FaceTracks]) -> Watch[FlickerTraces]:
    """Measure how much a face changes from frame to frame beyond its motion, against its surroundings.

    The face is brought to a fixed size and place by eyes and mouth and registered by phase correlation, so that its
    motion counts as no change. The background to its left and right is taken where it stands.
    """
    states: dict[int, _State] = {}
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            states.setdefault(number, _State(number)).see(frame, face)
        frame = yield None
    return FlickerTraces(faces=tuple(state.result() for state in states.values() if state.times))


@dataclass(frozen=True, slots=True)
class _Window:
    """A rectangle around a face; left of ``left_end`` and right of ``right_start`` lie strips of background."""

    x0: int
    y0: int
    x1: int
    y1: int
    left_end: int
    right_start: int


@dataclass(slots=True)
class _Patches:
    """One frame's fine detail and mean colours; ``face`` is kept for the registration of the next."""

    index: int
    window: _Window
    face: np.ndarray
    beside: np.ndarray
    mean: np.ndarray


@dataclass(slots=True)
class _State:
    """One face track while the video is decoded."""

    person: int
    last: _Patches | None = None
    times: list[float] = field(default_factory=list)
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)
    colours: list[np.ndarray] = field(default_factory=list)

    def see(self, frame: Frame, face: Face) -> None:
        pixels, box, corners = frame.pixels, face.box, face.mesh[list(_EYES_AND_MOUTH), :2]
        if frame.rotation in (90, 270):  # a person stands upright on screen: the background beside is above and below
            pixels, box, corners = pixels.swapaxes(0, 1), box[[1, 0, 3, 2]], corners[:, ::-1]
        window = _place(box, pixels.shape, self.last.window if self.last else None)
        now, before = _cut(frame.index, pixels, box, corners, window), self.last
        if before and before.index == frame.index - 1 and before.window == window:
            detail = _detail(now.face)
            change = detail - _detail(_registered(before.face, now.face))
            inner = np.s_[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
            outside = now.beside - before.beside
            self.times.append(frame.time_s)
            self.rows.append((_size(change[inner]), _size(outside), _size(detail[inner]), _size(now.beside)))
            self.colours.append(now.mean - before.mean)
        self.last = now

    def result(self) -> Flicker:
        rows = np.array(self.rows, np.float32)
        return Flicker(
            person=self.person,
            times=np.array(self.times),
            detail=rows[:, :2],
            texture=rows[:, 2:],
            colour=np.stack(self.colours).astype(np.float32),
        )


def _place(box: np.ndarray, shape: tuple[int, ...], last: _Window | None) -> _Window:
    """Return the window around a face; it stays the same while the face stays clear of its side strips."""
    x0, y0, x1, y1 = (float(side) for side in box)
    reach = 0.3 * max(x1 - x0, y1 - y0)
    if last and x0 - 0.5 * reach >= last.left_end and x1 + 0.5 * reach <= last.right_start:
        return last
    height, width = shape[:2]
    left, right = max(0, int(x0 - 2.5 * reach)), min(width, int(x1 + 2.5 * reach))
    return _Window(
        x0=left,
        y0=max(0, int(y0 - reach)),
        x1=right,
        y1=min(height, int(y1 + reach)),
        left_end=max(left, int(x0 - 1.2 * reach)),
        right_start=min(right, int(x1 + 1.2 * reach)),
    )


def _cut(index: int, pixels: np.ndarray, box: np.ndarray, corners: np.ndarray, window: _Window) -> _Patches:
    pixels = pixels[window.y0 : window.y1, window.x0 : window.x1]
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    strips = (np.s_[:, : window.left_end - window.x0], np.s_[:, window.right_start - window.x0 :])
    left, top, right, bottom = (box - (window.x0, window.y0, window.x0, window.y0)).astype(int)
    inside = pixels[max(0, top) : bottom, max(0, left) : right]
    sparse = [pixels[strip][::_SPARSE, ::_SPARSE] for strip in strips]
    aligned = cv2.warpAffine(luma, _alignment(corners - (window.x0, window.y0)), (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return _Patches(
        index=index,
        window=window,
        face=aligned.astype(np.float32),
        beside=np.concatenate([_sparse_detail(luma[strip]) for strip in strips]),
        mean=np.stack([_mean([inside]), _mean(sparse)]),
    )


def _alignment(corners: np.ndarray) -> np.ndarray:
    """Return the similarity that brings eyes and mouth to the middle of the patch."""
    centre = corners.mean(0)
    dx, dy = corners[2:4].mean(0) - corners[:2].mean(0)
    scale = SIDE / (2 * max(float(np.hypot(dx, dy)), 1.0))
    along = scale * np.array([dx, dy]) / max(float(np.hypot(dx, dy)), 1.0)
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]])
    return np.column_stack([turn, SIDE / 2 - turn @ centre])


def _registered(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Move the earlier patch onto the later one by the shift that phase correlation finds."""
    # copies: it windows the arrays that it is given in place
    (dx, dy), _ = cv2.phaseCorrelate(before.copy(), now.copy(), _HANN)
    if max(abs(dx), abs(dy)) > _MARGIN / 2:  # a false peak: the mesh has aligned them better than that
        return before
    move = np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]])
    return np.asarray(cv2.warpAffine(before, move, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def _detail(luma: np.ndarray) -> np.ndarray:
    if not luma.size:
        return np.zeros(luma.shape, np.float32)
    values = luma.astype(np.float32)
    return np.asarray(values - cv2.blur(values, _BLUR))


def _sparse_detail(luma: np.ndarray) -> np.ndarray:
    """Return the detail of every third pixel of every third row, flat."""
    if not luma.size:
        return np.zeros(0, np.float32)
    around = cv2.boxFilter(luma, cv2.CV_32F, _BLUR)[::_SPARSE, ::_SPARSE]
    return np.asarray(luma[::_SPARSE, ::_SPARSE] - around).ravel()


def _size(detail: np.ndarray) -> float:
    """Mean absolute value; single large values (an edge that moved) count as ``_CAP`` levels."""
    return float(np.minimum(np.abs(detail), _CAP).mean()) if detail.size else float("nan")


def _mean(parts: list[np.ndarray]) -> np.ndarray:
    """Return the mean colour of some rectangles of pixels together, shape (3,); NaN if they are empty."""
    sizes = [part.shape[0] * part.shape[1] for part in parts]
    if not sum(sizes):
        return np.full(3, np.nan)
    means = [
        np.array(cv2.mean(np.ascontiguousarray(part))[:3]) * size
        for part, size in zip(parts, sizes, strict=True)
        if size
    ]
    return np.asarray(np.sum(means, axis=0) / sum(sizes))
