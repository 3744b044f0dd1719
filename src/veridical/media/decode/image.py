"""Decode the first picture of a still image with Pillow: native pixels, neither turned nor colour-managed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import PIL
from PIL import AvifImagePlugin, ExifTags, Image, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from ... import settings
from ...errors import DamagedMedia, MediaTooLarge, NotMedia, UnsupportedMedia
from ..image import upright
from ..sniff import sniff
from ..wire import Message
from . import _structure
from ._damage import BROKEN, reason

_PLUGINS = {
    "jpeg": ("JPEG",), "png": ("PNG",), "webp": ("WEBP",), "avif": ("AVIF",), "heic": ("HEIF",),
    "tiff": ("TIFF",), "gif": ("GIF",),
}  # fmt: skip
_UNDONE = {6: 8, 8: 6}  # the orientation that undoes this one; the others undo themselves
_BAND = 512  # rows that are copied at once
_LARGEST_THUMBNAIL = 4_000_000
_FRESH = "Fetch the file again from its source; if it is damaged there too, it cannot be examined"
_CONVERT = "Convert it to an 8- or 16-bit PNG or TIFF with the program that it came from, and examine that"

# Luminance table of ISO/IEC 10918-1 annex K in natural order, which the IJG qualities scale.
_STANDARD = np.array(
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    np.int64,
)  # fmt: skip


def read(path: Path) -> Iterator[Message]:
    """Yield one message: the head and arrays that ``veridical.media.image.read_image`` takes."""
    format, kind = sniff(path)
    if kind != "image":
        raise NotMedia(path, f"this is {format}, not a still image", "Examine it as a video or a recording")
    _prepare(format)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            message = _decode(path, format)
        except UnidentifiedImageError:
            if format == "tiff":
                _refuse_variant(path)
            problem = f"its content begins like a {format} image, but its header is broken or of an unknown variant"
            raise DamagedMedia(path, problem, _FRESH) from None
        except BROKEN as error:
            problem = f"this {format} image is truncated or damaged ({reason(error)})"
            raise DamagedMedia(path, problem, _FRESH) from error
    yield message


def _prepare(format: str) -> None:
    Image.MAX_IMAGE_PIXELS = None  # our own limit stands in its place
    PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20
    AvifImagePlugin.DEFAULT_MAX_THREADS = 2
    if format == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=2)


def _decode(path: Path, format: str) -> Message:
    with Image.open(path, formats=_PLUGINS[format]) as picture:
        _check(path, picture)
        if format == "jpeg":
            _refuse_empty(path, picture)
        mode, bits, orientation = picture.mode, _bits(path, picture, format), _orientation(picture)
        jpeg, tables = _jpeg(picture) if format == "jpeg" else (None, None)
        pixels = _pixels(path, picture, bits)
        if format == "tiff":  # Pillow turns TIFF images while it loads them
            pixels = upright(pixels, _UNDONE.get(orientation, orientation))
        thumbnail = _thumbnail(picture)
        frames = _frames(picture)
    arrays = {"pixels": pixels}
    if tables is not None:
        arrays["tables"] = tables
    if thumbnail is not None:
        arrays["thumbnail"] = thumbnail
    head = {"format": format, "mode": mode, "bits": bits, "orientation": orientation, "frames": frames, "jpeg": jpeg}
    return Message(head, arrays)


def _check(path: Path, picture: Image.Image) -> None:
    width, height = picture.size
    if width <= 0 or height <= 0:
        raise DamagedMedia(path, f"its header claims {width} × {height} pixels", _FRESH)
    most = settings.number("max_megapixels")
    if width * height > most * 1e6:
        raise MediaTooLarge(
            path, f"the image has {width} × {height} = {width * height / 1e6:.3g} megapixels; the limit is {most:g}",
            "Cut out the part in question, or raise VERIDICAL_MAX_MEGAPIXELS and VERIDICAL_DECODE_GIB",
        )  # fmt: skip
    if picture.mode in ("I", "F", "LAB", "HSV"):
        kind = {"I": "32-bit", "F": "floating-point"}.get(picture.mode, picture.mode)
        raise UnsupportedMedia(path, f"it has {kind} pixels", _CONVERT)


def _refuse_variant(path: Path) -> None:
    """Say that a TIFF whose directory is legible is of a variant that Pillow does not know."""
    with path.open("rb") as file:
        try:
            tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
            file.seek(tags.next)
            tags.load(file)
            bits, samples = tuple(tags.get(258, (1,))), tuple(tags.get(339, (1,)))
        except BROKEN:
            return
    whole = {256, 257, 258, 262} <= set(tags) and (279 in tags or 325 in tags)  # size, bits, colours, strips or tiles
    if whole and max(bits) in (8, 12, 16, 24, 32, 64) and set(samples) <= {1, 2, 3}:
        kind = {2: "signed", 3: "floating-point"}.get(samples[0], "unsigned")
        raise UnsupportedMedia(path, f"it has {len(bits)} × {max(bits)}-bit {kind} samples a pixel", _CONVERT)


def _refuse_empty(path: Path, picture: Image.Image) -> None:
    """Refuse a JPEG with less data than its blocks need at the very least: libjpeg would fill the rest with grey.

    Huffman codes have one bit at least, and a block needs two of them (the DC difference, the end of the block). The later
    scans of a progressive file can pass over thousands of blocks with a few bits, its first one cannot.
    """
    found = _structure.walk(path)
    frame = next((name for name, _, _, depth in found.rows if name.startswith("SOF") and not depth), "")
    bits = {"SOF0": 2, "SOF1": 2, "SOF2": 1}.get(frame)
    if bits is None or not found.complete:
        return
    data = sum(size for name, _, size, _ in found.rows if name == "SOS")
    least = sum(rows * columns for rows, columns in block_shapes(picture)) * bits // 8
    if data < least:
        width, height = picture.size
        problem = f"this jpeg image claims {width} × {height} pixels, but holds {data} bytes for them"
        raise DamagedMedia(path, f"{problem}; they would need {least} at least", _FRESH)


def block_shapes(picture: Image.Image) -> list[tuple[int, int]]:
    """Rows and columns of blocks of each component, as libjpeg counts them: without padding to whole MCUs."""
    width, height = picture.size
    factors = [(layer[1], layer[2]) for layer in cast(Any, picture).layer]
    most_h, most_v = (max(each) for each in zip(*factors, strict=True))
    return [(-(-height * v // (8 * most_v)), -(-width * h // (8 * most_h))) for h, v in factors]


def _bits(path: Path, picture: Image.Image, format: str) -> int:
    """Bits a channel in the file, which Pillow's mode does not tell."""
    if format == "heic":
        return int(picture.info.get("bit_depth", 8))
    if format == "tiff":
        return int(max(cast(Any, picture).tag_v2.get(258, (1,))))
    with path.open("rb") as file:
        head = file.read(65536)
    if format == "png":
        return head[24]
    if format == "avif":
        flags = head[head.find(b"av1C") + 6 :][:1] if b"av1C" in head else b"\0"
        return 8 if not flags[0] & 0x40 else 12 if flags[0] & 0x20 else 10
    return 8


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation)
    except BROKEN:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _pixels(path: Path, picture: Image.Image, bits: int) -> np.ndarray:
    """Copy the picture out in bands: Pillow's own way would hold it three times over."""
    picture.load()
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND):
        bottom = min(top + _BAND, height)
        pixels[top:bottom] = _band(picture.crop((0, top, width, bottom)), bits)
    return pixels


def _band(picture: Image.Image, bits: int) -> np.ndarray:
    if picture.mode.startswith("I;16"):
        return (np.asarray(picture) >> max(bits - 8, 0)).astype(np.uint8)[..., None]
    if picture.mode == "L":
        return np.asarray(picture)[..., None]
    if picture.mode in ("RGBa", "La"):
        picture = picture.convert("RGBA" if picture.mode == "RGBa" else "LA")
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _frames(picture: Image.Image) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except BROKEN:  # a later frame is damaged; the first one is what is examined
        return 1


def _jpeg(picture: Image.Image) -> tuple[dict[str, Any], np.ndarray]:
    of = cast(Any, picture)
    numbers = sorted(of.quantization)
    tables = np.array([of.quantization[number] for number in numbers], np.uint16).reshape(-1, 8, 8)
    component_tables = [numbers.index(layer[3]) for layer in of.layer]
    quality, error = _quality(tables[component_tables[0]])
    return {
        "sampling": [[layer[1], layer[2]] for layer in of.layer], "component_tables": component_tables,
        "quality": quality, "quality_error": error, "progressive": bool(picture.info.get("progressive")),
    }, tables  # fmt: skip


def _quality(table: np.ndarray) -> tuple[int, float]:
    """Nearest IJG quality, and how far off it is on average, in quantisation steps."""
    quality = np.arange(1, 101)[:, None]
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    standard = np.clip((_STANDARD * scale + 50) // 100, 1, 255)
    error = np.abs(standard - table.reshape(-1).astype(np.int64)).mean(1)
    best = int(error.argmin())
    return best + 1, float(error[best])


def _thumbnail(picture: Image.Image) -> np.ndarray | None:
    """Decode the JPEG that IFD1 of the EXIF block points to."""
    block = picture.info.get("exif")
    if not isinstance(block, bytes):
        return None
    try:
        second = picture.getexif().get_ifd(ExifTags.IFD.IFD1)
        start, length = int(second.get(0x201, 0)), int(second.get(0x202, 0))
        data = block.removeprefix(b"Exif\0\0")[start : start + length]
        if not start or not data:
            return None
        with Image.open(BytesIO(data), formats=("JPEG",)) as small:
            if small.width * small.height > _LARGEST_THUMBNAIL:
                return None
            return np.array(small.convert("RGB"))
    except (*BROKEN, PIL.UnidentifiedImageError):
        return None
