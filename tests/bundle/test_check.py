"""What the check of a bundle finds, and by whose word it calls one unchanged."""

from __future__ import annotations

import io
import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veridical.bundle import archive, canonical, manifest
from veridical.bundle.check import check
from veridical.bundle.make import make
from veridical.errors import UsageError
from veridical.store import chain

from .bundles import KEY, OTHER, WHEN, collected, make_bundle, trusted, write_report


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path)


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as read:
        return {name: read.read(name) for name in read.namelist()}


def rewrite(path: Path, members: dict[str, bytes]) -> None:
    with path.open("wb") as file:
        archive.write(file, [archive.member(name, content) for name, content in members.items()])


def forge(path: Path, change: Any, *, key: Any = KEY) -> None:
    """Rewrite a bundle with another manifest, properly listed and signed: only what it says is wrong then."""
    members = members_of(path)
    plain = json.loads(members["manifest.json"])
    change(plain, members)
    plain["members"] = [
        {"name": name, "bytes": len(members[name]), "sha256": manifest.listed(name, members[name]).sha256}
        for name in (one["name"] for one in plain["members"])
    ]
    members["manifest.json"] = canonical.write(plain)
    members["manifest.sig"] = key.sign(members["manifest.json"])
    rewrite(path, members)


def problems(path: Path, **options: Any) -> str:
    return "\n".join(f"{one.where}: {one.problem}" for one in check(path, **options).faults)


def test_a_bundle_is_right_and_says_who_signed_it(bundle: Path) -> None:
    verdict = trusted(bundle)
    assert verdict.intact, verdict.faults
    assert verdict.trusted
    assert verdict.signer is not None
    assert verdict.signer.name == "laboratory"
    assert any(f"signed by key {KEY.public.id}, which you trust as 'laboratory'" in one for one in verdict.right)


def test_without_trusted_keys_nobody_vouches_for_the_signer(bundle: Path) -> None:
    verdict = check(bundle)
    assert verdict.intact
    assert not verdict.trusted
    assert any("who holds that key" in one for one in verdict.unchecked)


def test_a_key_that_is_not_trusted_is_a_fault(bundle: Path) -> None:
    assert "which is none that you trust" in problems(bundle, trusted=[OTHER.public])


def test_the_same_contents_are_the_same_bytes(tmp_path: Path) -> None:
    first = make_bundle(tmp_path).read_bytes()
    assert make_bundle(tmp_path).read_bytes() == first


def test_every_flipped_byte_is_found(bundle: Path) -> None:
    """Headers, directory, contents, signature: each byte of the file, one after the other."""
    data = bundle.read_bytes()
    chance = random.Random(0)
    missed = []
    small = {name: len(content) for name, content in members_of(bundle).items()}
    page = data.index(members_of(bundle)["reports/1.html"])
    inside = range(page + 100, page + small["reports/1.html"] - 100)
    for place in range(len(data)):
        if place in inside and place % 997:  # the page is long, and covered by one hash like all others
            continue
        changed = bytearray(data)
        changed[place] ^= chance.randrange(1, 256)
        bundle.write_bytes(changed)
        if check(bundle).intact:
            missed.append(place)
    assert not missed


def test_what_was_taken_out_and_put_in_is_named(bundle: Path) -> None:
    members = members_of(bundle)
    rewrite(bundle, {**{n: c for n, c in members.items() if n != "README.txt"}, "more.txt": b"x"})
    said = problems(bundle)
    assert "README.txt: it is missing" in said
    assert "more.txt: the manifest does not list it" in said


def test_another_order_is_found(bundle: Path) -> None:
    members = members_of(bundle)
    rewrite(bundle, {"README.txt": members.pop("README.txt"), **members})
    assert "order of members" in problems(bundle)


def test_a_manifest_that_was_signed_by_another_is_found(bundle: Path) -> None:
    members = members_of(bundle)
    members["manifest.sig"] = OTHER.sign(members["manifest.json"])
    rewrite(bundle, members)
    assert f"manifest.sig: it is not the signature of this manifest by key {KEY.public.id}" in problems(bundle)


def as_other(plain: Any, members: dict[str, bytes]) -> None:
    plain["signer"] |= {"id": OTHER.public.id, "public_key": OTHER.public.raw.hex()}
    members["signer.pem"] = OTHER.public.pem.encode()


def test_a_forger_with_a_key_of_his_own_is_not_the_laboratory(bundle: Path) -> None:
    """Everything fits together, even the name: only the trusted key tells."""
    forge(bundle, as_other, key=OTHER)
    assert check(bundle).intact
    said = problems(bundle, trusted=[KEY.public])
    assert "calls itself 'laboratory'" in said
    assert "none that you trust" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plain, _: plain["signer"].update(id="0" * 64), "names no Ed25519 key with its id"),
        (lambda plain, _: plain["signer"].update(public_key="zz"), "names no Ed25519 key with its id"),
        (lambda plain, _: plain["signer"].update(public_key="00"), "names no Ed25519 key with its id"),
        (lambda _, members: members.update({"signer.pem": OTHER.public.pem.encode()}), "not the key that the manifest names"),
        (lambda plain, _: plain["examinations"][0]["settings"]["spatial.error_level"].update(quality=95), "something else"),
        (lambda plain, _: plain["examinations"][0]["models"].update({"a.model": "1" * 64}), "something else"),
        (lambda plain, _: plain["examinations"][0].update(report="reports/7.json"), "a report or page that is none"),
        (lambda plain, _: plain["inputs"][0].update(bytes=7), "not among the inputs"),
        (lambda plain, _: plain["inputs"][0].update(sha256="1" * 64), "not among the inputs"),
        (lambda plain, _: plain["inputs"][0].update(member="README.txt"), "not what the manifest says it is"),
        (lambda plain, _: plain.update(custody="custody.jsonl"), "custody log is missing"),
        (lambda plain, _: plain.update(custody="README.txt"), "custody log is missing"),
        (lambda plain, _: plain.update(more=1), "says more than a manifest says"),
        (lambda plain, _: plain.update(version=2), "reads version 1"),
        (lambda plain, _: plain.update(format="a zip"), "does not say that it is a bundle"),
        (lambda plain, _: plain.update(timestamp=True), "manifest.tsr: it is missing"),
        (lambda plain, _: plain.pop("tables"), "not what a manifest says"),
        (lambda _, members: members.update({"reports/1.json": b"{}"}), "no schema_version"),
        (lambda _, members: members.update({"reports/1.json": b'{"schema_version": "1.4"}'}), "no report of veridical"),
        (lambda _, members: members.update({"reports/1.json": b"[" * 100_000}), "nested too deeply"),
        (lambda _, members: members.update({"reports/1.json": b"\xff"}), "utf-8"),
    ],
)  # fmt: skip
def test_a_signature_does_not_make_a_contradiction_true(bundle: Path, change: Any, said: str) -> None:
    forge(bundle, change)
    assert said in problems(bundle)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b'{"format": "veridical bundle", "version": 1}\n', b"[" * 100_000, b'{"a":NaN}\n', b"\xff\xfe",
     b'{"a":1,"a":1}\n', b"1" * 5000 + b"\n"],
)  # fmt: skip
def test_a_manifest_that_is_none_is_named(bundle: Path, text: bytes) -> None:
    members = members_of(bundle)
    rewrite(bundle, {**members, "manifest.json": text})
    assert "manifest.json: " in problems(bundle)


def test_the_log_of_a_case_is_followed(tmp_path: Path) -> None:
    report = collected(tmp_path)
    sha256 = report.inputs[0].sha256
    text = manifest.listed("", report.reports[0].data).sha256
    first = chain.make(
        number=1, time=WHEN, actor="A", action="exhibit added", details={"sha256": sha256}, previous=chain.START
    )
    second = chain.make(
        number=2, time=WHEN, actor="A", action="examined", details={"sha256": text}, previous=first.sha256
    )
    whole = f"{first.line}\n{second.line}\n".encode()
    path = make_bundle(tmp_path, log=whole, case="2026-1")
    verdict = trusted(path)
    assert verdict.intact, verdict.faults
    assert any("one unbroken chain of 2 entries" in one for one in verdict.right)
    for log, said in [
        (f"{second.line}\n", "entry 1 of the log is missing"), (f"{first.line}\n", "does not tell of reports/1.json"),
        ("", "does not tell of the exhibit"), ("[" * 100_000, "custody.jsonl"), ("\u00e4", "custody.jsonl"),
        (f"{first.line}\n{second.line}\n".replace('"actor":"A"', '"actor":"B"', 1), "custody.jsonl"),
    ]:  # fmt: skip
        assert said in problems(make_bundle(tmp_path, log=log.encode(), case="2026-1")), said


def test_data_files_that_weighed_a_report_are_in_the_bundle(tmp_path: Path) -> None:
    from veridical.bundle import contents

    write_report(tmp_path, tables=True)
    gathered = contents.of_reports([tmp_path / "photo.report.json"])
    made = make(tmp_path / "b.zip", gathered, KEY, now=lambda: WHEN)
    names = {one.name for one in made.manifest.tables}
    assert "populations.json" in names
    assert all(one.member for one in made.manifest.tables)
    assert trusted(tmp_path / "b.zip").intact


def test_a_table_that_is_another_by_now_is_named(tmp_path: Path) -> None:
    from veridical.bundle.contents import ReportText

    gathered = collected(tmp_path)
    plain = json.loads(gathered.reports[0].data)
    plain["record"]["tables"] = {"populations.json": "0" * 64, "../../etc/passwd": "0" * 64}
    data = json.dumps(plain).encode()
    made = make(tmp_path / "b.zip", replace(gathered, reports=(ReportText(data, plain),)), KEY)
    assert [one.member for one in made.manifest.tables] == [None, None]
    assert len(made.missing) == 2


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        check(tmp_path / "none.zip")


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"\x89PNG", bytes(1000)])
def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    assert "byte 0" in problems(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_that_is_thrown_at_it_breaks_the_check(tmp_path: Path, data: st.DataObject) -> None:
    """Cuts, insertions and changes of a real bundle: always a verdict with faults, never an exception."""
    source = tmp_path / "whole"
    if not source.exists():
        source.write_bytes(make_bundle(tmp_path).read_bytes())
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "insert", "end"]))
        piece = data.draw(st.binary(min_size=1, max_size=40))
        if kind == "change":
            content[place : place + len(piece)] = piece
        elif kind == "cut":
            del content[place : place + data.draw(st.integers(1, 5000))]
        elif kind == "insert":
            content[place:place] = piece
        else:
            del content[place + 1 :]
        if not content:
            content = bytearray(b"x")
    path = tmp_path / "hostile.zip"
    path.write_bytes(content)
    verdict = check(path, trusted=[KEY.public])
    assert not verdict.intact or bytes(content) == source.read_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_signed_manifest_that_says_anything_breaks_nothing(tmp_path: Path, data: st.DataObject) -> None:
    """Whoever makes a bundle can sign whatever they like."""
    source = tmp_path / "whole"
    if not source.exists():
        source.write_bytes(make_bundle(tmp_path).read_bytes())
    path = tmp_path / "hostile.zip"
    path.write_bytes(source.read_bytes())
    members = members_of(path)
    which = data.draw(st.sampled_from(["manifest.json", "reports/1.json"]))
    plain = json.loads(members[which])
    _replace_somewhere(plain, data)
    members[which] = canonical.write(plain)
    if which != "manifest.json":
        said = json.loads(members["manifest.json"])
        for one in said["members"]:
            if one["name"] == which:
                one.update(bytes=len(members[which]), sha256=manifest.listed("", members[which]).sha256)
        members["manifest.json"] = canonical.write(said)
    members["manifest.sig"] = KEY.sign(members["manifest.json"])
    rewrite(path, members)
    check(path, trusted=[KEY.public])


def _replace_somewhere(plain: Any, data: st.DataObject) -> None:
    while True:
        places = list(plain) if isinstance(plain, dict) else list(range(len(plain)))
        place = data.draw(st.sampled_from(places))
        below = plain[place]
        if isinstance(below, dict | list) and below and data.draw(st.booleans()):
            plain = below
            continue
        plain[place] = data.draw(JSON)
        return


def test_the_check_opens_no_other_file(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = Path.open

    def watched(self: Path, *rest: Any, **options: Any) -> Any:
        opened.append(self)
        return real(self, *rest, **options)

    monkeypatch.setattr(Path, "open", watched)
    check(bundle)
    assert opened == [bundle]


def test_canonical_json_has_one_form() -> None:
    assert canonical.write({"b": 1, "a": [0.5, None, "\u00e4\ud800"]}) == b'{"a":[0.5,null,"\\u00e4\\ud800"],"b":1}\n'
    for other in (
        b'{"b":1,"a":2}\n',
        b'{"a": 1}\n',
        b'{"a":1}',
        b'{"a":1.0e0}\n',
        b'{"a":"\\u0041"}\n',
        b'{"a":1,"a":1}\n',
    ):
        with pytest.raises(ValueError, match="not written in the one form"):
            canonical.read(other)
    assert io.BytesIO(canonical.write([])).read() == b"[]\n"
