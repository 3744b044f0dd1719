"""The previews of an exhibit, and where native coordinates lie on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..finding import Region, Scalar
from .colours import PERSON_COLOURS, data_uri
from .markup import Html, element, joined, number
from .model import ExhibitRecord, FaceOutline, Preview

WIDEST, HIGHEST = 960, 480
"""Room for a picture on the page, CSS pixels."""
ORIENTATION_OF_ROTATION = {0: 1, 90: 8, 180: 3, 270: 6}
"""A player's turn, counter-clockwise, as the EXIF orientation that does the same."""
_TURNED = (5, 6, 7, 8)
_MIRRORED = (2, 3, 6, 7)
_UPSIDE_DOWN = (3, 4, 7, 8)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a preview, in pixels of that preview."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Pictures:
    """All previews, with the size of the native picture (width, height)."""

    previews: tuple[Preview, ...]
    native: tuple[float, float]

    @property
    def main(self) -> int | None:
        """Index of the preview that stands for the exhibit: the middle one."""
        return len(self.previews) // 2 if self.previews else None

    def nearest(self, time_s: float | None) -> int | None:
        """Index of the preview nearest in time, or the main one if there is no time."""
        timed = [i for i, one in enumerate(self.previews) if one.time_s is not None]
        if time_s is None or not timed:
            return self.main
        return min(timed, key=lambda i: abs((self.previews[i].time_s or 0.0) - time_s))


def pictures_of(exhibit: ExhibitRecord) -> Pictures:
    """Collect the previews of an exhibit; the native size comes from its streams, else from the preview itself."""
    for name in ("Image", "Video"):
        stream = exhibit.streams.get(name, {})
        width, height = _positive(stream.get("width")), _positive(stream.get("height"))
        if width and height:
            return Pictures(exhibit.previews, (width, height))
    if not exhibit.previews:
        return Pictures((), (1.0, 1.0))
    first = exhibit.previews[0]
    size = (float(first.width), float(first.height))
    return Pictures(exhibit.previews, size[::-1] if first.orientation in _TURNED else size)


def place(region: Region, preview: Preview, native: tuple[float, float]) -> Box:
    """Find a region of native pixels on a preview, through scaling and the turn by ``preview.orientation``.

    ``x`` and ``y`` are the first column and row that the region covers, ``width`` and ``height`` how many.
    """
    ends_x = (region.x / native[0], (region.x + region.width) / native[0])
    ends_y = (region.y / native[1], (region.y + region.height) / native[1])
    if preview.orientation in _TURNED:
        ends_x, ends_y = ends_y, ends_x
    if preview.orientation in _MIRRORED:
        ends_x = (1 - ends_x[1], 1 - ends_x[0])
    if preview.orientation in _UPSIDE_DOWN:
        ends_y = (1 - ends_y[1], 1 - ends_y[0])
    x, y = ends_x[0] * preview.width, ends_y[0] * preview.height
    return Box(x, y, ends_x[1] * preview.width - x, ends_y[1] * preview.height - y)


def on_picture(
    points: np.ndarray, orientation: int, native: tuple[float, float], size: tuple[float, float]
) -> np.ndarray:
    """Find points of native pixels on a picture of another size that is turned by ``orientation``.

    Parameters
    ----------
    points
        shape (..., 2): x and y; whole numbers are the middles of pixels.
    native, size
        (width, height) of the stored picture and of the one that is shown.

    Returns
    -------
    numpy.ndarray
        shape (..., 2), float64: distances from the left and upper edge of the picture that is shown.
    """
    share = (np.asarray(points, np.float64) + 0.5) / native
    if orientation in _TURNED:
        share = share[..., ::-1]
    mirrored = np.array([orientation in _MIRRORED, orientation in _UPSIDE_DOWN])
    return np.asarray(np.where(mirrored, 1 - share, share) * size)


def definitions(pictures: Pictures) -> Html:
    """Embed every preview, and the outlines of the faces in it, once; the page refers to them by ``use``."""
    images = [
        element("image", id=f"p{i}", width=one.width, height=one.height, href=data_uri(one.jpeg, "image/jpeg"),
                data_time=one.time_s)
        for i, one in enumerate(pictures.previews)
    ]  # fmt: skip
    faces = [
        element("g", [_outline(face, one, pictures.native) for face in one.faces], id=f"f{i}")
        for i, one in enumerate(pictures.previews) if one.faces
    ]  # fmt: skip
    return element(
        "svg", element("defs", images, faces), class_="store", width=0, height=0, aria_hidden="true", focusable="false"
    )


def outlines(pictures: Pictures, index: int) -> Html | None:
    """Draw the outlines of the faces over a preview, to be shown or hidden by the reader."""
    return element("use", href=f"#f{index}", class_="outlines") if pictures.previews[index].faces else None


def _outline(face: FaceOutline, preview: Preview, native: tuple[float, float]) -> Html:
    shown = on_picture(face.points, preview.orientation, native, (preview.width, preview.height))
    lines = np.split(shown, face.ends[:-1])
    path = "".join(f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in line.tolist())}Z" for line in lines if len(line))
    size = max(preview.width, preview.height) / 22
    top = shown[np.argmin(shown[:, 1])] if len(shown) else np.zeros(2)
    tag = element(
        "text", str(face.person + 1), x=f"{top[0]:.1f}", y=f"{max(top[1] - size * 0.3, size):.1f}",
        font_size=f"{size:.1f}", text_anchor="middle",
    )  # fmt: skip
    return element("g", element("path", d=path, class_="halo"), element("path", d=path), tag,
                   class_=f"face w{face.person % len(PERSON_COLOURS)}")  # fmt: skip


def drawing(
    pictures: Pictures, index: int, *over: Html | None, alt: str | None, regions: Sequence[tuple[int, Region]] = ()
) -> Html:
    """Draw a preview, what lies over it, and numbered boxes.

    ``alt`` says to a screen reader what it shows; None where what is around it says so.
    """
    preview = pictures.previews[index]
    scale = min(WIDEST / preview.width, HIGHEST / preview.height)
    said = {"role": "img", "aria_label": alt} if alt else {"aria_hidden": "true"}
    return element(
        "svg", element("use", href=f"#p{index}", class_="under"), over, boxes(pictures, index, regions),
        viewBox=f"0 0 {preview.width} {preview.height}", width=round(preview.width * scale),
        height=round(preview.height * scale), class_="picture", **said,
    )  # fmt: skip


def boxes(pictures: Pictures, index: int, regions: Iterable[tuple[int, Region]]) -> Html:
    """Draw numbered boxes, each outlined dark and light so that it shows on any picture."""
    preview = pictures.previews[index]
    size = max(preview.width, preview.height) / 26
    drawn = []
    for label, region in regions:
        if not all(math.isfinite(v) for v in (region.x, region.y, region.width, region.height)):
            continue
        box = place(region, preview, pictures.native)
        at = {key: f"{getattr(box, key):.1f}" for key in ("x", "y", "width", "height")}
        top = box.y + size if box.y < size else box.y - size * 0.2
        drawn += [
            element("rect", class_="box dark", **at),
            element("rect", class_="box light", **at),
            element("text", str(label), x=f"{box.x + size * 0.1:.1f}", y=f"{top:.1f}", font_size=f"{size:.1f}",
                    class_="tag"),
        ]  # fmt: skip
    return joined(drawn)


def seconds(time_s: float) -> str:
    """Write a time to the hundredth of a second."""
    return number(round(time_s, 2))


def _positive(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0
