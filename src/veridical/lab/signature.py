"""The signed manifest (C2PA Content Credentials) of lab media, and the certificate it is signed with.

At first use a throw-away certificate authority signs one certificate for this user, named "veridical lab test certificate,
not a trusted signer"; the authority's key is forgotten at once. Chain and key stay in one file of the user's cache
(``lab/signer.pem``) that only the user can read. No trust list holds this authority: readers report an intact manifest of
an unknown signer.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .. import settings

NAME = "veridical lab test certificate, not a trusted signer"
AUTHORITY = "veridical lab test authority, not trusted"
VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ASSERTION = "org.veridical.lab"
_YEARS = 10
_RENEW = datetime.timedelta(days=30)


def sign(unsigned: Path, signed: Path, *, term: str, description: str, facts: Mapping[str, object]) -> None:
    """Write a copy of a file that carries a signed manifest.

    Parameters
    ----------
    term
        IPTC digital source type.
    description
        One sentence: what was done.
    facts
        What the assertion ``org.veridical.lab`` says.
    """
    manifest = {
        "claim_generator_info": [{"name": "veridical lab"}],
        "title": signed.name,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [_action(term, description)]}},
            {"label": ASSERTION, "data": dict(facts)},
        ],
    }
    chain, key = credentials()
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None)
    with (
        c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}}) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest, context=context) as builder,
    ):
        builder.sign_file(unsigned, signed, signer)


def credentials() -> tuple[bytes, bytes]:
    """Return the certificate chain (leaf first) and the private key as PEM; made at the first call, kept after it."""
    # One file, so that two processes that make it at once can never mix the key of one with the chain of the other.
    path = settings.user_cache() / "lab" / "signer.pem"
    if not path.exists() or _expires(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(b"".join(_issue()))
        part.replace(path)
    chain, begin, key = path.read_bytes().partition(b"-----BEGIN PRIVATE KEY-----")
    return chain, begin + key


def _action(term: str, description: str) -> dict[str, object]:
    return {
        "action": "c2pa.created",
        "digitalSourceType": VOCABULARY + term,
        "softwareAgent": {"name": "veridical lab"},
        "description": description,
    }


def _expires(path: Path) -> bool:
    leaf = x509.load_pem_x509_certificate(path.read_bytes())
    return leaf.not_valid_after_utc < datetime.datetime.now(datetime.UTC) + _RENEW


def _issue() -> tuple[bytes, bytes]:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(AUTHORITY, authority_key.public_key(), authority_key, authority=True)
    leaf = _certificate(NAME, key.public_key(), authority_key, authority=False)
    pem = serialization.Encoding.PEM
    chain = leaf.public_bytes(pem) + authority.public_bytes(pem)
    return chain, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(AUTHORITY))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
    if not authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(issuer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "veridical lab (test media only)")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])
