"""The board below an annotated copy: what it is a copy of, and the traces of the strongest findings under a moving cursor."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from .charts import thin_line, ticks
from .colours import PERSON_COLOURS
from .lanes import Group, Lane
from .markup import number, one_line
from .model import ReportedFinding
from .wording import Words

MOST_LANES = 6
ROW, HEAD, FOOT, EDGE = 34, 56, 26, 12
CLOCK = 110
"""Width of the clock at the right of the caption, pixels."""
LABELS = 0.3
"""Share of the width that the names of lanes have."""
_GROUND, _INK, _SOFT, _RULE = (20, 23, 27), (232, 234, 237), (169, 177, 188), (54, 60, 68)
_TRACE, _SPAN = (109, 179, 242), (255, 158, 87)
_ROUNDING_S = 1e-4
"""A report may hold the time of a cut rounded by less than this; no frame lasts so short."""
Colour = tuple[int, int, int]
Chosen = tuple[int | None, Lane]


class Board:
    """A picture of shape (height, width, 3), uint8, RGB, over which a cursor moves from ``left`` to ``right``.

    Its lanes are chosen anew in each shot, from the faces that are seen in it and from what concerns the whole exhibit.
    Only the picture of the shot that is being written is kept.
    """

    def __init__(
        self, groups: Sequence[Group], words: Words, *, width: int, length_s: float, cuts: Sequence[float], caption: str,
        about: str,
    ) -> None:  # fmt: skip
        self.left, self.right, self.length_s = round(width * LABELS), width - EDGE - 8, length_s
        self._cuts, self._words = tuple(cuts), words
        self._chosen = [strongest(in_shot(groups, shot), length_s) for shot in range(len(self._cuts) + 1)]
        self._rows = max(1, *(len(one) for one in self._chosen))
        height = HEAD + self._rows * ROW + FOOT
        self._empty = Pillow.new("RGB", (width, height + height % 2), _GROUND)
        draw = ImageDraw.Draw(self._empty)
        _write(draw, (EDGE, 8), caption, 18, _INK, width - 2 * EDGE - CLOCK - 10)
        _write(draw, (EDGE, 31), about, 14, _SOFT, width - 2 * EDGE)
        _times(draw, HEAD + self._rows * ROW, (self.left, self.right), length_s)
        self._shot, self.pixels = 0, self._drawn(0)

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return self._empty.height

    def draw(self, on: np.ndarray, time_s: float) -> None:
        """Copy the board of the shot onto an array of its shape, with cursor and clock at a time."""
        shot = bisect_right(self._cuts, time_s + _ROUNDING_S)
        if shot != self._shot:
            self._shot, self.pixels = shot, self._drawn(shot)
        on[: self.height] = self.pixels
        x = round(self.left + min(max(time_s / self.length_s, 0), 1) * (self.right - self.left))
        on[HEAD - 4 : self.height - FOOT + 6, x - 1 : x + 1] = _INK
        clock = Pillow.new("RGB", (CLOCK, 22), _GROUND)
        ImageDraw.Draw(clock).text(
            (CLOCK, 2), f"{time_s:.2f} s", fill=_INK, font=ImageFont.load_default(18), anchor="ra"
        )
        on[6:28, on.shape[1] - EDGE - CLOCK : on.shape[1] - EDGE] = np.asarray(clock)

    def _drawn(self, shot: int) -> np.ndarray:
        """Draw what does not move within a shot: names, traces, spans, cuts."""
        image, chosen, across = self._empty.copy(), self._chosen[shot], (self.left, self.right)
        if not chosen:
            said = self._words("annotated.none.here" if any(self._chosen) else "annotated.none")
            _write(ImageDraw.Draw(image), (EDGE, HEAD + 8), said, 14, _SOFT, image.width - 2 * EDGE)
        for row, (track, lane) in enumerate(chosen):
            _name(image, track, lane, self._words, HEAD + row * ROW, self.left - EDGE)
        pixels = np.asarray(image).copy()
        for row, (_, lane) in enumerate(chosen):
            _lane(pixels, lane, HEAD + row * ROW, across, self.length_s)
        for cut in self._cuts if chosen else ():
            x = round(self.left + cut / self.length_s * (self.right - self.left))
            pixels[HEAD : HEAD + self._rows * ROW, x : x + 1] = _SOFT
        return pixels


def in_shot(groups: Sequence[Group], shot: int) -> list[Group]:
    """Return the groups of the faces that are seen in a shot, of those whose shot is unknown, and of the whole exhibit."""
    return [one for one in groups if one.person is None or one.person.shot == shot]


def strongest(groups: Sequence[Group], length_s: float, most: int = MOST_LANES) -> list[Chosen]:
    """Choose the lanes to show: by weight, by how unusual the value is, then person by person those with most to see."""
    ranked = []
    for group in groups:
        lanes = sorted(group.lanes, key=lambda lane: _to_see(lane, length_s), reverse=True)
        ranked += [(_rank(lane, place), group.track, lane) for place, lane in enumerate(lanes)]
    best = sorted(ranked, key=lambda one: one[0])[:most]
    return sorted(((track, lane) for _, track, lane in best), key=lambda one: (one[0] is None, one[0] or 0))


def _rank(lane: Lane, place: int) -> tuple[float, float, int]:
    weight = lane.finding.evidence.log10_lr if lane.finding.evidence else 0.0
    return (-weight, -_unusual(lane.finding), place)


def _to_see(lane: Lane, length_s: float) -> tuple[bool, bool]:
    return lane.line is not None, any(not lane.is_long(span, length_s) for span in lane.spans)


def _unusual(finding: ReportedFinding) -> float:
    if finding.population is None or finding.value is None:
        return -1.0
    return bisect_left(finding.population.quantiles, finding.value) / len(finding.population.quantiles)


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, ink: Colour, room: int) -> None:
    draw.text(at, _cut(one_line(text), size, room), fill=ink, font=ImageFont.load_default(size))


def _cut(text: str, size: int, room: int) -> str:
    font = ImageFont.load_default(size)
    if font.getlength(text) <= room:
        return text
    text = text[: room // 2]  # no letter that is written is narrower than two pixels
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"


def _in_two(text: str, size: int, room: int) -> tuple[str, str]:
    """Break a text between words: as much as there is room for, and the rest."""
    font, said = ImageFont.load_default(size), text.split(" ")
    fits = [n for n in range(1, len(said) + 1) if font.getlength(" ".join(said[:n])) <= room]
    most = max(fits, default=1)
    return " ".join(said[:most]), " ".join(said[most:])


def chip(person: int) -> np.ndarray:
    """Return the number of a person in its colour: shape (20, 24, 3), uint8, RGB."""
    image = Pillow.new("RGB", (24, 20), PERSON_COLOURS[person % len(PERSON_COLOURS)])
    ImageDraw.Draw(image).text((12, 10), str(person + 1), fill=(0, 0, 0), font=ImageFont.load_default(15), anchor="mm")
    return np.asarray(image)


def _name(image: Pillow.Image, track: int | None, lane: Lane, words: Words, top: int, room: int) -> None:
    x, draw = EDGE, ImageDraw.Draw(image)
    if track is not None:
        image.paste(Pillow.fromarray(chip(track)), (x, top + 7))
        x += 32
    name = lane.name if track is not None else words("annotated.whole", name=lane.name)
    first, second = _in_two(one_line(name), 13, room - x)
    _write(draw, (x, top + (2 if second else 9)), first, 13, _INK, room - x)
    _write(draw, (x, top + 17), second, 13, _INK, room - x)


def _times(draw: ImageDraw.ImageDraw, top: int, across: tuple[int, int], length_s: float) -> None:
    font = ImageFont.load_default(12)
    for value in ticks(0.0, length_s, 8):
        x = across[0] + value / length_s * (across[1] - across[0])
        draw.line((x, top, x, top + 4), fill=_SOFT)
        draw.text((x, top + 6), number(value), fill=_SOFT, font=font, anchor="ma")


def _lane(pixels: np.ndarray, lane: Lane, top: int, across: tuple[int, int], length_s: float) -> None:
    bottom, (left, right) = top + ROW - 1, across
    pixels[bottom, left:right] = _RULE

    def column(time_s: float) -> int:
        return round(left + min(max(time_s / length_s, 0.0), 1.0) * (right - left))

    for span in lane.spans:
        first = bottom - 4 if lane.is_long(span, length_s) else top + 2
        area = pixels[first:bottom, column(span.start_s) : max(column(span.end_s), column(span.start_s) + 2)]
        area[:] = (0.65 * area + 0.35 * np.array(_SPAN)).astype(np.uint8)
    if lane.line is None or lane.up is None:
        return
    x, y = thin_line(lane.line.x, lane.line.y, (0.0, length_s))
    low, high = lane.up
    for part in _runs(x, y):
        points = np.stack([left + x[part] / length_s * (right - left),
                           bottom - 3 - (y[part] - low) / (high - low) * (ROW - 7)], 1)  # fmt: skip
        cv2.polylines(pixels, [np.rint(points * 16).astype(np.int32)], False, _TRACE, 1, cv2.LINE_AA, 4)


def _runs(x: np.ndarray, y: np.ndarray) -> Iterator[np.ndarray]:
    known = np.isfinite(x) & np.isfinite(y)
    places = np.flatnonzero(known)
    if len(places):
        yield from np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
