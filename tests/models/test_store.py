import pytest

from veridical.errors import HashMismatch, ModelMissing, UnknownModel
from veridical.models import catalogue, store
from veridical.models.catalogue import Url

CONTENT = b"weights"


@pytest.fixture
def toy(shop, model):
    shop(model("toy.one", CONTENT, Url("https://example.org/toy")))


def put(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.one.bin").write_bytes(content)
    return folder


def test_missing_model_is_told_with_the_command_that_fetches_it(toy):
    assert not store.is_present("toy.one")
    for use in (store.path, store.verify, store.read):
        with pytest.raises(ModelMissing, match="veridical models fetch toy.one"):
            use("toy.one")


def test_unknown_name_is_told_with_the_known_ones(toy):
    for use in (store.path, store.is_present, store.read):
        with pytest.raises(UnknownModel, match="toy.two.*toy.one"):
            use("toy.two")


def test_right_file_in_the_cache_is_used(toy):
    put(store.cache(), CONTENT)
    assert store.is_present("toy.one")
    assert store.path("toy.one") == store.cache() / "toy.one.bin"
    assert store.read("toy.one") == CONTENT


def test_one_changed_byte_is_refused(toy):
    put(store.cache(), b"weightz")
    for use in (store.path, store.read):
        with pytest.raises(HashMismatch, match="run: veridical models fetch toy.one"):
            use("toy.one")


def test_own_folder_comes_before_the_cache(toy, tmp_path, monkeypatch):
    put(store.cache(), CONTENT)
    own = put(tmp_path / "own", CONTENT)
    monkeypatch.setenv("VERIDICAL_MODELS", str(own))
    assert store.path("toy.one") == own / "toy.one.bin"


def test_wrong_file_in_the_own_folder_is_refused_even_if_the_cache_has_the_right_one(toy, tmp_path, monkeypatch):
    put(store.cache(), CONTENT)
    monkeypatch.setenv("VERIDICAL_MODELS", str(put(tmp_path / "own", b"other")))
    with pytest.raises(HashMismatch, match="take it out of that folder"):
        store.path("toy.one")


def test_own_folder_without_the_file_falls_back_to_the_cache(toy, tmp_path, monkeypatch):
    put(store.cache(), CONTENT)
    monkeypatch.setenv("VERIDICAL_MODELS", str(tmp_path))
    assert store.path("toy.one").parent == store.cache()


def test_select_keeps_the_order_and_drops_repeats():
    names = ["silero.vad", "iris.64", "silero.vad"]
    assert [model.name for model in catalogue.select(names)] == ["silero.vad", "iris.64"]
