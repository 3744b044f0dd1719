"""One file over http: only from the loopback address here, which is the one exception to https."""

import threading

import numpy as np
import pytest

from veridical.errors import FetchFailed, HashMismatch
from veridical.models import catalogue, store
from veridical.models.catalogue import Url
from veridical.models.fetch import fetch

CONTENT = np.random.default_rng(1).bytes(1_000_000)


@pytest.fixture
def toy(shop, model, server):
    server.content = CONTENT
    shop(model("toy.net", CONTENT, Url(server.url())))
    return server


def parts():
    return list(store.cache().glob("*.part"))


def test_whole_file(toy):
    steps = []
    (file,) = fetch("toy.net", progress=lambda name, done, total: steps.append((done, total)))
    assert file.read_bytes() == CONTENT
    assert steps == sorted(steps)
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert len(steps) > 2
    assert not parts()


def test_cut_connection_goes_on_where_it_stopped(toy):
    toy.cuts = [300_000, 200_000]
    assert fetch("toy.net")[0].read_bytes() == CONTENT
    assert toy.seen == ["", "bytes=300000-", "bytes=500000-"]


def test_server_without_ranges_starts_again(toy):
    toy.cuts, toy.ranges = [300_000], False
    assert fetch("toy.net")[0].read_bytes() == CONTENT
    assert toy.seen == ["", "bytes=300000-"]


def test_interrupted_fetch_is_resumed_by_the_next(toy):
    def interrupt(name, done, total):
        if done > 400_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("toy.net", progress=interrupt)
    (part,) = parts()
    kept = part.stat().st_size
    assert 400_000 < kept < len(CONTENT)
    assert not store.is_present("toy.net")
    assert fetch("toy.net")[0].read_bytes() == CONTENT
    assert toy.seen[-1] == f"bytes={kept}-"


def test_complete_download_that_was_not_put_in_place_needs_no_request(toy):
    store.cache().mkdir(parents=True)
    (store.cache() / f"toy.net.bin.{catalogue.get('toy.net').sha256[:8]}.part").write_bytes(CONTENT)
    assert fetch("toy.net")[0].read_bytes() == CONTENT
    assert toy.seen == []


@pytest.mark.parametrize("other", [bytes(len(CONTENT)), CONTENT + b"more"])
def test_another_file_is_not_kept(toy, other):
    toy.content = other
    with pytest.raises(HashMismatch, match="nothing was kept"):
        fetch("toy.net")
    assert not store.is_present("toy.net")
    assert not parts()


def test_shorter_file_is_refused_in_the_end(toy):
    toy.content = CONTENT[:1000]
    with pytest.raises(FetchFailed, match="1000 of 1000000 bytes|416"):
        fetch("toy.net")
    assert not store.is_present("toy.net")


def test_404_is_told_at_once(toy):
    toy.statuses = [404, 404, 404]
    with pytest.raises(FetchFailed, match="answered 404.*VERIDICAL_MODELS"):
        fetch("toy.net")
    assert len(toy.seen) == 1


def test_busy_server_is_asked_again(toy):
    toy.statuses = [503, 429]
    assert fetch("toy.net")[0].read_bytes() == CONTENT
    assert len(toy.seen) == 3


def test_server_that_stays_broken_is_given_up(toy):
    toy.statuses = [500] * 10
    with pytest.raises(FetchFailed, match="answered 500"):
        fetch("toy.net")
    assert len(toy.seen) == 3


def test_nobody_listens(shop, model, server):
    shop(model("toy.net", CONTENT, Url("http://127.0.0.1:9/model")))
    with pytest.raises(FetchFailed, match="could not be downloaded.*refused"):
        fetch("toy.net")


def test_part_of_another_place_is_not_appended(toy):
    toy.cuts, toy.wrong_range = [300_000], True
    with pytest.raises(FetchFailed, match="another part"):
        fetch("toy.net")
    assert parts()[0].read_bytes() == CONTENT[:300_000]


def test_redirect_is_followed(toy, shop, model):
    toy.redirect = toy.url()
    shop(model("toy.net", CONTENT, Url(toy.url("moved"))))
    assert fetch("toy.net")[0].read_bytes() == CONTENT


@pytest.mark.parametrize("target", ["http://example.org/model", "ftp://example.org/model"])
def test_redirect_away_from_https_is_refused(toy, shop, model, target):
    toy.redirect = target
    shop(model("toy.net", CONTENT, Url(toy.url("moved"))))
    with pytest.raises(FetchFailed, match="not an https address"):
        fetch("toy.net")
    assert len(toy.seen) == 1


@pytest.mark.parametrize("address", ["http://example.org/m", "file:///etc/hostname", "ftp://example.org/m"])
def test_only_https(shop, model, address):
    shop(model("toy.net", CONTENT, Url(address)))
    with pytest.raises(FetchFailed, match="not an https address"):
        fetch("toy.net")


def test_proxy_of_the_environment_is_used(toy, shop, model, monkeypatch):
    # The server answers any address, as a proxy does; the address itself does not exist.
    shop(model("toy.net", CONTENT, Url("http://localhost:9/model.bin")))
    monkeypatch.setenv("http_proxy", toy.url(""))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert fetch("toy.net")[0].read_bytes() == CONTENT


def test_two_fetches_at_once_download_once(toy):
    threads = [threading.Thread(target=fetch, args=("toy.net",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert toy.seen == [""]
    assert store.read("toy.net") == CONTENT
