"""``veridical models``, with a catalogue of three models: one here, one wrong, one that must be fetched from a server."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from veridical.cli import models as command
from veridical.models import catalogue, download, store
from veridical.models.catalogue import Folder, Model, Url

CONTENT = b"weights"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/far.bin":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("VERIDICAL_MODELS", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(download, "_PAUSES_S", (0.0,))
    monkeypatch.setattr(command, "needed_by", lambda: {"here.one": ("faces", "tracks")})
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        base = f"http://127.0.0.1:{server.server_address[1]}"

        def model(name, source):
            digest = hashlib.sha256(CONTENT).hexdigest()
            return Model(name, f"{name}.bin", source, digest, len(CONTENT), "CC0-1.0", "-", "-", "data")

        monkeypatch.setattr(
            catalogue,
            "MODELS",
            (
                model("here.one", Folder("-")),
                model("wrong.one", Url(f"{base}/far.bin")),
                model("far.one", Url(f"{base}/far.bin")),
                model("gone.one", Url(f"{base}/gone.bin")),
            ),
        )
        store.cache().mkdir(parents=True)
        (store.cache() / "here.one.bin").write_bytes(CONTENT)
        (store.cache() / "wrong.one.bin").write_bytes(b"damaged")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield store.cache()
        server.shutdown()
        thread.join()


def run(*arguments):
    return CliRunner().invoke(command.app, list(arguments))


def rows(output):
    return {line.split()[0]: line for line in output.splitlines() if ".one" in line}


def test_list_tells_what_is_here_and_who_needs_it(shelf):
    done = run("list")
    assert done.exit_code == 0
    told = rows(done.stdout)
    assert "yes" in told["here.one"]
    assert "faces, tracks" in told["here.one"]
    assert "CC0-1.0" in told["here.one"]
    assert "wrong file" in told["wrong.one"]
    assert " no " in told["far.one"] + " "
    assert "veridical models fetch" in done.stdout


def test_list_tells_files_of_the_own_folder(shelf, monkeypatch, tmp_path):
    (tmp_path / "far.one.bin").write_bytes(CONTENT)
    monkeypatch.setenv("VERIDICAL_MODELS", str(tmp_path))
    assert "yes, in VERIDICAL_MODELS" in rows(run("list").stdout)["far.one"]


def test_fetch_brings_missing_and_wrong_models_and_prints_where_they_are(shelf):
    done = run("fetch", "far.one", "wrong.one", "here.one")
    assert done.exit_code == 0, done.output
    expected = [f"{name}\t{shelf / name}.bin" for name in ("far.one", "wrong.one", "here.one")]
    assert done.stdout.splitlines() == expected
    assert (shelf / "wrong.one.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("arguments", [(), ("--all",)])
def test_fetch_without_names_wants_everything(shelf, arguments):
    done = run("fetch", *arguments)
    assert done.exit_code == 1
    assert "answered 404" in done.stderr
    assert store.read("far.one") == CONTENT


def test_errors_are_one_line(shelf):
    done = run("fetch", "gone.one")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: the model gone.one could not be downloaded")
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [("fetch", "here.one", "--all"), ("fetch", "--no-such"), ("path",)])
def test_wrong_usage(shelf, arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("verb", ["fetch", "verify", "path"])
def test_unknown_model_is_wrong_usage_and_names_the_known_ones(shelf, verb):
    done = run(verb, "no.one")
    assert done.exit_code == 2
    assert "far.one" in done.stderr


def test_verify_one_that_is_right(shelf):
    done = run("verify", "here.one")
    assert done.exit_code == 0
    assert done.stdout == f"here.one\tright\t{shelf / 'here.one.bin'}\n"


def test_verify_tells_every_wrong_one(shelf):
    done = run("verify")
    assert done.exit_code == 1
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["here.one"]
    assert len(done.stderr.splitlines()) == 3
    for name in ("wrong.one", "far.one", "gone.one"):
        assert f"veridical models fetch {name}" in done.stderr


def test_path(shelf):
    assert run("path", "here.one").stdout == f"{shelf / 'here.one.bin'}\n"
    for name in ("wrong.one", "far.one"):
        done = run("path", name)
        assert (done.exit_code, done.stdout) == (1, "")


def test_needed_by_follows_what_percepts_declare():
    needed = command.needed_by()
    assert "faces" in needed["facemesh.468"]
    assert set(needed) <= {model.name for model in catalogue.MODELS}
