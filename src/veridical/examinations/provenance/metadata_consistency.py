"""Do the statements that the file makes about itself agree with each other and with the picture?

Method
------
Statements about the same thing are compared: the camera against the software and the JPEG tables, capture date against the
dates of change, of the satellite clock and of the container, stated size, orientation and thumbnail against the picture, the
list of editing steps, and for videos the device against encoder strings, handler names and brand. Each comparison agrees,
disagrees or cannot be made. The value is the number that disagree. Dates are compared with each other only, never with today.

What a high value means
-----------------------
Parts of the file come from different steps or devices, or were changed afterwards. It shows that a file is not as it left a
camera; it does not show what was changed, nor that anything was meant to deceive.

What it cannot see
------------------
Anything in a file without metadata. Metadata is easily copied from another file or written by hand without a contradiction.

Also caused by
--------------
- ordinary developing, cropping or resizing in a photo editor, which leaves its name and list of steps
- a messenger or web service that resized the picture but kept old statements
- a camera whose clock was never set, travel across time zones, an old satellite fix
- phones that use the standard JPEG tables
- one single edit can make several comparisons disagree

Needs
-----
At least one pair of statements that can be compared.

References
----------
- CIPA DC-008, Exchangeable image file format (Exif) 2.32 (2019)
- Kornblum, J. D.: Using JPEG quantization tables to identify imagery processed by software, Digital Investigation 5 (2008)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np

from ...errors import NotApplicable
from ...finding import Measurement, Table
from ...knowledge.software import TRANSCODERS
from ...media.container import Container
from ...media.dates import Moment, read_moment
from ...media.image import Image, upright
from ...media.metadata import Metadata

BRANCH = "provenance"
DETECTS = ("editing",)
DEMO = "lab.provenance.edit"

_AGREES, _DISAGREES, _OPEN = "agrees", "disagrees", "cannot be checked"
_EDITORS = re.compile(
    r"\b(Adobe|Photoshop|Lightroom|GIMP|Snapseed|Pixelmator|Affinity|Paint\.NET|Capture One|Luminar|PicsArt|Facetune|FaceApp|"
    r"Canva|VSCO|Topaz|ACDSee|Corel|PaintShop|Photopea|IrfanView|XnView|ImageMagick|GraphicsMagick|darktable|RawTherapee|"
    r"Polarr|BeautyPlus|Meitu|Remini|PhotoScape|Krita|Photomator|DxO)\b",
    re.IGNORECASE,
)
# Makers whose dedicated cameras (and Apple's phones) write JPEG tables of their own, as far as has been published.
_OWN_TABLES = re.compile(
    r"canon|nikon|sony|olympus|om digital|panasonic|fujifilm|pentax|ricoh|leica|apple", re.IGNORECASE
)
_DEVICE_KEYS = re.compile(r"(?:^|\.)(?:make|model|manufacturer)$|com\.android\.version$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    outcome: str
    detail: str


def examine(
    metadata: Metadata, container: Container, image: Image | None, *, least_thumbnail_match: float = 0.8
) -> Measurement:
    """Count the statements of a file that contradict each other or the picture."""
    if metadata.empty:
        raise NotApplicable("the file has no metadata: it was removed or never there, which says nothing either way")
    checks = [*_software(metadata, image), *_dates(metadata), *_recording(metadata, container)]
    if image is not None:
        checks += [*_sizes(metadata, image), *_thumbnail(image, least_thumbnail_match)]
    made = [check for check in checks if check.outcome != _OPEN]
    against = [check for check in made if check.outcome == _DISAGREES]
    if not made:
        raise NotApplicable(f"nothing in the metadata can be compared: {len(checks)} comparisons, none possible")
    rows = tuple((check.name, check.outcome, check.detail) for check in sorted(checks, key=_by_weight))
    return Measurement(
        value=float(len(against)),
        unit="disagreements",
        observation=f"{len(against)} of {len(made)} comparisons within the metadata disagree{_named(against)}.",
        exhibits=(Table(name="Comparisons", columns=("what", "result", "detail"), rows=rows),),
        facts={"comparisons": len(made), "disagreements": len(against), "not_possible": len(checks) - len(made)},
        limits=tuple(f"A block of metadata could not be read: {reason}." for reason in metadata.unreadable),
    )


def _by_weight(check: _Check) -> int:
    return (_DISAGREES, _AGREES, _OPEN).index(check.outcome)


def _named(against: list[_Check]) -> str:
    return ": " + ", ".join(check.name for check in against) if against else ""


def _compare(name: str, agrees: bool | None, detail: str) -> _Check:
    return _Check(name, _OPEN if agrees is None else _AGREES if agrees else _DISAGREES, detail)


def _software(metadata: Metadata, image: Image | None) -> Iterator[_Check]:
    """Compare the stated camera with software names, JPEG tables and the list of editing steps."""
    make, model = metadata.exif.get("Image Make", "").strip(), metadata.exif.get("Image Model", "").strip()
    exif_tool = metadata.exif.get("Image Software", "").strip()
    xmp_tool = metadata.xmp.get("xmp:CreatorTool", "").strip()
    if make and (exif_tool or xmp_tool):
        named = " / ".join(dict.fromkeys(tool for tool in (exif_tool, xmp_tool) if tool))
        own = re.fullmatch(r"[\d.]+", named) or make.split()[0].lower() in named.lower() or (model and model in named)
        agrees = False if _EDITORS.search(named) else True if own else None
        yield _compare("camera and software", agrees, f"camera {make} {model}; software {named}")
    if exif_tool and xmp_tool:
        same = exif_tool.lower() in xmp_tool.lower() or xmp_tool.lower() in exif_tool.lower()
        yield _compare("software in EXIF and XMP", same, f"{exif_tool}; {xmp_tool}")
    for field, text in (("Make", make), ("Model", model)):
        other = metadata.xmp.get(f"tiff:{field}", "").strip()
        if text and other:
            yield _compare(f"{field.lower()} in EXIF and XMP", text.lower() == other.lower(), f"{text}; {other}")
    steps = sorted(key for key in metadata.xmp if key.startswith(("xmpMM:History", "xmpMM:DerivedFrom")))
    if make and metadata.xmp:
        detail = "XMP lists editing steps or a parent file" if steps else "XMP lists no editing steps"
        yield _compare("camera and list of editing steps", not steps, detail)
    if make and image is not None and image.jpeg is not None:
        yield _tables(make, image.jpeg.quality, image.jpeg.quality_error)


def _tables(make: str, quality: float, error: float) -> _Check:
    expected = _OWN_TABLES.match(make)
    standard = error == 0
    detail = f"JPEG tables {'are' if standard else 'are not'} the standard ones (nearest quality {quality:.0f}); camera {make}"
    return _compare("camera and JPEG tables", not standard if expected else None, detail)


def _dates(metadata: Metadata) -> Iterator[_Check]:
    exif, xmp = metadata.exif, metadata.xmp
    offset = exif.get("EXIF OffsetTimeOriginal") or exif.get("EXIF OffsetTime")
    taken = read_moment(exif.get("EXIF DateTimeOriginal"), offset)
    yield from _in_order("capture and digitising date", taken, read_moment(exif.get("EXIF DateTimeDigitized"), offset))
    yield from _in_order("capture and change date", taken, read_moment(exif.get("Image DateTime"), offset))
    created = read_moment(xmp.get("xmp:CreateDate")) or read_moment(xmp.get("photoshop:DateCreated"))
    yield from _same("capture date in EXIF and XMP", taken, created)
    yield from _in_order("creation and change date in XMP", created, read_moment(xmp.get("xmp:ModifyDate")))
    yield from _near("capture date and satellite clock", taken, _satellite(exif))
    container = read_moment(metadata.tags.get("creation_time"))
    device = read_moment(metadata.tags.get("com.apple.quicktime.creationdate"))
    yield from _near("dates of container and device", container, device)
    for key in sorted(metadata.tags):
        if key.endswith(".creation_time"):
            yield from _near(f"dates of container and {key.split('.')[0]}", container, read_moment(metadata.tags[key]))


def _satellite(exif: Mapping[str, str]) -> Moment | None:
    parts = [int(_ratio(part)) for part in re.findall(r"[\d./]+", exif.get("GPS GPSTimeStamp", ""))]
    if len(parts) != 3:
        return None
    return read_moment(f"{exif.get('GPS GPSDate', '')} {parts[0]:02d}:{parts[1]:02d}:{parts[2]:02d}Z")


def _ratio(text: str) -> float:
    above, _, below = text.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return -1.0


def _difference(first: Moment, second: Moment) -> tuple[timedelta, bool]:
    """Return second minus first, and whether it is exact: both in UTC, or both on the same unnamed clock."""
    if first.utc is not None and second.utc is not None:
        return second.utc - first.utc, True
    return second.local - first.local, first.offset is None and second.offset is None


def _shown(first: Moment, second: Moment) -> str:
    return f"{first.local:%Y-%m-%d %H:%M:%S}; {second.local:%Y-%m-%d %H:%M:%S}"


def _in_order(name: str, first: Moment | None, second: Moment | None) -> Iterator[_Check]:
    if first and second:
        later, exact = _difference(first, second)
        slack = timedelta(seconds=2) if exact else timedelta(hours=26)
        yield _compare(name, later >= -slack, _shown(first, second))


def _same(name: str, first: Moment | None, second: Moment | None) -> Iterator[_Check]:
    if first and second:
        # Writers differ on whether XMP holds the local time: equal clocks on the wall agree whatever the zone.
        apart = min(abs(_difference(first, second)[0]), abs(second.local - first.local))
        quarter = apart.total_seconds() % 900
        zone_only = apart <= timedelta(hours=26) and min(quarter, 900 - quarter) <= 2
        agrees = True if apart <= timedelta(seconds=2) else None if zone_only else False
        yield _compare(name, agrees, _shown(first, second))


def _near(name: str, first: Moment | None, second: Moment | None) -> Iterator[_Check]:
    if first and second:
        yield _compare(name, abs(_difference(first, second)[0]) <= timedelta(hours=26), _shown(first, second))


def _sizes(metadata: Metadata, image: Image) -> Iterator[_Check]:
    actual = (image.width, image.height)
    fields = (
        ("size in EXIF and picture", metadata.exif, "EXIF ExifImageWidth", "EXIF ExifImageLength"),
        ("size in XMP and picture", metadata.xmp, "exif:PixelXDimension", "exif:PixelYDimension"),
        ("size in XMP (TIFF) and picture", metadata.xmp, "tiff:ImageWidth", "tiff:ImageLength"),
    )
    for name, source, width, height in fields:
        stated = (source.get(width, "").strip(), source.get(height, "").strip())
        if stated[0].isdecimal() and stated[1].isdecimal():
            sides = (int(stated[0]), int(stated[1]))
            detail = f"stated {sides[0]}×{sides[1]}, picture {actual[0]}×{actual[1]}"
            yield _compare(name, sorted(sides) == sorted(actual), detail)
    turned = metadata.xmp.get("tiff:Orientation", "").strip()
    if turned.isdecimal() and "Image Orientation" in metadata.exif:
        detail = f"EXIF {image.orientation}; XMP {turned}"
        yield _compare("orientation in EXIF and XMP", int(turned) == image.orientation, detail)


def _thumbnail(image: Image, least_match: float) -> Iterator[_Check]:
    if image.thumbnail is None:
        return
    whole = _grey(image.pixels)
    pictures = (whole, upright(whole, image.orientation))
    smalls = (_grey(image.thumbnail), _without_bars(_grey(image.thumbnail)))
    if min(smalls[1].shape) < 16:
        yield _compare("thumbnail and picture", None, "the thumbnail is too small or dark")
        return
    apart = min(abs(float(np.log(_ratio_of(small) / _ratio_of(one)))) for small in smalls for one in pictures)
    sizes = f"thumbnail {smalls[0].shape[1]}×{smalls[0].shape[0]}, picture {image.width}×{image.height}"
    yield _compare("shape of thumbnail and picture", apart <= 0.06, sizes)
    match = max(_match(small, one) for small in smalls for one in pictures)
    detail = "one of them is flat" if match < -1 else f"correlation {match:.2f}"
    yield _compare("content of thumbnail and picture", None if match < -1 else match >= least_match, detail)


def _grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY))


def _without_bars(grey: np.ndarray) -> np.ndarray:
    """Cut off the black bars by which cameras fill a thumbnail of another shape."""
    rows, columns = np.flatnonzero(grey.max(1) > 24), np.flatnonzero(grey.max(0) > 24)
    if not len(rows) or not len(columns):
        return grey
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _ratio_of(grey: np.ndarray) -> float:
    return float(grey.shape[1] / grey.shape[0])


def _match(small: np.ndarray, picture: np.ndarray) -> float:
    """Return the correlation of both at 32×32 pixels; -2 if either is flat."""
    a, b = (cv2.resize(one, (32, 32), interpolation=cv2.INTER_AREA).ravel().astype(float) for one in (small, picture))
    if a.std() < 2 or b.std() < 2:
        return -2.0
    return float(np.corrcoef(a, b)[0, 1])


def _recording(metadata: Metadata, container: Container) -> Iterator[_Check]:
    """Compare the device that a video claims with the encoders, handlers and brand of its container."""
    claims = {key: text for key, text in metadata.tags.items() if _DEVICE_KEYS.search(key)}
    device = ", ".join(dict.fromkeys(claims.values()))
    written = (text for key, text in container.encoders.items() if not key.endswith(("handler_name", "vendor_id")))
    named = [text for text in (*written, *_encoder_tags(metadata)) if text]
    transcoder = next((text for text in named if TRANSCODERS.search(text)), "")
    if device:
        detail = f"device {device}; encoder {transcoder or '; '.join(named) or 'not named'}"
        yield _compare("device and encoder", not transcoder if named else None, detail)
    handlers = [text for key, text in sorted(metadata.tags.items()) if key.endswith("handler_name")]
    apple = [text for text in handlers if text.startswith("Core Media")]
    if apple and named:
        yield _compare("handler and encoder", not transcoder, f"handler {apple[0]}; encoder {transcoder or named[0]}")
    brand = container.brands[0].strip() if container.brands else ""
    if brand and any("apple" in text.lower() for text in (*claims, *claims.values())):
        yield _compare("device and brand of the container", brand == "qt", f"device {device}; brand {brand}")


def _encoder_tags(metadata: Metadata) -> list[str]:
    keys = ("encoder", "encoding_tool", "software", "writing_application")
    return [text for key, text in metadata.tags.items() if key.rsplit(".", 1)[-1].lower() in keys]
