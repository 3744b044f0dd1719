"""Face swaps by five methods that the network for blends was not trained on: what bench/blending.py measures it by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from veridical.lab.swap import eye_distance, inner_face, match_colours, swap_face, warp_face
from veridical.signals.face_areas import OVAL, filled
from veridical.signals.face_crops import moved, similarity


@dataclass(frozen=True, slots=True)
class Both:
    """Two pictures, each with the mesh of a face: the one that is altered, and the one whose face is taken."""

    target: np.ndarray
    mesh: np.ndarray
    donor: np.ndarray
    own: np.ndarray


Laid = tuple[np.ndarray, np.ndarray]
"""The picture after it, and the donor's share of each pixel."""


def lab(both: Both, random: np.random.Generator) -> Laid:
    """Warp by triangles, match mean and spread of colours, soft edge inwards."""
    swap = swap_face(both.target, both.mesh, both.donor, both.own, feather=float(random.uniform(0.1, 0.4)))
    return swap.pixels, swap.alpha


def poisson(both: Both, random: np.random.Generator) -> Laid:
    """Warp by triangles, blend gradients."""
    swap = swap_face(
        both.target, both.mesh, both.donor, both.own, feather=float(random.uniform(0.1, 0.3)), poisson=True
    )
    return swap.pixels, swap.alpha


def pasted(both: Both, random: np.random.Generator) -> Laid:
    """Turn and scale the donor's face onto the target's, cut out along its rim with a narrow edge; colours as they are."""
    laid = _affine(both.donor, both.own, both.mesh, both.target.shape)
    alpha = cv2.GaussianBlur(
        _rim(both.mesh, both.target.shape).astype(np.float32), (0, 0), 0.02 * eye_distance(both.mesh) + 0.5
    )
    return _mixed(both.target, laid, alpha), alpha


def classic(both: Both, random: np.random.Generator) -> Laid:
    """Turn and scale, divide by the blurred colours of the donor and multiply by the target's, wide soft edge."""
    laid = _affine(both.donor, both.own, both.mesh, both.target.shape)
    sigma = 0.35 * eye_distance(both.mesh)
    ours, theirs = (cv2.GaussianBlur(one.astype(np.float32), (0, 0), sigma) for one in (laid, both.target))
    laid = np.clip(laid * (theirs + 8) / (ours + 8), 0, 255).astype(np.uint8)
    alpha = cv2.GaussianBlur(
        _rim(both.mesh, both.target.shape).astype(np.float32), (0, 0), 0.12 * eye_distance(both.mesh)
    )
    return _mixed(both.target, laid, alpha), alpha


def decoded(both: Both, random: np.random.Generator) -> Laid:
    """As programs do whose network draws 64 to 128 pixels: the donor's face at that size, enlarged, mean colour matched."""
    laid = warp_face(both.donor, both.own, both.mesh, both.target.shape[:2])
    unit = float(np.ptp(both.mesh[list(OVAL), 1]))
    shrink = min(float(random.uniform(64, 128)) / unit, 1.0)
    small = cv2.resize(laid, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    laid = cv2.resize(small, both.target.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    alpha = inner_face(both.mesh, both.target.shape[:2], inset=0.1, feather=float(random.uniform(0.15, 0.35)))
    return _mixed(both.target, match_colours(laid, both.target, alpha > 0.5), alpha), alpha


KINDS: dict[str, Callable[[Both, np.random.Generator], Laid]] = {
    "triangles": lab, "Poisson": poisson, "pasted": pasted, "classic": classic, "decoded": decoded
}  # fmt: skip


def _affine(donor: np.ndarray, own: np.ndarray, mesh: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Move the donor onto the target's picture: within the square that holds the face."""
    side = max(shape[:2])
    return moved(donor, similarity(own[:, :2], mesh[:, :2]), side, (127, 127, 127))[: shape[0], : shape[1]]


def _rim(mesh: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    hull = cv2.convexHull(np.asarray(mesh[list(OVAL), :2], np.float32))[:, 0]
    return filled(hull.mean(0) + (hull - hull.mean(0)) * 0.93, *shape[:2])


def _mixed(target: np.ndarray, laid: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[:, :, None]
    return np.clip(np.rint(target * (1 - share) + laid * share), 0, 255).astype(np.uint8)
