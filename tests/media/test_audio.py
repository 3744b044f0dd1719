"""Sound: tones of known pitch and level from every format, its place on the clock of a video, damage, limits."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from veridical import errors
from veridical.media import audio as parent
from veridical.media.audio import read_audio
from veridical.media.decode import audio as decode
from veridical.media.decoder import Decoder

Make = Callable[..., Path]

# name, encoder, format of the data, rate, lossless, bits, largest error of the sample count
FORMATS = [
    ("a.wav", "pcm_s16le", "pcm_s16le", 44100, True, 16, 0), ("b.wav", "pcm_s24le", "pcm_s24le", 96000, True, 24, 0),
    ("c.wav", "pcm_f32le", "pcm_f32le", 8000, True, 32, 0), ("d.wav", "pcm_u8", "pcm_u8", 22050, True, 8, 0),
    ("e.wav", "pcm_mulaw", "pcm_mulaw", 8000, False, 8, 0), ("a.flac", "flac", "flac", 44100, True, 16, 0),
    ("a.aiff", "pcm_s16be", "pcm_s16be", 44100, True, 16, 0), ("b.m4a", "alac", "alac", 44100, True, 24, 0),
    ("a.mp3", "libmp3lame", "mp3", 44100, False, 0, 0), ("a.ogg", "vorbis", "vorbis", 44100, False, 0, 1024),
    ("b.ogg", "libopus", "opus", 48000, False, 0, 0), ("a.m4a", "aac", "aac", 44100, False, 0, 1024),
    ("a.aac", "aac", "aac", 44100, False, 0, 2048), ("a.mka", "flac", "flac", 44100, True, 16, 0),
]  # fmt: skip


def sound_of(path: Path) -> tuple[dict, np.ndarray]:
    messages = list(decode.read(path))
    return dict(messages[0].head), np.concatenate([message.arrays["samples"] for message in messages[1:]])


def pitch(samples: np.ndarray, rate: int) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


@pytest.mark.parametrize(("name", "encoder", "codec", "rate", "lossless", "bits", "slack"), FORMATS)
def test_every_format_gives_the_tones_that_went_in(
    make_sound: Make, name: str, encoder: str, codec: str, rate: int, lossless: bool, bits: int, slack: int
):
    head, samples = sound_of(make_sound(name, encoder, rate=rate))
    assert (head["rate"], head["channels"], head["codec"]) == (rate, 2, codec)
    assert (head["lossless"], head["bits"], head["start_s"]) == (lossless, bits, 0.0)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 2 * rate) <= slack
    middle = samples[rate // 2 : rate // 2 + rate]
    assert pitch(middle[:, 0], rate) == pytest.approx(440, abs=1)
    assert np.sqrt(2 * np.mean(middle[:, 0] ** 2)) == pytest.approx(0.5, rel=0.05)
    if encoder != "vorbis":  # FFmpeg's own Vorbis encoder mixes a little of one channel into the other
        assert pitch(middle[:, 1], rate) == pytest.approx(1000, abs=1)
        assert np.sqrt(2 * np.mean(middle[:, 1] ** 2)) == pytest.approx(0.25, rel=0.05)


def test_samples_of_a_wave_file_are_those_that_the_standard_library_wrote(tmp_path: Path):
    values = np.random.default_rng(1).integers(-32768, 32767, (30000, 2), np.int16)
    path = tmp_path / "noise.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 16000, 0, "NONE", ""))
        file.writeframes(values.tobytes())
    head, samples = sound_of(path)
    assert head["bit_rate"] == 16000 * 32
    assert np.array_equal(samples, values.astype(np.float32) / 32768)


def test_chunks_are_about_a_second(make_sound: Make):
    lengths = [len(m.arrays["samples"]) for m in list(decode.read(make_sound("a.wav", "pcm_s16le", seconds=3.5)))[1:]]
    assert all(44100 <= length < 50000 for length in lengths[:-1])
    assert sum(lengths) == round(3.5 * 44100)


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4", "clip.mov"])
def test_sound_of_a_video_starts_where_it_was_put(make_video: Make, name: str):
    path = make_video(name, sound="flac" if name == "clip.mkv" else "aac", sound_start=0.32, frames=50)
    head, samples = sound_of(path)
    assert head["start_s"] == pytest.approx(0.32, abs=0.025)
    assert pitch(samples[24000:72000, 0], 48000) == pytest.approx(440, abs=1)


def test_a_video_without_sound_has_none(make_video: Make):
    path = make_video("silent.mp4")
    assert [dict(message.head) for message in decode.read(path)] == [{"absent": True}]
    decoder = Decoder(path)
    with pytest.raises(errors.NotApplicable, match="no sound"):
        read_audio(decoder)
    decoder.close()


def test_a_gap_in_the_times_is_silence(tmp_path: Path):
    """Half a second is taken out of a Matroska file, packet by packet; the rest keeps its time."""
    from fractions import Fraction

    import av

    path = tmp_path / "gap.mka"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(20):
            if 8 <= index < 13:
                continue
            frame = av.AudioFrame.from_ndarray(np.full((1, 800), 16384, np.int16), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, index * 800, Fraction(1, 8000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    _, samples = sound_of(path)
    assert len(samples) == 16000
    silent = np.flatnonzero(samples[:, 0] == 0)
    assert (silent[0], silent[-1], len(silent)) == (6400, 10399, 4000)


@pytest.mark.parametrize(
    ("name", "encoder"), [(f[0], f[1]) for f in FORMATS if f[0] not in ("a.aac", "a.m4a", "b.m4a")]
)
def test_a_cut_recording_gives_what_is_there_then_says_so(make_sound: Make, tmp_path: Path, name: str, encoder: str):
    data = make_sound(name, encoder, seconds=4.0, rate=48000).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: len(data) * 6 // 10])
    count = 0
    with pytest.raises(errors.DamagedMedia, match="cut off") as caught:
        for message in decode.read(path):
            count += len(message.arrays.get("samples", ()))
    assert 1.5 < count / 48000 < 3.2
    assert str(path) in str(caught.value)


def test_a_header_that_claims_4_gb_is_seen_through(make_sound: Make, tmp_path: Path):
    data = bytearray(make_sound("a.wav", "pcm_s16le").read_bytes())
    at = data.index(b"data")
    data[4:8] = data[at + 4 : at + 8] = struct.pack("<I", 4_000_000_000)
    path = tmp_path / "big.wav"
    path.write_bytes(data)
    with pytest.raises(errors.DamagedMedia, match=r"ends after 2\.00 s of 22\d\d\d"):
        list(decode.read(path))


def test_a_recording_written_to_a_pipe_has_no_length_and_is_whole(make_sound: Make, tmp_path: Path):
    data = bytearray(make_sound("a.wav", "pcm_s16le").read_bytes())
    at = data.index(b"data")
    data[4:8] = data[at + 4 : at + 8] = b"\xff" * 4
    path = tmp_path / "piped.wav"
    path.write_bytes(data)
    assert len(sound_of(path)[1]) == 88200


def test_length_is_limited(make_sound: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_sound("a.wav", "pcm_s16le")
    bare = make_sound("a.aac", "aac")
    monkeypatch.setenv("VERIDICAL_MAX_HOURS", str(1 / 3600))
    with pytest.raises(errors.MediaTooLarge, match="its header claims"):
        list(decode.read(path))
    with pytest.raises(errors.MediaTooLarge, match="lasts more than"):
        list(decode.read(bare))


def test_a_change_of_rate_is_not_papered_over(make_sound: Make, tmp_path: Path):
    path = tmp_path / "joined.aac"
    parts = [make_sound("x.aac", "aac", rate=rate).read_bytes() for rate in (44100, 32000)]
    path.write_bytes(b"".join(parts))
    with pytest.raises(errors.UnsupportedMedia, match="changes from 44100 Hz"):
        list(decode.read(path))


def test_encrypted_sound_is_refused(make_sound: Make, tmp_path: Path):
    path = tmp_path / "drm.m4a"
    path.write_bytes(make_sound("a.m4a", "aac").read_bytes().replace(b"mp4a\0\0\0\0", b"enca\0\0\0\0"))
    with pytest.raises(errors.EncryptedMedia):
        list(decode.read(path))


@pytest.mark.parametrize("most", [64 << 20, 5000])
def test_long_recordings_go_through_a_file_and_stay_the_same(
    make_sound: Make, monkeypatch: pytest.MonkeyPatch, most: int
):
    """With the limit of memory set to 5000 bytes the samples come back as a memory map."""
    monkeypatch.setattr(parent, "_IN_MEMORY", most)
    path = make_sound("a.flac", "flac")
    decoder = Decoder(path)
    sound = read_audio(decoder)
    decoder.close()
    assert isinstance(sound.samples.base, np.memmap) == (most == 5000)
    assert np.array_equal(sound.samples, sound_of(path)[1])
    assert (sound.channels, sound.duration_s, sound.bits, sound.lossless) == (2, 2.0, 16, True)
    assert np.allclose(sound.mono, sound.samples.mean(1), atol=1e-7)
    assert not sound.samples.flags.writeable


def test_mono_of_one_channel_is_that_channel(make_sound: Make):
    decoder = Decoder(make_sound("m.flac", "flac", channels=1))
    sound = read_audio(decoder)
    decoder.close()
    assert sound.mono.flags.c_contiguous and np.array_equal(sound.mono, sound.samples[:, 0])
