import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.fft import idctn

from veridical import errors
from veridical.media.decode import jpeg as operation
from veridical.media.decoder import Decoder
from veridical.media.image import read_image


def scene(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.dstack([128 + 60 * np.sin(x / 5), 128 + 60 * np.sin(y / 9), (x + y) % 200]).astype(np.uint8)


def save(tmp_path: Path, pixels: np.ndarray, **options) -> Path:
    path = tmp_path / "a.jpg"
    Image.fromarray(pixels).save(path, "JPEG", **options)
    return path


def components(path: Path) -> list[np.ndarray]:
    (message,) = operation.read(path)
    return [message.arrays[f"component{i}"] for i in range(len(message.arrays))]


def planes(coefficients: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Dequantise and transform back with SciPy: the oracle for order and orientation of the blocks."""
    blocks = idctn(coefficients * table.astype(float), axes=(2, 3), norm="ortho") + 128
    rows, columns = blocks.shape[:2]
    return blocks.transpose(0, 2, 1, 3).reshape(rows * 8, columns * 8)


@pytest.mark.parametrize("progressive", [False, True])
def test_coefficients_give_back_the_pixels_that_pillow_decodes(tmp_path, progressive):
    path = save(tmp_path, scene(75, 122), quality=85, progressive=progressive)
    decoder = Decoder(path)
    image = read_image(decoder)
    luma = planes(image.jpeg.coefficients[0], image.jpeg.tables[0])[:75, :122]
    decoder.close()
    with Image.open(path) as picture:
        picture.draft("YCbCr", None)
        decoded = np.asarray(picture.convert("YCbCr"))[..., 0].astype(float)
    assert np.abs(luma - decoded).mean() < 0.7
    assert np.abs(luma - decoded).max() < 4


def test_first_frequency_axis_is_vertical(tmp_path):
    y, _ = np.mgrid[:64, :64]
    stripes = (128 + 80 * np.cos((2 * y + 1) * 3 * np.pi / 16)).astype(np.uint8)  # changes from row to row only
    (blocks,) = components(save(tmp_path, stripes, quality=95))
    energy = np.abs(blocks.astype(int)).sum((0, 1))
    energy[0, 0] = 0
    assert np.unravel_index(energy.argmax(), (8, 8)) == (3, 0)


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 17), (33, 40), (64, 31)])
def test_shapes_follow_the_sampling(tmp_path, subsampling, height, width):
    blocks = components(save(tmp_path, scene(height, width), subsampling=subsampling))
    wide, high = {0: (1, 1), 1: (2, 1), 2: (2, 2)}[subsampling]
    assert blocks[0].shape == (-(-height // 8), -(-width // 8), 8, 8)
    for chroma in blocks[1:]:
        assert chroma.shape == (-(-height // (8 * high)), -(-width // (8 * wide)), 8, 8)
    assert all(each.dtype == np.int16 for each in blocks)


def test_grey_and_cmyk(tmp_path):
    (grey,) = components(save(tmp_path, np.full((16, 24), 131, np.uint8), quality=100))
    assert grey.shape == (2, 3, 8, 8)
    assert (grey[..., 0, 0] == 24).all()  # (131 - 128) * 8 with steps of one
    path = tmp_path / "cmyk.jpg"
    Image.fromarray(scene(16, 16)).convert("CMYK").save(path)
    assert len(components(path)) == 4


def test_files_with_many_markers(tmp_path):
    path = save(tmp_path, scene(16, 16))
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xfe\0\4hi" * 200 + b"\xff\xef\0\4hi" * 100 + data[2:])
    assert len(components(path)) == 3


def test_other_formats_are_refused(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(scene(8, 8)).save(path, "PNG")
    with pytest.raises(errors.NotMedia, match="not JPEG"):
        components(path)


def test_broken_headers_are_damaged_media(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(scene(64, 64)).save(buffer, "JPEG")
    path = tmp_path / "a.jpg"
    path.write_bytes(buffer.getvalue()[:40])
    with pytest.raises(errors.DamagedMedia, match="coefficients"):
        components(path)


def test_what_libjpeg_gives_up_on_is_an_error_of_its_file(tmp_path):
    path = save(tmp_path, scene(16, 16), quality=90)
    whole = path.read_bytes()
    tables, scan, frame = whole.find(b"\xff\xc4"), whole.find(b"\xff\xda"), whole.find(b"\xff\xc0")
    for data, kinds in (
        (whole[:tables] + whole[scan:], errors.DamagedMedia),  # no Huffman tables
        (whole[: frame + 19] + whole[frame:], errors.DamagedMedia),  # two frame headers
        (whole[: frame + 1] + b"\xc3" + whole[frame + 2 :], (errors.DamagedMedia, errors.DecoderFailed)),  # lossless
    ):
        path.write_bytes(data)
        decoder = Decoder(path)
        with pytest.raises(kinds) as caught:
            decoder.ask("jpeg")
        assert caught.value.path == path
        decoder.close()
