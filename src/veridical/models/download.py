"""One file over https, checked against its hash; an interrupted download goes on where it stopped."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import IO

from ..errors import FetchFailed, HashMismatch
from .catalogue import Model, own_folder

Progress = Callable[[int], None]

_BLOCK = 1 << 18
_TIMEOUT_S = 30
_PAUSES_S = (0.0, 1.0, 4.0, 10.0)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def download(address: str, target: Path, model: Model, *, progress: Progress) -> None:
    """Download a model to ``target``; raises FetchFailed or HashMismatch.

    What has come so far is kept beside the target with the ending ``.part``, and a later call asks only for the rest.
    The usual proxy variables of the environment apply.
    """
    _refuse_plain(address)
    part = target.with_name(f"{target.name}.{model.sha256[:8]}.part")
    problem = ""
    for pause in _PAUSES_S:
        time.sleep(pause)
        problem = _attempt(address, part, model, progress)
        if not problem:
            _finish(part, target, model, address)
            return
    raise _failed(address, model, problem)


def example(address: str, target: Path, *, most: int = 50_000_000) -> None:
    """Download an exhibit that an adapter names for its polarity test; raises FetchFailed. Only the address pins what comes.

    Parameters
    ----------
    most
        Largest size in bytes.
    """
    _refuse_plain(address)
    request = urllib.request.Request(address, headers={"User-Agent": "veridical"})  # noqa: S310 (the scheme has been checked)
    try:
        with urllib.request.build_opener(_StaySafe).open(request, timeout=_TIMEOUT_S) as answer:
            content = answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(
            f"{address} could not be downloaded: {error}; name own files with --real and --fake"
        ) from None
    if not 0 < len(content) <= most:
        raise FetchFailed(f"{address} has {len(content)} bytes or more; name own files with --real and --fake")
    target.write_bytes(content)


def _attempt(address: str, part: Path, model: Model, progress: Progress) -> str:
    """Fetch what is missing; return what went wrong in a way that may pass, or nothing."""
    try:
        _continue(address, part, model, progress)
    except urllib.error.HTTPError as error:
        error.close()
        problem = f"the server answered {error.code} {error.reason}"
        if error.code == 416:
            part.unlink(missing_ok=True)
        elif error.code < 500 and error.code not in (408, 429):
            raise _failed(address, model, problem) from None
        return problem
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    have = part.stat().st_size
    return "" if have >= model.bytes else f"the connection ended after {have} of {model.bytes} bytes"


def _continue(address: str, part: Path, model: Model, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= model.bytes:
        return
    headers = {"User-Agent": "veridical", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (the scheme has been checked)
    with urllib.request.build_opener(_StaySafe).open(request, timeout=_TIMEOUT_S) as answer:
        resumed = answer.status == 206
        if resumed and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise OSError("the server sent another part of the file than asked for")
        done = have if resumed else 0
        with part.open("ab" if resumed else "wb") as stream:
            # One byte more than pinned is enough to know that the file is another one.
            while block := answer.read(min(_BLOCK, model.bytes + 1 - done)):
                stream.write(block)
                done += len(block)
                progress(min(done, model.bytes))


def _finish(part: Path, target: Path, model: Model, address: str) -> None:
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != model.sha256:
        part.unlink()
        raise HashMismatch(
            f"the file at {address} is not the model {model.name}: its SHA-256 is {digest}, the catalogue has "
            f"{model.sha256}; nothing was kept; fetch again, and if it stays so, {own_folder(model)}"
        )
    part.replace(target)


def _failed(address: str, model: Model, problem: str) -> FetchFailed:
    return FetchFailed(
        f"the model {model.name} could not be downloaded from {address}: {problem}; check the network and HTTPS_PROXY "
        f"and fetch again (what has come is kept), or {own_folder(model)}"
    )


def _refuse_plain(address: str) -> None:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise FetchFailed(f"{address} is not an https address; models are fetched over https only")


class _StaySafe(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never to an address that is not https."""

    def redirect_request(  # noqa: PLR0917 (the signature of the base class)
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse an address that is not https."""
        _refuse_plain(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
