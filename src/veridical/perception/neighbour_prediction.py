"""How the pixels of a picture are predicted from their neighbours: one linear rule a channel, and where it holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import NotApplicable
from ..media.image import Image
from ..signals.neighbour_prediction import Prediction, predict_all, varied

SIDE = 256
_LEAST_SIDE = 128
_MANY_PIXELS = 1_500_000
_CROPS = 3
_LEAST_VARIED = 0.5
_GRID = 8  # crops begin on the grid of JPEG blocks
_GREEN = 1
_MOST = 40  # a weight then still changes by less than 0.001 a step


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourPrediction:
    """Rules by which a pixel follows from its neighbours, in parts of the native picture.

    Parts, channels (R, G, B) and kernels are the leading axes. In a kernel, row 0 is the neighbour above, column 0 the one
    to the left; the pixel itself, in the middle, has weight 0.

    Parameters
    ----------
    boxes
        shape (parts, 4), int32: x, y, width, height of each part in native pixels; multiples of 8. The first is the
        middle of the picture, unless it is flat. Pictures above 1.5 megapixels have up to three parts, others one.
    three, five
        shapes (parts, 3, 3, 3) and (parts, 3, 5, 5), float32: the kernels of each part and channel.
    seven
        shape (3, 7, 7), float32: the kernels of the first part.
    sigma_three, sigma_five
        shape (parts, 3), float32: standard deviation of what the kernels leave, grey levels; 0.001 is the least.
    sigma_seven
        shape (3,), float32: the same for the first part.
    iterations
        shape (parts, 3), int32: steps of the 3 × 3 kernels until they settled, at most 40.
    posterior
        shape (parts, height - 4, width - 4), float16: the probability that a pixel follows its 3 × 3 rule, in green,
        which cameras sample most densely and 4:2:0 compression changes least; NaN where a pixel equals all its
        neighbours. Row 0 and column 0 lie two pixels inside the part.
    varied
        shape (parts,), float32: share of pixels that differ from a neighbour.
    """

    boxes: np.ndarray
    three: np.ndarray
    five: np.ndarray
    seven: np.ndarray
    sigma_three: np.ndarray
    sigma_five: np.ndarray
    sigma_seven: np.ndarray
    iterations: np.ndarray
    posterior: np.ndarray
    varied: np.ndarray

    @property
    def kernels(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Median over the parts: shapes (3, 3, 3), (3, 5, 5), (3, 7, 7), float32."""
        return np.median(self.three, 0), np.median(self.five, 0), self.seven

    @property
    def features(self) -> np.ndarray:
        """The weights of the 3 × 3 and the 5 × 5 kernels without their middle, R, G, B: shape (96,), float32."""
        parts = [k.reshape(3, -1)[:, np.arange(k[0].size) != k[0].size // 2].ravel() for k in self.kernels[:2]]
        return np.concatenate(parts).astype(np.float32)


def see_neighbour_prediction(image: Image) -> NeighbourPrediction:
    """Estimate the rules on squares of 256 native pixels (less in smaller pictures); nothing is resized.

    Raises
    ------
    NotApplicable
        If the picture has fewer than 128 pixels a side, or more than half of it is flat or clipped.
    """
    if min(image.height, image.width) < _LEAST_SIDE:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; the prediction of pixels from their neighbours "
            f"needs {_LEAST_SIDE} × {_LEAST_SIDE}"
        )
    chosen = _choose(image.pixels)
    parts = [_rules(image.pixels[_cut(box)], (3, 5)) for box, _ in chosen]
    seven = _rules(image.pixels[_cut(chosen[0][0])], (7,), tuple(five for _, five in parts[0]))
    return NeighbourPrediction(
        boxes=np.array([box for box, _ in chosen], np.int32),
        three=_kernels([[three for three, _ in part] for part in parts]),
        five=_kernels([[five for _, five in part] for part in parts]),
        seven=_kernels([[rule for (rule,) in seven]])[0],
        sigma_three=np.array([[three.sigma for three, _ in part] for part in parts], np.float32),
        sigma_five=np.array([[five.sigma for _, five in part] for part in parts], np.float32),
        sigma_seven=np.array([rule.sigma for (rule,) in seven], np.float32),
        iterations=np.array([[three.iterations for three, _ in part] for part in parts], np.int32),
        posterior=np.stack([part[_GREEN][0].posterior for part in parts]).astype(np.float16),
        varied=np.array([share for _, share in chosen], np.float32),
    )  # fmt: skip


def _rules(
    pixels: np.ndarray, sizes: tuple[int, ...], starts: tuple[Prediction, ...] | None = None
) -> list[tuple[Prediction, ...]]:
    """Return the rules of R, G and B, each by size; without starts, green is estimated first and starts the others."""
    planes = [np.ascontiguousarray(pixels[..., channel]) for channel in range(3)]
    if all(np.array_equal(plane, planes[_GREEN]) for plane in planes):
        start = starts[_GREEN] if starts else None
        return [predict_all(planes[_GREEN], sizes, judged=varied(planes[_GREEN]), start=start, most=_MOST)] * 3
    if starts is not None:
        return [
            predict_all(plane, sizes, judged=varied(plane), start=s, most=_MOST)
            for plane, s in zip(planes, starts, strict=True)
        ]
    green = predict_all(planes[_GREEN], sizes, judged=varied(planes[_GREEN]), most=_MOST)
    red, blue = (predict_all(planes[i], sizes, judged=varied(planes[i]), start=green[0], most=_MOST) for i in (0, 2))
    return [red, green, blue]


def _choose(pixels: np.ndarray) -> list[tuple[tuple[int, int, int, int], float]]:
    """Return the boxes (x, y, width, height) to look at, the middle one first, with their share of varied pixels."""
    height, width = (min(side, SIDE) for side in pixels.shape[:2])
    many = pixels.shape[0] * pixels.shape[1] > _MANY_PIXELS and min(pixels.shape[:2]) >= 2 * SIDE
    shares = (0.5, 0.15, 0.85) if many else (0.5,)
    boxes = []
    for down in shares:
        for across in shares:
            y = int(down * (pixels.shape[0] - height)) // _GRID * _GRID
            x = int(across * (pixels.shape[1] - width)) // _GRID * _GRID
            boxes.append((x, y, width, height))
    judged = [(box, _share_varied(pixels[_cut(box)])) for box in boxes]
    # Sorting is stable: among parts that are full of detail the order above decides.
    best = sorted(judged, key=lambda item: -round(item[1], 1))[: _CROPS if many else 1]
    if not (fit := [item for item in best if item[1] >= _LEAST_VARIED]):
        raise NotApplicable(
            f"{max(share for _, share in judged):.0%} of the pixels differ from a neighbour in the part of {width} × "
            f"{height} pixels with the most detail; {_LEAST_VARIED:.0%} are needed"
        )
    return fit


def _share_varied(pixels: np.ndarray) -> float:
    """Return the least share over the channels: each is estimated by itself."""
    return min(float(varied(np.ascontiguousarray(pixels[..., channel])).mean()) for channel in range(3))


def _cut(box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    x, y, width, height = box
    return slice(y, y + height), slice(x, x + width)


def _kernels(parts: list[list[Prediction]]) -> np.ndarray:
    return np.array([[rule.kernel for rule in part] for part in parts], np.float32)
