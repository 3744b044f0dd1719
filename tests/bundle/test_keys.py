"""Keys that sign: made, kept for the owner alone, named by an id that other programs compute as well."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veridical.bundle import keys
from veridical.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def nobody() -> None:
    return None


def test_a_key_is_made_kept_and_loaded(folder: Path) -> None:
    made = keys.new("laboratory")
    private = folder / "laboratory.key"
    assert private.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert keys.names() == ["laboratory"]
    loaded = keys.load("", nobody)
    assert loaded.public == keys.public("laboratory") == made
    assert keys.mine() == {made.id: "laboratory"}
    signature = loaded.sign(b"text")
    assert made.has_signed(b"text", signature)
    assert not made.has_signed(b"texts", signature)
    assert not made.has_signed(b"text", b"\0" * 64)


def test_the_known_answer_of_rfc_8032() -> None:
    """Test 2 of RFC 8032, section 7.1: one byte of message."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = keys.PrivateKey(Ed25519PrivateKey.from_private_bytes(secret))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_the_id_is_what_openssl_and_sha256sum_print(folder: Path) -> None:
    made = keys.new("a")
    try:
        command = ["openssl", "pkey", "-pubin", "-in", str(folder / "a.pub"), "-outform", "DER"]
        done = subprocess.run(command, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    assert hashlib.sha256(done.stdout).hexdigest() == made.id


def test_a_passphrase_protects_a_key(folder: Path) -> None:
    keys.new("a", b"open sesame")
    assert b"ENCRYPTED" in (folder / "a.key").read_bytes()
    assert keys.load("a", lambda: b"open sesame").public.name == "a"
    with pytest.raises(UsageError, match="the passphrase is wrong"):
        keys.load("a", lambda: b"open barley")
    with pytest.raises(UsageError, match="protected by a passphrase"):
        keys.load("a", nobody)


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    keys.new("a")
    (folder / "a.key").chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        keys.load("a", nobody)


def test_no_key_is_overwritten(folder: Path) -> None:
    keys.new("a")
    before = (folder / "a.key").read_bytes()
    with pytest.raises(UsageError, match="there is a key of that name"):
        keys.new("a")
    assert (folder / "a.key").read_bytes() == before


def test_which_key_is_meant() -> None:
    with pytest.raises(UsageError, match="veridical keys new"):
        keys.load("", nobody)
    keys.new("a")
    keys.new("b")
    with pytest.raises(UsageError, match="several keys; choose one with --key: a, b"):
        keys.load("", nobody)
    keys.new("default")
    assert keys.load("", nobody).name == "default"
    with pytest.raises(UsageError, match="no key and no file 'c'"):
        keys.load("c", nobody)
    with pytest.raises(UsageError, match="there is no key 'c'"):
        keys.public("c")


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".a", "a b", "x" * 65])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a key"):
        keys.new(name)


def test_a_key_file_of_another_program_can_sign(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    path.chmod(0o600)
    assert keys.load(str(path), nobody).public.name == ""
    curve = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(curve.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    with pytest.raises(UsageError, match="no Ed25519 key"):
        keys.load(str(path), nobody)
    path.write_text("not a key")
    with pytest.raises(UsageError, match="no private key in PEM"):
        keys.load(str(path), nobody)


def test_trusted_keys_have_the_names_that_stand_above_them(tmp_path: Path) -> None:
    one, two = keys.new("one"), keys.new("two")
    path = tmp_path / "trusted.pem"
    path.write_text(f"text\n{keys.stated(one)}\n{two.pem}")
    assert [(key.name, key.id) for key in keys.read_public(path)] == [("one", one.id), ("", two.id)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "holds no public key"), ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be read")],
)
def test_files_without_a_key_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "trusted.pem"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        keys.read_public(path)


def test_a_key_of_another_kind_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "trusted.pem"
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    path.write_bytes(curve.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(UsageError, match="not Ed25519"):
        keys.read_public(path)
