"""Does the face change from frame to frame more than what is around it?

Method
------
For each pair of consecutive frames, the face is brought to the same place by eyes and mouth and registered, so that its
motion counts as no change. What is left is the change of fine detail (differences from the local mean, in 8-bit levels).
What is around the face, as far as it itself reaches again, hair, ears, neck and some background, is compared block by block,
moved with the face or as it stands, whichever changes less. Both changes are divided by the amount of fine detail there is,
and their ratio is taken in octaves (powers of two). Either change counts as a third of a level at least, which is how far two
roundings differ on average, and as 0.15 of the detail at least, which is what remains of a photograph that is moved as a whole
(measured: 0.14 to 0.19): below that a ratio would only say which of the two stands still. The same ratio is taken for jumps of
the mean colour (second differences in time, so that slow light changes cancel; a third of a level at least). The value is the
larger of the two medians, for the face in which it is largest. Listed are the seconds whose median is above 0 and above that of
the clip by half an octave, and by three robust standard deviations of the seconds.

What a high value means
-----------------------
Each added 1 means that the face changes twice as much as its surroundings. Methods that make or replace the face one
frame at a time leave detail, brightness or colour that does not agree between frames, while the rest of the picture is
recorded and compressed as one.

It is a weak examination. Speech and expressions alone make most real faces change more than what is around them; real clips
in front of a camera that stands still reach the values of the fakes it was measured on. See docs/validation/flicker.md.

What it cannot see
------------------
Methods that smooth the face over time, or make the whole picture anew; very strong compression, which freezes detail between
key frames.

Also caused by
--------------
- quick expressions, speech and hair moving over the face
- a still, defocused or flat background behind a sharp face; a tripod
- light that flickers on the face only, such as a screen or a fire
- make-up and beauty filters applied while recording
- encoders that spend their bits on faces

Needs
-----
A clip with a face of at least 48 px between the eyes for one second or more, with a tenth of a square of four such distances
in the picture around it.

References
----------
Güera and Delp, AVSS 2018, and Sabir and others, CVPR Workshops 2019, observe that faces made one frame at a time disagree
between frames. Registration: Kuglin and Hines 1975, phase correlation. The ratio itself is veridical's own.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Span
from ...perception.flicker import Flicker, FlickerTraces
from ...perception.tracks import FaceTracks

BRANCH = "continuity"
DETECTS = ("replacement", "reenactment", "synthesis")
DEMO = "lab.motion.flicker"

_ROUNDED = 1 / 3  # 8-bit levels: mean absolute difference of two independent roundings
_RESAMPLED = 0.15  # share of the detail that changes where a still picture is moved as a whole
_LEAST_TEXTURE = 0.1
_STANDS_OUT, _SPREADS = 0.5, 3.0  # octaves; robust standard deviations


def examine(
    flicker: FlickerTraces, tracks: FaceTracks, *, least_interocular_px: float = 48.0, least_pairs: int = 24
) -> Measurement:
    """Compare the change inside each face with the change around it.

    Parameters
    ----------
    least_interocular_px
        Smallest median distance between the eyes.
    least_pairs
        Fewest pairs of consecutive frames in which enough is seen around the face.
    """
    sizes = {track.person: float(np.median(track.interocular)) for track in tracks.tracks}
    large = [one for one in flicker.faces if sizes[one.person] >= least_interocular_px]
    if not large:
        widest = max(sizes.values(), default=0.0)
        raise NotApplicable(
            f"no face has {least_interocular_px:g} px between the eyes (the largest has {widest:.0f} px)"
            if sizes
            else "no face was found in the clip"
        )
    usable = [one for one in large if min(int(_with_surroundings(one).sum()), len(_jumps(one)[0]) + 1) >= least_pairs]
    if not usable:
        raise NotApplicable(
            f"no face is seen with something around it in {least_pairs} or more pairs of consecutive frames: it fills the "
            "picture, or the clip is too short"
        )
    scored = sorted(usable, key=_value, reverse=True)
    worst = scored[0]
    detail, colour = (float(np.median(ratio)) for ratio in _octaves(worst))
    return Measurement(
        value=max(detail, colour),
        unit="octaves",
        observation=(
            f"Face {worst.person + 1}: fine detail changes from frame to frame {2**detail:.2g} times as much in the face as "
            f"around it, colour jumps are {2**colour:.2g} times as large."
        ),
        where=_where(worst),
        exhibits=(_chart(scored, 0, "fine detail"), _chart(scored, 1, "mean colour")),
        facts={"detail_octaves": detail, "colour_octaves": colour, "faces": len(usable), "pairs": len(worst.times)},
        limits=_limits(worst),
    )


def _limits(one: Flicker) -> tuple[str, ...]:
    texture = one.texture[good := _with_surroundings(one), 1]
    still = one.detail[good, 1] < np.maximum(_ROUNDED, _RESAMPLED * texture)
    if still.mean() <= 0.5:
        return ()
    return (
        f"What is around face {one.person + 1} changes less than rounding and resampling do in most frames: the camera stands "
        "still or the picture was frozen, and any motion of the face raises the ratio.",
    )


def _with_surroundings(one: Flicker) -> np.ndarray:
    around: np.ndarray = np.isfinite(one.detail[:, 1]) & (one.texture[:, 1] > _LEAST_TEXTURE)
    return around


def _octaves(one: Flicker) -> tuple[np.ndarray, np.ndarray]:
    """Return log2 of inside over around, for detail (per amount of detail) and for jumps of colour."""
    good = _with_surroundings(one)
    texture = np.maximum(one.texture[good], _LEAST_TEXTURE)
    # One floor for both sides, so that two changes below it are alike.
    floor = np.maximum(_ROUNDED / texture.min(1, keepdims=True), _RESAMPLED)
    per_detail = np.maximum(one.detail[good] / texture, floor)
    jumps = np.maximum(_jumps(one)[1], _ROUNDED)
    return np.log2(per_detail[:, 0] / per_detail[:, 1]), np.log2(jumps[:, 0] / jumps[:, 1])


def _jumps(one: Flicker) -> tuple[np.ndarray, np.ndarray]:
    """Return when the colour changes otherwise than the frame before, and by how much inside and around.

    Only between pairs that follow each other: not over a gap in which the face was lost.
    """
    steps = np.diff(one.times)
    follows = steps < 1.5 * float(np.median(steps)) if len(steps) else np.empty(0, bool)
    jumps = np.linalg.norm(np.diff(one.colour, axis=0), axis=2)
    seen = np.isfinite(jumps).all(1) & follows
    return np.asarray(one.times[1:][seen]), np.asarray(jumps[seen])


def _times(one: Flicker, which: int) -> np.ndarray:
    """Return the times of the ratios of detail (0) or of jumps of colour (1)."""
    if which == 0:
        return np.asarray(one.times[_with_surroundings(one)])
    return _jumps(one)[0]


def _value(one: Flicker) -> float:
    return max(float(np.median(ratio)) for ratio in _octaves(one))


def _where(one: Flicker, *, most: int = 5) -> tuple[Span, ...]:
    """Return the seconds in which the ratio that gave the value stands out from the others of the face, and is above 0."""
    ratios = _octaves(one)
    which = int(np.argmax([float(np.median(ratio)) for ratio in ratios]))
    times, ratio = _times(one, which), ratios[which]
    seconds = np.floor(times).astype(int)
    means = {int(second): float(np.median(ratio[seconds == second])) for second in np.unique(seconds)}
    each = np.array(list(means.values()))
    usual = float(np.median(ratio))
    spread = 1.4826 * float(np.median(np.abs(each - np.median(each))))
    least = max(0.0, usual + max(_STANDS_OUT, _SPREADS * spread))
    above = [second for second in means if means[second] > least]
    strongest = sorted(above, key=lambda second: means[second], reverse=True)[:most]
    first, last = float(one.times[0]), float(one.times[-1])  # a second may reach beyond the shot
    label = f"{('fine detail', 'mean colour')[which]} of face {one.person + 1} against its surroundings"
    return tuple(
        Span(
            start_s=max(float(second), first),
            end_s=min(second + 1.0, last),
            label=label,
            value=means[second],
            track=one.person,
        )
        for second in strongest
    )


def _chart(faces: list[Flicker], which: int, name: str) -> Chart:
    lines = []
    for one in faces[:24]:
        ratio = _octaves(one)[which]
        times = _times(one, which)
        lines.append(
            Line(
                name=f"face {one.person + 1}", x=times.astype(np.float32), y=ratio.astype(np.float32), track=one.person
            )
        )
    return Chart(
        name=f"Change of {name}: face against its surroundings",
        lines=tuple(lines),
        x_name="time",
        x_unit="s",
        y_name="inside / around",
        y_unit="octaves",
        caption="0 means that face and surroundings change alike; +1 that the face changes twice as much.",
        timeline=True,
    )
