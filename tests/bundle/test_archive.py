"""The zip file of which every byte follows from its members."""

from __future__ import annotations

import io
import struct
import subprocess
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from veridical.bundle import archive

MEMBERS = [
    archive.member("manifest.json", b"{}\n"),
    archive.member("reports/1.json", b"abc" * 100),
    archive.member("e", b""),
]


def written(members: list[archive.Member]) -> bytes:
    file = io.BytesIO()
    archive.write(file, members)
    return file.getvalue()


def faults(data: bytes) -> list[archive.Fault]:
    """What is wrong with the structure, or with a content by its CRC."""
    file = io.BytesIO(data)
    entries, found = archive.scan(file)
    bad = [one for one in entries if zlib.crc32(b"".join(archive.pieces(file, one))) != one.crc]
    return found + [archive.Fault(one.name, "crc", "") for one in bad]


def test_other_programs_read_it(tmp_path: Path) -> None:
    data = written(MEMBERS)
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        assert read.testzip() is None
        assert {name: read.read(name) for name in read.namelist()} == {
            "manifest.json": b"{}\n", "reports/1.json": b"abc" * 100, "e": b"",
        }  # fmt: skip
    assert not faults(data)


def test_the_same_members_are_the_same_bytes() -> None:
    assert written(MEMBERS) == written(MEMBERS)


def test_every_flipped_bit_is_found() -> None:
    data = written(MEMBERS)
    missed = []
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            if not faults(bytes(changed)):
                missed.append((place, bit))
    assert not missed


@pytest.mark.parametrize("more", [b"\0", b"PK\x03\x04", b"x" * 100])
def test_bytes_before_between_and_after_are_found(more: bytes) -> None:
    data = written(MEMBERS)
    second = data.index(b"PK\x03\x04", 4)
    directory = data.index(b"PK\x01\x02")
    for place in (0, second, directory, len(data)):
        assert faults(data[:place] + more + data[place:])


def test_every_truncation_is_found() -> None:
    data = written(MEMBERS)
    assert all(faults(data[:length]) for length in range(len(data)))


def by_zipfile(names: list[str], *, compressed: bool = False, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as made:
        for name in names:
            made.writestr(zipfile.ZipInfo(name), b"0" * 1000, made.compression)
        made.comment = comment
    return file.getvalue()


@pytest.mark.parametrize(
    "name", ["../up", "/root", "a/../b", "C:\\x", "a\\b", "a//b", ".hidden", "a/", "\u00e4", "a\0b", "x" * 201, "a b"]
)
def test_names_that_lead_astray_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is none that a member"):
        written([archive.member(name, b"")])
    found = faults(by_zipfile([name.replace("\0", "?")]))
    assert any("the name is none" in one.problem for one in found), found


def test_a_name_that_stands_twice_is_found(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(ValueError, match="stands twice"):
        written([archive.member("a", b""), archive.member("A", b"")])
    assert any("stands twice" in one.problem for one in faults(by_zipfile(["a", "A"])))


def test_a_member_that_unfolds_is_not_unpacked() -> None:
    (found,) = faults(by_zipfile(["a"], compressed=True))
    assert "not unpacked" in found.problem


def test_many_members_take_no_long_time() -> None:
    many = [archive.member(f"m{number}", b"") for number in range(archive.MOST_MEMBERS)]
    began = time.process_time()
    data = written(many)
    assert not faults(data)
    assert time.process_time() - began < 5
    assert faults(written([*many, archive.member("more", b"")]))


def test_a_comment_is_found() -> None:
    plain = faults(by_zipfile(["a"]))
    assert len(faults(by_zipfile(["a"], comment=b"hello"))) >= len(plain) > 0


def test_a_size_beyond_the_file_is_found() -> None:
    data = bytearray(written(MEMBERS))
    data[18:26] = struct.pack("<LL", 2**32 - 2, 2**32 - 2)
    (found,) = faults(bytes(data))
    assert "announces 4294967294 bytes" in found.problem


def test_a_content_that_changes_while_it_is_written_is_no_bundle() -> None:
    lying = archive.Member("a", 3, zlib.crc32(b"abc"), lambda: iter((b"xyz",)))
    with pytest.raises(ValueError, match="changed while it was written"):
        written([lying])


@pytest.mark.parametrize("large", [40, 110, 400])
def test_sizes_and_places_beyond_four_gib_have_fields_of_their_own(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    """With the limit lowered, the wide fields are written, read back, and every flipped byte in them is found."""
    monkeypatch.setattr(archive, "_LARGE", large)
    data = written(MEMBERS)
    assert b"PK\x06\x06" in data
    file = io.BytesIO(data)
    entries, found = archive.scan(file)
    assert not found
    assert [one.size for one in entries] == [3, 300, 0]
    assert b"".join(archive.pieces(file, entries[1])) == b"abc" * 100
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x55
        assert faults(bytes(changed)), place


class Sparse(io.FileIO):
    """A file in which runs of zeros take no place on the disk."""

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        if len(content) < 1 << 24 or any(content[:64]):
            return super().write(content)
        self.seek(len(content), 1)
        return len(content)


@pytest.mark.slow
def test_a_member_of_more_than_four_gib_is_read_by_other_programs(tmp_path: Path) -> None:
    size, crc = 2**32 + 5, 0xB1C2A1A3  # of as many zeros
    zeros = bytes(1 << 24)

    def content() -> Iterator[bytes]:
        yield from (zeros for _ in range(size // len(zeros)))
        yield zeros[: size % len(zeros)]

    path = tmp_path / "large.zip"
    with Sparse(path, "w") as file:
        archive.write(file, [archive.Member("media/x", size, crc, content), archive.member("last", b"here")])
    with zipfile.ZipFile(path) as read:
        assert read.read("last") == b"here"
        assert read.getinfo("media/x").file_size == size
    with path.open("rb") as stored:
        entries, found = archive.scan(stored)
    assert not found
    assert [one.size for one in entries] == [size, 4]


def test_unzip_agrees(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(written(MEMBERS))
    try:
        done = subprocess.run(["unzip", "-t", str(path)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("unzip is not here")
    assert done.returncode == 0, done.stdout
