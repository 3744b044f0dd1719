"""Timestamps by an authority on this machine: asked for, stored, checked offline, and refused where they prove nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from veridical.bundle import manifest, timestamp
from veridical.bundle.check import check
from veridical.bundle.make import Stamping
from veridical.errors import NotInstalled, UsageError

from .bundles import KEY, make_bundle
from .test_check import members_of, rewrite

pytest.importorskip("rfc3161_client")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the timestamps")
CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


@dataclass
class Made:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    name: str


def certificate(folder: Path, name: str, issuer: Made | None = None, *, stamps: bool = False) -> Made:
    key = rsa.generate_private_key(65537, 2048)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    use = {word: False for word in (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )} | {"digital_signature" if stamps else "key_cert_sign": True}  # fmt: skip
    builder = (
        x509.CertificateBuilder().subject_name(named).issuer_name(issuer.certificate.subject if issuer else named)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=not stamps, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**use), critical=True)
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    made = Made(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key, name)
    (folder / f"{name}.pem").write_bytes(made.certificate.public_bytes(form.Encoding.PEM))
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    (folder / f"{name}.key").write_bytes(private)
    return made


class Authority(BaseHTTPRequestHandler):
    """Answers with what ``openssl ts`` makes of a question; ``how`` makes it answer wrongly."""

    folder: ClassVar[Path]
    how: ClassVar[str] = "rightly"
    asked: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(question)
        if self.how == "refuse":
            self.send_error(503)
            return
        if self.how == "turn":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            return
        answer = {"page": b"<html>", "endless": bytes(timestamp.MOST_BYTES + 5)}.get(self.how) or self.stamp(question)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def stamp(self, question: bytes) -> bytes:
        (self.folder / "serial").write_text("01")
        (self.folder / "config").write_text(CONFIG)
        (self.folder / "question").write_bytes(question)
        if self.how == "something else":
            (self.folder / "other").write_bytes(b"something else")
            self.openssl("-query", "-data", "other", "-sha256", "-cert", "-out", "question")
        chain = ["-chain", "root.pem"] if self.how == "two certificates" else []
        self.openssl(
            "-reply", "-config", "config", "-queryfile", "question", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply",
            *chain,
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", "ts", *words], cwd=self.folder, check=True, capture_output=True)

    def log_message(self, *_: Any) -> None:
        return


@dataclass
class Running:
    url: str
    root: x509.Certificate
    folder: Path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("authority")
    root = certificate(folder, "root")
    certificate(folder, "tsa", root, stamps=True)
    Authority.folder = folder
    server = HTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Running(f"http://127.0.0.1:{server.server_port}/", root.certificate, folder)
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def rightly() -> Iterator[None]:
    Authority.how = "rightly"
    Authority.asked.clear()
    yield


def test_a_bundle_is_stamped_and_checked_offline(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url, (authority.root,)))
    assert len(Authority.asked) == 1
    verdict = check(path, trusted=[KEY.public], authorities=[authority.root])
    assert verdict.intact, verdict.faults
    today = dt.datetime.now(dt.UTC).date().isoformat()
    assert any(f"an authority that you trust has seen the signature at {today}" in one for one in verdict.right)
    assert len(Authority.asked) == 1  # nobody was asked again


def test_openssl_agrees(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    members = members_of(path)
    for name in (manifest.SIGNATURE, manifest.TIMESTAMP):
        (tmp_path / name).write_bytes(members[name])
    command = ["openssl", "ts", "-verify", "-data", manifest.SIGNATURE, "-in", manifest.TIMESTAMP, "-CAfile"]
    done = subprocess.run(
        [*command, str(authority.folder / "root.pem")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_without_certificates_it_is_only_read(authority: Running, tmp_path: Path) -> None:
    verdict = check(make_bundle(tmp_path, stamping=Stamping(authority.url)))
    assert verdict.intact
    assert any("--tsa FILE" in one for one in verdict.unchecked)


def test_an_authority_that_is_not_trusted_is_a_fault(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    stranger = certificate(tmp_path, "stranger")
    (fault,) = check(path, authorities=[stranger.certificate]).faults
    assert "the given certificates do not vouch for it" in fault.problem


def test_the_authority_itself_may_be_among_the_certificates(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    both = tmp_path / "both.pem"
    both.write_bytes((authority.folder / "tsa.pem").read_bytes() + (authority.folder / "root.pem").read_bytes())
    assert check(path, authorities=timestamp.certificates(both)).intact


def test_a_timestamp_of_another_bundle_is_found(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    other = timestamp.ask(authority.url, b"another signature")
    rewrite(path, {**members_of(path), manifest.TIMESTAMP: other})
    for options in ({}, {"authorities": [authority.root]}):
        (fault,) = check(path, **options).faults  # type: ignore[arg-type]
        assert "a timestamp of something else" in fault.problem


def test_a_timestamp_that_was_taken_out_is_missed(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    members = members_of(path)
    del members[manifest.TIMESTAMP]
    rewrite(path, members)
    assert "manifest.tsr: it is missing" in "\n".join(f"{one.where}: {one.problem}" for one in check(path).faults)


def test_no_altered_reply_breaks_the_check(authority: Running, tmp_path: Path) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    members = members_of(path)
    reply = members[manifest.TIMESTAMP]
    refused = 0
    for place in range(0, len(reply), 3):
        changed = bytearray(reply)
        changed[place] ^= 0xFF
        rewrite(path, {**members, manifest.TIMESTAMP: bytes(changed)})
        refused += not check(path, authorities=[authority.root]).intact
    assert (
        refused > len(reply) // 3 * 0.95
    )  # a few bytes of a reply mean nothing; the CRC-32 of the member covers these


@pytest.mark.parametrize(
    ("how", "said"),
    [("refuse", "503"), ("turn", "302"), ("page", "cannot be read"), ("endless", "more than 1048576 bytes"),
     ("something else", "answers another question"), ("two certificates", "two certificates or more")],
)  # fmt: skip
def test_an_answer_that_is_none_leaves_no_bundle(authority: Running, tmp_path: Path, how: str, said: str) -> None:
    Authority.how = how
    with pytest.raises(UsageError, match=said):
        make_bundle(tmp_path, stamping=Stamping(authority.url))
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "begins with http"),
        ("http://127.0.0.1:1/", "no timestamp came"),
        ("no address", "begins with"),
    ],
)
def test_an_address_where_nobody_answers(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        timestamp.ask(url, b"data")


def test_the_package_that_is_missing_is_named(
    authority: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_bundle(tmp_path, stamping=Stamping(authority.url))
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(NotInstalled, match="veridical\\[timestamp\\]"):
        timestamp.ask(authority.url, b"data")
    verdict = check(path)
    assert verdict.intact
    assert any("veridical[timestamp]" in one for one in verdict.unchecked)
    with pytest.raises(UsageError, match="veridical\\[timestamp\\]"):
        check(path, authorities=[authority.root])


def test_files_without_certificates_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pem"
    path.write_text("none")
    with pytest.raises(UsageError, match="holds no certificate"):
        timestamp.certificates(path)
    with pytest.raises(UsageError, match="cannot be read"):
        timestamp.certificates(tmp_path / "none.pem")
