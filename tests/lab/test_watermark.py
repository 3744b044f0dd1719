"""The watermark of pictures, by itself."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from veridical.lab import label, sound_marks, speech, watermark
from veridical.lab.recipe import Box

PICTURES = {
    "portrait": data.astronaut,
    "cat": data.chelsea,
    "small": lambda: data.astronaut()[100:276, 100:276],
    "dark": lambda: data.astronaut() // 6,
    "bright": lambda: 200 + data.astronaut() // 5,
    "black": lambda: np.zeros((256, 256, 3), np.uint8),
    "white": lambda: np.full((256, 256, 3), 255, np.uint8),
    "odd size": lambda: data.coffee()[:301, :403],
}


def jpeg(pixels, quality):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("payload", [0, 0xDEADBEEF, 0xFFFFFFFF])
def test_it_survives_jpeg_75(name, payload):
    marked = watermark.embed(np.asarray(PICTURES[name](), np.uint8), payload)
    assert watermark.read(jpeg(marked, 75)).payload == payload


@pytest.mark.parametrize("shift", [-12, -3, 2, 9])
def test_it_survives_a_change_of_brightness(shift):
    marked = watermark.embed(data.astronaut(), 77).astype(int) + shift
    assert watermark.read(np.clip(marked, 0, 255).astype(np.uint8)).payload == 77


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_without_it_reads_as_none(name):
    assert watermark.read(np.asarray(PICTURES[name](), np.uint8)) is None


def test_a_tiny_picture_reads_as_none():
    assert watermark.read(np.zeros((40, 40, 3), np.uint8)) is None


def test_it_is_not_seen():
    pixels = data.astronaut()
    error = np.mean((watermark.embed(pixels, 1).astype(float) - pixels) ** 2)
    assert 10 * np.log10(255**2 / error) > 42


def test_the_power_iteration_finds_the_largest_singular_value():
    blocks = np.random.default_rng(0).uniform(20, 200, (500, 4, 4)).astype(np.float32)
    left, singular, right = watermark._dominant(blocks)
    u, s, v = np.linalg.svd(blocks)
    assert np.allclose(singular, s[:, 0], rtol=1e-3)
    assert np.allclose(left[:, :, None] * right[:, None, :], u[:, :, :1] * v[:, :1, :], atol=0.02)


def test_spared_pixels_stay_as_they_are():
    pixels = data.astronaut()
    spare = np.zeros(pixels.shape[:2], bool)
    spare[100:250, 150:300] = True
    marked = watermark.embed(pixels, 5, spare=spare)
    assert np.array_equal(marked[spare], pixels[spare])
    assert watermark.read(marked).payload == 5


def test_the_label_keeps_clear_of_a_face():
    for face in (Box(x=0, y=300, width=300, height=212), Box(x=0, y=0, width=200, height=512)):
        assert not label.place(512, 512, face).meets(face)


@pytest.mark.parametrize("size", [(256, 256), (300, 2000), (1000, 260), (3000, 4000)])
def test_the_label_fits_and_is_found(size):
    pixels = np.random.default_rng(0).integers(0, 255, (*size, 3)).astype(np.uint8)
    assert not label.seen(pixels)
    box = label.place(size[1], size[0], None)
    assert box.x >= 0
    assert box.y >= 0
    assert box.x + box.width <= size[1]
    label.draw(pixels, box)
    assert label.seen(pixels)
    assert box.width * box.height < 0.05 * pixels[:, :, 0].size


def test_a_recording_without_marks_has_none():
    samples = speech.babble(np.random.default_rng(3), 6.0)
    assert sound_marks.read(samples, speech.RATE) is None
    assert sound_marks.read(samples[:1000], speech.RATE) is None
    assert not sound_marks.heard(samples, speech.RATE)
    assert not sound_marks.heard(np.zeros(10, np.float32), speech.RATE)


def test_the_watermark_of_a_recording_is_found_wherever_it_is_cut():
    marked = sound_marks.mark(speech.babble(np.random.default_rng(4), 10.0), speech.RATE, 0x1234)
    for start in (0, 777, 30000):
        assert sound_marks.read(marked[start:], speech.RATE) == 0x1234
