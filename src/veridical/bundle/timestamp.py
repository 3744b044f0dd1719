"""A time from somebody else: RFC 3161 timestamps over the signature of a bundle (needs the extra ``timestamp``).

The network is used by ``ask`` alone, and only for the address that the user gives. Checking is offline.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ..errors import NotInstalled, UsageError

MOST_BYTES = 1 << 20
_TIMEOUT_S = 30
_HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
TWO = "a reply with two certificates or more is refused by the reader of timestamps unless they stand in DER order"


class Unusable(ValueError):
    """A reply is no timestamp of the data; the text says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a timestamp says: when (ISO 8601, UTC), the serial number and the policy of the authority."""

    when: str
    serial: int
    policy: str


def ask(url: str, data: bytes, authorities: Sequence[x509.Certificate] = ()) -> bytes:
    """Ask a timestamping authority for a timestamp of data; only its SHA-256 and a random number are sent.

    Raises
    ------
    UsageError
        If the address is none, nobody answers there, or the answer is no timestamp of the data.
    NotInstalled
        If the extra ``timestamp`` is not installed.
    """
    client = _client()
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(f"--timestamp-url takes an address that begins with http:// or https://, not {url!r}")
    builder = client.TimestampRequestBuilder().data(data).hash_algorithm(client.HashAlgorithm.SHA256)
    asked = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    content = _post(url, asked.as_bytes())
    try:
        reply = _decoded(content)
        if reply.tst_info.nonce != asked.nonce:
            raise Unusable("it answers another question (the random number is not the one that was sent)")
        read(content, data)
        if authorities:
            check(content, data, authorities)
    except Unusable as error:
        raise UsageError(f"{url} gave no timestamp that can be used: {error}; no bundle was written") from None
    return content


def read(content: bytes, data: bytes) -> Stamp:
    """Read a timestamp and make sure that it is one of the data; who made it is not checked.

    Raises
    ------
    Unusable
        If it cannot be read, was not granted, or is about other data.
    NotInstalled
        If the extra ``timestamp`` is not installed.
    """
    reply = _decoded(content)
    if reply.status not in (0, 1):
        raise Unusable(f"the authority refused (status {reply.status})")
    try:
        info = reply.tst_info
        imprint = info.message_imprint
        name = _HASHES.get(imprint.hash_algorithm.dotted_string)
        when = info.gen_time.isoformat()
        stamp = Stamp(when, int(info.serial_number), info.policy.dotted_string)
    except (ValueError, OverflowError) as error:
        raise Unusable(f"it cannot be read ({error})") from None
    if name is None or hashlib.new(name, data).digest() != imprint.message:
        raise Unusable("it is a timestamp of something else")
    return stamp


def check(content: bytes, data: bytes, authorities: Sequence[x509.Certificate]) -> Stamp:
    """Check a timestamp against certificates that the user trusts: roots, and where needed what stands between.

    Raises
    ------
    Unusable
        If it is no timestamp of the data, or none that these certificates vouch for.
    NotInstalled
        If the extra ``timestamp`` is not installed.
    """
    stamp = read(content, data)
    client = _client()
    signers = [one for one in authorities if _stamps(one)]
    builder = client.VerifierBuilder(
        roots=[one for one in authorities if one.issuer == one.subject] or list(authorities),
        intermediates=[one for one in authorities if one.issuer != one.subject and one not in signers],
        tsa_certificate=signers[0] if len(signers) == 1 and len(authorities) > 1 else None,
    )
    try:
        builder.build().verify_message(_decoded(content), data)
    except (client.VerificationError, ValueError, TypeError) as error:
        raise Unusable(f"the given certificates do not vouch for it ({_short(error)})") from None
    return stamp


def certificates(path: Path) -> list[x509.Certificate]:
    """Read PEM certificates; raises UsageError if there are none."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes()[:MOST_BYTES])
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except ValueError:
        found = []
    if not found:
        raise UsageError(f"{path} holds no certificate in PEM; ask the timestamping authority for its root certificate")
    return found


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise NotInstalled("timestamps need a package more; run: pip install 'veridical[timestamp]'") from None
    return rfc3161_client


def _decoded(content: bytes) -> Any:
    try:
        return _client().decode_timestamp_response(content)
    except ValueError as error:
        said = f"; {TWO}" if "InvalidSetOrdering" in str(error) and "certificates" in str(error) else ""
        raise Unusable(f"it cannot be read ({_short(error)}){said}") from None


def _stamps(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "veridical"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 (the scheme has been checked)
    try:
        with urllib.request.build_opener(_NoTurning).open(request, timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UsageError(f"no timestamp came from {url} ({error}); no bundle was written") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{url} answered with more than {MOST_BYTES} bytes; no bundle was written")
    return content


class _NoTurning(urllib.request.HTTPRedirectHandler):
    """Nobody else is asked than the address that the user gave."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
