"""Is the inner face turned as the head around it is?

Method
------
In every frame a generic head is fitted twice to the face mesh: once to the inner face (brows, nose, corners of the mouth),
once to the outline of the face (forehead, temples, cheeks; not the chin, which moves in speech). The value is the median,
over the clip, of the angle between the two rotations, minus the angle that the noise of the points alone makes at this size
of the face. A face that is laid into another head brings the pose errors of its source along, while the outline keeps its
own.

What a high value means
-----------------------
The two parts fit the generic head at different turns. That is a historical method: published on swaps of 2018 with a frame AUC
of 0.89, the same features are at chance on later sets (0.47 to 0.56: 0.473 on FaceForensics++ swaps, 0.546 on Celeb-DF,
0.559 on DFDC, 0.490 on FakeAVCeleb). On our clips it is at chance too (docs/validation/head_pose.md). It teaches what
the method saw; it is no evidence.

What it cannot see
------------------
The points of the mesh net are statistically regularised: it bends inner face and outline towards a usual face, which smooths
away the very inconsistency. An inner face that the lab rolls by 12° shows as 3°, and not as roll. Swaps that keep the pose,
generated faces and lip synchronisation leave nothing.

Also caused by
--------------
- proportions that differ from the generic head: a long forehead or a short nose looks like a steady turn up or down
- a camera close to the face, or a wide-angle lens
- expressions: raised brows, an open mouth
- hair over the forehead, hats, beards, glasses; strong turns of the head

Needs
-----
A face of 100 px width or more in 50 frames or more, turned by at most 45 degrees.

References
----------
Yang, Li and Lyu, ICASSP 2019, Exposing deep fakes using inconsistent head poses (1811.00661). There the second fit uses
inner points and outline together; here it uses the outline alone, so that the angle is the whole turn between the two.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.rotations import HeadRotations, Rotations
from ...signals.series import stretches

BRANCH = "behaviour"
DETECTS = ("replacement",)
DEMO = "lab.pose.turned_face"

_NET_PX = 128.0  # width of a face in the square that the mesh net sees; the error of its points grows with larger faces
_LONGEST_LIST = 20


def examine(
    rotations: HeadRotations, *, least_px: float = 100.0, least_frames: int = 50, farthest_deg: float = 45.0,
    noise_px: float = 1.0,
) -> Measurement:  # fmt: skip
    """Compare how inner face and outline are turned.

    Parameters
    ----------
    least_px, least_frames
        Gates: width of the face, and frames in which it can be used.
    farthest_deg
        Yaw beyond which a frame is not used.
    noise_px
        Error of a point of the mesh on faces of 128 px width or less; on larger ones it grows with them.
    """
    if not rotations.tracks:
        raise NotApplicable("no face was found in the clip")
    widest = max(float(np.median(one.width)) for one in rotations.tracks)
    large = [one for one in rotations.tracks if np.median(one.width) >= least_px]
    if not large:
        raise NotApplicable(f"the widest face has {widest:.0f} px; two fits of the head need {least_px:g} px")
    usable = [one for one in large if _used(one, farthest_deg).sum() >= least_frames]
    if not usable:
        most = max(int(_used(one, farthest_deg).sum()) for one in large)
        raise NotApplicable(
            f"a face turned by at most {farthest_deg:g} degrees is seen in {most} frames; the comparison needs {least_frames}"
        )
    faces = [_Face(one, _used(one, farthest_deg), noise_px) for one in usable]
    faces.sort(key=lambda face: face.excess, reverse=True)
    return _measure(faces, noise_px)


class _Face:
    """One track: the angle in its usable frames against what noise makes."""

    def __init__(self, one: Rotations, used: np.ndarray, noise_px: float) -> None:
        self.one, self.used = one, used
        self.angle = one.angle
        self.width = float(np.median(one.width))
        self.floor = one.spurious * noise_px * max(1.0, self.width / _NET_PX)
        self.median = float(np.median(self.angle[used]))
        self.excess = self.median - self.floor
        self.name = f"face {one.person + 1}"


def _used(one: Rotations, farthest_deg: float) -> np.ndarray:
    return np.asarray((np.abs(one.pose[:, 0]) <= farthest_deg) & np.isfinite(one.apart).all(1))


def _measure(faces: list[_Face], noise_px: float) -> Measurement:
    first = faces[0]
    yaw, pitch, roll = (float(np.median(first.one.apart[first.used, axis])) for axis in range(3))
    return Measurement(
        value=first.excess,
        unit="°",
        observation=(
            f"Inner face and outline of {first.name} fit a generic head at turns that are {first.median:.1f}° apart (median of "
            f"{int(first.used.sum())} frames); noise alone makes {first.floor:.1f}° on a face of {first.width:.0f} px."
        ),
        where=tuple(place for face in faces for place in _places(face)),
        exhibits=(_angles(faces), _poses(first), _table(faces)),
        facts={
            "angle_deg": round(first.median, 3), "noise_floor_deg": round(first.floor, 3), "yaw_deg": round(yaw, 3),
            "pitch_deg": round(pitch, 3), "roll_deg": round(roll, 3), "face_px": round(first.width, 1),
            "frames": int(first.used.sum()), "faces": len(faces),
        },
        limits=(
            "A historical method, at chance on modern fakes; a steady difference in pitch is mostly the person's proportions.",
        ),
    )  # fmt: skip


def _places(face: _Face) -> list[Span]:
    """Stretches in which the angle exceeds the face's own usual spread, widest first."""
    low, high = np.percentile(face.angle[face.used], (25, 75))
    out = np.flatnonzero(face.used & (face.angle > high + 1.5 * (high - low) + face.floor))
    spans = []
    for run in stretches(face.one.frames[out], least=3):
        at = out[run]
        spans.append(
            Span(
                start_s=float(face.one.times[at[0]]), end_s=float(face.one.times[at[-1]]), label="turned apart",
                value=float(face.angle[at].max()), track=face.one.person,
            )
        )  # fmt: skip
    return sorted(spans, key=lambda span: -(span.value or 0))[:_LONGEST_LIST]


def _line(face: _Face, name: str, values: np.ndarray) -> Line:
    return Line(
        name=name, x=face.one.times.astype(np.float32),
        y=np.where(face.used, values, np.nan).astype(np.float32), track=face.one.person,
    )  # fmt: skip


def _angles(faces: list[_Face]) -> Chart:
    lines = []
    for face in faces[:24]:
        lines.append(_line(face, face.name, face.angle))
        lines.append(_line(face, f"{face.name}, noise alone", np.full(len(face.angle), face.floor)))
    return Chart(
        name="Angle between inner face and outline", lines=tuple(lines), x_name="time", x_unit="s", y_name="angle",
        y_unit="°", caption="A level line above the noise is mostly the person's proportions.", timeline=True,
    )  # fmt: skip


def _poses(face: _Face) -> Chart:
    lines = [_line(face, f"{name}, head", face.one.pose[:, i]) for i, name in enumerate(("yaw", "pitch", "roll"))]
    lines += [
        _line(face, f"{name}, inner face against outline", face.one.apart[:, i])
        for i, name in enumerate(("yaw", "pitch", "roll"))
    ]
    return Chart(
        name=f"How the head of {face.name} is turned", lines=tuple(lines), x_name="time", x_unit="s", y_name="turn",
        y_unit="°", caption="Yaw to the right of the picture, pitch up, roll clockwise.", timeline=True,
    )  # fmt: skip


def _table(faces: list[_Face]) -> Table:
    rows = []
    for face in faces:
        turns = np.median(face.one.apart[face.used], axis=0)
        low, high = np.percentile(face.angle[face.used], (10, 90))
        rows.append(
            (
                str(face.one.person + 1), str(int(face.used.sum())), f"{face.width:.0f}", f"{face.median:.1f}",
                f"{low:.1f}–{high:.1f}", f"{face.floor:.1f}", *(f"{turn:+.1f}" for turn in turns),
            )
        )  # fmt: skip
    return Table(
        name="Inner face against outline",
        columns=(
            "face",
            "frames",
            "width, px",
            "angle, °",
            "10–90 %",
            "noise alone, °",
            "yaw, °",
            "pitch, °",
            "roll, °",
        ),
        rows=tuple(rows),
        caption="Medians over the frames used.",
    )
