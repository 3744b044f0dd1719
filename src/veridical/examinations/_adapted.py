"""Examinations made of adapters: the text of an adapter becomes a module that keeps the contract of every examination."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import numpy as np

from ..errors import NotApplicable
from ..finding import Chart, Figure, Line, Map, Measurement, Region, Span
from ..media.audio import Audio
from ..media.image import Image, upright
from ..models import adapted, adapters
from ..models.adapters import Adapter
from ..perception.faces import Face, Faces
from ..perception.speech import SpeechSegments, demand_speech
from ..signals import crop_conventions as crops
from ..signals.sound import mono
from . import _adapted_value as value

_LEAST_SPEECH_S = 1.0
_LEAST_FACE_PX = 32.0
_MOST_FACES = 5
_MOST_TILES = 400
_MIRRORED = (2, 4, 5, 7)
# In the mesh: corners of the eyes (the person's right eye first, on the left of an upright picture), tip of the nose, mouth.
_EYES, _NOSE, _MOUTH = ((33, 133), (263, 362)), 1, (61, 291)


def modules() -> Iterator[tuple[str, ModuleType]]:
    """Yield (id, module) of every adapter that the user has added, and of the published ones that have been fetched."""
    for adapter in adapters.every():
        if not adapter.published or adapted.is_here(adapter):
            yield adapter.id, module_of(adapter)


def module_of(adapter: Adapter) -> ModuleType:
    """Return the module of one adapter."""
    module = ModuleType(f"{__name__}.{adapter.name}", _text(adapter))
    make = {"whole": _of_picture, "centre": _of_picture, "tiles": _of_tiles, "face": _of_faces, "voice": _of_voice}
    module.__dict__.update(
        BRANCH="classification", DETECTS=adapter.detects, DEMO=adapter.demo, examine=make[adapter.crop.kind](adapter)
    )
    return module


def face_of(picture: Image, face: Face, adapter: Adapter) -> np.ndarray:
    """Return the square around a face as an adapter's detector has it, upright, shape (side, side, 3)."""
    pixels, crop = picture.pixels, adapter.crop
    if not crop.aligned:
        x, y, side = crops.face_square(tuple(map(float, face.box)), crop.scale, picture.height, picture.width)
        return crops.resized(
            upright(pixels[y : y + side, x : x + side], picture.orientation), crop.side, crop.side, crop.resize
        )
    points = five_points(face.mesh)
    if picture.orientation in _MIRRORED:
        # The stored pixels are a mirror image, which no turn brings upright.
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        points = np.column_stack([pixels.shape[1] - 1 - points[:, 0], points[:, 1]])
    return crops.resized(crops.upright_face(pixels, points, crop.scale), crop.side, crop.side, crop.resize)


def five_points(mesh: np.ndarray) -> np.ndarray:
    """Return middles of the eyes, tip of the nose and corners of the mouth, shape (5, 2), of a mesh (468, 2+)."""
    eyes = [mesh[list(corners), :2].mean(0) for corners in _EYES]
    return np.array([*eyes, mesh[_NOSE, :2], *(mesh[one, :2] for one in _MOUTH)], np.float64)


def _of_picture(adapter: Adapter) -> object:
    def examine(image: Image) -> Measurement:
        crop, picture = adapter.crop, image.display
        if min(picture.shape[:2]) < 16:
            raise NotApplicable(
                f"the picture has {image.width}×{image.height} pixels; at least 16 are needed on each side"
            )
        if crop.kind == "whole":
            square = crops.resized(picture, crop.side, crop.side, crop.resize)
        else:
            square = crops.centred(
                crops.shortened(picture, crop.short, crop.resize) if crop.short else picture, crop.side
            )
        raw = value.log_odds(adapter, _numbers(adapter, [square]))
        seen = "the whole picture" if crop.kind == "whole" else "the middle of the picture"
        limits = () if crop.kind == "whole" else (_held(crop.side, crop.short, picture.shape),)
        return value.measurement(adapter, raw, image.pixels, over=seen, limits=limits)

    return examine


def _of_tiles(adapter: Adapter) -> object:
    def examine(image: Image) -> Measurement:
        crop, stride = adapter.crop, adapter.crop.stride
        while _count(image, crop.side, stride) > _MOST_TILES:
            stride *= 2
        corners, squares = crops.tiles(image.pixels, crop.side, stride)
        raw = value.log_odds(adapter, _numbers(adapter, squares))
        top = sorted(zip(raw, corners, strict=True), reverse=True)[:3]
        side = float(min(crop.side, image.width, image.height))
        where = tuple(
            Region(x=float(x), y=float(y), width=side, height=side, label=f"{odds:+.2f}", value=float(odds))
            for odds, (x, y) in top
        )
        limits = (
            ("The picture is smaller than a tile; black fills the rest.",)
            if squares[0].shape > image.pixels.shape
            else ()
        )
        map_ = _map(adapter, image, corners, raw)
        return value.measurement(
            adapter, raw, image.pixels, over=f"{len(raw)} tiles", where=where, exhibits=(map_,), limits=limits
        )

    return examine


def _of_faces(adapter: Adapter) -> object:
    def examine(image: Image, faces: Faces) -> Measurement:
        fit = [one for one in faces.faces if max(one.box[2] - one.box[0], one.box[3] - one.box[1]) >= _LEAST_FACE_PX]
        if not fit:
            raise NotApplicable(f"none of {len(faces.faces)} faces has {_LEAST_FACE_PX:g} pixels")
        fit = fit[:_MOST_FACES]
        raw = value.log_odds(adapter, _numbers(adapter, [face_of(image, one, adapter) for one in fit]))
        where = tuple(_region(one, odds) for odds, one in sorted(zip(raw, fit, strict=True), key=lambda row: -row[0]))
        limits = ["Its authors found faces with another program: squares that differ by some pixels give other values."]
        if len(fit) < len(faces.faces):
            limits.append(f"Only {len(fit)} of {len(faces.faces)} faces were judged: the largest.")
        over = "the face" if len(fit) == 1 else f"{len(fit)} faces"
        return value.measurement(adapter, raw, image.pixels, over=over, where=where, limits=tuple(limits))

    return examine


def _of_voice(adapter: Adapter) -> object:
    def examine(audio: Audio, speech: SpeechSegments) -> Measurement:
        demand_speech(audio, speech, _LEAST_SPEECH_S, lowest_rate=8000)
        crop = adapter.crop
        sound = np.concatenate([*mono(audio.samples, audio.rate, crop.rate), np.zeros(0, np.float32)])
        starts = crops.window_starts(len(sound), crop.window, crop.hop)
        net = adapted.network(adapter)
        windows = (np.resize(sound[first : first + crop.window], crop.window) for first in starts)
        raw = value.log_odds(adapter, np.concatenate([net(one[None].astype(np.float32)) for one in windows]))
        times = np.array(starts) / crop.rate + audio.start_s
        length = crop.window / crop.rate
        first = int(np.argmax(raw))
        where = (Span(start_s=float(times[first]), end_s=float(times[first] + length), label=f"{raw[first]:+.2f}",
                      value=float(raw[first])),) if len(raw) > 1 else ()  # fmt: skip
        limits = (
            ("The recording is shorter than a window and was repeated to fill it.",) if len(sound) < crop.window else ()
        )
        over = "the one window" if len(raw) == 1 else f"{len(raw)} windows"
        return value.measurement(
            adapter, raw, np.asarray(audio.samples), over=over, where=where, limits=limits,
            exhibits=(_timeline(adapter, times + length / 2, raw),),
        )  # fmt: skip

    return examine


def _numbers(adapter: Adapter, squares: list[np.ndarray]) -> np.ndarray:
    crop, net = adapter.crop, adapted.network(adapter)
    prepared = (
        crops.normalised([one], crop.mean, crop.std, channels=crop.channels, layout=crop.layout) for one in squares
    )
    return np.concatenate([net(one) for one in prepared])


def _count(image: Image, side: int, stride: int) -> int:
    return len(crops.tile_starts(image.width, side, stride)) * len(crops.tile_starts(image.height, side, stride))


def _held(side: int, short: int, shape: tuple[int, ...]) -> str:
    scale = short / min(shape[:2]) if short else 1.0
    share = min(1.0, side / (shape[0] * scale)) * min(1.0, side / (shape[1] * scale))
    return f"The network saw {share:.0%} of the picture, the square in its middle; nothing is said of the rest."


def _region(face: Face, odds: float) -> Region:
    x0, y0, x1, y1 = map(float, face.box)
    return Region(x=x0, y=y0, width=x1 - x0, height=y1 - y0, label=f"{odds:+.2f}", value=float(odds))


def _map(adapter: Adapter, image: Image, corners: list[tuple[int, int]], raw: np.ndarray) -> Map:
    """Draw the mean over the tiles that cover each place."""
    scale = min(1.0, 256 / max(image.height, image.width))
    shape = max(1, round(image.height * scale)), max(1, round(image.width * scale))
    total, count = np.zeros(shape), np.zeros(shape)
    for (x, y), odds in zip(corners, raw, strict=True):
        rows, columns = (
            slice(int(low * scale), max(int(low * scale) + 1, round((low + adapter.crop.side) * scale)))
            for low in (y, x)
        )
        total[rows, columns] += odds
        count[rows, columns] += 1
    values = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
    return Map(
        name="Score of each place", values=values, unit="log odds, not calibrated", low=-5.0, high=5.0, diverging=True,
        caption="Mean over the tiles that cover a place; higher is more like a fake, in the eyes of this detector.",
    )  # fmt: skip


def _timeline(adapter: Adapter, times: np.ndarray, raw: np.ndarray) -> Figure:
    line = Line(name="log odds", x=times.astype(np.float32), y=raw.astype(np.float32))
    return Chart(
        name="Score over time", lines=(line,), x_name="time", x_unit="s", y_name="log odds", y_unit="1", timeline=True,
        caption=f"One point for each window of {adapter.crop.window / adapter.crop.rate:.1f} s, at its middle; not calibrated.",
    )  # fmt: skip


def _text(adapter: Adapter) -> str:
    """Return the docstring: what the adapter says, in the sections that every examination has."""
    crop = adapter.crop
    way = {
        "whole": f"The whole picture, resized to {crop.side}×{crop.side} pixels, is seen",
        "centre": f"The square of {crop.side} pixels in the middle of the picture is seen"
        + (f", after its shorter side was brought to {crop.short} pixels" if crop.short else ", at its own resolution"),
        "tiles": f"Squares of {crop.side} native pixels, {crop.stride} apart, are seen",
        "face": f"A square of {crop.scale:g} times each face{', turned upright' if crop.aligned else ''}, resized to "
        f"{crop.side} pixels, is seen",
        "voice": f"Windows of {crop.window} samples at {crop.rate} Hz, {crop.hop} apart, are heard",
    }[crop.kind]
    needs = {
        "face": f"A face of {_LEAST_FACE_PX:g} pixels.",
        "voice": f"{_LEAST_SPEECH_S:g} s of speech at 8 kHz or more.",
    }
    models = ", ".join(f"`{one.name}` ({one.licence})" for one in adapter.models)
    sections = {
        "Method": f"{adapter.card} {way} by the published network; the value is the log odds that it gives for a fake "
        f"({adapter.output.pool} where there are several), by the calibration of this machine if there is one.",
        "What a high value means": "The detector finds the exhibit like the fakes that it was trained on.",
        "What it cannot see": "What its authors did not train it on; see the references. It was not tested by us unless its "
        "card says so.",
        "Also caused by": "Compression, resizing and processing unlike those of the material it was trained on.",
        "Needs": f"{needs.get(crop.kind, 'A picture of at least 16 pixels a side.')} The files {models}.",
        "References": "\n".join(f"- {one}" for one in adapter.references),
    }
    return "\n\n".join([adapter.question, *(f"{head}\n{'-' * len(head)}\n{body}" for head, body in sections.items())])
