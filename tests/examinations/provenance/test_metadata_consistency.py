"""Statements that agree and statements that do not, each with its cause written by hand."""

import cv2
import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.provenance.metadata_consistency import examine
from veridical.media.container import Container
from veridical.media.image import Image, JpegData
from veridical.media.metadata import Metadata

AGREES, DISAGREES, OPEN = "agrees", "disagrees", "cannot be checked"
TAKEN = "2023:06:05 10:15:30"


def says(unreadable=(), **blocks):
    empty = {name: {} for name in ("exif", "xmp", "iptc", "png_text", "tags")}
    return Metadata(**(empty | blocks), comments=(), unreadable=unreadable)


def box(brands=(), encoders=None):
    return Container(
        format="jpeg", brands=brands, parts=(), streams=(), encoders=encoders or {}, key_frame_s=(), trailing_bytes=0
    )  # fmt: skip


def scene(seed=0, height=240, width=320):
    small = np.random.default_rng(seed).integers(30, 255, (6, 8, 3), np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def picture(pixels=None, thumbnail=None, orientation=1, quality_error=None):
    pixels = scene() if pixels is None else pixels
    jpeg = None
    if quality_error is not None:
        jpeg = JpegData(
            tables=np.ones((1, 8, 8), np.uint16), component_tables=(0,), subsampling="4:2:0", quality=90,
            quality_error=quality_error, progressive=False, _decoder=None,
        )  # fmt: skip
    return Image(
        pixels=pixels, format="jpeg", mode="RGB", bits=8, orientation=orientation, frames=1, thumbnail=thumbnail, jpeg=jpeg
    )  # fmt: skip


def results(metadata, container=None, image=None):
    seen = examine(metadata, container or box(), image)
    rows = {what: result for what, result, _ in seen.exhibits[0].rows}
    assert seen.value == list(rows.values()).count(DISAGREES)
    assert seen.facts["comparisons"] == len(rows) - list(rows.values()).count(OPEN)
    return rows


def test_no_metadata_says_nothing():
    with pytest.raises(NotApplicable, match="says nothing either way"):
        examine(says(), box(), picture())


def test_metadata_without_a_pair_cannot_be_compared():
    with pytest.raises(NotApplicable, match="0 comparisons, none possible"):
        examine(says(exif={"Image Software": "x"}), box(), picture())


@pytest.mark.parametrize(
    ("software", "result"),
    [
        ("Adobe Photoshop 25.0 (Windows)", DISAGREES),
        ("GIMP 2.10", DISAGREES),
        ("Snapseed 2.0", DISAGREES),
        ("17.5.1", AGREES),
        ("Apple firmware", AGREES),
        ("iPhone 15 build", AGREES),
        ("Mediterranean 3", OPEN),
    ],
)
def test_the_camera_against_the_software(software, result):
    exif = {"Image Make": "Apple", "Image Model": "iPhone 15", "Image Software": software}
    size = {"EXIF ExifImageWidth": "320", "EXIF ExifImageLength": "240"}
    assert results(says(exif=exif | size), image=picture())["camera and software"] == result


def test_two_blocks_that_name_different_things():
    exif = {"Image Make": "NIKON", "Image Model": "Z 6", "Image Software": "Ver.01.00"}
    same = says(exif=exif, xmp={"tiff:Make": "Nikon", "tiff:Model": "Z 6", "xmp:CreatorTool": "Ver.01.00"})
    other = says(exif=exif, xmp={"tiff:Make": "Canon", "tiff:Model": "EOS", "xmp:CreatorTool": "Picture Tool"})
    names = ("make in EXIF and XMP", "model in EXIF and XMP", "software in EXIF and XMP")
    assert [results(same)[name] for name in names] == [AGREES] * 3
    assert [results(other)[name] for name in names] == [DISAGREES] * 3


@pytest.mark.parametrize(
    ("make", "error", "result"),
    [("Canon", 0.0, DISAGREES), ("NIKON CORPORATION", 1.4, AGREES), ("samsung", 0.0, OPEN), ("Apple", 0.8, AGREES)],
)
def test_the_camera_against_the_jpeg_tables(make, error, result):
    exif = {"Image Make": make, "EXIF ExifImageWidth": "320", "EXIF ExifImageLength": "240"}
    assert results(says(exif=exif), image=picture(quality_error=error))["camera and JPEG tables"] == result


def test_a_list_of_editing_steps():
    clean = says(exif={"Image Make": "Sony"}, xmp={"xmp:Rating": "3"})
    edited = says(exif={"Image Make": "Sony"}, xmp={"xmpMM:History[1]/stEvt:action": "saved"})
    derived = says(exif={"Image Make": "Sony"}, xmp={"xmpMM:DerivedFrom/stRef:documentID": "x"})
    found = [results(one)["camera and list of editing steps"] for one in (clean, edited, derived)]
    assert found == [AGREES, DISAGREES, DISAGREES]


@pytest.mark.parametrize(
    ("name", "more", "result"),
    [
        ("capture and change date", {"exif": {"Image DateTime": TAKEN}}, AGREES),
        ("capture and change date", {"exif": {"Image DateTime": "2024:01:01 00:00:00"}}, AGREES),
        ("capture and change date", {"exif": {"Image DateTime": "2021:01:01 00:00:00"}}, DISAGREES),
        ("capture and digitising date", {"exif": {"EXIF DateTimeDigitized": "2023:06:05 10:15:00"}}, DISAGREES),
        ("capture date in EXIF and XMP", {"xmp": {"xmp:CreateDate": "2023-06-05T10:15:30"}}, AGREES),
        ("capture date in EXIF and XMP", {"xmp": {"xmp:CreateDate": "2023-06-05T10:15:30.25+02:00"}}, AGREES),
        ("capture date in EXIF and XMP", {"xmp": {"xmp:CreateDate": "2023-06-05T12:15:30"}}, OPEN),
        ("capture date in EXIF and XMP", {"xmp": {"photoshop:DateCreated": "2023-06-05T11:04:07"}}, DISAGREES),
        ("capture date and satellite clock",
         {"exif": {"GPS GPSDate": "2023:06:05", "GPS GPSTimeStamp": "[8, 15, 597/20]"}}, AGREES),
        ("capture date and satellite clock",
         {"exif": {"GPS GPSDate": "2023:06:09", "GPS GPSTimeStamp": "[8, 15, 29]"}}, DISAGREES),
    ],
)  # fmt: skip
def test_dates_against_the_capture_date(name, more, result):
    exif = {"EXIF DateTimeOriginal": TAKEN, "Image DateTime": TAKEN} | more.get("exif", {})
    assert results(says(exif=exif, xmp=more.get("xmp", {})))[name] == result


def test_dates_that_are_zero_or_broken_are_left_out():
    broken = {
        "EXIF DateTimeOriginal": TAKEN,
        "Image DateTime": "0000:00:00 00:00:00",
        "EXIF DateTimeDigitized": "2023:13:40 10:00:00",
    }
    with pytest.raises(NotApplicable):
        examine(says(exif=broken), box(), None)
    odd_clock = broken | {"GPS GPSDate": "2023:06:05", "GPS GPSTimeStamp": "[8, 15/0, 3]"}
    with pytest.raises(NotApplicable):
        examine(says(exif=odd_clock), box(), None)


def test_stated_offsets_are_used():
    exif = {"EXIF DateTimeOriginal": TAKEN, "EXIF OffsetTimeOriginal": "-05:00"}
    utc = {"xmp:CreateDate": "2023-06-05T15:15:30Z"}
    assert results(says(exif=exif, xmp=utc))["capture date in EXIF and XMP"] == AGREES


def test_changes_before_creation_in_xmp():
    xmp = {"xmp:CreateDate": "2023-06-05T10:00:00Z", "xmp:ModifyDate": "2023-06-05T09:00:00Z"}
    assert results(says(xmp=xmp))["creation and change date in XMP"] == DISAGREES


def test_stated_size_and_orientation_against_the_pixels():
    exif = {"EXIF ExifImageWidth": "240", "EXIF ExifImageLength": "320", "Image Orientation": "Rotated 90 CW"}
    xmp = {"exif:PixelXDimension": "640", "exif:PixelYDimension": "480", "tiff:Orientation": "1"}
    rows = results(says(exif=exif, xmp=xmp), image=picture(orientation=6))
    assert rows == {
        "size in EXIF and picture": AGREES,  # either way round: writers differ
        "size in XMP and picture": DISAGREES,
        "orientation in EXIF and XMP": DISAGREES,
    }


def small(pixels, width=160, height=120):
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


NOTE = {"Image Software": "x", "EXIF ExifImageWidth": "320", "EXIF ExifImageLength": "240"}


def thumbnails(image):
    rows = results(says(exif=NOTE), image=image)
    return rows.get("shape of thumbnail and picture"), rows.get("content of thumbnail and picture")


def test_the_thumbnail_of_the_picture_agrees_also_turned_and_with_bars():
    assert thumbnails(picture(thumbnail=small(scene()))) == (AGREES, AGREES)
    upright = np.ascontiguousarray(np.rot90(scene(), -1))
    assert thumbnails(picture(thumbnail=small(upright, 120, 160), orientation=6)) == (AGREES, AGREES)
    wide = scene(3, 180, 320)
    barred = np.zeros((120, 160, 3), np.uint8)
    barred[15:105] = small(wide, 160, 90)
    assert thumbnails(picture(wide, barred)) == (AGREES, AGREES)


def test_the_thumbnail_of_another_picture_or_of_the_uncut_one_disagrees():
    assert thumbnails(picture(thumbnail=small(scene(9)))) == (AGREES, DISAGREES)
    cut = np.ascontiguousarray(scene()[:, :160])
    shape, _ = thumbnails(picture(cut, small(scene())))
    assert shape == DISAGREES


def test_a_flat_or_dark_thumbnail_proves_nothing():
    grey, black = np.full((120, 160, 3), 128, np.uint8), np.zeros((120, 160, 3), np.uint8)
    assert thumbnails(picture(thumbnail=grey))[1] == OPEN
    dot = black.copy()
    dot[50:55, 50:55] = 255
    rows = results(says(exif=NOTE), image=picture(thumbnail=dot))
    assert rows["thumbnail and picture"] == OPEN
    assert thumbnails(picture(np.full((240, 320, 3), 90, np.uint8), small(scene())))[1] == OPEN


PHONE = {"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 15"}


@pytest.mark.parametrize(
    ("encoder", "result"),
    [("Lavf60.16.100", DISAGREES), ("HandBrake 1.7", DISAGREES), ("17.5.1", AGREES), (None, OPEN)],
)
def test_the_device_against_the_encoder_of_a_video(encoder, result):
    tags = PHONE | {"creation_time": "2023-06-05T10:00:00Z", "stream0.creation_time": "2023-06-05T10:00:00Z"}
    encoders = {"stream 0 handler_name": "VideoHandler"} | ({"container encoder": encoder} if encoder else {})
    assert results(says(tags=tags), box(encoders=encoders))["device and encoder"] == result


def test_handlers_brand_and_dates_of_a_video():
    tags = PHONE | {
        "stream0.handler_name": "Core Media Video", "encoder": "Lavf60.16.100", "creation_time": "2024-06-05T10:00:00.000000Z",
        "com.apple.quicktime.creationdate": "2023-06-05T10:00:00+0200", "stream0.creation_time": "2024-06-05T10:00:00.000000Z",
    }  # fmt: skip
    rows = results(says(tags=tags), box(brands=("isom",)))
    assert rows == {
        "device and encoder": DISAGREES,
        "handler and encoder": DISAGREES,
        "device and brand of the container": DISAGREES,
        "dates of container and device": DISAGREES,
        "dates of container and stream0": AGREES,
    }
    assert results(says(tags=PHONE), box(brands=("qt  ",)))["device and brand of the container"] == AGREES


def test_the_observation_names_what_disagrees_and_limits_name_what_was_unreadable():
    seen = examine(
        says(unreadable=("XMP: torn",), exif={"Image Make": "Sony", "Image Software": "GIMP"}), box(), picture()
    )  # fmt: skip
    assert seen.observation == "1 of 1 comparisons within the metadata disagree: camera and software."
    assert seen.limits == ("A block of metadata could not be read: XMP: torn.",)
    assert seen.exhibits[0].rows[0][1] == DISAGREES
