import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from veridical import errors
from veridical.media import sandbox
from veridical.media.decoder import Decoder

LIMIT = "from veridical.media import sandbox; held = sandbox.limit(memory_bytes=1 << 30, seconds=60)\n"


def child(code: str, *, limit: str = LIMIT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", limit + code], capture_output=True, text=True, timeout=60, check=False)


def test_every_limit_is_reported():
    held = child("print(held)").stdout
    for name in ("memory", "processor time", "no file writes", "no core dumps", "open files", "no network"):
        assert name in held


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))", "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    ],
)  # fmt: skip
def test_sockets_are_refused(attempt):
    done = child(attempt)
    assert done.returncode == 1
    assert "Operation not permitted" in done.stderr
    assert "PermissionError" in done.stderr


def test_sockets_work_without_the_limits():
    assert child("import socket; socket.socket(socket.AF_INET).close()", limit="").returncode == 0


def test_sockets_are_refused_to_children_too():
    code = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import socket; socket.socket()']))"
    assert child(code).returncode == 1


def test_memory_ends_in_memory_error():
    done = child("bytearray(2 << 30)")
    assert "MemoryError" in done.stderr
    assert child("bytearray(1 << 20)").returncode == 0


def test_files_cannot_be_written_but_can_be_read(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("text")
    done = child(f"print(open({str(kept)!r}).read())\nopen({str(tmp_path / 'new')!r}, 'wb', 0).write(b'x')")
    assert done.stdout == "text\n"
    assert "File too large" in done.stderr
    assert not (tmp_path / "new").read_bytes()


def test_open_files_are_limited():
    assert "Too many open files" in child("files = [open('/dev/null') for _ in range(100)]").stderr


def test_processor_time_is_limited():
    limit = "from veridical.media import sandbox; sandbox.limit(memory_bytes=1 << 30, seconds=1)\n"
    started = time.monotonic()
    assert child("while True: pass", limit=limit).returncode == -signal.SIGXCPU
    assert time.monotonic() - started < 30


def test_unknown_processors_say_that_the_network_is_open(monkeypatch):
    monkeypatch.setattr(sandbox.platform, "machine", lambda: "abacus")
    assert not sandbox._forbid_sockets()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)).save(path)
    return path


def test_a_worker_killed_by_a_signal_is_an_error_of_its_file(photo):
    decoder = Decoder(photo)
    decoder.ask("metadata")
    pid = decoder._process.pid
    os.kill(pid, signal.SIGSTOP)  # so that it dies in the middle of the question, not before
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(errors.DecoderFailed, match="SIGKILL") as caught:
        decoder.ask("image")
    killer.join()
    assert caught.value.path == photo
    assert decoder.ask("metadata").head["unreadable"] == []  # the next question starts another
    decoder.close()


def test_too_little_memory_is_an_error_that_names_the_limit(photo, monkeypatch):
    monkeypatch.setenv("VERIDICAL_DECODE_GIB", "0.25")
    monkeypatch.setenv("VERIDICAL_MAX_MEGAPIXELS", "1000")
    Image.new("RGB", (12000, 9000)).save(photo, compress_level=1)
    decoder = Decoder(photo)
    with pytest.raises(errors.DecoderFailed, match="VERIDICAL_DECODE_GIB"):
        decoder.ask("image")
    decoder.close()
