"""Where the fine noise of a face goes when the face moves: with it, or nowhere; gathered in the one decode pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from ..signals.moved_residual import Window, compared, refined, shift
from .faces import Face
from .tracks import FaceTracks

SUMS = ("yy", "mm", "ss", "ym", "ys", "ms", "pixels")
_MOST_SIDE = 128
_LEAST_SIDE = 32
_UPPER_LIP, _TOP, _CHIN = 0, 10, 152


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMotion:
    """Sums over the fine residual of one face and of its surroundings; n pairs of frames between which the face moved.

    Of each pixel three residuals are compared: y in the later frame, m in the earlier frame at the place from which the
    face brought it (the surroundings: at the same distance), s in the earlier frame at the same place of the frame.

    Parameters
    ----------
    person
        Number of the track in FaceTracks.
    times
        shape (n,), float64: time of the later frame of each pair, seconds.
    moved_px
        shape (n,), float32: how far the face moved between the two frames, pixels.
    sums
        shape (n, 2, 7), float32: in the face and beside it, the sums over pixels of yy, mm, ss, ym, ys, ms (grey levels
        squared), and how many pixels went into them; blocks that the encoder copied are left out.
    copied
        shape (n, 2), float32: share of the pixels in copied blocks.
    """

    person: int
    times: np.ndarray
    moved_px: np.ndarray
    sums: np.ndarray
    copied: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMotions:
    """The residuals of every face track that moved enough at least once."""

    faces: tuple[ResidualMotion, ...]


def watch_residual_motion(
    video: Video,
    faces: During[FaceTracks],
    *,
    least_px: float = 1.0,
    most_px: float = 8.0,
    most_frames: int = 10,
    rest_s: float = 0.08,
) -> Watch[ResidualMotions]:
    """Compare the fine residual of each face in pairs of frames between which the face moved.

    An earlier frame waits until the face has moved far enough from its place in it, then the next pair begins.

    Parameters
    ----------
    least_px, most_px
        Motion of a pair, pixels: less cannot be told from rest, more blurs.
    most_frames
        An earlier frame waits no longer than this.
    rest_s
        Seconds after a pair in which no other begins: neighbouring pairs say much the same.
    """
    states: dict[int, _State] = {}
    here: set[int] = set()
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            states.setdefault(number, _State(number)).see(frame, face, (least_px, most_px), most_frames, rest_s)
        gone, here = here, {number for number, _ in faces.now or ()}
        for number in gone - here:  # a long film has many tracks
            states[number].earlier = None
        frame = yield None
    return ResidualMotions(faces=tuple(state.result() for state in states.values() if state.times))


@dataclass(slots=True)
class _Earlier:
    """The earlier frame of a pair: its mesh, and its grey levels in the windows, grown by the largest motion."""

    index: int
    shape: tuple[int, ...]
    mesh: np.ndarray
    windows: tuple[Window, ...]
    parts: tuple[tuple[Window, np.ndarray], ...]


@dataclass(slots=True)
class _State:
    """One face track while the video is decoded."""

    person: int
    earlier: _Earlier | None = None
    last: int = -1
    times: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    sums: list[np.ndarray] = field(default_factory=list)
    copied: list[tuple[float, float]] = field(default_factory=list)

    def see(self, frame: Frame, face: Face, px: tuple[float, float], most_frames: int, rest_s: float) -> None:
        unbroken, self.last = self.last == frame.index - 1, frame.index
        if self.earlier is None and self.times and frame.time_s - self.times[-1] < rest_s - 0.001:
            return
        pixels, mesh, box = _on_its_feet(frame, face)
        if self.earlier is None or not unbroken or self.earlier.shape != pixels.shape:
            self.earlier = _kept(frame.index, pixels, mesh, box, px[1])
            return
        matrix = _motion(self.earlier.mesh, mesh)
        moved = shift(matrix, self.earlier.windows[0])
        if moved < px[0] and frame.index - self.earlier.index < most_frames:
            return
        if px[0] <= moved <= px[1]:
            self._pair(self.earlier, frame.time_s, pixels, matrix, px)
            if rest_s > 0 and self.times and self.times[-1] == frame.time_s:
                self.earlier = None
                return
        self.earlier = _kept(frame.index, pixels, mesh, box, px[1])

    def _pair(
        self, earlier: _Earlier, time_s: float, pixels: np.ndarray, matrix: np.ndarray, px: tuple[float, float]
    ) -> None:
        window = earlier.windows[0]
        outer, before = earlier.parts[0]
        now = _grey(window.of(pixels))
        matrix, agreed = refined(before, now, outer, window, matrix)
        moved = shift(matrix, window)
        if not agreed or not px[0] <= moved <= px[1]:
            return
        step = matrix @ [(window.x0 + window.x1) / 2, (window.y0 + window.y1) / 2, 1]
        step -= [(window.x0 + window.x1) / 2, (window.y0 + window.y1) / 2]
        sums, copied = np.zeros((2, 7)), [np.zeros(2), np.zeros(2)]
        for number, (inner, (outer, before)) in enumerate(zip(earlier.windows, earlier.parts, strict=True)):
            side = min(number, 1)
            how = matrix if side == 0 else np.array([[1.0, 0, step[0]], [0, 1.0, step[1]]])
            found, shares = compared(before, outer, now if side == 0 else _grey(inner.of(pixels)), inner, how)
            sums[side] += found
            copied[side] += shares
        self.times.append(time_s)
        self.moved.append(moved)
        self.sums.append(sums.astype(np.float32))
        self.copied.append(tuple(float(c[0] / c[1]) if c[1] else 0.0 for c in copied))  # type: ignore[arg-type]

    def result(self) -> ResidualMotion:
        return ResidualMotion(
            person=self.person, times=np.array(self.times), moved_px=np.array(self.moved, np.float32),
            sums=np.stack(self.sums), copied=np.array(self.copied, np.float32),
        )  # fmt: skip


def _on_its_feet(frame: Frame, face: Face) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pixels, mesh and box; transposed if the picture is stored on its side, so that beside is left and right."""
    mesh = np.asarray(face.mesh[:, :2], np.float64)
    if frame.rotation in (90, 270):
        return frame.pixels.swapaxes(0, 1), mesh[:, ::-1], face.box[[1, 0, 3, 2]]
    return frame.pixels, mesh, face.box


def _kept(index: int, pixels: np.ndarray, mesh: np.ndarray, box: np.ndarray, most_px: float) -> _Earlier | None:
    windows = _windows(box, pixels.shape)
    if not windows:
        return None
    outer = [window.grown(int(most_px) + 3, pixels.shape) for window in windows]
    return _Earlier(index, pixels.shape, mesh, windows, tuple((one, _grey(one.of(pixels))) for one in outer))


def _windows(box: np.ndarray, shape: tuple[int, ...]) -> tuple[Window, ...]:
    """Return the window in the middle of a face, then up to two beside it."""
    height, width = shape[:2]
    x0, y0, x1, y1 = (float(v) for v in box)
    side = int(min(_MOST_SIDE, 0.64 * (x1 - x0), 0.64 * (y1 - y0)))
    left, top = int((x0 + x1 - side) / 2), int((y0 + y1 - side) / 2)
    if side < _LEAST_SIDE or left < 0 or top < 0 or left + side > width or top + side > height:
        return ()
    beside = []
    reach = 0.25 * (x1 - x0)
    for start, end in ((x0 - reach - side, x0 - reach), (x1 + reach, x1 + reach + side)):
        window = Window(max(0, int(start)), top, min(width, int(end)), top + side)
        if window.x1 - window.x0 >= _LEAST_SIDE // 2:
            beside.append(window)
    return (Window(left, top, left + side, top + side), *beside)


def _grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY))


def _motion(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return the affine map (2, 3) of the part of the mesh above the lips from the earlier frame to the later."""
    upper = (before - before[_UPPER_LIP]) @ (before[_TOP] - before[_CHIN]) > 0
    if upper.sum() < 8:
        upper[:] = True
    points = np.column_stack([before[upper], np.ones(upper.sum())])
    return np.asarray(np.linalg.lstsq(points, now[upper], rcond=None)[0].T)
