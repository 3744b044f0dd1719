"""Does the fine noise of the face travel with the face, as if it were painted on?

Method
------
Pairs of frames are taken between which the face moved 1 to 8 pixels. In a window in the middle of the face, the fine
residual (difference from the mean of 3 × 3 pixels) of the later frame is explained by least squares from two others: that of
the earlier frame moved as the face moved (an affine map of the mesh, corrected by a shift of coarse structure), and that of
the earlier frame at the same place. Edges, and blocks that the encoder copied, are left out. The first share says how much
of the noise travels with the face, the second how much stays in the frame, where the pattern of a sensor is. The value is
their difference, over all pairs of a face; for several faces the largest. The surroundings are measured the same way, for
comparison.

What a high value means
-----------------------
The grain travels with the face and none of it stays where the sensor is: so it is where a still picture was warped into
motion, or where a new face with its grain was fixed to the head. Pores and hairs travel with a face as well,
and so does everything in a sharp recording: compare with other clips of this camera and this person, not with a number.

What it cannot see
------------------
Faces that a network makes anew in each frame, or whose detail stays in place while the face moves (the value is then low).
Faces at rest. On labelled clips from the internet the value hardly told made faces from recorded ones:
docs/validation/face_residual_motion.md.

Also caused by
--------------
- sharp recordings of skin, freckles, beards and make-up: they travel with the face, as they should
- compression between frames, which erases the pattern of the sensor and carries the noise of one frame along the motion into
  the next: at the bit rates of shared video the value of an untouched clip rises to that of a painted face
- noise reduction over time and beauty filters, which erase the pattern of the sensor
- electronic stabilisation, which moves the pattern of the sensor

Needs
-----
A face of 50 px or more that moves: at least 12 pairs of frames. Light compression: where it has erased the noise, the
value says nothing.

References
----------
Fixed pattern of a sensor: Lukáš, Fridrich and Goljan, IEEE TIFS 2006. Registration: Lucas and Kanade, IJCAI 1981. Detail that
sticks to the frame in generated pictures: Karras et al., NeurIPS 2021. The comparison of the two shares is veridical's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span, Table
from ...perception.residual_motion import ResidualMotion, ResidualMotions
from ...perception.tracks import FaceTracks

BRANCH = "continuity"
DETECTS = ("reenactment", "replacement", "synthesis")
DEMO = "lab.residual.carried"

_WEAK_LEVELS = 0.6  # of residual: little more than what rounding leaves
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Shares:
    """What explains the residual of the later frame, regression weights: what moved with the face, and what stayed."""

    travels: float
    stays: float

    @property
    def difference(self) -> float:
        """How much more travels than stays."""
        return self.travels - self.stays


def examine(
    residuals: ResidualMotions, tracks: FaceTracks, *, least_pairs: int = 12, least_pixels: int = 400
) -> Measurement:
    """Compare the noise that travels with each face to the noise that stays in the frame.

    Parameters
    ----------
    least_pairs
        Fewest pairs of frames between which the face moved.
    least_pixels
        Fewest quiet pixels in the face, mean of the pairs.
    """
    if not tracks.tracks:
        raise NotApplicable("no face was found in the clip")
    most = max((len(one.times) for one in residuals.faces), default=0)
    moving = [one for one in residuals.faces if len(one.times) >= least_pairs]
    if not moving:
        raise NotApplicable(
            f"no face of 50 px or more moves enough: {most} pairs of frames, {least_pairs} are needed (or it is cut off)"
        )
    usable = [one for one in moving if one.sums[:, 0, 6].mean() >= least_pixels]
    if not usable:
        raise NotApplicable(f"no face has {least_pixels} pixels outside edges and copied blocks")
    strong = [one for one in usable if _level(one, 0) >= _WEAK_LEVELS]
    if not strong:
        level = max(_level(one, 0) for one in usable)
        raise NotApplicable(
            f"no fine noise is left in the face ({level:.2f} grey levels): compression or smoothing has erased it"
        )
    return _measured(sorted(strong, key=lambda one: -shares(one.sums[:, 0]).difference))


def shares(sums: np.ndarray) -> Shares:
    """Return the weights that explain the later residual best.

    Parameters
    ----------
    sums
        shape (n, 7): as in ResidualMotion, of one of the two areas; they are added up.
    """
    _, mm, ss, ym, ys, ms, _ = np.asarray(sums, np.float64).sum(0)
    # A little ridge: the two are alike where the face hardly moved.
    mm, ss = mm * (1 + _RIDGE) + 1e-9, ss * (1 + _RIDGE) + 1e-9
    apart = mm * ss - ms * ms
    return Shares(travels=float((ym * ss - ys * ms) / apart), stays=float((ys * mm - ym * ms) / apart))


def _level(one: ResidualMotion, side: int) -> float:
    """Return the root mean square of the residual in the face (0) or beside it (1), grey levels."""
    yy, pixels = one.sums[:, side, 0].sum(), one.sums[:, side, 6].sum()
    return float(np.sqrt(yy / pixels)) if pixels else 0.0


def _measured(faces: list[ResidualMotion]) -> Measurement:
    first = faces[0]
    face = shares(first.sums[:, 0])
    pixels_beside = float(first.sums[:, 1, 6].sum())
    beside = shares(first.sums[:, 1]) if pixels_beside >= 1000 else None
    said = f" Beside it, {beside.stays:.2f} stays." if beside else ""
    return Measurement(
        value=face.difference,
        unit="1",
        observation=(
            f"In face {first.person + 1}, {face.travels:.2f} of the fine residual travels with the face and {face.stays:.2f} "
            f"stays where it is in the frame ({len(first.times)} pairs of frames, {first.moved_px.mean():.1f} px of motion)."
            + said
        ),
        where=_where(first),
        exhibits=(_chart(first), _table(faces)),
        facts={
            "travels": round(face.travels, 4), "stays": round(face.stays, 4),
            "travels_beside": round(beside.travels, 4) if beside else None,
            "stays_beside": round(beside.stays, 4) if beside else None,
            "residual_levels": round(_level(first, 0), 3), "pairs": len(first.times), "faces": len(faces),
            "motion_px": round(float(first.moved_px.mean()), 2), "copied": round(float(first.copied[:, 0].mean()), 3),
        },
        limits=_limits(first),
    )  # fmt: skip


def _limits(one: ResidualMotion) -> tuple[str, ...]:
    said = ["Compression between frames carries noise along with what moves, in recorded faces as in made ones."]
    if (copied := float(one.copied[:, 1].mean())) > 0.5:
        said.append(
            f"{100 * copied:.0f} % of what lies beside the face is copied from frame to frame: little to compare with."
        )
    return tuple(said)


def _seconds(one: ResidualMotion, *, least: int = 3) -> list[tuple[int, Shares]]:
    """Return the shares of each second that has enough pairs."""
    seconds = np.floor(one.times).astype(int)
    return [
        (int(second), shares(one.sums[seconds == second, 0]))
        for second in np.unique(seconds)
        if (seconds == second).sum() >= least
    ]


def _where(one: ResidualMotion, *, most: int = 5) -> tuple[Span, ...]:
    """Return the seconds in which most travels with the face."""
    strongest = sorted(_seconds(one), key=lambda pair: -pair[1].difference)[:most]
    first, last = float(one.times[0]), float(one.times[-1])  # a second may reach beyond the shot
    label = f"residual of face {one.person + 1} travels with it"
    return tuple(
        Span(
            start_s=max(float(second), first),
            end_s=min(second + 1.0, last),
            label=label,
            value=share.difference,
            track=one.person,
        )
        for second, share in strongest
    )


def _chart(one: ResidualMotion) -> Chart:
    found = _seconds(one)
    x = np.array([second + 0.5 for second, _ in found], np.float32)
    travels, stays = (
        np.array([getattr(share, name) for _, share in found], np.float32) for name in ("travels", "stays")
    )
    lines = (
        Line(name="travels with the face", x=x, y=travels, track=one.person),
        Line(name="stays in the frame", x=x, y=stays, track=one.person),
    )
    return Chart(
        name="Where the fine residual goes", lines=lines, x_name="time", x_unit="s", y_name="share", y_unit="1",
        caption=f"Face {one.person + 1}, second by second, where it moves.", timeline=True,
    )  # fmt: skip


def _table(faces: list[ResidualMotion]) -> Table:
    rows = []
    for one in faces:
        for side, name in ((0, "face"), (1, "beside")):
            pixels = one.sums[:, side, 6].sum()
            share = shares(one.sums[:, side]) if pixels >= 1000 else None
            rows.append(
                (
                    f"{one.person + 1}", name, f"{share.travels:.2f}" if share else "–",
                    f"{share.stays:.2f}" if share else "–", f"{_level(one, side):.2f}",
                    f"{100 * one.copied[:, side].mean():.0f} %",
                )
            )  # fmt: skip
    return Table(
        name="Residual of each face and of its surroundings",
        columns=(
            "face",
            "area",
            "travels with the face",
            "stays in the frame",
            "residual, grey levels",
            "copied blocks",
        ),
        rows=tuple(rows),
    )
