"""A model shop on this machine: an empty cache, a small catalogue, a wheelhouse for pip and an http server."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from veridical.models import catalogue, download, runtime
from veridical.models.catalogue import Model


@pytest.fixture
def model():
    """Make an entry of the catalogue for a content."""

    def make(name, content, source, engine="data"):
        digest = hashlib.sha256(content).hexdigest()
        return Model(name, f"{name}.bin", source, digest, len(content), "CC0-1.0", "a test", "A test.", engine)

    return make


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """An empty cache and no folder of the user's own; returns what puts models into the catalogue."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("VERIDICAL_MODELS", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(download, "_PAUSES_S", (0.0, 0.0, 0.0))
    runtime.forget()
    yield lambda *models: monkeypatch.setattr(catalogue, "MODELS", models)
    runtime.forget()


@pytest.fixture
def wheelhouse(tmp_path, monkeypatch):
    """Make wheels that ``pip download`` finds, without any index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    def build(package, version, members, tag="py3-none-any"):
        stem = f"{package.replace('-', '_')}-{version}"
        path = folder / f"{stem}-{tag}.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            # What it needs does not exist: nothing but the wheel itself may be asked for.
            meta = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\nRequires-Dist: no-such-thing\n"
            archive.writestr(f"{stem}.dist-info/METADATA", meta)
            archive.writestr(
                f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
            )
            archive.writestr(f"{stem}.dist-info/RECORD", "")
        return path

    return build


@dataclass
class Server:
    """An http server that can be told to misbehave."""

    content: bytes = b""
    cuts: list[int] = field(default_factory=list)
    """For each coming answer, how many bytes are sent before the connection is cut; then whole answers."""
    statuses: list[int] = field(default_factory=list)
    """For each coming request, a status to refuse it with; then normal answers."""
    redirect: str = ""
    ranges: bool = True
    wrong_range: bool = False
    seen: list[str] = field(default_factory=list)
    """The Range header of each request."""
    port: int = 0

    def url(self, path="model.bin"):
        return f"http://127.0.0.1:{self.port}/{path}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server.state
        asked = self.headers.get("Range", "")
        server.seen.append(asked)
        if server.statuses:
            self.send_error(server.statuses.pop(0))
        elif server.redirect and self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", server.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(server, int(asked[len("bytes=") : -1]) if asked and server.ranges else None)

    def _send(self, server, start):
        total = len(server.content)
        if start is not None and start >= total:
            return self.send_error(416)
        self.send_response(200 if start is None else 206)
        body = server.content[start or 0 :]
        if start is not None:
            shown = 0 if server.wrong_range else start
            self.send_header("Content-Range", f"bytes {shown}-{total - 1}/{total}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)
        self.close_connection = True

    def log_message(self, *arguments):
        pass


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Say nothing when a client goes away in the middle, as some tests do."""


@pytest.fixture
def server():
    with _Quiet(("127.0.0.1", 0), _Handler) as running:
        running.state = Server(port=running.server_address[1])
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running.state
        running.shutdown()
        thread.join()
