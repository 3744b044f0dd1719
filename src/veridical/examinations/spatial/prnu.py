"""Does the noise of an enrolled camera's sensor run through the whole picture?

Method
------
Every sensor leaves a faint pattern of its own in each picture (photo-response non-uniformity): pixels that are a little more
or less sensitive. ``veridical enrol camera`` makes such a fingerprint from pictures that a camera took. Here the noise
residual of the picture (what a wavelet denoiser takes away, cleaned of row, column and periodic parts) is correlated with the
fingerprints of all enrolled cameras, or of the one in ``camera``. NCC is the normalised correlation, PCE the energy of its
peak over the mean energy elsewhere. A picture smaller than the camera's is looked for at every offset (a crop). If the PCE
reaches ``least_pce`` the picture counts as taken by that camera (more is asked of a crop, since the highest of many offsets
is high by chance), and each block of 128 × 128 pixels is examined: a predictor,
learned when the camera was enrolled from brightness and texture, says how strongly it should correlate; what was measured is
compared with that and with the correlation of foreign noise. The value is the strength of the strongest connected area that
speaks against the camera: its mean log10 likelihood ratio (clipped at 5) times the square root of its share of the decidable
blocks; 0 if there is none.

What a high value means
-----------------------
The picture comes from this camera, but an area of it does not carry the camera's noise though it should: it was replaced,
generated, moved, or smoothed.

What it cannot see
------------------
- anything about a picture of a camera that is not enrolled; that no fingerprint is found proves nothing
- dark, clipped and strongly textured areas, in which the pattern cannot be told: they are shown as undecidable
- areas smaller than a block
- pictures that were resized, rotated, stabilised or corrected for the lens; screenshots; strong compression

Also caused by
--------------
- local noise reduction, retouching, portrait modes and merged exposures of phones
- a predictor that learned from flat fields only, and does not know texture
- cameras of one model that share parts of their processing (a false match)

Needs
-----
An enrolled camera (``veridical enrol camera FOLDER --name NAME``) with pictures of the same size or larger, the picture as
stored, at least 256 × 256 pixels, better 1000 × 1000, with at least 20 decidable blocks.

References
----------
- J. Lukáš, J. Fridrich, M. Goljan, "Digital Camera Identification from Sensor Pattern Noise", IEEE Transactions on Information
  Forensics and Security 1(2), 2006.
- M. Chen, J. Fridrich, M. Goljan, J. Lukáš, "Determining Image Origin and Integrity Using Sensor Noise", IEEE Transactions on
  Information Forensics and Security 3(1), 2008.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import cameras
from ...errors import NotApplicable, NotInstalled, UsageError
from ...finding import Map, Measurement, Table
from ...media.image import Image
from ...signals import correlation_predictor as predictor
from ...signals.areas import Area, coherent_areas
from ...signals.blocks import bounding, covering
from ...signals.fingerprint import Match, correlate
from ...signals.fingerprint import least_pce as over_places
from ...signals.residual import noise_residual

BRANCH = "forensics"
DETECTS = ("editing", "replacement")
DEMO = "lab.camera.splice"

_SMALLEST = 256
_FEWEST_BLOCKS = 20
_CLIP, _BEYOND = 5.0, 0.3
_MOST_PLACES = 5
_FLAT_ONLY = 0.05
_HALF = predictor.WINDOW // 2


@dataclass(frozen=True, slots=True)
class _Compared:
    camera: cameras.Camera
    match: Match
    needed: float

    @property
    def rank(self) -> float:
        """PCE in units of what is needed: 1 and more is a match."""
        return self.match.pce / self.needed


def examine(image: Image, *, camera: str = "", least_pce: float = cameras.LEAST_PCE) -> Measurement:
    """Measure how strongly an area lacks the noise of the camera that took the picture.

    Parameters
    ----------
    image
        The picture.
    camera
        Name of the enrolled camera to compare with; empty: every one whose pictures are as large or larger.
    least_pce
        Peak-to-correlation energy, at one place, from which the picture counts as taken by a camera; of a crop, whose place
        is searched for, so much more is asked that chance reaches it as rarely.

    Raises
    ------
    NotApplicable
        If no camera is enrolled, none fits in size, none matches, or too few blocks can be decided.
    UsageError
        If the named camera is not enrolled.
    """
    if least_pce <= 0:
        raise UsageError(f"least_pce must be above 0; it is {least_pce:g}")
    chosen, unread = _chosen(image, camera)
    residual = noise_residual(image.pixels)
    compared, unread = _compare(chosen, residual, least_pce, unread)
    best = compared[0]
    if best.rank < 1:
        raise NotApplicable(_not_found(compared))
    judged = _judge(image, residual, best)
    told = np.isfinite(judged.ratio)
    if (count := int(told.sum())) < _FEWEST_BLOCKS:
        raise NotApplicable(
            f"the picture matches {best.camera.name} (PCE {best.match.pce:.1f}), but {count} of {told.size} blocks let the "
            f"pattern be told; {_FEWEST_BLOCKS} are needed"
        )
    areas = [
        one
        for one in coherent_areas(judged.ratio, told, beyond=_BEYOND, clip=_CLIP, most=_MOST_PLACES)
        if one.departure > 0
    ]
    return Measurement(
        value=areas[0].strength if areas else 0.0, unit="log10 LR × root share", observation=_said(best, judged, areas),
        where=tuple(
            bounding(_padded(one.mask), pitch=predictor.CELL, label="lacks the camera's noise", value=round(one.departure, 2))
            for one in areas
        ),
        exhibits=(*_maps(image, judged, best), _table(compared)), facts=_facts(best, judged, areas),
        limits=(*_limits(best, judged), *unread),
    )  # fmt: skip


def _not_found(compared: list[_Compared]) -> str:
    best, others = compared[0], compared[1:]
    also = f"; {len(others)} further cameras give at most {max(one.match.pce for one in others):.1f}" if others else ""
    where = f" anywhere in {best.match.places} places" if best.match.places > 1 else ""
    return (
        f"the noise of {best.camera.name} is not found: PCE {best.match.pce:.1f}, NCC {best.match.ncc:.4f}, a PCE of "
        f"{best.needed:.0f}{where} is needed{also}. That proves nothing: it may be gone, or the camera another"
    )


def _chosen(image: Image, name: str) -> tuple[list[cameras.Camera], tuple[str, ...]]:
    """Return the cameras whose pictures are large enough, and what is to be said of those that cannot be read."""
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; sensor noise needs {_SMALLEST} × {_SMALLEST}"
        )
    known, unread = ([cameras.load(name)], ()) if name else _readable()
    if not known and unread:
        raise NotInstalled(" ".join(unread))
    if not known:
        raise NotInstalled("no camera is enrolled; enrol one with: veridical enrol camera FOLDER --name NAME")
    fitting = [one for one in known if one.height >= image.height and one.width >= image.width]
    if not fitting:
        largest = max(known, key=lambda one: one.height * one.width)
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels, more than the pictures of any camera compared with (the "
            f"largest: {largest.name}, {largest.width} × {largest.height})"
        )
    return fitting, unread


def _readable() -> tuple[list[cameras.Camera], tuple[str, ...]]:
    """Return the sound cameras; one that is damaged must not keep a picture from being examined."""
    known, unread = [], []
    for name in cameras.names():
        try:
            known.append(cameras.load(name))
        except UsageError as error:
            unread.append(_left_out(error))
    return known, tuple(unread)


def _compare(
    chosen: list[cameras.Camera], residual: np.ndarray, least: float, unread: tuple[str, ...]
) -> tuple[list[_Compared], tuple[str, ...]]:
    """Correlate with each camera, best first; fingerprints are dropped again, so that many need no more memory than one."""
    compared = []
    for camera in chosen:
        try:
            plane = cameras.fingerprint(camera)
        except UsageError as error:
            if len(chosen) == 1:
                raise NotInstalled(str(error)) from None
            unread = (*unread, _left_out(error))
            continue
        match = correlate(residual, plane, search=plane.shape != residual.shape)
        compared.append(_Compared(camera, match, over_places(least, match.places)))
    if not compared:
        raise NotInstalled(" ".join(unread))
    return sorted(compared, key=lambda one: -one.rank), unread


def _left_out(error: UsageError) -> str:
    return f"One camera was left out: {error}."


def _judge(image: Image, residual: np.ndarray, best: _Compared) -> predictor.Judged:
    top, left = best.match.top, best.match.left
    here = cameras.fingerprint(best.camera)[top : top + image.height, left : left + image.width]
    return predictor.judge(predictor.measure(image.pixels, residual, here), best.camera.predictor)


def _padded(blocks: np.ndarray) -> np.ndarray:
    """Put overlapping blocks where their middles lie, in cells of 16 pixels."""
    fill = False if blocks.dtype == np.bool_ else np.nan
    return np.pad(blocks, ((_HALF, 0), (_HALF, 0)), constant_values=fill)


def _said(best: _Compared, judged: predictor.Judged, areas: list[Area]) -> str:
    told = np.isfinite(judged.ratio)
    start = (
        f"The picture carries the noise of {best.camera.name} (PCE {best.match.pce:.1f}, NCC {best.match.ncc:.4f}); a share of "
        f"{told.mean():.2f} of its blocks lets the pattern be told; "
    )
    if not areas:
        return start + "no area of these speaks against the camera."
    return start + (
        f"in the strongest of {len(areas)} areas ({int(areas[0].mask.sum())} blocks) the pattern is missing, by a log10 "
        f"likelihood ratio of {areas[0].departure:.1f} on average."
    )


def _maps(image: Image, judged: predictor.Judged, best: _Compared) -> tuple[Map, ...]:
    size = {"height": image.height, "width": image.width, "pitch": predictor.CELL}
    told = np.isfinite(judged.ratio)
    colours = np.where(told, np.sign(np.nan_to_num(judged.ratio)), 0).astype(np.float32)
    return (
        Map(
            name="For other noise against this camera's", values=covering(_padded(judged.ratio), **size), unit="log10 LR",
            low=-3.0, high=3.0, diverging=True,
            caption="Each value is about a block of 128 × 128 pixels around it. Above 0: like foreign noise; below 0: like "
            "this camera; empty: the pattern cannot be told there.",
        ),
        Map(
            name="Consistent, undecidable, inconsistent", values=covering(_padded(colours), **size), unit="−1, 0, 1", low=-1.0,
            high=1.0, diverging=True,
            caption="−1: consistent with the camera; 0: undecidable, the pattern is too weak to be told; 1: inconsistent.",
        ),
        Map(
            name="Predicted correlation", values=covering(_padded(judged.predicted), **size), unit="correlation", low=0.0,
            high=0.1,
            caption="What a block of this brightness and texture from this camera should reach. Dark is where the method is "
            f"blind: below {3 * best.camera.predictor.noise_sd:.3f} nothing is decided.",
        ),
        Map(
            name="Correlation around the peak", values=best.match.around, unit="NCC", low=-0.05, high=0.05, overlay=False,
            diverging=True, caption="The peak is in the middle. A true match is a single bright point.",
        ),
    )  # fmt: skip


def _table(compared: list[_Compared]) -> Table:
    return Table(
        name="Cameras compared",
        columns=("camera", "make", "NCC", "PCE", "PCE needed", "offset (down, right)", "pictures enrolled"),
        rows=tuple(
            (one.camera.name, one.camera.make or "–", f"{one.match.ncc:.4f}", f"{one.match.pce:.1f}", f"{one.needed:.0f}",
             f"{one.match.top}, {one.match.left}", str(len(one.camera.inputs)))
            for one in compared
        ),
        caption="The other enrolled cameras are the population against which the best is seen. On six bodies at 1024 × 1024 "
        "pixels own pictures gave a PCE of 29 or more, those of other bodies at most 10. More is needed where the place of a "
        "crop was searched for.",
    )  # fmt: skip


def _facts(best: _Compared, judged: predictor.Judged, areas: list[Area]) -> dict[str, float | int | str]:
    return {
        "camera": best.camera.name, "fingerprint SHA-256": best.camera.sha256, "PCE": round(best.match.pce, 3),
        "NCC": round(best.match.ncc, 6), "offset down": best.match.top, "offset right": best.match.left,
        "blocks": int(judged.ratio.size), "blocks decidable": int(np.isfinite(judged.ratio).sum()), "areas": len(areas),
        "agreement with the prediction": round(judged.agreement, 4),
    }  # fmt: skip


def _limits(best: _Compared, judged: predictor.Judged) -> tuple[str, ...]:
    limits = []
    if best.camera.predictor.textured < _FLAT_ONLY:
        limits.append(
            f"{best.camera.name} was enrolled from flat fields only: how texture weakens its pattern is not known. Enrol some "
            "ordinary photographs too."
        )
    if judged.agreement < 0.5:
        limits.append(
            f"As a whole the picture correlates {judged.agreement:.2f} times as strongly as the camera's own pictures would: "
            "it was compressed or processed further."
        )
    return tuple(limits)
