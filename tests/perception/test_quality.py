"""The quality of files whose making is known: JPEG history, faces, codecs and rates of clips, speech and noise."""

from __future__ import annotations

import io
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow

from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.examiner import Examiner
from veridical.lab.speech import babble
from veridical.media.encode import to_mp4
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.models import store
from veridical.perception import faces, quality
from veridical.perception.quality import Quality
from veridical.resolver import Resolver

RATE = 16000


def resolver_of(path: Path) -> Resolver:
    return Examiner(catalogue.own(), cache=PerceptCache(None, most_bytes=0)).resolver(open_exhibit(path), [])


def measured(path: Path) -> Quality:
    resolver = resolver_of(path)
    try:
        return resolver.of(Quality)
    finally:
        resolver.exhibit.close()


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    """Grain over a photograph scaled down, so that nothing of an earlier save is left: shape (384, 384, 3)."""
    data = pytest.importorskip("skimage.data")
    small = np.asarray(Pillow.fromarray(data.astronaut()).resize((384, 384), Pillow.Resampling.LANCZOS), np.float32)
    return np.clip(small + np.random.default_rng(5).normal(0, 2, small.shape), 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray, *qualities: int) -> bytes:
    """Save once for each quality, each time from what the save before left."""
    for each in qualities:
        file = io.BytesIO()
        Pillow.fromarray(pixels).save(file, "JPEG", quality=each)
        pixels = np.asarray(Pillow.open(file).convert("RGB"))
    return file.getvalue()


def written(folder: Path, name: str, data: bytes) -> Path:
    (path := folder / name).write_bytes(data)
    return path


@pytest.mark.parametrize("saved", [35, 60, 75, 88, 95])
def test_jpeg_quality_is_recovered_and_one_save_is_one(photograph: np.ndarray, tmp_path: Path, saved: int) -> None:
    found = measured(written(tmp_path, "a.jpg", jpeg(photograph, saved)))
    assert abs((found.jpeg_quality or 0) - saved) <= 2 and found.jpeg_saves == 1 and found.codec == "jpeg"
    assert found.bits_per_pixel_frame == pytest.approx(8 * len(jpeg(photograph, saved)) / 384**2, rel=1e-6)
    assert (found.width, found.short_side_px, found.megapixels) == (384, 384, pytest.approx(0.147456))


@pytest.mark.parametrize("saves", [(70, 90), (60, 80), (85, 75)])
def test_a_second_save_is_seen(photograph: np.ndarray, tmp_path: Path, saves: tuple[int, int]) -> None:
    assert measured(written(tmp_path, "a.jpg", jpeg(photograph, *saves))).jpeg_saves == 2


def test_a_save_before_cropping_and_a_save_before_png_are_seen(photograph: np.ndarray, tmp_path: Path) -> None:
    once = np.asarray(Pillow.open(io.BytesIO(jpeg(photograph, 70))))
    cropped = measured(written(tmp_path, "a.jpg", jpeg(once[3:, 6:], 92)))
    assert cropped.jpeg_saves == 2 and cropped.jpeg_grid_shifted
    Pillow.fromarray(once).save(tmp_path / "once.png")
    Pillow.fromarray(photograph).save(tmp_path / "never.png")
    assert (measured(tmp_path / "once.png").jpeg_saves, measured(tmp_path / "never.png").jpeg_saves) == (1, 0)
    assert measured(tmp_path / "never.png").jpeg_quality is None


@pytest.mark.models
def test_the_face_of_a_photograph_has_the_size_that_it_is_scaled_to(tmp_path: Path) -> None:
    if not all(map(store.is_present, faces.MODELS)):
        pytest.skip("models not fetched")
    whole = pytest.importorskip("skimage.data").astronaut()
    found = []
    for scale in (1, 2):
        Pillow.fromarray(whole).resize((512 * scale, 512 * scale), Pillow.Resampling.BICUBIC).save(tmp_path / "a.png")
        found.append(measured(tmp_path / "a.png"))
    assert [one.faces for one in found] == [1, 1]
    assert found[0].face_px == pytest.approx(41, abs=5)
    assert found[1].face_px == pytest.approx(2 * (found[0].face_px or 0), rel=0.05)


def test_a_picture_without_a_face_says_so_and_has_no_sound(photograph: np.ndarray, tmp_path: Path) -> None:
    flat = written(tmp_path, "a.jpg", jpeg(np.full((96, 128, 3), 99, np.uint8), 80))
    found = measured(flat)
    assert found.face_px is None and found.blur is None and found.sample_rate_hz is None and found.speech_s is None
    assert "face_px" not in found.vector() and "blur" not in found.plain() and found.vector()["jpeg_quality"] == 80


def test_percepts_of_other_kinds_are_not_written_down_as_used(photograph: np.ndarray, tmp_path: Path) -> None:
    resolver = resolver_of(written(tmp_path, "a.jpg", jpeg(photograph, 90)))
    resolver.of(Quality)
    resolver.exhibit.close()
    assert set(resolver.used) <= {"perception.quality", "perception.faces"}


def clip(photograph: np.ndarray, *, quality: int, blur: bool = False) -> bytes:
    frames = [np.roll(photograph, 3 * i, 1)[:240, :320] for i in range(48)]
    small = [np.asarray(Pillow.fromarray(one).resize((80, 60)).resize((320, 240))) for one in frames]
    return to_mp4(small if blur else frames, 24.0, quality=quality)


def test_a_clip_has_its_codec_size_rate_and_bits(photograph: np.ndarray, tmp_path: Path) -> None:
    fine, coarse = (measured(written(tmp_path, f"{crf}.mp4", clip(photograph, quality=crf))) for crf in (20, 40))
    with av.open(str(tmp_path / "20.mp4")) as container:
        count = sum(packet.size for packet in container.demux(video=0))
    assert (fine.kind, fine.codec, fine.width, fine.height) == ("video", "h264", 320, 240)
    assert fine.fps == pytest.approx(24) and fine.duration_s == pytest.approx(2.0, abs=0.05)
    assert fine.kbps == pytest.approx(8 * count / 2.0 / 1000, rel=0.05)
    assert fine.bits_per_pixel_frame == pytest.approx(8 * count / (48 * 320 * 240), rel=0.05)
    assert (coarse.kbps or 0) < (fine.kbps or 0) / 4 and (coarse.noise or 0) < (fine.noise or 0)
    assert fine.sound_codec == "" and fine.jpeg_saves is None


def test_a_blurred_clip_is_less_sharp(photograph: np.ndarray, tmp_path: Path) -> None:
    sharp = measured(written(tmp_path, "a.mp4", clip(photograph, quality=18))).blur
    soft = measured(written(tmp_path, "b.mp4", clip(photograph, quality=18, blur=True))).blur
    assert sharp is not None and soft is not None and soft > 1.5 * sharp


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    at = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(2).normal(0, 0.01, len(at))
    return np.asarray(0.2 * np.sin(2 * np.pi * 440 * at) * (np.sin(2 * np.pi * at) > 0) + noise)


def test_a_recording_has_its_rate_length_and_signal_over_noise(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(4.0), RATE, subtype="PCM_16")
    found = measured(tmp_path / "a.wav")
    assert (found.kind, found.codec, found.sample_rate_hz) == ("audio", "pcm_s16le", RATE)
    assert found.kbps == pytest.approx(256, rel=0.01) and found.duration_s == pytest.approx(4.0)
    assert found.snr_db == pytest.approx(20.0, abs=1.0)  # half the time a sine of power 0.02, over a noise of 0.0001
    assert found.bandwidth_hz == RATE / 2 and found.width is None and found.face_px is None


def test_an_mp3_has_its_bit_rate_and_ends_where_its_encoder_cuts(tmp_path: Path) -> None:
    hiss = np.random.default_rng(4).normal(0, 0.1, (1, 44100 * 4)).astype(np.float32)
    with av.open(str(tmp_path / "a.mp3"), "w") as container:
        stream = container.add_stream("mp3", rate=44100, layout="mono")
        stream.bit_rate = 64000
        frame = av.AudioFrame.from_ndarray(hiss, format="fltp", layout="mono")
        frame.rate, frame.time_base = 44100, Fraction(1, 44100)
        container.mux([*stream.encode(frame), *stream.encode()])
    found = measured(tmp_path / "a.mp3")
    assert found.codec == "mp3" and found.kbps == pytest.approx(64, rel=0.05)
    assert found.bandwidth_hz is not None and 9000 < found.bandwidth_hz < 18000


@pytest.mark.models
@pytest.mark.skipif(not store.is_present("silero.vad"), reason="run: veridical models fetch silero.vad")
def test_seconds_of_speech_are_those_that_were_put_there(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    said = babble(random, 3)
    hiss = 1e-3 * random.standard_normal((3, 2 * 44100))
    soundfile.write(tmp_path / "a.wav", np.concatenate([hiss[0], said, hiss[1], said, hiss[2]]), 44100)
    found = measured(tmp_path / "a.wav")
    assert found.speech_s is not None and 4 < found.speech_s < 6.6


def test_a_large_photograph_takes_little_more_than_what_is_measured_anyway(tmp_path: Path) -> None:
    """150 ms for 12 megapixels is the budget; the bound leaves room for a busy machine."""
    rng = np.random.default_rng(1)
    large = np.asarray(Pillow.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8)).resize((4000, 3000)))
    large = np.clip(large + rng.normal(0, 3, (3000, 4000, 1)), 0, 255).astype(np.uint8)
    resolver = resolver_of(written(tmp_path, "a.jpg", jpeg(large, 90)))
    image = resolver.exhibit.stream(Image)
    assert image.jpeg is not None and len(image.jpeg.coefficients) == 3  # double_jpeg reads them anyway
    best = min(_seconds(lambda: quality._of_image(image, None, 8)) for _ in range(3))
    resolver.exhibit.close()
    assert best < 0.5


def _seconds(make) -> float:
    began = time.process_time()
    make()
    return time.process_time() - began
