from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from veridical.models import torch_file

from . import torch_files as made

WEIGHTS = np.arange(24, dtype=np.float32).reshape(4, 6)
STATE = {
    "step": 1564501,
    "model_state": {
        "linear": {"weight": WEIGHTS, "half": np.array([0.5, -2], np.float16)},
        "count": np.array(7, np.int64),
    },
}
Layout = Callable[..., bytes]
layouts = pytest.mark.parametrize("layout", [made.archive, made.chain])


def _file(layout: Layout) -> bytes:
    storages: dict[str, np.ndarray] = {}
    body = made.plain(STATE, storages)
    return layout(body, storages)


@layouts
def test_tensors_of_both_layouts_come_by_name_in_shape_and_type(layout: Layout) -> None:
    found = torch_file.tensors(_file(layout))
    assert list(found) == ["model_state.linear.weight", "model_state.linear.half", "model_state.count"]
    assert np.array_equal(found["model_state.linear.weight"], WEIGHTS)
    assert found["model_state.linear.half"].dtype == np.float16
    assert found["model_state.linear.half"].tolist() == [0.5, -2]
    assert found["model_state.count"].shape == ()
    assert found["model_state.count"].dtype == np.int64
    assert torch_file.read(_file(layout))["step"] == 1564501  # type: ignore[index]


@layouts
def test_a_tensor_is_laid_over_its_storage_as_saved(layout: Layout) -> None:
    body = made.tensor(WEIGHTS, "0", offset=1, shape=(3, 2), strides=(1, 6))
    turned = torch_file.read(layout(body, {"0": WEIGHTS}))
    assert isinstance(turned, np.ndarray)
    assert turned.tolist() == [[1, 7], [2, 8], [3, 9]]
    assert not turned.flags.writeable


@pytest.mark.parametrize("older", [False, True])
def test_files_of_torch_itself_are_read(older: bool) -> None:
    torch = pytest.importorskip("torch")
    held = io.BytesIO()
    saved = {
        "a": {"turned": torch.arange(6.0).reshape(2, 3).T, "whole": torch.tensor(3)},
        "b": [torch.nn.Parameter(torch.ones(2, dtype=torch.float16))], "none": torch.zeros(0, 4),
    }  # fmt: skip
    torch.save(saved, held, _use_new_zipfile_serialization=not older)
    found = torch_file.tensors(held.getvalue())
    assert found["a.turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert int(found["a.whole"]) == 3
    assert found["none"].shape == (0, 4)


CALLS = {
    "a function": made.name("os", "system") + b"(" + made.text("true") + b"tR",
    "a builtin": made.name("builtins", "eval") + b"(" + made.text("1") + b"tR",
    "a text that names one that is known": made.text("collections.OrderedDict") + b")R",
    "a function as a storage": b"("
    + made.text("storage")
    + made.name("os", "system")
    + made.text("0") * 2
    + b"K\x01tQ",
    "a tensor of a storage of text": made.name("torch._utils", "_rebuild_tensor_v2")
    + b"("
    + made.text("a") * 4
    + b"tR",
    "an object of a class": b"(ios\nsystem\n",
    "an object made of a class": b"(" + made.name("os", "system") + b"o",
    "a new object": made.name("subprocess", "Popen") + b")\x81",
    "an entry of the registry of extensions": b"\x82\x01",
    "a name from the stack": made.text("os") + made.text("system") + b"\x93",
    "a place in another process": b"Pfile\n",
    "attributes of a list": b"]}b",
    "a deep key": b"}" + b")" + b"\x85" * 200_000 + b"Ns",
    "twice itself, forty times, as a function": b"]" + b"q\x00h\x00\x86" * 40 + b")R",
    "a mark for a value": b"}((u",
    "too much left": b"NN",
    "nothing": b"",
}


@layouts
@pytest.mark.parametrize("body", CALLS.values(), ids=CALLS)
def test_what_is_no_dictionary_of_tensors_is_refused_and_not_run(
    body: bytes, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[object] = []
    monkeypatch.setattr("os.system", ran.append)
    with pytest.raises(ValueError, match="."):
        torch_file.read(layout(body, {"0": WEIGHTS}))
    assert not ran


BEYOND = {
    "repeated without end": {"shape": (1 << 40,), "strides": (0,)},
    "past the end": {"offset": 20},
    "before the start": {"offset": -1},
    "steps back": {"strides": (-6, 1)},
    "steps out": {"strides": (7, 1)},
    "other rank": {"strides": (1,)},
    "sizes of text": {"shape": (), "strides": (), "offset": 24},
    "a view of a view": {"view": made.text("x")},
    "another type": {"kind": "DoubleStorage"},
    "an unknown type": {"kind": "QInt8Storage"},
}


@layouts
@pytest.mark.parametrize("how", BEYOND.values(), ids=BEYOND)
def test_a_tensor_that_is_not_within_its_storage_is_refused(how: dict[str, object], layout: Layout) -> None:
    with pytest.raises(ValueError, match="."):
        torch_file.read(layout(made.tensor(WEIGHTS, "0", **how), {"0": WEIGHTS}))  # type: ignore[arg-type]


def test_an_archive_that_could_fill_the_memory_is_refused() -> None:
    zeros = np.zeros(1_000_000, np.float32)
    with pytest.raises(ValueError, match="compressed"):
        torch_file.read(made.archive(made.tensor(zeros, "0"), {"0": zeros}, compressed=True))


def test_a_storage_is_not_sought_outside_the_archives_folder() -> None:
    with pytest.raises(ValueError, match="a storage is called"):
        torch_file.read(made.archive(made.tensor(WEIGHTS, "../0"), {"0": WEIGHTS}))


def test_other_byte_order_is_refused() -> None:
    with pytest.raises(ValueError, match="least byte first"):
        torch_file.read(made.chain(made.tensor(WEIGHTS, "0"), {"0": WEIGHTS}, little=b"\x89"))


def test_one_dictionary_under_many_names_is_not_walked_again_and_again() -> None:
    doubled = b"}" + b"q\x00}q\x01" + made.text("a") + b"h\x00s" + made.text("b") + b"h\x00s"
    body = b"}" + b"".join(b"q\x00}" + made.text("a") + b"h\x00s" + made.text("b") + b"h\x00s" for _ in range(60))
    for one in (doubled, body):
        with pytest.raises(ValueError, match="."):
            torch_file.tensors(made.archive(one, {}))


def test_long_names_of_many_values_do_not_fill_the_memory() -> None:
    """A key of 100,000 characters, once in the file: 1,000 dictionaries in one another, or 1,000 numbers in one dictionary."""
    key = made.text("k" * 100_000) + b"q\x00"
    nested = b"}" + key + b"}h\x00" * 1000 + b"N" + b"s" * 1001
    flat = b"}" + key + b"}(" + b"".join(b"M" + number.to_bytes(2, "little") + b"N" for number in range(1000)) + b"us"
    for body in (nested, flat):
        tracemalloc.start()
        with pytest.raises(ValueError, match="more than 500 characters"):
            torch_file.tensors(made.archive(body, {}))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()


@layouts
def test_what_would_take_hours_or_the_memory_to_look_at_is_refused_before(layout: Layout) -> None:
    great = made.tensor(WEIGHTS, "0", shape=(1 << 60,) * 33, strides=(0,) * 33)
    with pytest.raises(ValueError, match="more than 32"):
        torch_file.read(layout(great, {"0": WEIGHTS}))
    with pytest.raises(ValueError, match="ndarray where tuple is due"):
        torch_file.read(layout(made.tensor(WEIGHTS, "0") + b"Q", {"0": WEIGHTS}))


def test_more_values_than_networks_have_are_refused() -> None:
    many = b"}(" + b"".join(b"J" + number.to_bytes(4, "little") + b"N" for number in range(100_001)) + b"u"
    with pytest.raises(ValueError, match="more than 100000 values"):
        torch_file.tensors(made.archive(many, {}))


def test_a_list_that_holds_itself_ends() -> None:
    assert torch_file.tensors(made.archive(b"}" + made.text("a") + b"]q\x00h\x00as", {})) == {}


def test_a_high_place_in_the_memo_takes_no_memory() -> None:
    assert torch_file.tensors(made.archive(b"}r\xff\xff\xff\x7f", {})) == {}


# The standard library reads the text of instructions that are refused later, and may warn of it.
@pytest.mark.filterwarnings("ignore:invalid escape")
@layouts
def test_cut_and_changed_files_end_in_an_error_that_is_expected(layout: Layout) -> None:
    content, rng = _file(layout), np.random.default_rng(1)
    for cut in range(0, len(content), 7):
        with pytest.raises(ValueError, match="."):
            torch_file.read(content[:cut])
    errors = 0
    for _ in range(1500):
        bent = bytearray(content)
        for place in rng.integers(0, len(bent), 3):
            bent[place] = rng.integers(256)
        try:
            torch_file.tensors(bytes(bent))
        except ValueError:
            errors += 1
    assert errors > 300
