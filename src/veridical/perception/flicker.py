"""Frame-to-frame change of fine detail and colour inside each face and around it, gathered in the one decode pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..media.video import Frame, Video
from ..percept import During, Watch
from .faces import Face
from .tracks import FaceTracks

SIDE = 192  # of the upright patch; the eyes are a quarter of it apart
_FACE = 96
_BLUR = (5, 5)
_MARGIN = 8
_BLOCK = 12
_CAP = 12.0
_EYES_AND_MOUTH = (33, 133, 362, 263, 61, 291)
_HANN = cv2.createHanningWindow((_FACE, _FACE), cv2.CV_32F)
_MIDDLE = np.s_[(SIDE - _FACE) // 2 : (SIDE + _FACE) // 2, (SIDE - _FACE) // 2 : (SIDE + _FACE) // 2]
_INNER = np.s_[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
_DOWN, _ACROSS = np.mgrid[:SIDE, :SIDE] - np.array([104.0, 96.0])[:, None, None]
# Everything but an oval that holds the face from hairline to chin, and ears in part.
_AROUND = ((_ACROSS / 62) ** 2 + ((_DOWN + 4) / 84) ** 2 > 1).astype(np.uint8)
_LEAST_AROUND = 0.1


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
        shape (n, 2), float32: mean absolute change of fine detail inside the face (registered) and around it (each small
        block registered with the face or as it stands, whichever changes less), levels of 8 bits; NaN around a face that
        fills the picture.
    texture
        shape (n, 2), float32: mean absolute fine detail of the later frame, inside and around, levels of 8 bits.
    colour
        shape (n, 2, 3), float32: change of the mean RGB, inside and around, levels of 8 bits.
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
    """Measure how much a face changes from frame to frame beyond its motion, against what is around it.

    Face and surroundings (hair, ears, neck, some background) are brought to a fixed size and place by eyes and mouth, and
    registered by phase correlation of the face, so that its motion counts as no change.
    """
    states: dict[int, _State] = {}
    before: np.ndarray | None = None
    here: set[int] = set()
    frame = yield None
    while frame is not None:
        for number, face in faces.now or ():
            states.setdefault(number, _State(number)).see(frame, face, before)
        gone, here = here, {number for number, _ in faces.now or ()}
        for number in gone - here:  # a long film has many tracks
            states[number].last = None
        before = frame.pixels
        frame = yield None
    return FlickerTraces(faces=tuple(state.result() for state in states.values() if state.times))


@dataclass(slots=True)
class _Patches:
    """One frame's upright patch: its luma, which of its surroundings the picture holds, mean colours of both parts."""

    index: int
    luma: np.ndarray
    around: np.ndarray
    mean: np.ndarray


@dataclass(slots=True)
class _State:
    """One face track while the video is decoded."""

    person: int
    last: _Patches | None = None
    times: list[float] = field(default_factory=list)
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)
    colours: list[np.ndarray] = field(default_factory=list)

    def see(self, frame: Frame, face: Face, before: np.ndarray | None) -> None:
        move = _alignment(face.mesh[list(_EYES_AND_MOUTH), :2])
        now, last = _cut(frame.index, frame.pixels, move), self.last
        if last and before is not None and last.index == frame.index - 1 and before.shape == frame.pixels.shape:
            detail = _detail(now.luma)
            moved = detail - _detail(_registered(last.luma, now.luma))
            stands = detail - _detail(_luma(_upright(before, move)).astype(np.float32))
            around = now.around & last.around
            self.times.append(frame.time_s)
            self.rows.append(
                (
                    _size(moved[_MIDDLE][_INNER]), _around((moved, stands), around), _size(detail[_MIDDLE][_INNER]),
                    _around((detail,), around),
                )
            )  # fmt: skip
            self.colours.append(now.mean - last.mean)
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


def _cut(index: int, pixels: np.ndarray, move: np.ndarray) -> _Patches:
    patch = _upright(pixels, move)
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]) @ move[:, :2].T + move[:, 2]
    seen = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(seen, np.rint(np.clip(corners, -1e6, 1e6)).astype(np.int32), 1)
    around = _AROUND & seen
    means = [np.array(cv2.mean(patch[_MIDDLE])[:3]), np.array(cv2.mean(patch, mask=around)[:3])]
    if around.mean() < _LEAST_AROUND:
        means[1][:] = np.nan
    return _Patches(index=index, luma=_luma(patch).astype(np.float32), around=around, mean=np.stack(means))


def _upright(pixels: np.ndarray, move: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(pixels, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR)


def _luma(patch: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)


def _alignment(corners: np.ndarray) -> np.ndarray:
    """Return the similarity that brings eyes and mouth to the middle of the patch."""
    centre = corners.mean(0)
    dx, dy = corners[2:4].mean(0) - corners[:2].mean(0)
    apart = max(float(np.hypot(dx, dy)), 1.0)
    along = SIDE / (4 * apart) * np.array([dx, dy]) / apart
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]])
    return np.column_stack([turn, SIDE / 2 - turn @ centre])


def _registered(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Move the earlier patch onto the later one by the shift that phase correlation of the two faces finds."""
    # copies: it windows the arrays that it is given in place
    (dx, dy), _ = cv2.phaseCorrelate(before[_MIDDLE].copy(), now[_MIDDLE].copy(), _HANN)
    if max(abs(dx), abs(dy)) > _MARGIN / 2:  # a false peak: the mesh has aligned them better than that
        return before
    move = np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]])
    return np.asarray(cv2.warpAffine(before, move, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def _detail(luma: np.ndarray) -> np.ndarray:
    return np.asarray(luma - cv2.blur(luma, _BLUR))


def _size(detail: np.ndarray) -> float:
    """Mean absolute value; single large values (an edge that moved) count as ``_CAP`` levels."""
    return float(cv2.mean(_capped(detail))[0])


def _around(details: tuple[np.ndarray, ...], seen: np.ndarray) -> float:
    """Return the same around the face: the least of some details in each block of pixels, over what is seen."""
    if seen.mean() < _LEAST_AROUND:
        return float("nan")
    mask = seen.astype(np.float32)
    sizes = [_blocks(_capped(detail) * mask) for detail in details]
    return float(np.minimum.reduce(sizes).sum() / _blocks(mask).sum())


def _capped(detail: np.ndarray) -> np.ndarray:
    return np.asarray(np.minimum(np.abs(detail), np.float32(_CAP)))


def _blocks(values: np.ndarray) -> np.ndarray:
    return cv2.resize(values, (SIDE // _BLOCK, SIDE // _BLOCK), interpolation=cv2.INTER_AREA)
