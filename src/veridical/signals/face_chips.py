"""A face cut out upright at one size, with some of its surroundings, and the way back: maps laid over the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .face_areas import OVAL
from .face_crops import moved

SIDE = 256
BEYOND = 1.3
# Corners of the eyes on both sides, the top of the forehead and the chin.
_EYES, _OTHER_EYES, _TOP, _CHIN = (33, 133), (362, 263), 10, 152


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One face, upright.

    Parameters
    ----------
    pixels
        shape (side, side, 3), uint8, RGB. What lies outside the picture is grey.
    move
        shape (2, 3): brings points (x, y) of the picture to those of the chip; the centre of the first pixel is (0, 0).
        It mirrors where the stored picture is a mirror image of what is displayed.
    """

    pixels: np.ndarray
    move: np.ndarray

    @property
    def scale(self) -> float:
        """Pixels of the chip for one of the picture; above 1 the face was enlarged."""
        return float(np.sqrt(abs(np.linalg.det(self.move[:, :2]))))

    def points(self, points: np.ndarray) -> np.ndarray:
        """Return points of the picture, shape (n, 2+), as points of the chip, shape (n, 2)."""
        return np.asarray(points[:, :2] @ self.move[:, :2].T + self.move[:, 2])

    def laid_back(self, values: np.ndarray, shape: tuple[int, int], *, outside: float = np.nan) -> np.ndarray:
        """Return a map of the chip, of any size, over a picture of ``shape``, float32; ``outside`` where no chip lies."""
        grown: np.ndarray = np.asarray(values, np.float32)
        if grown.shape != self.pixels.shape[:2]:
            grown = cv2.resize(grown, self.pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        back, size = cv2.invertAffineTransform(self.move), (shape[1], shape[0])
        laid = cv2.warpAffine(grown, back, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        held = cv2.warpAffine(np.ones(grown.shape, np.uint8), back, size, flags=cv2.INTER_NEAREST)
        return np.asarray(np.where(held > 0, laid, np.float32(outside)), np.float32)

    def resized(self, factor: float) -> Chip:
        """Return the same chip, moved as if it had been cut from the picture at ``factor`` times its size."""
        turn = self.move[:, :2] / factor
        shift = self.move[:, 2] - turn.sum(1) * (0.5 * factor - 0.5)
        return Chip(pixels=self.pixels, move=np.hstack([turn, shift[:, None]]))


def face_chip(pixels: np.ndarray, mesh: np.ndarray, *, side: int = SIDE, beyond: float = BEYOND) -> Chip:
    """Return a face upright, its box in the middle of the chip.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB: the stored picture, turned or mirrored as it may be.
    mesh
        shape (468, 2+): the mesh of the face in those pixels.
    side
        Pixels of the chip.
    beyond
        Side of the chip / longer side of the box around the rim of the mesh. With 1.3 the whole face from the hairline to below
        the chin is seen, and some of its surroundings.
    """
    move = chip_move(mesh, side=side, beyond=beyond)
    return Chip(pixels=moved(pixels, move, side, (127, 127, 127)), move=move)


def chip_move(mesh: np.ndarray, *, side: int = SIDE, beyond: float = BEYOND) -> np.ndarray:
    """Return the move, shape (2, 3), from the picture to a chip (see `face_chip`)."""
    points = np.asarray(mesh[:, :2], np.float64)
    across = points[list(_OTHER_EYES)].mean(0) - points[list(_EYES)].mean(0)
    down = points[_CHIN] - points[_TOP]
    # The person's left eye lies to the right as displayed; in stored pixels that are mirrored it does not.
    mirrored = across[0] * down[1] - across[1] * down[0] < 0
    aside = np.array([across[1], -across[0]]) if mirrored else np.array([-across[1], across[0]])
    # Eyes and chin both say where down is: of a face in profile the eyes say little, of one that looks down the chin does.
    axis = down + 2 * aside
    axis /= max(float(np.hypot(*axis)), 1e-9)
    right = np.array([-axis[1], axis[0]]) if mirrored else np.array([axis[1], -axis[0]])
    turn = np.stack([right, axis])
    rim = points[list(OVAL)] @ turn.T
    low, high = rim.min(0), rim.max(0)
    scale = side / (beyond * max(float((high - low).max()), 1e-6))
    return np.hstack([scale * turn, ((side - 1) / 2 - scale * (low + high) / 2)[:, None]])
