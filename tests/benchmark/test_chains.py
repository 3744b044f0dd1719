"""Chains do what their names say, the same way every time, whatever the file is called."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow
from PIL import JpegImagePlugin, PngImagePlugin
from scipy import signal, stats

from veridical.benchmark import chains
from veridical.benchmark.chains import _coding, _step
from veridical.errors import MediaError, NotApplicable, UsageError
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Video

IMAGES = [
    "common", "common_small", "jpeg_50", "jpeg_75", "jpeg_90", "webp_80", "resize_50", "resize_75", "resize_150", "resize_200",
    "blur_1", "blur_2", "noise_2", "noise_5", "gamma_07", "gamma_14", "crop_80", "screenshot", "messenger",
]  # fmt: skip
SOUNDS = ["common", "mp3_64", "mp3_128", "opus_16", "opus_32", "aac_64", "telephone", "noise_20db", "reverb"]
VIDEOS = ["common", "h264_18", "h264_23", "h264_28", "h264_33", "h264_40", "hevc_28", "fps_15", "resize_50"]
RATE = 44100


def key_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Path], Path]:
    """Return a function that applies a chain to a file."""

    def put(name: str, path: Path, folder: str = "out") -> Path:
        return chains.apply(name, path, tmp_path / folder, key=key_of(path))

    return put


def scene(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture with structure at all scales."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = sum(
        40 / k * np.sin(k * x / 17 + y * k / 29 + phase) for k, phase in zip(range(1, 6), random.random(5), strict=True)
    )
    return np.clip(120 + waves[..., None] * [1, 0.8, 0.6] + random.normal(0, 6, (height, width, 3)), 0, 255).astype(
        np.uint8
    )


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 300 × 220 with a text."""
    path = tmp_path_factory.mktemp("pictures") / "picture.png"
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "who made this")
    Pillow.fromarray(scene(300, 220)).save(path, pnginfo=said)
    return path


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(pixels).save(path, **options)
    return path


def voice(seconds: float, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Noise in syllables of a quarter second, with a little pause after each."""
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    return (0.1 * random.standard_normal(len(t)) * np.where(t % 0.3 < 0.25, 1.0, 0.02)).astype(np.float32)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two channels at 44.1 kHz: a second of near silence, two of syllables, half a second of near silence."""
    quiet = 1e-4 * np.random.default_rng(5).standard_normal(round(3.5 * RATE))
    quiet[RATE : 3 * RATE] += voice(2.0)
    path = tmp_path_factory.mktemp("sounds") / "recording.wav"
    soundfile.write(path, np.stack([quiet, quiet], 1), RATE, "FLOAT")
    return path


def film(
    path: Path, *, frames: int = 30, fps: int = 30, size: tuple[int, int] = (320, 256), times: list[int] | None = None,
    sound: np.ndarray | None = None, rotation: int = 0, moving: bool = True,
) -> Path:  # fmt: skip
    """A clip whose frame i has the grey level 60 + 6 (i mod 30) in its middle, over a moving scene; ``times`` in ms."""
    width, height = size
    ground = scene(width, height)
    with av.open(str(path), "w") as out:
        out.metadata["title"] = "who made this"
        stream = out.add_stream("libx264", rate=fps, options={"crf": "12", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        track = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for i in range(frames):
            pixels = np.roll(ground, 3 * i, 1) if moving else ground.copy()
            pixels[height // 4 : -height // 4, width // 4 : -width // 4] = 60 + 6 * (i % 30)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = times[i] if times else round(1000 * i / fps), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None and sound is not None:
            heard = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), "fltp", "mono")
            heard.sample_rate, heard.pts = RATE, 0
            out.mux(track.encode(heard))
            out.mux(track.encode(None))
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second at 30 frames a second, with a tone from 0.5 s on."""
    t = np.arange(RATE) / RATE
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    return film(path, sound=np.where(t >= 0.5, 0.3 * np.sin(2 * np.pi * 500 * t), 0))


def levels(path: Path) -> list[int]:
    """Numbers of the frames of a film, read from the grey of their middles."""
    with open_exhibit(path) as exhibit:
        shown = [frame.display for frame in exhibit.stream(Video).frames()]
    middles = [pixels[pixels.shape[0] // 2 - 8 :, pixels.shape[1] // 2 - 8 :][:16, :16] for pixels in shown]
    return [round((float(middle.mean()) - 60) / 6) for middle in middles]


def x264_said(path: Path) -> str:
    """The settings that x264 and x265 write into their streams."""
    return path.read_bytes().decode("latin-1")


def power_db(sound: np.ndarray, rate: int, low: float, high: float) -> float:
    f, p = signal.welch(sound, rate, "blackmanharris", 2048)
    return float(10 * np.log10(p[(f >= low) & (f < high)].mean() + 1e-20))


class TestNames:
    def test_every_chain_is_offered_for_the_kinds_where_it_has_a_meaning(self) -> None:
        for kind, expected in (("image", IMAGES), ("audio", SOUNDS), ("video", VIDEOS)):
            assert {name for name, chain in chains.CHAINS.items() if kind in chain.kinds} == {"native", *expected}
        assert chains.CHAINS["resize_50"].kinds == ("image", "video")
        assert all(chain.description and name == chain.name for name, chain in chains.CHAINS.items())
        assert chains.kinds("common+h264_28") == ("video",)

    def test_an_unknown_name_is_an_error_that_names_what_is_near(self) -> None:
        with pytest.raises(UsageError, match="did you mean common_small"):
            chains.names("jpeg_50+comon_small")
        with pytest.raises(UsageError, match="there are: native, common"):
            chains.names("")

    def test_steps_for_different_kinds_do_not_join(self, picture: Path, put: Callable[..., Path]) -> None:
        with pytest.raises(UsageError, match="no kind of file: blur_1 is for image files, mp3_64 is for audio files"):
            put("blur_1+mp3_64", picture)

    def test_a_chain_for_another_kind_does_not_apply(self, picture: Path, put: Callable[..., Path]) -> None:
        with pytest.raises(NotApplicable, match="mp3_64 is for audio files; this one is of the kind image"):
            put("mp3_64", picture)

    def test_native_is_the_file_itself(self, picture: Path, put: Callable[..., Path], tmp_path: Path) -> None:
        assert put("native", picture) == picture
        assert not (tmp_path / "out").exists()
        assert put("native+jpeg_90", picture).read_bytes() == put("jpeg_90", picture, "other").read_bytes()

    def test_a_missing_encoder_is_named(self) -> None:
        with pytest.raises(UsageError, match="no encoder libnone; install PyAV"):
            _coding.encoder("libnone")

    def test_a_damaged_file_leaves_nothing_behind(self, put: Callable[..., Path], tmp_path: Path) -> None:
        path = tmp_path / "broken.jpg"
        path.write_bytes(b"\xff\xd8\xff\xe0 and no more")
        with pytest.raises(MediaError):
            put("common", path)
        assert list((tmp_path / "out").iterdir()) == []


class TestTheSameEveryTime:
    @pytest.mark.parametrize(
        ("chain", "source"),
        [(chain, source) for source, all in (("picture", IMAGES), ("recording", SOUNDS), ("clip", VIDEOS)) for chain in all]
        + [("common+jpeg_50", "picture"), ("opus_16+common", "recording"), ("common+hevc_28", "clip")],
    )  # fmt: skip
    def test_name_and_label_do_not_matter(
        self, chain: str, source: str, put: Callable[..., Path], tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        path: Path = request.getfixturevalue(source)
        other = tmp_path / "fake" / f"deepfake{path.suffix}"
        other.parent.mkdir()
        shutil.copy(path, other)
        one, two = put(chain, path, "one"), put(chain, other, "two")
        assert one.name == two.name
        assert one.read_bytes() == two.read_bytes()
        assert [p.name for p in one.parent.iterdir()] == [one.name]

    def test_draws_are_uniform_over_keys_and_independent_between_names(self) -> None:
        keys = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(3600)]
        drawn = {name: np.array([_step.draw(name, key, 36) for key in keys]) for name in ("common", "common_small")}
        for values in drawn.values():
            counts = np.bincount(values, minlength=36)
            assert len(counts) == 36
            assert stats.chisquare(counts).pvalue > 0.001
        assert abs(np.corrcoef(*drawn.values())[0, 1]) < 0.05


class TestImages:
    def test_common_has_one_size_one_subsampling_a_drawn_quality_and_no_metadata(
        self, put: Callable[..., Path], tmp_path: Path
    ) -> None:
        qualities = set()
        for i in range(4):
            exif = Pillow.Exif()
            exif[0x010F], exif[0x0112] = "who made this", 1 + i
            pixels = scene(260 + 90 * i, 400 - 60 * i, i)
            path = save(tmp_path / f"{i}.jpg", pixels, quality=98, exif=exif, icc_profile=b"icc" * 50)
            made = put("common", path)
            with Pillow.open(made) as image:
                assert (image.format, image.size, image.mode) == ("JPEG", (192, 192), "RGB")
                assert JpegImagePlugin.get_sampling(image) == 2
                assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
                expected = 60 + _step.draw("common", key_of(path), 36)
                assert image.quantization == tables(expected)
            assert b"who made this" not in made.read_bytes()
            qualities.add(expected)
        assert len(qualities) > 1

    def test_common_takes_the_middle_of_what_a_viewer_shows(self, put: Callable[..., Path], tmp_path: Path) -> None:
        pixels = np.zeros((200, 400, 3), np.uint8)
        pixels[:, 100:300] = (0, 255, 0)
        pixels[:100, 100:300] = (255, 0, 0)
        exif = Pillow.Exif()
        exif[0x0112] = 6  # a viewer turns it clockwise: what is above goes to the right
        shown = np.asarray(opened(put("common", save(tmp_path / "a.jpg", pixels, quality=100, exif=exif))))
        assert shown[:, :90, 1].min() > 200
        assert shown[:, 102:, 0].min() > 200
        assert shown[..., 2].max() < 60

    def test_what_is_too_small_is_left_out_and_never_scaled_up(self, put: Callable[..., Path], tmp_path: Path) -> None:
        path = save(tmp_path / "small.png", scene(500, 128))
        with pytest.raises(NotApplicable, match="short side has 128 px; common scales down to 192 px and never up"):
            put("common", path)
        assert opened(put("common_small", path)).size == (112, 112)
        exact = save(tmp_path / "exact.png", scene(192, 192))
        with pytest.raises(NotApplicable):  # it would keep its pixels
            put("common", exact)

    @pytest.mark.parametrize("quality", [50, 75, 90])
    def test_jpeg(self, quality: int, picture: Path, put: Callable[..., Path]) -> None:
        image = opened(put(f"jpeg_{quality}", picture))
        assert image.size == (300, 220)
        assert image.quantization == tables(quality)
        assert JpegImagePlugin.get_sampling(image) == 2

    def test_webp(self, picture: Path, put: Callable[..., Path], tmp_path: Path) -> None:
        made = put("webp_80", picture)
        expected = io.BytesIO()
        opened(picture).save(expected, "WEBP", quality=80, method=4)
        np.testing.assert_array_equal(np.asarray(opened(made)), np.asarray(opened(expected)))
        wide = save(tmp_path / "wide.png", np.zeros((1, 16384, 3), np.uint8))
        with pytest.raises(NotApplicable, match="WebP holds 16383 px"):
            put("webp_80", wide)

    @pytest.mark.parametrize(
        ("percent", "size"), [(50, (150, 110)), (75, (225, 165)), (150, (450, 330)), (200, (600, 440))]
    )  # fmt: skip
    def test_resize(self, percent: int, size: tuple[int, int], put: Callable[..., Path], tmp_path: Path) -> None:
        x = np.arange(300)
        ramp = np.broadcast_to((x * 0.8)[None, :, None], (220, 300, 3)).astype(np.uint8)
        made = np.asarray(opened(put(f"resize_{percent}", save(tmp_path / "ramp.png", ramp))))
        assert made.shape[1::-1] == size
        centre = (np.arange(size[0]) + 0.5) * 100 / percent - 0.5
        np.testing.assert_allclose(made[50, 10:-10, 0], 0.8 * centre[10:-10], atol=1.6)

    def test_resize_keeps_to_the_limit_of_pixels(
        self, picture: Path, put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VERIDICAL_MAX_MEGAPIXELS", "0.1")
        with pytest.raises(NotApplicable, match="600 × 440 px after scaling; the limit is 0.1"):
            put("resize_200", picture)

    @pytest.mark.parametrize("sigma", [1, 2])
    def test_blur_spreads_a_line_by_its_sigma(self, sigma: int, put: Callable[..., Path], tmp_path: Path) -> None:
        line = np.zeros((41, 41, 3), np.uint8)
        line[:, 18:23] = 250
        made = np.asarray(opened(put(f"blur_{sigma}", save(tmp_path / "line.png", line))))[20, :, 0].astype(float)
        x = np.arange(41) - 20
        spread = (made * x**2).sum() / made.sum()
        assert spread - 2.0 == pytest.approx(sigma**2, rel=0.06)  # the line itself has the variance (5² − 1) / 12 = 2

    @pytest.mark.parametrize("sigma", [2, 5])
    def test_noise_has_its_sigma_and_is_white(self, sigma: int, put: Callable[..., Path], tmp_path: Path) -> None:
        flat = save(tmp_path / "flat.png", np.full((300, 300, 3), 128, np.uint8))
        made = np.asarray(opened(put(f"noise_{sigma}", flat))).astype(float) - 128
        assert made.std() == pytest.approx(np.sqrt(sigma**2 + 1 / 12), rel=0.02)
        assert abs(made.mean()) < 0.05
        assert abs(np.corrcoef(made[:, 1:, 0].ravel(), made[:, :-1, 0].ravel())[0, 1]) < 0.02
        assert abs(np.corrcoef(made[..., 0].ravel(), made[..., 1].ravel())[0, 1]) < 0.02
        other = save(tmp_path / "other.png", np.full((300, 300, 3), 129, np.uint8))
        assert abs(np.corrcoef(made.ravel(), np.asarray(opened(put(f"noise_{sigma}", other))).ravel())[0, 1]) < 0.02

    @pytest.mark.parametrize(("name", "middle"), [("gamma_07", 157), ("gamma_14", 97)])  # 255 · (128 / 255) ** gamma
    def test_gamma(self, name: str, middle: int, put: Callable[..., Path], tmp_path: Path) -> None:
        ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (8, 256, 3))
        made = np.asarray(opened(put(name, save(tmp_path / "ramp.png", ramp))))[4, :, 1]
        assert (made[0], made[128], made[255]) == (0, middle, 255)

    def test_crop_is_a_part_of_the_picture_at_a_place_of_the_key(
        self, put: Callable[..., Path], tmp_path: Path
    ) -> None:
        places = set()
        for i in range(4):
            y, x = np.mgrid[:100, :200]
            pixels = np.stack([y, x, np.full_like(x, i)], 2).astype(np.uint8)
            made = np.asarray(opened(put("crop_80", save(tmp_path / f"{i}.png", pixels))))
            assert made.shape == (80, 160, 3)
            top, left = (int(value) for value in made[0, 0, :2])
            np.testing.assert_array_equal(made, pixels[top : top + 80, left : left + 160])
            places.add((top, left))
        assert len(places) == 4

    def test_screenshot_scales_and_rounds_tones(self, put: Callable[..., Path], tmp_path: Path) -> None:
        ramp = np.broadcast_to(np.repeat(np.arange(256, dtype=np.uint8), 8)[None, :, None], (64, 2048, 3))
        made = np.asarray(opened(put("screenshot", save(tmp_path / "ramp.png", ramp))))
        assert made.shape[:2] == (53, 1700)
        assert len(np.unique(made)) < 256
        assert made[30, 850, 0] == pytest.approx(128, abs=2)  # the two curves all but agree in the middle

    def test_messenger_limits_sharpens_and_forgets(self, put: Callable[..., Path], tmp_path: Path) -> None:
        step = np.full((700, 1400, 3), 100, np.uint8)
        step[:, 700:] = 150
        exif = Pillow.Exif()
        exif[0x010F] = "who made this"
        made = put("messenger", save(tmp_path / "step.jpg", step, exif=exif, quality=95))
        image = opened(made)
        assert image.size == (1280, 640)
        assert image.quantization == tables(75)
        assert image.info.get("progressive") == 1
        assert b"who made this" not in made.read_bytes()
        assert np.asarray(image)[300, 635:645, 1].max() > 155
        small = save(tmp_path / "small.png", scene(300, 200))
        assert opened(put("messenger", small)).size == (300, 200)

    def test_steps_apply_in_order(self, picture: Path, put: Callable[..., Path]) -> None:
        image = opened(put("common+jpeg_50", picture))
        assert (image.size, image.quantization) == ((192, 192), tables(50))
        image = opened(put("jpeg_50+common", picture))
        assert (image.size, image.quantization) == ((192, 192), tables(60 + _step.draw("common", key_of(picture), 36)))


def opened(file: Path | io.BytesIO) -> Pillow.Image:
    """Decode a picture and close its file."""
    with Pillow.open(file) as image:
        image.load()
        return image


def tables(quality: int) -> dict[int, list[int]]:
    file = io.BytesIO()
    Pillow.new("RGB", (16, 16)).save(file, "JPEG", quality=quality)
    return opened(file).quantization


class TestSounds:
    def test_common_has_one_rate_form_level_and_no_silence(self, recording: Path, put: Callable[..., Path]) -> None:
        made = put("common", recording)
        of = soundfile.info(made)
        assert (of.format, of.subtype, of.samplerate, of.channels) == ("WAV", "PCM_16", 16000, 1)
        sound, _ = soundfile.read(made)
        assert len(sound) / 16000 == pytest.approx(2.0, abs=0.03)
        starts = np.arange(0, 1.7, 0.3)  # of syllables, which last 250 ms
        spoken = np.concatenate([sound[round((s + 0.015) * 16000) : round((s + 0.235) * 16000)] for s in starts])
        assert 10 * np.log10((spoken**2).mean()) == pytest.approx(-26, abs=0.2)

    def test_common_has_the_band_of_its_name(self, put: Callable[..., Path], tmp_path: Path) -> None:
        t = np.arange(2 * RATE) / RATE
        tones = sum(0.1 * np.sin(2 * np.pi * f * t) for f in (1000, 6900, 7400, 7900, 12000))
        soundfile.write(tmp_path / "tones.wav", tones, RATE, "FLOAT")
        sound, _ = soundfile.read(put("common", tmp_path / "tones.wav"))
        middle = sound[4000:20000]
        amplitude = {f: 20 * np.log10(abs(np.mean(middle * np.exp(-2j * np.pi * f * np.arange(16000) / 16000))) + 1e-12)
                     for f in (1000, 4000, 6900, 7400, 7900)}  # fmt: skip
        assert amplitude[6900] == pytest.approx(amplitude[1000], abs=0.1)
        for f in (4000, 7400, 7900):  # 12 kHz would fold to 4 kHz
            assert amplitude[f] < amplitude[1000] - 65

    def test_level_and_leading_silence_of_the_source_leave_no_trace(
        self, recording: Path, put: Callable[..., Path], tmp_path: Path
    ) -> None:
        sound, _ = soundfile.read(recording)
        soundfile.write(tmp_path / "quiet.wav", sound[4410:] * 0.05, RATE, "FLOAT")
        one, _ = soundfile.read(put("common", recording), dtype="int16")
        two, _ = soundfile.read(put("common", tmp_path / "quiet.wav"), dtype="int16")
        assert len(one) == len(two)
        assert np.abs(one.astype(int) - two).max() <= 3

    def test_clicks_at_the_ends_count_as_silence(self, put: Callable[..., Path], tmp_path: Path) -> None:
        sound = np.zeros(4 * RATE)
        sound[2 * RATE : 3 * RATE] = voice(1.0)
        sound[1000:1200] = 0.3
        soundfile.write(tmp_path / "click.wav", sound, RATE)
        assert soundfile.info(put("common", tmp_path / "click.wav")).duration == pytest.approx(1.0, abs=0.07)

    @pytest.mark.parametrize(
        ("rate", "scale", "reason"), [(8000, 1.0, "sampled at 8000 Hz; common needs 16000"), (16000, 0.0, "silent")]
    )  # fmt: skip
    def test_what_cannot_be_made_common_is_left_out(
        self, rate: int, scale: float, reason: str, put: Callable[..., Path], tmp_path: Path
    ) -> None:
        soundfile.write(tmp_path / "a.wav", scale * voice(1.0, rate), rate)
        with pytest.raises(NotApplicable, match=reason):
            put("common", tmp_path / "a.wav")

    def test_nothing_but_clicks_is_left_out(self, put: Callable[..., Path], tmp_path: Path) -> None:
        sound = np.zeros(16000)
        sound[[3000, 9000]] = 0.9
        soundfile.write(tmp_path / "a.wav", sound, 16000)
        with pytest.raises(NotApplicable, match="nothing in it lasts 30 ms"):
            put("common", tmp_path / "a.wav")

    @pytest.mark.parametrize(
        ("name", "codec", "rate"),
        [("mp3_64", "mp3", 44100), ("mp3_128", "mp3", 44100), ("opus_16", "opus", 48000), ("opus_32", "opus", 48000),
         ("aac_64", "aac", 44100)],
    )  # fmt: skip
    def test_codecs(self, name: str, codec: str, rate: int, recording: Path, put: Callable[..., Path]) -> None:
        made = put(name, recording)
        with open_exhibit(made) as exhibit:
            audio = exhibit.stream(Audio)
        assert (audio.codec, audio.rate, audio.channels) == (codec, rate, 1)
        assert audio.duration_s == pytest.approx(3.5, abs=0.1)
        kbit = int(name.split("_")[1])
        assert 0.4 * kbit < 8 * made.stat().st_size / 3.5 / 1000 < 1.3 * kbit  # half of it is silence
        assert not re.search(rb"Lav[cf]\d", made.read_bytes())
        with open_exhibit(recording) as exhibit:
            source = exhibit.stream(Audio).mono
        for low, high in ((300, 1000), (1000, 3000)):
            assert power_db(audio.mono, rate, low, high) == pytest.approx(power_db(source, RATE, low, high), abs=2)

    def test_codecs_take_low_rates(self, put: Callable[..., Path], tmp_path: Path) -> None:
        soundfile.write(tmp_path / "a.wav", voice(1.0, 8000), 8000)
        for name, rate in (("mp3_128", 16000), ("aac_64", 16000), ("opus_32", 48000)):
            with open_exhibit(put(name, tmp_path / "a.wav")) as exhibit:
                assert exhibit.stream(Audio).rate == rate

    def test_telephone(self, put: Callable[..., Path], tmp_path: Path) -> None:
        random = np.random.default_rng(1)
        soundfile.write(tmp_path / "noise.wav", 0.1 * random.standard_normal(3 * RATE), RATE, "FLOAT")
        made = put("telephone", tmp_path / "noise.wav")
        of = soundfile.info(made)
        assert (of.subtype, of.samplerate, of.channels) == ("ULAW", 8000, 1)
        sound, _ = soundfile.read(made)
        inside = power_db(sound, 8000, 400, 3300)
        assert inside == pytest.approx(10 * np.log10(0.01 * 2 / RATE), abs=0.3)
        for low, high in ((0, 150), (3650, 4000)):  # what is left is the noise of the µ-law steps, 38 dB down
            assert power_db(sound, 8000, low, high) < inside - 30
        soundfile.write(tmp_path / "low.wav", voice(1.0, 6000), 6000)
        with pytest.raises(NotApplicable, match="telephone needs 8000 Hz"):
            put("telephone", tmp_path / "low.wav")

    def test_noise_stands_20_db_below_the_speech(self, recording: Path, put: Callable[..., Path]) -> None:
        sound, rate = soundfile.read(put("noise_20db", recording))
        source, _ = soundfile.read(recording)
        noise = sound - source[:, 0]
        assert rate == RATE
        assert 20 * np.log10(0.1 / noise.std()) == pytest.approx(20, abs=0.3)  # syllables have an RMS of 0.1
        assert power_db(noise, rate, 100, 2000) == pytest.approx(power_db(noise, rate, 15000, 20000), abs=0.5)

    def test_reverb_dies_away_as_fast_as_it_says(self, put: Callable[..., Path], tmp_path: Path) -> None:
        random = np.random.default_rng(2)
        burst = np.zeros(3 * RATE)
        burst[RATE : 2 * RATE] = 0.1 * random.standard_normal(RATE)
        soundfile.write(tmp_path / "burst.wav", burst, RATE, "FLOAT")
        sound, rate = soundfile.read(put("reverb", tmp_path / "burst.wav"))
        tail = sound[2 * RATE + 200 :]
        energy = 10 * np.log10(np.cumsum(tail[::-1] ** 2)[::-1][: RATE // 2] + 1e-12)  # Schroeder's integral
        energy -= energy[0]
        start, end = np.argmax(energy < -5), np.argmax(energy < -25)
        assert (end - start) / rate * 3 == pytest.approx(0.5, abs=0.06)
        before, after = (float((part[RATE : 2 * RATE] ** 2).mean()) for part in (burst, sound))
        assert 10 * np.log10(after / before) == pytest.approx(0, abs=0.5)
        early = sound[RATE + 100 : RATE + 20000]
        # Direct and reverberant sound add up as 1 : 10^(-0.5); the direct one is found by its likeness.
        direct = np.dot(early, burst[RATE + 100 : RATE + 20000]) / np.dot(burst[RATE:], burst[RATE:]) * RATE / 19900
        assert direct == pytest.approx(1 / np.sqrt(1 + 10**-0.5), abs=0.05)


class TestVideos:
    def test_common_has_one_size_rate_codec_and_no_metadata(self, clip: Path, put: Callable[..., Path]) -> None:
        made = put("common", clip)
        with open_exhibit(made) as exhibit:
            video, audio = exhibit.stream(Video), exhibit.stream(Audio)
            times = [frame.time_s for frame in video.frames()]
        assert (video.codec, video.width, video.height, video.claimed_fps) == ("h264", 240, 240, 25)
        np.testing.assert_allclose(times, np.arange(25) / 25, atol=1e-6)
        assert "crf=23.0" in x264_said(made)
        assert (audio.codec, audio.rate, audio.channels) == ("aac", 16000, 1)
        assert b"who made this" not in made.read_bytes()
        # The nearest frame of 30 a second, for each of 25 a second.
        assert levels(made) == [int(np.argmin(abs(np.arange(30) / 30 - k / 25))) for k in range(25)]

    def test_sound_stays_with_the_pictures(self, clip: Path, put: Callable[..., Path]) -> None:
        for name in ("common", "h264_28"):
            with open_exhibit(put(name, clip)) as exhibit:
                audio = exhibit.stream(Audio)
            onset = np.argmax(np.abs(audio.mono) > 0.5 * np.abs(audio.mono).max()) / audio.rate + audio.start_s
            assert onset == pytest.approx(0.5, abs=0.03)

    def test_common_brings_sound_to_one_level(self, clip: Path, put: Callable[..., Path]) -> None:
        with open_exhibit(put("common", clip)) as exhibit:
            sound = exhibit.stream(Audio).mono
        assert 10 * np.log10((sound[10000:14000] ** 2).mean()) == pytest.approx(-26, abs=0.5)

    def test_common_crops_what_a_player_shows(self, put: Callable[..., Path], tmp_path: Path) -> None:
        turned = film(tmp_path / "turned.mp4", frames=3, size=(400, 256), rotation=90)
        with open_exhibit(turned) as exhibit:
            seen = next(iter(exhibit.stream(Video).frames())).display
        expected = Pillow.fromarray(seen[72:328]).resize((240, 240), Pillow.Resampling.BOX)
        with open_exhibit(put("common", turned)) as exhibit:
            got = next(iter(exhibit.stream(Video).frames())).display
        assert got.shape == (240, 240, 3)
        assert np.abs(got.astype(float) - np.asarray(expected, float)).mean() < 6
        assert np.abs(got[::-1].astype(float) - np.asarray(expected, float)).mean() > 12

    def test_silent_and_absent_sound_stay_so(self, put: Callable[..., Path], tmp_path: Path) -> None:
        silent = film(tmp_path / "silent.mp4", frames=5, sound=np.zeros(RATE // 2))
        with open_exhibit(put("common", silent)) as exhibit:
            assert np.abs(exhibit.stream(Audio).mono).max() < 1e-3
        mute = film(tmp_path / "mute.mp4", frames=5)
        with open_exhibit(put("common", mute)) as exhibit, pytest.raises(NotApplicable, match="no sound"):
            exhibit.stream(Audio)

    @pytest.mark.parametrize("crf", [18, 23, 28, 33, 40])
    def test_h264_keeps_frames_and_size(self, crf: int, clip: Path, put: Callable[..., Path]) -> None:
        made = put(f"h264_{crf}", clip)
        with open_exhibit(made) as exhibit:
            video = exhibit.stream(Video)
        assert (video.codec, video.width, video.height, round(video.claimed_fps, 1)) == ("h264", 320, 256, 30)
        assert f"crf={crf}.0" in x264_said(made)
        assert levels(made) == list(range(30))

    def test_times_of_frames_are_kept(self, put: Callable[..., Path], tmp_path: Path) -> None:
        times = [0, 40, 100, 500, 520, 1300]
        uneven = film(tmp_path / "uneven.mp4", frames=6, times=times)
        with open_exhibit(put("h264_28", uneven)) as exhibit:
            found = [1000 * frame.time_s for frame in exhibit.stream(Video).frames()]
        np.testing.assert_allclose(found, times, atol=0.1)

    def test_hevc(self, clip: Path, put: Callable[..., Path]) -> None:
        made = put("hevc_28", clip)
        with open_exhibit(made) as exhibit:
            assert exhibit.stream(Video).codec == "hevc"
        assert "crf=28.0" in x264_said(made)
        assert levels(made) == list(range(30))

    def test_frame_rate(self, clip: Path, put: Callable[..., Path]) -> None:
        made = put("fps_15", clip)
        with open_exhibit(made) as exhibit:
            assert exhibit.stream(Video).claimed_fps == 15
        assert levels(made) == list(range(0, 30, 2))

    def test_frames_of_a_slower_clip_are_shown_as_long_as_before(
        self, put: Callable[..., Path], tmp_path: Path
    ) -> None:
        slow = film(tmp_path / "slow.mp4", frames=5, fps=5)
        assert levels(put("fps_15", slow)) == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]

    def test_resize(self, put: Callable[..., Path], tmp_path: Path) -> None:
        odd = film(tmp_path / "odd.mp4", frames=3, size=(322, 198))
        with open_exhibit(put("resize_50", odd)) as exhibit:
            video = exhibit.stream(Video)
        assert (video.width, video.height) == (160, 98)  # 161 × 99, of which 4:2:0 keeps whole pairs

    def test_what_is_too_small_is_left_out(self, put: Callable[..., Path], tmp_path: Path) -> None:
        small = film(tmp_path / "small.mp4", frames=3, size=(640, 240))
        with pytest.raises(NotApplicable, match="short side has 240 px; common scales down to 240 px, never up"):
            put("common", small)
        tiny = film(tmp_path / "tiny.mp4", frames=3, size=(24, 24))
        with pytest.raises(NotApplicable, match="12 × 12 px; the encoders need 16 px"):
            put("resize_50", tiny)
        assert list((tmp_path / "out").iterdir()) == []

    def test_memory_does_not_grow_with_the_length(self, tmp_path: Path) -> None:
        used = []
        for frames in (40, 340):  # the further frames take 74 MB
            path = film(tmp_path / f"{frames}.mp4", frames=frames, moving=False)
            code = (
                "import resource, sys; from pathlib import Path; from veridical.benchmark import chains; "
                "chains.apply('common', Path(sys.argv[1]), Path(sys.argv[2]), key='0'); "
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
            )
            command = [sys.executable, "-c", code, str(path), str(tmp_path / "out")]
            used.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        assert used[1] - used[0] < 25
