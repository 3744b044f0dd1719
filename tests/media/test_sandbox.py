import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from veridical import errors
from veridical.media import seccomp
from veridical.media.decoder import Decoder

LIMIT = "from veridical.media import sandbox; held = sandbox.limit(memory_bytes=1 << 30, seconds=60)\n"


def child(code: str, *, limit: str = LIMIT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", limit + code], capture_output=True, text=True, timeout=60, check=False)


def test_every_limit_is_reported():
    held = child("print(held)").stdout
    for name in (
        "memory",
        "processor time",
        "no file writes",
        "no core dumps",
        "open files",
        "no network",
        "no new processes",
    ):
        assert f"'{name}'" in held


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


def test_memory_ends_in_memory_error():
    done = child("bytearray(2 << 30)")
    assert "MemoryError" in done.stderr
    assert child("bytearray(1 << 20)").returncode == 0


def test_files_can_be_read_and_their_folders_listed(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("text")
    done = child(
        f"import os\nprint(open({str(kept)!r}).read(), os.listdir({str(tmp_path)!r}), os.path.getsize({str(kept)!r}))"
    )
    assert done.stdout == "text ['kept.txt'] 4\n"


# Each of them works without the limits, as the control below shows. ``kept`` is a file of four bytes, ``new`` is none.
CHANGES = {
    "write": "open(new, 'wb', 0).write(b'x')",
    "create": "os.close(os.open(new, os.O_CREAT | os.O_RDONLY))",
    "nameless": "os.close(os.open(os.path.dirname(kept), os.O_TMPFILE | os.O_WRONLY))",
    "append": "os.close(os.open(kept, os.O_WRONLY | os.O_APPEND))",
    "update": "os.close(os.open(kept, os.O_RDWR))",
    "empty while reading": "os.close(os.open(kept, os.O_RDONLY | os.O_TRUNC))",
    "truncate": "os.truncate(kept, 0)",
    "remove": "os.unlink(kept)",
    "remove beside": "os.unlink(os.path.basename(kept), dir_fd=os.open(os.path.dirname(kept), os.O_RDONLY))",
    "rename": "os.rename(kept, new)",
    "link": "os.link(kept, new)",
    "symbolic link": "os.symlink(kept, new)",
    "folder": "os.mkdir(new)",
    "pipe": "os.mkfifo(new)",
    "permissions": "os.chmod(kept, 0o777)",
    "permissions of an open file": "os.fchmod(os.open(kept, os.O_RDONLY), 0o777)",
    "owner": "os.chown(kept, os.getuid(), os.getgid())",
    "times": "os.utime(kept, (1, 1))",
    "run": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork() or os._exit(0)",
    "start": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "signal to the parent": "os.kill(os.getppid(), 0)",
    "signal to a thread of the parent": "call(tgkill, os.getppid(), os.getppid(), 0)",
    "signal to the group": "os.kill(0, 0)",
    "limits of the parent": "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
    "signal on input": "import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
    "handle of the parent": "call(434, os.getppid(), 0)",
    "shared memory": "call(shmget, 0, 4096, 0o600)",
}
PLACES = """import ctypes, os, platform
tgkill, shmget = {"x86_64": (234, 29), "aarch64": (131, 194)}[platform.machine()]
def call(*words):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_beyond_the_process_can_be_changed(tmp_path, what):
    kept, new = tmp_path / "kept", tmp_path / "new"
    kept.write_text("text")
    before = kept.stat()
    places = PLACES + f"kept, new = {str(kept)!r}, {str(new)!r}\n"
    done = child(places + CHANGES[what])
    assert done.returncode == 1 and "PermissionError: [Errno 1]" in done.stderr
    assert os.listdir(tmp_path) == ["kept"] and kept.stat()[:9] == before[:9] and kept.read_text() == "text"
    assert child(places + CHANGES[what], limit="").returncode == 0


def test_attributes_and_debugging_are_refused(tmp_path):
    """Not every file system and container offers these, so they have no control."""
    kept = tmp_path / "kept"
    kept.write_text("text")
    for attempt in (f"os.setxattr({str(kept)!r}, 'user.x', b'1')", "call(ptrace, 16, os.getppid(), 0, 0)"):
        done = child(PLACES + f"ptrace = {{234: 101, 131: 117}}[tgkill]\n{attempt}")
        assert "PermissionError: [Errno 1]" in done.stderr


def test_calls_newer_than_the_filter_do_not_exist_in_it():
    done = child(PLACES + "call(463, 0, 0, 0, 0, 0)")
    assert "OSError: [Errno 38]" in done.stderr


def test_threads_work_and_a_process_may_end_itself():
    done = child(
        "import threading\nthread = threading.Thread(target=print, args=('run',))\nthread.start(); thread.join()"
    )
    assert (done.stdout, done.returncode) == ("run\n", 0)
    assert child("import os; os.abort()").returncode == -signal.SIGABRT


def test_memory_of_other_processes_is_out_of_reach():
    done = child(PLACES + "call({234: 310, 131: 270}[tgkill], os.getppid(), 0, 0, 0, 0, 0)")
    assert "PermissionError" in done.stderr


def test_without_the_filter_nothing_of_it_is_claimed():
    refuse = "from veridical.media import seccomp; seccomp.platform.machine = lambda: 'abacus'\n"
    held = child("print(held)", limit=refuse + LIMIT).stdout
    assert "memory" in held and "no growing files" in held
    for name in ("no network", "no file writes", "no new processes"):
        assert name not in held


def test_a_filter_that_the_kernel_refuses_is_not_claimed():
    refuse = "from veridical.media import seccomp; seccomp._SECCOMP_MODE_FILTER = 77\n"
    held = child("print(held)", limit=refuse + LIMIT).stdout
    assert "no growing files" in held and "no network" not in held


@pytest.mark.parametrize(("answers", "installed"), [((0, 0), True), ((0, -1), False), ((-1, 0), False)])
def test_the_answers_of_the_kernel_decide(monkeypatch, answers, installed):
    """In this process, with a C library that only answers: a real filter could not be taken off again."""
    left = list(answers)
    library = SimpleNamespace(prctl=lambda *_: left.pop(0))
    monkeypatch.setattr(seccomp.ctypes, "CDLL", lambda *_, **__: library)
    assert seccomp.install() is installed
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "abacus")
    assert seccomp.install() is False


def run_filter(steps, number, arguments=()):
    """Interpret a filter for one call, as the kernel does."""
    data = {0: number, 4: 0xC00000B7} | {16 + 8 * place: value for place, value in enumerate(arguments)}
    at, value = 0, 0
    while True:
        code, yes, no, constant = steps[at]
        at += 1
        if code == seccomp._RETURN:
            return constant
        if code == seccomp._LOAD:
            value = data.get(constant, 0)
            continue
        true = {
            seccomp._EQUAL: value == constant, seccomp._AT_LEAST: value >= constant, seccomp._ANY_BIT: bool(value & constant),
        }[code]  # fmt: skip
        at += yes if true else no


def test_the_filter_for_arm_refuses_the_same():
    steps = seccomp.program(0xC00000B7, 1)
    allow, refuse = seccomp._ALLOW, seccomp._EPERM
    assert [run_filter(steps, number) for number in (198, 35, 221, 46, 38, 117)] == [refuse] * 6
    assert [run_filter(steps, number) for number in (63, 64, 222, 98)] == [allow] * 4  # read, write, mmap, futex
    assert run_filter(steps, 56, (0, 0, os.O_RDONLY | os.O_CLOEXEC)) == allow
    assert run_filter(steps, 56, (0, 0, os.O_WRONLY)) == refuse
    assert run_filter(steps, 220, (0x3D0F00,)) == allow and run_filter(steps, 220, (17,)) == refuse
    assert run_filter(steps, 435) == seccomp._ENOSYS
    assert run_filter(seccomp.program(0xC000003E, 0), 63) == seccomp._KILL  # another processor's calls


def test_open_files_are_limited():
    assert "Too many open files" in child("files = [open('/dev/null') for _ in range(100)]").stderr


def test_processor_time_is_limited():
    limit = "from veridical.media import sandbox; sandbox.limit(memory_bytes=1 << 30, seconds=1)\n"
    started = time.monotonic()
    assert child("while True: pass", limit=limit).returncode == -signal.SIGXCPU
    assert time.monotonic() - started < 30


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
