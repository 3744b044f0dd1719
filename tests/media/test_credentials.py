import datetime
import io
import struct
import time
import zlib
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from veridical.media import credentials as media
from veridical.media.credentials import Credentials, read_credentials
from veridical.media.decode import credentials as operation
from veridical.media.decoder import Decoder

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MANIFEST = {
    "claim_generator_info": [{"name": "test", "version": "1"}],
    "assertions": [
        {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE}]}}
    ],
}


def certificate(subject: str, key, issuer: str, issuer_key, *, authority: bool) -> x509.Certificate:
    def name(common: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test")
        return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])

    now = datetime.datetime.now(datetime.UTC)
    usage = {"digital_signature": not authority, "key_cert_sign": authority, "crl_sign": authority}
    rest = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    builder = (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(authority, None), True)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(rest, False), decipher_only=False), True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )  # fmt: skip
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return builder.sign(issuer_key, hashes.SHA256())


@pytest.fixture(scope="module")
def signer() -> c2pa.C2paSignerInfo:
    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    chain = (
        certificate("Leaf", leaf, "Root", root, authority=False),
        certificate("Root", root, "Root", root, authority=True),
    )
    return c2pa.C2paSignerInfo(
        alg=b"es256", sign_cert=b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain),
        private_key=leaf.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        ta_url=None,
    )  # fmt: skip


def plain(format: str) -> bytes:
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 48, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    if format in ("wav", "mp4", "matroska"):
        codec = "pcm_s16le" if format == "wav" else "mpeg4"
        with av.open(buffer, "w", format=format) as container:
            if format == "wav":
                stream = container.add_stream(codec, rate=8000, layout="mono")
                frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
                frame.rate = 8000
            else:
                stream = container.add_stream(codec, rate=25, width=48, height=48, pix_fmt="yuv420p")
                frame = av.VideoFrame.from_image(picture)
            for each in (frame, None):
                container.mux(stream.encode(each))
    else:
        picture.save(buffer, format)
    return buffer.getvalue()


TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "wav": "audio/wav", "mp4": "video/mp4"}


def signed(signer: c2pa.C2paSignerInfo, format: str, *, remote: str = "") -> bytes:
    out = io.BytesIO()
    with c2pa.Signer.from_info(signer) as pen, c2pa.Builder(MANIFEST) as builder:
        if remote:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        builder.sign(pen, TYPES[format], io.BytesIO(plain(format)), out)
    return out.getvalue()


class Direct:
    def __init__(self, path: Path) -> None:
        self.path = path

    def ask(self, name: str, *, patience: float):
        (message,) = operation.read(self.path)
        return message


def credentials(tmp_path: Path, data: bytes) -> Credentials:
    path = tmp_path / "exhibit.bin"
    path.write_bytes(data)
    return read_credentials(Direct(path))


@pytest.mark.parametrize("format", list(TYPES))
def test_signed_files_within_the_limits_of_the_decoder(tmp_path, signer, format):
    path = tmp_path / "exhibit.bin"
    path.write_bytes(signed(signer, format))
    decoder = Decoder(path)
    found = read_credentials(decoder)
    decoder.close()
    assert (found.presence, found.state, found.reason, found.remnants) == ("present", "Valid", "", ())
    codes = dict(found.statuses)
    assert {"claimSignature.validated", "signingCredential.untrusted"} <= set(codes)
    assert all(codes.values())
    active = found.store["manifests"][found.store["active_manifest"]]
    assert SOURCE in str(active["assertions"])


def test_tampered_pixels_are_told(tmp_path, signer):
    data = bytearray(signed(signer, "jpeg"))
    data[-100] ^= 1
    found = credentials(tmp_path, bytes(data))
    assert (found.presence, found.state) == ("present", "Invalid")
    assert "assertion.dataHash.mismatch" in dict(found.statuses)


@pytest.mark.parametrize("format", [*TYPES, "gif", "tiff", "avif"])
def test_no_manifest_is_absent(tmp_path, format):
    found = credentials(tmp_path, plain(format))
    assert (found.presence, found.reason, found.remnants, found.store) == ("absent", "", (), {})


def test_a_broken_manifest_is_not_absent(tmp_path, signer):
    data = signed(signer, "jpeg")
    at = data.find(b"jumdc2pa") + 40
    found = credentials(tmp_path, data[:at] + b"\xff\x00" * 200 + data[at + 400 :])
    assert found.presence == "unreadable"
    assert found.reason
    assert found.remnants == ("a C2PA manifest store (JUMBF box)",)


def test_an_orphaned_store_is_not_absent(tmp_path, signer):
    data = signed(signer, "jpeg")
    store = data[data.find(b"jumdc2pa") - 8 :][:2000]
    bare = plain("jpeg")
    comment = b"\xff\xfe" + struct.pack(">H", len(store) + 2) + store
    found = credentials(tmp_path, bare[:2] + comment + bare[2:])
    assert found.presence == "unreadable"
    assert "found no manifest" in found.reason
    assert found.remnants


def test_an_emptied_png_chunk_is_not_absent(tmp_path):
    data = plain("png")
    chunk = b"caBX" + bytes(30)
    whole = struct.pack(">I", 30) + chunk + struct.pack(">I", zlib.crc32(chunk))
    found = credentials(tmp_path, data[:33] + whole + data[33:])
    assert found.presence == "unreadable"
    assert "a C2PA chunk (caBX)" in found.remnants


def test_a_remote_manifest_is_named_and_not_fetched(tmp_path, signer):
    found = credentials(tmp_path, signed(signer, "jpeg", remote="https://example.org/manifest.c2pa"))
    assert found.presence == "unreadable"
    assert "nothing is fetched" in found.reason
    assert found.remnants == ("a link to a manifest (XMP dcterms:provenance): https://example.org/manifest.c2pa",)


def test_a_format_that_the_reader_does_not_know_is_unreadable_not_absent(tmp_path):
    found = credentials(tmp_path, plain("matroska"))
    assert found.presence == "unreadable"
    assert "does not support mkv" in found.reason
    assert found.remnants == ()


def test_a_manifest_on_which_the_reader_gets_stuck_is_unreadable_and_the_file_is_still_examined(tmp_path, monkeypatch):
    """A video with half a million empty boxes, for which the reference library takes minutes."""
    path = tmp_path / "exhibit.mp4"
    path.write_bytes(plain("mp4") + struct.pack(">I4s", 8, b"free") * 500_000)
    monkeypatch.setattr(media, "_SECONDS", 1.0)
    decoder = Decoder(path)
    decoder.ask("metadata")
    start = time.monotonic()
    found = read_credentials(decoder)
    assert time.monotonic() - start < 8
    assert found.presence == "unreadable"
    assert "did not come to an end: decoding gave no result for 1" in found.reason
    assert decoder.ask("video", describe=True).head["width"] == 48
    decoder.close()


def test_large_files_get_the_time_to_be_hashed(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    assert media._patience(path) == 35


def test_broken_xmp_hides_no_manifest(tmp_path):
    data = plain("jpeg")
    xmp = b"http://ns.adobe.com/xap/1.0/\0<broken"
    found = credentials(tmp_path, data[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + data[2:])
    assert (found.presence, found.remnants) == ("absent", ())


def test_damaged_files_give_an_answer(tmp_path, signer):
    rng = np.random.default_rng(9)
    for format in ("jpeg", "png", "mp4"):
        whole = signed(signer, format)
        for _ in range(10):
            data = np.frombuffer(whole, np.uint8).copy()
            data[rng.integers(16, len(data), 6)] = rng.integers(0, 256, 6)
            found = credentials(tmp_path, data.tobytes())
            assert found.presence != "absent"
