import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from veridical.errors import NotApplicable, UsageError
from veridical.examinations.spatial import double_jpeg
from veridical.finding import Chart, Table
from veridical.media.decoder import Decoder
from veridical.media.image import Image, read_image
from veridical.signals.recompression import recompress

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea")
AREA = (slice(99, 227), slice(133, 261))


@pytest.fixture
def saved(tmp_path: Path):
    """Save pixels and read the file as the examination gets it."""

    def save(pixels: np.ndarray, quality: int = 95, **options: object) -> Image:
        path = tmp_path / "a.jpg"
        Pillow.fromarray(pixels).save(path, "JPEG", quality=quality, **options)
        decoder = Decoder(path)
        try:
            image = read_image(decoder)
            assert image.jpeg is not None
            assert len(image.jpeg.coefficients) > 0  # kept, so that the decoder can go
        finally:
            decoder.close()
        return image

    return save


def pasted(host: np.ndarray, source: np.ndarray) -> np.ndarray:
    out = host.copy()
    out[AREA] = source[AREA]
    return out


def luminance_table(pixels: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.array(Pillow.open(file).quantization[0]).reshape(8, 8)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_an_area_that_was_compressed_once_is_found(saved, name: str) -> None:
    photograph = getattr(data, name)()
    control = double_jpeg.examine(saved(recompress(photograph, 75), 93))
    found = double_jpeg.examine(saved(pasted(recompress(photograph, 75), photograph), 93))
    assert found.value > control.value + 0.3
    assert control.value < 0.1
    first = found.where[0]
    assert first.label == "compressed once"
    ys, xs = AREA
    assert xs.start - 24 <= first.x <= first.x + first.width <= xs.stop + 24
    assert ys.start - 24 <= first.y <= first.y + first.height <= ys.stop + 24


def test_the_map_separates_the_area_from_the_rest(saved) -> None:
    found = double_jpeg.examine(saved(pasted(recompress(data.astronaut(), 70), data.astronaut()), 95))
    values = found.exhibits[0].values
    scale = values.shape[0] / 512
    inside = np.zeros(values.shape, bool)
    inside[tuple(slice(round(s.start * scale), round(s.stop * scale)) for s in AREA)] = True
    told = np.isfinite(values)
    assert np.median(values[inside & told]) > 2
    assert np.median(values[~inside & told]) < -2


def test_an_area_that_was_compressed_twice_in_a_fresh_picture_is_found(saved) -> None:
    photograph = data.astronaut()
    area = (slice(96, 256), slice(128, 288))  # on the grid
    host = photograph.copy()
    host[area] = recompress(photograph, 65)[area]
    found = double_jpeg.examine(saved(host, 95))
    assert found.where[0].label == "compressed twice"
    assert found.facts["share of blocks compressed twice"] < 0.5
    assert found.where[0].x == pytest.approx(128, abs=24)
    assert found.where[0].y == pytest.approx(96, abs=24)


@pytest.mark.parametrize("quality", [60, 70, 80])
def test_the_first_steps_are_those_of_the_first_save(saved, quality: int) -> None:
    image = saved(recompress(data.astronaut(), quality), 95)
    found = double_jpeg.examine(image)
    (table,) = (figure for figure in found.exhibits if isinstance(figure, Table))
    first = luminance_table(image.pixels, quality)
    told = [(int(step), int(first[int(u), int(v)])) for u, v, _, step in table.rows if step.isdigit()]
    assert len(told) >= 12
    assert sum(step == true for step, true in told) >= 0.9 * len(told)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("quality", [80, 95])
def test_one_compression_tells_of_no_earlier_one(saved, name: str, quality: int) -> None:
    found = double_jpeg.examine(saved(getattr(data, name)(), quality))
    assert found.value == 0
    assert found.facts["frequencies that tell"] < 5
    if not found.facts["first compression"]:
        assert "no earlier compression" in found.observation
        assert not np.isfinite(found.exhibits[0].values).any()
        assert not any(isinstance(figure, Chart) for figure in found.exhibits)


def test_a_clipped_area_is_left_out(saved) -> None:
    photograph = recompress(data.astronaut(), 75)
    photograph[AREA] = 255
    found = double_jpeg.examine(saved(photograph, 93))
    values = found.exhibits[0].values
    scale = values.shape[0] / 512
    middle = values[round(170 * scale) : round(190 * scale), round(190 * scale) : round(210 * scale)]
    assert np.isnan(middle).all() or np.nanmax(middle) < 0.7


def test_same_twice_and_inputs_unchanged(saved) -> None:
    exhibit = saved(recompress(data.coffee(), 70), 90)
    before, coefficients = exhibit.pixels.copy(), exhibit.jpeg.coefficients[0].copy()
    first, second = double_jpeg.examine(exhibit), double_jpeg.examine(exhibit)
    assert first.value == second.value
    np.testing.assert_array_equal(first.exhibits[0].values, second.exhibits[0].values)
    np.testing.assert_array_equal(exhibit.pixels, before)
    np.testing.assert_array_equal(exhibit.jpeg.coefficients[0], coefficients)


def test_knobs(saved) -> None:
    exhibit = saved(pasted(recompress(data.astronaut(), 75), data.astronaut()), 93)
    assert double_jpeg.examine(exhibit, beyond=5.9).value < double_jpeg.examine(exhibit).value
    assert not double_jpeg.examine(exhibit, least_gain=9.0).facts["first compression"]
    with pytest.raises(UsageError, match="above 0"):
        double_jpeg.examine(exhibit, beyond=0)


def test_what_is_not_applicable(saved) -> None:
    png = Image(
        pixels=data.astronaut(), format="png", mode="RGB", bits=8, orientation=1, frames=1, thumbnail=None, jpeg=None
    )
    with pytest.raises(NotApplicable, match="PNG"):
        double_jpeg.examine(png)
    with pytest.raises(NotApplicable, match="200 × 300"):
        double_jpeg.examine(saved(data.astronaut()[:300, :200]))
    with pytest.raises(NotApplicable, match="0 coefficients"):
        double_jpeg.examine(saved(np.full((256, 300, 3), 90, np.uint8)))


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA is not set")
def test_pristine_photographs_stay_low() -> None:
    values = []
    for path in sorted(Path(os.environ["VERIDICAL_DATA"]).glob("images/unsplash-*.jpg"))[:30]:
        decoder = Decoder(path)
        values.append(double_jpeg.examine(read_image(decoder)).value)
        decoder.close()
    assert np.quantile(values, 0.9) < 0.1
