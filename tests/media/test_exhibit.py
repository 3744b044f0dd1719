"""Opening files of every kind, and what the decoder process may not do."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image as Pillow

from veridical import errors
from veridical.media import sandbox, worker
from veridical.media.audio import Audio
from veridical.media.container import Container
from veridical.media.decoder import Decoder, _environment
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.media.video import Video
from veridical.media.wire import Message, receive, send

Make = Callable[..., Path]


@pytest.fixture
def decoder(tmp_path: Path) -> Iterator[Decoder]:
    path = tmp_path / "any"
    path.write_bytes(b"any")
    decoder = Decoder(path)
    decoder.program = (str(Path(__file__).with_name("misbehaving_worker.py")),)
    yield decoder
    decoder.close()


def test_a_video_is_known_by_its_content(make_video: Make, tmp_path: Path):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(make_video("clip.mp4", sound="aac").read_bytes())
    with open_exhibit(path) as exhibit:
        assert (exhibit.format, exhibit.kind) == ("mp4", "video")
        assert exhibit.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert exhibit.bytes == path.stat().st_size
        assert len(list(exhibit.stream(Video).frames())) == 20
        assert exhibit.stream(Audio).rate == 48000
        assert exhibit.stream(Container) is exhibit.stream(Container)
        with pytest.raises(errors.NotApplicable, match="not a still image"):
            exhibit.stream(Image)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.m4a", "aac"), ("a.ogg", "libopus"), ("a.mka", "flac"), ("a.wav", "pcm_s16le")]
)
def test_a_recording_is_sound_even_in_a_video_container(make_sound: Make, name: str, codec: str):
    with open_exhibit(make_sound(name, codec, rate=48000)) as exhibit:
        assert exhibit.kind == "audio"
        assert exhibit.known(Audio) is None
        assert exhibit.stream(Audio).duration_s == pytest.approx(2, abs=0.05)
        with pytest.raises(errors.NotApplicable, match="no moving picture"):
            exhibit.stream(Video)


def test_a_picture_is_decoded_at_once(tmp_path: Path):
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    Pillow.fromarray(pixels).save(path)
    with open_exhibit(path) as exhibit:
        assert exhibit.kind == "image"
        assert np.array_equal(exhibit.known(Image).pixels, pixels)


def test_a_recording_that_cannot_be_decoded_is_refused_when_opened(make_sound: Make, tmp_path: Path):
    data = make_sound("a.flac", "flac").read_bytes()
    path = tmp_path / "a.flac"
    path.write_bytes(data[:300])
    with pytest.raises(errors.DamagedMedia, match=r"a\.flac"):
        open_exhibit(path)


def test_what_is_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(errors.NotMedia, match="no such file"):
        open_exhibit(tmp_path / "nothing")
    with pytest.raises(errors.NotMedia, match="folder.*wildcard"):
        open_exhibit(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for unsavoury in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(errors.NotMedia, match="Save its content to a file first"):
            open_exhibit(unsavoury)
    (tmp_path / "empty").touch()
    with pytest.raises(errors.NotMedia, match="empty"):
        open_exhibit(tmp_path / "empty")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(3 << 20)
    monkeypatch.setenv("VERIDICAL_MAX_GIB", "0.001")
    with pytest.raises(errors.MediaTooLarge, match="VERIDICAL_MAX_GIB"):
        open_exhibit(tmp_path / "large")


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def _rewrite_in_place(path: Path) -> None:
    data, times = path.read_bytes(), path.stat()
    path.write_bytes(data[::-1])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 1))


def _replace(path: Path) -> None:
    data, times = path.read_bytes(), path.stat()
    (path.parent / "other").write_bytes(data)
    os.utime(path.parent / "other", ns=(times.st_atime_ns, times.st_mtime_ns))
    os.replace(path.parent / "other", path)


@pytest.mark.parametrize("change", [_append, _rewrite_in_place, _replace, Path.unlink])
def test_a_file_that_changes_while_it_is_examined_is_noticed(tmp_path: Path, change: Callable[[Path], None]):
    path = tmp_path / "a.png"
    Pillow.new("RGB", (60, 40)).save(path)
    with open_exhibit(path) as exhibit:
        exhibit.check_unchanged()
        change(path)
        with pytest.raises(errors.MediaChanged, match="while it was examined.*a copy"):
            exhibit.check_unchanged()


def test_a_file_that_changes_between_hash_and_decoding_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.png"
    Pillow.new("RGB", (60, 40)).save(path)
    ask = Decoder.ask

    def change_and_ask(decoder: Decoder, operation: str, **options: object) -> Message:
        if operation == "image":
            Pillow.new("RGB", (30, 20), "red").save(path)
        return ask(decoder, operation, **options)

    monkeypatch.setattr(Decoder, "ask", change_and_ask)
    with pytest.raises(errors.MediaChanged):
        open_exhibit(path)


def test_a_container_without_streams_is_refused(tmp_path: Path):
    path = tmp_path / "x.mp4"
    size = (108).to_bytes(4, "big")
    header = size + b"mvhd" + bytes(12) + b"\0\0\3\xe8" + bytes(84)
    moov = (8 + len(header)).to_bytes(4, "big") + b"moov" + header
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + moov + b"\0\0\0\x10mdat" + bytes(8))
    with pytest.raises(errors.DamagedMedia):
        open_exhibit(path)


@pytest.mark.parametrize(
    ("how", "message"), [("signal", "SIGSEGV"), ("exit", "exit status 3"), ("memory", "more than 2.5 GiB of memory")]
)
def test_a_decoder_that_dies_is_an_error_of_the_file_and_the_next_question_works(
    decoder: Decoder, how: str, message: str
):
    with pytest.raises(errors.DecoderFailed, match=message):
        decoder.ask("crash", how=how)
    assert decoder.ask("crash", how="nothing").head == {"survived": "nothing"}


@pytest.mark.parametrize("how", ["sleep", "stall", "drip"])
def test_a_decoder_that_hangs_is_ended(decoder: Decoder, monkeypatch: pytest.MonkeyPatch, how: str):
    """Whether it says nothing, stops in the middle of a message, or sends one byte after another for ever."""
    decoder.ask("crash", how="nothing")
    monkeypatch.setenv("VERIDICAL_DECODE_SECONDS", "1.5")
    start = time.monotonic()
    with pytest.raises(errors.DecoderFailed, match=r"no result for 1.5 s \(limit VERIDICAL_DECODE_SECONDS\)"):
        decoder.ask("crash", how=how)
    assert 1.4 < time.monotonic() - start < 10


def test_a_question_can_have_a_shorter_limit_of_its_own(decoder: Decoder):
    with pytest.raises(errors.DecoderFailed, match=r"no result for 0.5 s\. "):
        decoder.ask("crash", how="sleep", patience=0.5)
    assert decoder.ask("crash", how="nothing").head["survived"] == "nothing"


@pytest.mark.parametrize("how", ["socket", "write", "ring"])
def test_a_decoder_has_no_network_and_writes_no_file(decoder: Decoder, how: str):
    with pytest.raises(errors.DecoderFailed, match="died"):
        decoder.ask("crash", how=how)
    assert "no network" in decoder.limits and "no file writes" in decoder.limits


@pytest.mark.parametrize("relative", [False, True])
def test_modules_beside_the_file_are_not_run(make_video: Make, tmp_path: Path, relative: bool):
    """In a process of its own: Python looks for modules in the folder in which it was started."""
    (tmp_path / "clip.mp4").write_bytes(make_video("clip.mp4").read_bytes())
    for name in ("av", "PIL", "json", "numpy", "c2pa", "exifread", "pillow_heif", "jpeglib", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'run')!r})\n")
    code = """if True:
        import sys
        from veridical.media.exhibit import STREAMS, open_exhibit
        from veridical.media.metadata import Metadata
        with open_exhibit(sys.argv[1]) as exhibit:
            print(exhibit.kind, exhibit.stream(Metadata).unreadable)
    """
    path = "clip.mp4" if relative else tmp_path / "clip.mp4"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, path], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("video ()\n", 0), done.stderr
    assert not (tmp_path / "run").exists()


def test_relative_module_folders_keep_their_meaning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["lib", "", "/opt/x"]))
    assert _environment()["PYTHONPATH"] == os.pathsep.join([str(tmp_path / "lib"), "/opt/x"])


def test_nonsense_on_the_pipe_is_an_error(decoder: Decoder):
    with pytest.raises(errors.DecoderFailed, match="died|an answer that is none"):
        decoder.ask("crash", how="nonsense")


def test_chatter_does_not_block(decoder: Decoder):
    assert decoder.ask("crash", how="chatter").head["survived"] == "chatter"


def test_a_question_between_two_frames_does_not_disturb_them(make_video: Make):
    with open_exhibit(make_video("clip.mp4", sound="aac")) as exhibit:
        indices = []
        for frame in exhibit.stream(Video).frames():
            indices.append(frame.index)
            if frame.index == 3:
                assert exhibit.stream(Audio).rate == 48000
        assert indices == list(range(20))


def test_frames_left_half_way_leave_nothing_behind(make_video: Make):
    with open_exhibit(make_video("clip.mp4", sound="aac")) as exhibit:
        frames = exhibit.stream(Video).frames()
        next(frames)
        frames.close()
        assert exhibit.stream(Audio).rate == 48000
        assert len(list(exhibit.stream(Video).frames())) == 20


def test_a_stream_without_a_decoder_is_named(make_video: Make, tmp_path: Path):
    path = tmp_path / "x.mp4"
    path.write_bytes(make_video("clip.mp4").read_bytes().replace(b"stsd", b"free"))
    with pytest.raises(errors.DamagedMedia, match="no picture stream"):
        open_exhibit(path)


def test_a_full_memory_is_an_error_of_the_file(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    path = make_video("wide.mkv", "ffv1", frames=2, size=(4096, 4096))
    monkeypatch.setenv("VERIDICAL_DECODE_GIB", "0.5")
    with pytest.raises(errors.DecoderFailed, match="more than 0.5 GiB"), open_exhibit(path) as exhibit:
        for _ in exhibit.stream(Video).frames():
            pass


def test_the_worker_answers_until_its_input_closes(make_video: Make, monkeypatch: pytest.MonkeyPatch):
    """The loop of the decoder process, run here: an answer, an error of the file, and too little memory."""

    def crash(path: Path, how: str) -> Iterator[Message]:
        if how == "memory":
            raise MemoryError
        yield Message({"survived": how})

    monkeypatch.setattr(worker, "OPERATIONS", (*worker.OPERATIONS, "crash"))
    monkeypatch.setitem(sys.modules, "veridical.media.decode.crash", SimpleNamespace(read=crash))
    requests, answers = io.BytesIO(), io.BytesIO()
    for head in (
        {"op": "video", "describe": True}, {"op": "crash", "how": "memory"}, {"op": "image"}, {"op": "crash", "how": "chat"},
    ):  # fmt: skip
        send(requests, Message(head))
    requests.seek(0)
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(
        sandbox, "limit", lambda *, memory_bytes, seconds: limits.append((memory_bytes, seconds)) or ["all"]
    )
    monkeypatch.setattr(worker, "_private_pipes", lambda: (requests, answers))
    monkeypatch.setattr(worker.sys, "argv", ["worker", str(make_video("clip.mp4")), "1000", "60"])
    worker.main()
    answers.seek(0)
    heads = [receive(answers).head for _ in range(7)]
    assert answers.read() == b"" and limits == [(1000, 60)]
    assert heads[0] == {"ready": True, "limits": ["all"]}
    assert heads[1]["codec"] == "h264" and heads[2] == {"done": True}
    assert heads[3] == {"error": "MemoryError"}
    assert heads[4]["error"] in ("DamagedMedia", "NotMedia", "UnsupportedMedia") and heads[4]["remedy"]
    assert heads[5:] == [{"survived": "chat"}, {"done": True}]


def test_the_worker_runs_no_operation_that_is_not_listed(tmp_path: Path):
    with pytest.raises(ValueError, match="no operation"):
        worker._answer(tmp_path / "x", Message({"op": "os"}), io.BytesIO())
