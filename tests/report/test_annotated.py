"""Annotated copies: every frame at its time, upright, the sound where it was, and a caption that says what it is."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from veridical.cli import main
from veridical.errors import MediaChanged
from veridical.finding import Chart, Line
from veridical.media.audio import Audio
from veridical.media.film import writing
from veridical.report.annotated import fitted, render
from veridical.report.board import EDGE, HEAD, ROW, Board, chip, strongest
from veridical.report.lanes import groups_of
from veridical.report.model import Evidence, PersonSeen, Report

RATE = 16000
CLICK_S = 0.75


def click(rate: int, channels: int, start_s: float, length_s: float = 1.5) -> Audio:
    """Near silence with one short burst at CLICK_S on the clock of the pictures."""
    samples = np.zeros((round(length_s * rate), channels), np.float32)
    place = round((CLICK_S - start_s) * rate)
    samples[place : place + rate // 50] = 0.9 * np.sign(np.sin(np.arange(rate // 50) * 0.7))[:, None]
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=start_s, bit_rate=0)


def frames_of(path: Path) -> tuple[list[float], list[np.ndarray]]:
    with av.open(str(path)) as file:
        decoded = list(file.decode(video=0))
        return [float(one.time) for one in decoded], [one.to_ndarray(format="rgb24") for one in decoded]


def sound_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with av.open(str(path)) as file:
        parts = [(float(one.time), one.sample_rate, one.to_ndarray()[0]) for one in file.decode(audio=0)]
    times = np.concatenate([start + np.arange(len(part)) / rate for start, rate, part in parts])
    return times, np.concatenate([part for _, _, part in parts])


@pytest.mark.parametrize(("rate", "channels", "start_s"), [(16000, 1, 0.25), (44100, 2, -0.3), (7000, 3, 0.0)])
def test_a_film_keeps_the_times_of_frames_and_sound(tmp_path: Path, rate: int, channels: int, start_s: float) -> None:
    times = [0.0, 0.04, 0.12, 0.5, 1.0]
    path, audio = tmp_path / "a.mp4", click(rate, channels, start_s)
    with writing(path, width=64, height=48, fps=25, audio=audio, about={"title": "what it is"}) as film:
        for i, time in enumerate(times):
            film.add(np.full((48, 64, 3), 40 * i, np.uint8), time)
    seen, pixels = frames_of(path)
    assert seen == pytest.approx(times, abs=1e-3)
    assert [int(one.mean()) for one in pixels] == pytest.approx([0, 40, 80, 120, 160], abs=4)
    at, heard = sound_of(path)
    loud = at[np.abs(heard) > 0.3]
    assert loud.size and abs(loud[0] - CLICK_S) < 0.03 and loud[-1] - loud[0] < 0.06
    assert at[-1] == pytest.approx(start_s + 1.5, abs=0.1)
    with av.open(str(path)) as file:
        assert file.metadata["title"] == "what it is" and file.streams.audio[0].codec_context.channels <= 2


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1280, 720), (1280, 720)), ((3840, 2160), (1280, 720)), ((256, 256), (640, 640)), ((1080, 1921), (720, 1280)),
     ((641, 481), (642, 482)), ((8, 2000), (6, 1280))],
)  # fmt: skip
def test_a_copy_is_neither_too_large_nor_too_small_to_read(size: tuple[int, int], shown: tuple[int, int]) -> None:
    assert fitted(size) == shown


@pytest.fixture(scope="module")
def sideways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 2 s with sound whose frames are red on the stored left, to be turned clockwise for display."""
    path = tmp_path_factory.mktemp("clips") / "side <b>ways.mp4"
    frame = np.zeros((240, 320, 3), np.uint8)
    frame[:, :160] = (250, 0, 0)
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    with av.open(str(path), "w") as file:
        pictures, sound = file.add_stream("libx264", rate=25), file.add_stream("aac", rate=RATE, layout="mono")
        pictures.width, pictures.height, pictures.pix_fmt = 320, 240, "yuv420p"
        for _ in range(50):
            file.mux(pictures.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        heard = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
        file.mux(sound.encode(heard))
        file.mux(pictures.encode())
        file.mux(sound.encode())
    data = bytearray(path.read_bytes())
    identity = b"\0\1\0\0" + b"\0" * 12 + b"\0\1\0\0" + b"\0" * 12 + b"\x40\0\0\0"
    turned = b"\0" * 4 + b"\0\1\0\0" + b"\0" * 4 + b"\xff\xff\0\0" + b"\0" * 16 + b"\x40\0\0\0"
    place = data.index(identity, data.index(b"tkhd"))
    data[place : place + 36] = turned
    path.write_bytes(bytes(data))
    return path


def report_of(clip: Report, path: Path) -> Report:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return replace(clip, exhibit=replace(clip.exhibit, sha256=sha256, path=str(path)))


def test_a_copy_is_upright_whole_and_says_that_it_is_one(sideways: Path, clip: Report, tmp_path: Path) -> None:
    report = report_of(clip, sideways)
    done = render(report, sideways, tmp_path / "a.mp4", None)
    times, pictures = frames_of(tmp_path / "a.mp4")
    assert (done.frames, len(times), done.broken) == (50, 50, "")
    assert times == pytest.approx([i / 25 for i in range(50)], abs=1e-3)
    picture = pictures[20].astype(int)
    width, high = 640, 854  # 240 × 320 as displayed, enlarged
    assert picture.shape[1] == width and picture.shape[0] > high
    assert picture[10:400, :, 0].min() > 180 and picture[460 : high - 10, :, 0].max() < 60
    at, heard = sound_of(tmp_path / "a.mp4")
    assert at[-1] == pytest.approx(2.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(heard[RATE // 2 : RATE // 2 + RATE]))
    assert abs(int(spectrum.argmax()) - 440) <= 2
    expected = Pillow.new("L", (400, 20))
    ImageDraw.Draw(expected).text((0, 0), "Annotated copy, not the exhibit", fill=255, font=ImageFont.load_default(18))
    written = picture[high + 8 : high + 28, 12:412].mean(2)
    assert np.corrcoef(np.asarray(expected).ravel(), written.ravel())[0, 1] > 0.9
    assert not list(tmp_path.glob("*.part"))


def test_the_cursor_stands_at_the_time_of_the_frame(clip: Report) -> None:
    from veridical.report.wording import Words

    board = Board(groups_of(clip), Words(), width=640, length_s=12.0, cuts=(3.2,), caption="c", about="a <b>")
    on = np.zeros_like(board.pixels)
    columns = []
    for time in (0.0, 6.0, 12.0, 99.0):
        board.draw(on, time)
        changed = np.abs(on.astype(int) - board.pixels)[HEAD:].sum((0, 2))  # the clock is above
        columns.append(int(np.flatnonzero(changed[: board.right + 1]).mean()))
    assert columns[0] == pytest.approx(board.left, abs=2) and columns[2] == pytest.approx(board.right, abs=2)
    assert columns[1] == pytest.approx((board.left + board.right) / 2, abs=2) and columns[3] == columns[2]


def test_a_board_without_findings_says_so_and_takes_any_name(clip: Report, hostile_text: str) -> None:
    from veridical.report.wording import Words

    board = Board((), Words(), width=640, length_s=1.0, cuts=(), caption="c", about=hostile_text * 9)
    assert board.pixels.shape[1] == 640 and board.height % 2 == 0


def test_findings_that_weigh_most_are_shown_first(clip: Report) -> None:
    held = Evidence(log10_lr=2.0, interval=(1.0, 3.0), bound=3.0, condition="c", table="t")
    many = [replace(clip.findings[1], id=f"temporal.t{i}") for i in range(9)]
    many[7] = replace(many[7], evidence=held)
    chosen = strongest(groups_of(replace(clip, findings=tuple(many))), 12.0, most=2)
    assert [lane.finding.id for _, lane in chosen] == ["temporal.t7", "temporal.t0"]


def test_without_weights_each_person_has_a_lane_before_one_has_two(clip: Report) -> None:
    many = [replace(clip.findings[i % 2], id=f"temporal.t{i}") for i in range(12)]
    chosen = strongest(groups_of(replace(clip, findings=tuple(many))), 12.0, most=4)
    assert [track for track, _ in chosen] == [1, 1, None, None]


def test_each_shot_shows_the_lanes_of_the_faces_in_it(clip: Report) -> None:
    """Twelve shots of a second with one face each: every chip stands on the board while its face is seen, and no other."""
    from veridical.report.wording import Words

    line = Line(name="", x=np.linspace(0, 12, 50), y=np.linspace(0, 1, 50))
    chart = Chart(
        name="Trace", lines=tuple(replace(line, track=face) for face in range(12)), x_name="time", x_unit="s", y_name="y",
        y_unit="1", timeline=True,
    )  # fmt: skip
    many = [replace(clip.findings[1], id=f"temporal.t{i}", exhibits=(chart,), where=()) for i in range(8)]
    people = tuple(PersonSeen(person=i, shot=i, seen=((float(i), i + 1.0),)) for i in range(12))
    exhibit = replace(clip.exhibit, people=people, cuts=tuple(float(i) for i in range(1, 12)))
    groups = groups_of(replace(clip, exhibit=exhibit, findings=tuple(many)))
    board = Board(groups, Words(), width=640, length_s=12.0, cuts=exhibit.cuts, caption="c", about="a")
    on = np.zeros_like(board.pixels)
    for face in range(12):
        pictures = []
        for time in (face + 0.01, face + 0.9):
            board.draw(on, time)
            pictures.append(on[HEAD:, : board.left - 1].copy())  # left of the cursor
        np.testing.assert_array_equal(pictures[0], pictures[1])  # stable within a shot
        for row in range(6):
            top = 7 + row * ROW
            np.testing.assert_array_equal(pictures[0][top : top + 20, EDGE : EDGE + 24], chip(face))


def test_a_shot_without_faces_says_that_it_has_no_lanes(clip: Report) -> None:
    from veridical.report.wording import Words

    groups = [one for one in groups_of(clip) if one.track == 1]
    board = Board(groups, Words(), width=640, length_s=12.0, cuts=(3.2,), caption="c", about="a")
    other = Board((), Words(), width=640, length_s=12.0, cuts=(3.2,), caption="c", about="a")
    first, second, none = (np.zeros_like(board.pixels) for _ in range(3))
    board.draw(first, 1.0)
    board.draw(second, 5.0)
    other.draw(none[: other.height], 1.0)
    names = slice(HEAD, HEAD + ROW), slice(0, board.left)
    assert (first[names] != second[names]).any() and (first[names] != none[names]).any()
    assert (first[names].max(2) > 100).any()


def test_another_file_under_the_name_is_refused(sideways: Path, clip: Report, tmp_path: Path) -> None:
    with pytest.raises(MediaChanged):
        render(clip, sideways, tmp_path / "a.mp4", None)
    assert not list(tmp_path.iterdir())


def test_an_earlier_copy_stays_and_a_failed_one_leaves_nothing(
    sideways: Path, clip: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, to = report_of(clip, sideways), tmp_path / "a.mp4"
    to.write_text("earlier")
    with pytest.raises(FileExistsError):
        render(report, sideways, to, None)
    assert to.read_text() == "earlier"

    def full(self: Board, on: np.ndarray, time_s: float) -> None:
        if time_s > 0.5:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Board, "draw", full)
    with pytest.raises(OSError, match="No space"):
        render(report, sideways, tmp_path / "b.mp4", None)
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]


def run(
    *words: str | Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    monkeypatch.setenv("VERIDICAL_CACHE", "off")
    monkeypatch.setattr(sys, "argv", ["veridical", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out.replace("\n", ""), said.err.replace("\n", " ")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of a portrait that moves, with sound."""
    from skimage.data import astronaut

    path = tmp_path_factory.mktemp("speaker") / "speaker.mp4"
    audio = replace(click(RATE, 1, 0.0, 1.2))
    with writing(path, width=256, height=256, fps=25, audio=audio, about={}) as film:
        for i in range(25):
            film.add(np.ascontiguousarray(astronaut()[: 2 * 128, 90 + i : 90 + i + 256]), i / 25)
    return path


@pytest.mark.slow
def test_examine_writes_a_copy_beside_the_report(
    speaker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("examine", speaker, "--only", "temporal.flicker", "--render", "--out", tmp_path)
    code, said, _ = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    (copy,) = tmp_path.glob("*.annotated.mp4")
    (page,) = tmp_path.glob("*.report.html")
    assert code == 0 and copy.name in said
    assert copy.name.removesuffix(".annotated.mp4") == page.name.removesuffix(".report.html")
    times, _ = frames_of(copy)
    assert len(times) == 25 and times[-1] == pytest.approx(24 / 25, abs=1e-3)
    at, heard = sound_of(copy)
    assert abs(at[np.abs(heard) > 0.3][0] - CLICK_S) < 0.05
    run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert len(list(tmp_path.glob("*.annotated.mp4"))) == 2


def test_a_copy_that_cannot_be_written_leaves_the_report(
    speaker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = hashlib.sha256(speaker.read_bytes()).hexdigest()
    (tmp_path / f"speaker.mp4.{sha256[:8]}.annotated.mp4").touch()
    words = ("examine", speaker, "--only", "provenance", "--render", "--out", tmp_path)
    code, said, wrong = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and "its annotated copy could not be written" in wrong
    assert len(list(tmp_path.glob("*.report.html"))) == len(list(tmp_path.glob("*.report.json"))) == 1
    assert "Conclusion" in said


def test_only_videos_have_copies(
    speaker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, wrong = run("examine", speaker, "--json", "--render", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and "--json writes no files, so it cannot go with --render" in wrong and said == ""
    Pillow.new("RGB", (64, 64)).save(tmp_path / "a.png")
    words = ("examine", tmp_path / "a.png", "--only", "provenance", "--render", "--out", tmp_path)
    code, _, wrong = run(*words, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0 and "--render is for videos" in wrong and not list(tmp_path.glob("*.mp4"))
