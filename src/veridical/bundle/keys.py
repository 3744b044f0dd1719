"""Ed25519 keys: made here, kept as PKCS #8 in the user's data folder (readable by the owner alone), named by their id.

The id of a key is the SHA-256 of its public half as SubjectPublicKeyInfo (DER), in hexadecimal: what
``openssl pkey -pubin -in FILE -outform DER | sha256sum`` prints. Signatures are those of RFC 8032.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .. import settings
from ..errors import UsageError

DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PRIVATE, PUBLIC = ".key", ".pub"
MOST_BYTES = 1 << 20
_OTHERS = 0o077
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
Ask = Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key: 32 bytes, and the name under which it is known ("" if under none)."""

    raw: bytes
    name: str = ""

    @property
    def spki(self) -> bytes:
        """The key as SubjectPublicKeyInfo, DER."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)

    @property
    def id(self) -> str:
        """The SHA-256 of ``spki``, 64 hexadecimal digits."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def pem(self) -> str:
        """The key as PEM."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, data: bytes, signature: bytes) -> bool:
        """Say whether ``signature`` is this key's signature of ``data``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that can sign."""

    key: Ed25519PrivateKey
    name: str = ""

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        raw = self.key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
        return PublicKey(raw, self.name)

    def sign(self, data: bytes) -> bytes:
        """Return the signature of data, 64 bytes."""
        return self.key.sign(data)


def folder() -> Path:
    """Return the folder of the user's keys; it may not exist yet."""
    own = settings.text("keys")
    return Path(own) if own else settings.user_data() / "keys"


def new(name: str, passphrase: bytes | None = None) -> PublicKey:
    """Make a key and keep it, encrypted if there is a passphrase.

    Raises
    ------
    UsageError
        If the name cannot be one, is taken, or the folder cannot be written to.
    """
    private, public = _files(name)
    key = PrivateKey(Ed25519PrivateKey.generate(), name)
    hidden = form.BestAvailableEncryption(passphrase) if passphrase else form.NoEncryption()
    content = key.key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, hidden)
    try:
        private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(private, content, 0o600)
        _create(public, stated(key.public).encode(), 0o644)
    except FileExistsError as error:
        raise UsageError(f"there is a key of that name already: {error.filename}; choose another name") from None
    except OSError as error:
        raise UsageError(f"the key cannot be kept in {private.parent} ({error.strerror}); set VERIDICAL_KEYS") from None
    return key.public


def names() -> list[str]:
    """Return the names of the user's keys."""
    return sorted(path.stem for path in folder().glob(f"*{PRIVATE}") if NAME.fullmatch(path.stem))


def mine() -> dict[str, str]:
    """Return id → name of the user's own keys, by their public halves."""
    return {key.id: key.name for name in names() for key in [public(name)]}


def public(name: str) -> PublicKey:
    """Return the public half of one of the user's keys; raises UsageError if there is none of that name."""
    path = _files(name)[1]
    if not path.is_file():
        known = ", ".join(names())
        said = f"you have: {known}" if known else "make one with: veridical keys new"
        raise UsageError(f"there is no key {name!r}; {said}")
    return PublicKey(read_public(path)[0].raw, name)


def load(which: str, ask: Ask) -> PrivateKey:
    """Load a private key.

    Parameters
    ----------
    which
        Name of one of the user's keys, a PEM file, or "" for the only one (the one called "default" if there are several).
    ask
        Gives the passphrase of an encrypted key, None if there is nobody to ask.

    Raises
    ------
    UsageError
        If there is no such key, others can read its file, the passphrase is wrong, or it is no Ed25519 key.
    """
    path = _chosen(which)
    try:
        if path.stat().st_mode & _OTHERS:
            raise UsageError(f"{path} can be read by others: no key to sign with; run: chmod 600 {path}")
        content = _read(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    name = path.stem if path.parent == folder() else ""
    return PrivateKey(_opened(content, path, ask), name)


def read_public(path: Path) -> list[PublicKey]:
    """Read public keys: one PEM block after the other; a line "# NAME" before a block names it.

    Raises
    ------
    UsageError
        If the file cannot be read or holds no Ed25519 public key.
    """
    try:
        text = _read(path).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    found = list(_public_keys(text, path))
    if not found:
        raise UsageError(f"{path} holds no public key; give what prints: veridical keys show NAME")
    return found


def stated(key: PublicKey) -> str:
    """Return a public key as others keep it: its name and id in comments, then PEM."""
    return f"# {key.name}\n# id {key.id}\n{key.pem}"


def _public_keys(text: str, path: Path) -> Iterator[PublicKey]:
    end = 0
    for block in _PEM.finditer(text):
        lines = [line.strip("# \t") for line in text[end : block.start()].splitlines() if line.startswith("#")]
        named = [line for line in lines if line and not line.startswith("id ")]
        end = block.end()
        try:
            key = form.load_pem_public_key(block[0].encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise UsageError(f"{path} holds a public key that cannot be read ({error})") from None
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError(f"{path} holds a public key that is not Ed25519; bundles are signed with Ed25519 only")
        yield PublicKey(key.public_bytes(form.Encoding.Raw, form.PublicFormat.Raw), named[-1] if named else "")


def _chosen(which: str) -> Path:
    known = names()
    if not which:
        if not known:
            raise UsageError("you have no key to sign with; make one with: veridical keys new")
        if len(known) > 1 and DEFAULT not in known:
            raise UsageError(f"you have several keys; choose one with --key: {', '.join(known)}")
        which = known[0] if len(known) == 1 else DEFAULT
    if which in known:
        return _files(which)[0]
    if not Path(which).is_file():
        listed = f"you have: {', '.join(known)}" if known else "make one with: veridical keys new"
        raise UsageError(f"there is no key and no file {which!r}; {listed}")
    return Path(which)


def _opened(content: bytes, path: Path, ask: Ask) -> Ed25519PrivateKey:
    passphrase = None
    if b"ENCRYPTED" in content[:200]:
        passphrase = ask()
        if not passphrase:
            raise UsageError(f"{path} is protected by a passphrase; give it with --passphrase-file, or at a terminal")
    try:
        key = form.load_pem_private_key(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        said = "the passphrase is wrong, or it is damaged" if passphrase else "it is no private key in PEM (PKCS #8)"
        raise UsageError(f"{path} cannot be used to sign: {said}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is no Ed25519 key; make one with: veridical keys new")
    return key


def _files(name: str) -> tuple[Path, Path]:
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a key: letters, digits, dots, hyphens and underscores")
    return folder() / f"{name}{PRIVATE}", folder() / f"{name}{PUBLIC}"


def _create(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
