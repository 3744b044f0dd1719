import io
import struct
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from veridical import errors
from veridical.media.decode import image as operation
from veridical.media.decoder import Decoder
from veridical.media.image import Image as Still
from veridical.media.image import read_image, upright


def scene(height: int = 61, width: int = 83) -> np.ndarray:
    rng = np.random.default_rng(3)
    return cv2.resize(rng.integers(0, 256, (9, 11, 3), dtype=np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)


class Direct:
    """Answers like a Decoder, in this process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(self, name: str):
        assert name == "image"
        (message,) = operation.read(self.path)
        return message


def still(path: Path) -> Still:
    return read_image(Direct(path))


def save(tmp_path: Path, picture: Image.Image, name: str, **options) -> Path:
    path = tmp_path / name
    picture.save(path, **options)
    return path


def test_through_the_decoder_process(tmp_path):
    path = save(tmp_path, Image.fromarray(scene()), "a.png")
    decoder = Decoder(path)
    found = read_image(decoder)
    decoder.close()
    assert np.array_equal(found.pixels, scene())
    assert (found.format, found.mode, found.bits, found.orientation, found.frames) == ("png", "RGB", 8, 1, 1)
    assert (found.height, found.width) == (61, 83)
    assert found.jpeg is None
    assert found.thumbnail is None


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.png", {}), ("a.webp", {"lossless": True}), ("a.tiff", {"compression": "tiff_lzw"}), ("a.tif", {})],
)
def test_lossless_formats_come_back_exactly(tmp_path, name, options):
    assert np.array_equal(still(save(tmp_path, Image.fromarray(scene()), name, **options)).pixels, scene())


def test_lossy_formats_come_back_closely(tmp_path):
    for name in ("a.jpg", "a.avif", "a.webp", "a.heic"):
        if name == "a.heic":
            pytest.importorskip("pillow_heif").register_heif_opener()
        found = still(save(tmp_path, Image.fromarray(scene()), name, quality=95))
        assert found.format == {"a.jpg": "jpeg"}.get(name, name[2:])
        assert np.abs(found.pixels.mean(2) - scene().mean(2)).mean() < 4


def test_tall_images_are_whole(tmp_path):
    tall = np.random.default_rng(1).integers(0, 256, (1300, 5, 3), dtype=np.uint8)
    assert np.array_equal(still(save(tmp_path, Image.fromarray(tall), "a.png")).pixels, tall)


def test_grey_palette_and_one_bit(tmp_path):
    grey = scene()[..., 0]
    found = still(save(tmp_path, Image.fromarray(grey), "l.png"))
    assert (found.mode, found.bits) == ("L", 8)
    assert all(np.array_equal(found.pixels[..., c], grey) for c in range(3))
    palette = Image.fromarray(scene()).quantize(8)
    found = still(save(tmp_path, palette, "p.png", transparency=bytes([0, 128] + [255] * 6)))
    assert found.mode == "P"
    assert np.array_equal(found.pixels, np.asarray(palette.convert("RGB")))
    found = still(save(tmp_path, Image.fromarray(grey > 127), "1.png"))
    assert (found.mode, found.bits) == ("1", 1)
    assert np.array_equal(found.pixels[..., 0], np.where(grey > 127, 255, 0))


def test_transparency_is_left_out_not_blended(tmp_path):
    alpha = np.dstack([scene(), np.full((61, 83), 7, np.uint8)])
    for name, options in (("a.png", {}), ("a.tif", {})):
        found = still(save(tmp_path, Image.fromarray(alpha), name, **options))
        assert found.mode == "RGBA"
        assert np.array_equal(found.pixels, scene())
    found = still(save(tmp_path, Image.fromarray(alpha[..., 2:]), "la.png"))
    assert found.mode == "LA"
    assert np.array_equal(found.pixels[..., 1], scene()[..., 2])


def test_sixteen_bits_keep_their_upper_eight(tmp_path):
    deep = np.arange(61 * 83 * 3, dtype=np.uint16).reshape(61, 83, 3) * 4
    cv2.imwrite(str(tmp_path / "rgb.png"), deep[..., ::-1])
    cv2.imwrite(str(tmp_path / "rgb.tif"), deep[..., ::-1])
    cv2.imwrite(str(tmp_path / "grey.png"), deep[..., 0])
    cv2.imwrite(str(tmp_path / "grey.tif"), deep[..., 0])
    for name in ("rgb.png", "rgb.tif"):
        found = still(tmp_path / name)
        assert found.bits == 16
        assert np.array_equal(found.pixels, deep >> 8)
    for name in ("grey.png", "grey.tif"):
        found = still(tmp_path / name)
        assert (found.mode[:4], found.bits) == ("I;16", 16)
        assert np.array_equal(found.pixels[..., 2], deep[..., 0] >> 8)


def test_cmyk(tmp_path):
    picture = Image.fromarray(scene()).convert("CMYK")
    found = still(save(tmp_path, picture, "a.tif"))
    assert found.mode == "CMYK"
    assert np.array_equal(found.pixels, np.asarray(picture.convert("RGB")))
    found = still(save(tmp_path, picture, "a.jpg"))
    assert (found.mode, len(found.jpeg.component_tables)) == ("CMYK", 4)


def test_ten_bit_avif(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    deep = heif.from_bytes("RGB;16", (83, 61), (scene().astype(np.uint16) << 8).tobytes())
    deep.save(tmp_path / "a.heic", quality=-1, chroma=444)
    found = still(tmp_path / "a.heic")
    assert found.bits == 10
    assert np.abs(found.pixels.astype(int) - scene()).mean() < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.tiff"])
def test_orientation_is_told_but_not_applied(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    options = {"compression": "tiff_deflate"} if name == "a.tiff" else {"lossless": True} if name == "a.webp" else {}
    plain = still(save(tmp_path, Image.fromarray(scene()), name, **options)).pixels
    found = still(save(tmp_path, Image.fromarray(scene()), name, exif=exif, **options))
    assert found.orientation == orientation
    assert np.array_equal(found.pixels, plain)
    turned = Image.fromarray(plain)
    turned.getexif()[0x112] = orientation
    assert np.array_equal(found.display, np.asarray(ImageOps.exif_transpose(turned)))
    assert np.array_equal(upright(found.pixels, orientation), found.display)


def test_nonsense_orientation_is_none(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 77
    assert still(save(tmp_path, Image.fromarray(scene()), "a.jpg", exif=exif)).orientation == 1


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 75, 90, 100])
def test_quality_of_standard_tables_is_exact(tmp_path, quality):
    found = still(save(tmp_path, Image.fromarray(scene()), "a.jpg", quality=quality)).jpeg
    assert (found.quality, found.quality_error) == (quality, 0.0)
    assert found.tables.shape == (2, 8, 8)
    assert found.tables.dtype == np.uint16
    assert found.component_tables == (0, 1, 1)


def test_tables_are_in_natural_order(tmp_path):
    steps = list(range(1, 65))
    found = still(save(tmp_path, Image.fromarray(scene()), "a.jpg", qtables=[steps, steps])).jpeg
    assert found.tables[0].reshape(-1).tolist() == steps
    assert found.quality_error > 1


@pytest.mark.parametrize(("option", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_subsampling(tmp_path, option, name):
    found = still(save(tmp_path, Image.fromarray(scene()), "a.jpg", subsampling=option, progressive=option == 1))
    assert found.jpeg.subsampling == name
    assert found.jpeg.progressive is (option == 1)
    grey = still(save(tmp_path, Image.fromarray(scene()[..., 0]), "g.jpg"))
    assert grey.jpeg.subsampling == "1 component"


def exif_with_thumbnail(jpeg: bytes) -> bytes:
    first = struct.pack("<HHHIHHI", 1, 0x112, 3, 1, 6, 0, 26)
    second = struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, 56, 0x202, 4, 1, len(jpeg), 0)
    return b"Exif\0\0" + b"II*\0\x08\0\0\0" + first + second + jpeg


def test_thumbnail_of_the_exif_block(tmp_path):
    small = io.BytesIO()
    Image.fromarray(scene(12, 16)).save(small, "JPEG", quality=90)
    for name in ("a.jpg", "a.webp"):
        found = still(save(tmp_path, Image.fromarray(scene()), name, exif=exif_with_thumbnail(small.getvalue())))
        assert found.orientation == 6
        assert np.array_equal(found.thumbnail, np.asarray(Image.open(small)))
    path = save(tmp_path, Image.fromarray(scene()), "b.jpg", exif=exif_with_thumbnail(b"\xff\xd8\xff not a jpeg"))
    assert still(path).thumbnail is None


def test_frames_are_counted_and_the_first_is_decoded(tmp_path):
    frames = [Image.fromarray(np.roll(scene(), 9 * i, 1)) for i in range(3)]
    for name, options in (("a.png", {}), ("a.webp", {"lossless": True}), ("a.tif", {}), ("a.gif", {})):
        found = still(save(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], **options))
        assert found.frames == 3
        if name != "a.gif":
            assert np.array_equal(found.pixels, scene())
    found = still(save(tmp_path, frames[0], "a.mpo", save_all=True, append_images=frames[1:]))
    assert (found.format, found.frames) == ("jpeg", 3)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.tif", "a.gif", "a.heic"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_truncated_files_are_damaged_media(tmp_path, name, share):
    if name == "a.heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = save(tmp_path, Image.fromarray(noise), name)
    data = path.read_bytes()
    path.write_bytes(data[: max(int(len(data) * share), 32)])
    with pytest.raises(errors.DamagedMedia) as caught:
        still(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packed = zlib.compress(bytes(1000))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def test_bombs_are_refused_by_their_header(tmp_path, monkeypatch):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30000, 30000))
    decoder = Decoder(path)
    with pytest.raises(errors.MediaTooLarge, match="900 megapixels; the limit is 200"):
        read_image(decoder)
    decoder.close()
    monkeypatch.setenv("VERIDICAL_MAX_MEGAPIXELS", "0.001")
    with pytest.raises(errors.MediaTooLarge, match="VERIDICAL_MAX_MEGAPIXELS"):
        still(save(tmp_path, Image.fromarray(scene()), "a.png"))


def test_impossible_headers(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(0, 10))
    with pytest.raises(errors.DamagedMedia):
        still(path)


def test_floating_point_pixels_are_refused(tmp_path):
    path = save(tmp_path, Image.fromarray(scene()[..., 0].astype(np.float32)), "a.tif")
    with pytest.raises(errors.UnsupportedMedia, match="floating-point"):
        still(path)


@pytest.mark.parametrize(("bits", "samples"), [(16, 3), (64, 3), (32, 3)])
def test_floating_point_variants_that_pillow_cannot_open_are_unsupported_not_damaged(tmp_path, bits, samples):
    path = tmp_path / "a.tif"
    tags = [
        (256, 3, 4), (257, 3, 4), (258, 3, bits), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 4),
        (279, 4, 2 * bits), (339, 3, samples),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, type, 1, value) for tag, type, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + 2 * bits) + bytes(2 * bits) + directory)
    with pytest.raises(errors.UnsupportedMedia, match="floating-point"):
        still(path)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(errors.DamagedMedia):
        still(path)


@pytest.mark.parametrize("length", [3, 4, 20, 100, 300])
def test_a_jpeg_that_ends_in_its_header_is_damaged_in_plain_words(tmp_path, length):
    path = save(tmp_path, Image.fromarray(scene()), "a.jpg")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(errors.DamagedMedia, match="header is broken|truncated or damaged|bytes for them") as caught:
        still(path)
    assert "MPO" not in str(caught.value)


def with_size(jpeg: bytes, width: int, height: int, marker: bytes) -> bytes:
    at = jpeg.index(marker) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


@pytest.mark.parametrize(("progressive", "marker"), [(False, b"\xff\xc0"), (True, b"\xff\xc2")])
def test_a_jpeg_that_claims_more_pixels_than_it_can_hold_is_damaged(tmp_path, progressive, marker):
    path = save(tmp_path, Image.fromarray(scene(48, 64)), "a.jpg", progressive=progressive)
    path.write_bytes(with_size(path.read_bytes(), 12000, 12000, marker) + bytes(2_000_000))  # what follows is no data
    start = time.monotonic()
    with pytest.raises(errors.DamagedMedia, match="claims 12000 × 12000 pixels, but holds"):
        still(path)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_the_emptiest_jpegs_are_whole(tmp_path, progressive, subsampling):
    """One colour and tables made for it: as few bits a block as the format can do with."""
    options = {"optimize": True, "progressive": progressive, "subsampling": subsampling, "quality": 1}
    path = save(tmp_path, Image.new("RGB", (1601, 1203), (128, 128, 128)), "a.jpg", **options)
    assert still(path).pixels.shape == (1203, 1601, 3)
    assert still(save(tmp_path, Image.new("L", (1601, 1203)), "b.jpg", optimize=True)).pixels.max() == 0


def test_recordings_are_no_images(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"RIFF\x24\0\0\0WAVEfmt " + bytes(40))
    with pytest.raises(errors.NotMedia, match="not a still image"):
        still(path)


def test_damaged_bytes_end_in_pixels_or_in_a_clear_error(tmp_path):
    rng = np.random.default_rng(8)
    for name in ("a.jpg", "a.png", "a.webp", "a.tif", "a.gif", "a.avif"):
        path = save(tmp_path, Image.fromarray(scene()), name)
        whole = path.read_bytes()
        for _ in range(12):
            data = np.frombuffer(whole, np.uint8).copy()
            data[rng.integers(0, len(data), 8)] = rng.integers(0, 256, 8)
            path.write_bytes(data.tobytes())
            try:
                assert still(path).pixels.ndim == 3
            except errors.MediaError as error:
                assert error.path == path
