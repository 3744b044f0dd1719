"""Bundles made of reports and of cases: what is in them, what is said to be missing, and that they are whole or not there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from veridical.bundle import archive, contents, publish
from veridical.bundle.check import check
from veridical.bundle.make import make
from veridical.errors import CaseDamaged, MediaChanged, UsageError
from veridical.report.to_json import to_json
from veridical.store.case import Case
from veridical.store.ledger import Particulars

from .bundles import KEY, collected, make_bundle, small_report, trusted, write_report
from .test_check import members_of


def test_everything_that_is_needed_is_in_it(tmp_path: Path) -> None:
    members = members_of(make_bundle(tmp_path))
    report = (tmp_path / "photo.report.json").read_bytes()
    media = (tmp_path / "photo.png").read_bytes()
    assert members["reports/1.json"] == report
    assert members["reports/1.html"].startswith(b"<!doctype html>")
    assert members[f"media/{hashlib.sha256(media).hexdigest()}"] == media
    said = json.loads(members["manifest.json"])
    (one,) = said["inputs"]
    assert one["sha512"] == hashlib.sha512(media).hexdigest()
    assert (one["bytes"], one["name"], one["kind"]) == (len(media), "photo.png", "image")
    (run,) = said["examinations"]
    assert run["settings"] == {"spatial.error_level": {"quality": 75}}
    assert run["models"] == {"a.model": "0" * 64}
    assert {"python", "cpu", "system", "numpy"} <= said["made"]["environment"].keys()
    listed = {one["name"]: one["sha256"] for one in said["members"]}
    unlisted = {"manifest.json", "manifest.sig"}
    assert listed == {n: hashlib.sha256(c).hexdigest() for n, c in members.items() if n not in unlisted}


def test_the_signature_is_checked_without_veridical(tmp_path: Path) -> None:
    members = members_of(make_bundle(tmp_path))
    for name in ("manifest.json", "manifest.sig", "signer.pem"):
        (tmp_path / name).write_bytes(members[name])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "signer.pem", "-rawin", "-in", "manifest.json"]
    try:
        done = subprocess.run(
            [*command, "-sigfile", "manifest.sig"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout


def test_without_media_only_hashes_are_kept(tmp_path: Path) -> None:
    members = members_of(make_bundle(tmp_path, with_media=False))
    assert not any(name.startswith("media/") for name in members)
    assert json.loads(members["manifest.json"])["inputs"][0]["sha512"]


def test_a_file_that_was_moved_is_named_and_can_be_given(tmp_path: Path) -> None:
    report = write_report(tmp_path)
    moved = (tmp_path / "photo.png").rename(tmp_path / "moved.png")
    gathered = contents.of_reports([report])
    made = make(tmp_path / "a.zip", gathered, KEY)
    assert "is not where it was examined" in made.missing[0]
    assert "report 1 does not say which data files weighed it" in made.missing[1]
    assert made.manifest.inputs[0].sha512 is None
    with pytest.raises(UsageError, match="--media FILE"):
        make(tmp_path / "b.zip", gathered, KEY, with_media=True)
    make(tmp_path / "c.zip", contents.of_reports([report], [moved]), KEY, with_media=True)
    assert trusted(tmp_path / "c.zip").intact
    moved.write_bytes(b"another")
    with pytest.raises(UsageError, match="none of the reports is about"):
        contents.of_reports([report], [moved])
    moved.rename(tmp_path / "photo.png")
    assert "has changed since it was examined" in contents.of_reports([report]).missing[0]


def test_several_reports_of_one_file_have_one_input(tmp_path: Path) -> None:
    report = write_report(tmp_path)
    made = make(tmp_path / "a.zip", contents.of_reports([report, report]), KEY, with_media=True)
    assert len(made.manifest.examinations) == 2
    assert len(made.manifest.inputs) == 1
    assert trusted(tmp_path / "a.zip").intact


@pytest.mark.parametrize(
    ("text", "said"), [("{}", "no report of veridical"), ("nonsense", "not JSON"), (None, "cannot be read")]
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=said):
        contents.of_reports([path])
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="ends in .report.json"):
        contents.of_reports([path])


def test_the_report_of_a_file_that_was_not_there_is_refused(tmp_path: Path) -> None:
    media = tmp_path / "a.png"
    media.write_bytes(b"x")
    report = small_report(media)
    (tmp_path / "a.json").write_text(to_json(replace(report, exhibit=replace(report.exhibit, sha256=""))))
    with pytest.raises(UsageError, match="nothing to bundle"):
        contents.of_reports([tmp_path / "a.json"])


def test_no_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        make(path, collected(tmp_path), KEY)
    assert path.read_text() == "mine"
    with pytest.raises(UsageError, match="cannot be written"):
        make(tmp_path / "none" / "a.zip", collected(tmp_path), KEY)


def test_a_file_that_changes_meanwhile_makes_no_bundle(tmp_path: Path) -> None:
    gathered = collected(tmp_path)
    (tmp_path / "photo.png").write_bytes(b"\x89PNG not really, but somebody wrote")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(MediaChanged, match="changed while the bundle was made"):
        make(tmp_path / "a.zip", gathered, KEY, with_media=True)
    assert sorted(tmp_path.iterdir()) == before


def refuse_nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def as_elsewhere(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not here")
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", as_elsewhere)


def test_where_there_are_no_nameless_files_a_draft_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_nameless(monkeypatch)
    assert trusted(make_bundle(tmp_path)).intact
    assert not list(tmp_path.glob(f"{publish._DRAFT}*"))


def test_where_there_are_no_links_the_draft_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_nameless(monkeypatch)

    def no_link(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_link)
    assert trusted(make_bundle(tmp_path)).intact
    assert not list(tmp_path.glob(f"{publish._DRAFT}*"))


def test_a_name_that_is_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"

    def slow(file: Any) -> None:
        file.write(b"bundle")
        path.write_text("another was quicker")

    with pytest.raises(UsageError, match="is there already"):
        publish.publish(path, slow)
    assert path.read_text() == "another was quicker"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case.create(tmp_path / "case", Particulars(name="2026-7", examiner="A. Examiner"))
    media = tmp_path / "photo.png"
    media.write_bytes(b"\x89PNG\r\n\x1a\nand so on")
    exhibit, _ = made.add(media)
    made.record(exhibit, to_json(small_report(media)), {"band": "inconclusive"})
    other = tmp_path / "other.png"
    other.write_bytes(b"\x89PNG\r\n\x1a\nnever examined")
    made.add(other)
    return made


def test_a_case_is_bundled_with_its_log(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    made = make(path, contents.of_case(case), KEY, with_media=True)
    assert made.manifest.case == "2026-7"
    assert [one.kind for one in made.manifest.inputs] == ["image", ""]
    verdict = check(path, trusted=[KEY.public])
    assert verdict.intact, verdict.faults
    assert any("one unbroken chain of 4 entries" in one for one in verdict.right)
    assert members_of(path)["custody.jsonl"].decode().splitlines() == [one.line for one in case.entries()]


def test_a_damaged_case_is_not_bundled(case: Case) -> None:
    copy = case.copy_of(case.exhibits()[0])
    copy.chmod(0o644)
    copy.write_bytes(b"altered")
    with pytest.raises(CaseDamaged, match="cannot be bundled"):
        contents.of_case(case)


@pytest.mark.parametrize(
    ("stage", "there"), [("write", False), ("fsync", False), ("fchmod", False), ("link", False), ("sync", True)]
)
@pytest.mark.parametrize("nameless", [True, False])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the child only makes the bundle, and is killed
def test_a_kill_at_any_step_leaves_the_whole_bundle_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, there: bool, nameless: bool
) -> None:
    """A process is killed just before it writes, brings to the disk, names, …; only after the naming is there a bundle."""
    gathered = collected(tmp_path)
    process = os.fork()
    if process == 0:
        if not nameless:
            refuse_nameless(monkeypatch)
        if stage == "sync":
            monkeypatch.setattr(publish, "sync", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        elif stage == "write":
            monkeypatch.setattr(archive, "_tail", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        else:
            monkeypatch.setattr(os, stage, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        try:
            make(tmp_path / "a.zip", gathered, KEY, with_media=True)
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
    assert (tmp_path / "a.zip").exists() is there
    if there:
        assert trusted(tmp_path / "a.zip").intact
    left = {path.name for path in tmp_path.iterdir()} - {"a.zip", "photo.png", "photo.report.json"}
    assert all(name.startswith(publish._DRAFT) for name in left)
    assert not (nameless and left)
