"""Steps for clips, checked by numbered frames."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from veridical.errors import NotApplicable
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Video

RATE = 44100

Make = Callable[..., Any]


def levels(path: Path) -> list[int]:
    """Numbers of the frames of a film, read from the grey of their middles."""
    with open_exhibit(path) as exhibit:
        shown = [frame.display for frame in exhibit.stream(Video).frames()]
    middles = [pixels[pixels.shape[0] // 2 - 8 :, pixels.shape[1] // 2 - 8 :][:16, :16] for pixels in shown]
    return [round((float(middle.mean()) - 60) / 6) for middle in middles]


def x264_said(path: Path) -> str:
    """The settings that x264 and x265 write into their streams."""
    return path.read_bytes().decode("latin-1")


def test_common_has_one_size_rate_codec_and_no_metadata(clip: Path, put: Make) -> None:
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


def test_sound_stays_with_the_pictures(clip: Path, put: Make) -> None:
    for name in ("common", "h264_28"):
        with open_exhibit(put(name, clip)) as exhibit:
            audio = exhibit.stream(Audio)
        onset = np.argmax(np.abs(audio.mono) > 0.5 * np.abs(audio.mono).max()) / audio.rate + audio.start_s
        assert onset == pytest.approx(0.5, abs=0.03)


def test_common_brings_sound_to_one_level(clip: Path, put: Make) -> None:
    with open_exhibit(put("common", clip)) as exhibit:
        sound = exhibit.stream(Audio).mono
    assert 10 * np.log10((sound[10000:14000] ** 2).mean()) == pytest.approx(-26, abs=0.5)


def test_common_crops_what_a_player_shows(put: Make, tmp_path: Path, film: Make) -> None:
    turned = film(tmp_path / "turned.mp4", frames=3, size=(400, 256), rotation=90)
    with open_exhibit(turned) as exhibit:
        seen = next(iter(exhibit.stream(Video).frames())).display
    expected = Pillow.fromarray(seen[72:328]).resize((240, 240), Pillow.Resampling.BOX)
    with open_exhibit(put("common", turned)) as exhibit:
        got = next(iter(exhibit.stream(Video).frames())).display
    assert got.shape == (240, 240, 3)
    assert np.abs(got.astype(float) - np.asarray(expected, float)).mean() < 6
    assert np.abs(got[::-1].astype(float) - np.asarray(expected, float)).mean() > 12


def test_silent_and_absent_sound_stay_so(put: Make, tmp_path: Path, film: Make) -> None:
    silent = film(tmp_path / "silent.mp4", frames=5, sound=np.zeros(RATE // 2))
    with open_exhibit(put("common", silent)) as exhibit:
        assert np.abs(exhibit.stream(Audio).mono).max() < 1e-3
    mute = film(tmp_path / "mute.mp4", frames=5)
    with open_exhibit(put("common", mute)) as exhibit, pytest.raises(NotApplicable, match="no sound"):
        exhibit.stream(Audio)


@pytest.mark.parametrize("crf", [18, 23, 28, 33, 40])
def test_h264_keeps_frames_and_size(crf: int, clip: Path, put: Make) -> None:
    made = put(f"h264_{crf}", clip)
    with open_exhibit(made) as exhibit:
        video = exhibit.stream(Video)
    assert (video.codec, video.width, video.height, round(video.claimed_fps, 1)) == ("h264", 320, 256, 30)
    assert f"crf={crf}.0" in x264_said(made)
    assert levels(made) == list(range(30))


def test_times_of_frames_are_kept(put: Make, tmp_path: Path, film: Make) -> None:
    times = [0, 40, 100, 500, 520, 1300]
    uneven = film(tmp_path / "uneven.mp4", frames=6, times=times)
    with open_exhibit(put("h264_28", uneven)) as exhibit:
        found = [1000 * frame.time_s for frame in exhibit.stream(Video).frames()]
    np.testing.assert_allclose(found, times, atol=0.1)


def test_hevc(clip: Path, put: Make) -> None:
    made = put("hevc_28", clip)
    with open_exhibit(made) as exhibit:
        assert exhibit.stream(Video).codec == "hevc"
    assert "crf=28.0" in x264_said(made)
    assert levels(made) == list(range(30))


def test_frame_rate(clip: Path, put: Make) -> None:
    made = put("fps_15", clip)
    with open_exhibit(made) as exhibit:
        assert exhibit.stream(Video).claimed_fps == 15
    assert levels(made) == list(range(0, 30, 2))


def test_frames_of_a_slower_clip_are_shown_as_long_as_before(put: Make, tmp_path: Path, film: Make) -> None:
    slow = film(tmp_path / "slow.mp4", frames=5, fps=5)
    assert levels(put("fps_15", slow)) == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_resize(put: Make, tmp_path: Path, film: Make) -> None:
    odd = film(tmp_path / "odd.mp4", frames=3, size=(322, 198))
    with open_exhibit(put("resize_50", odd)) as exhibit:
        video = exhibit.stream(Video)
    assert (video.width, video.height) == (160, 98)  # 161 × 99, of which 4:2:0 keeps whole pairs


def test_what_is_too_small_is_left_out(put: Make, tmp_path: Path, film: Make) -> None:
    small = film(tmp_path / "small.mp4", frames=3, size=(640, 240))
    with pytest.raises(NotApplicable, match="short side has 240 px; common scales down to 240 px, never up"):
        put("common", small)
    tiny = film(tmp_path / "tiny.mp4", frames=3, size=(24, 24))
    with pytest.raises(NotApplicable, match="12 × 12 px; the encoders need 16 px"):
        put("resize_50", tiny)
    assert list((tmp_path / "out").iterdir()) == []


def test_memory_does_not_grow_with_the_length(tmp_path: Path, film: Make) -> None:
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
