import io
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veridical.media import wire
from veridical.media.wire import Message, WireError, receive, send


def there_and_back(message: Message) -> Message:
    pipe = io.BytesIO()
    send(pipe, message)
    pipe.seek(0)
    return receive(pipe)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "int64", "float32", "float64", "bool"])
def test_arrays_arrive_as_they_were(dtype):
    sent = (np.arange(24).reshape(2, 3, 4) - 5).astype(dtype)
    found = there_and_back(Message({"a": 1}, {"x": sent, "y": sent[:, ::-1].T})).arrays
    assert found["x"].dtype == sent.dtype
    assert np.array_equal(found["x"], sent)
    assert np.array_equal(found["y"], sent[:, ::-1].T)


def test_empty_arrays_and_several_messages():
    pipe = io.BytesIO()
    send(pipe, Message({"n": 1}, {"none": np.empty((0, 3), np.float32)}))
    send(pipe, Message({"n": 2}))
    pipe.seek(0)
    first = receive(pipe)
    assert first.arrays["none"].shape == (0, 3)
    assert receive(pipe) == Message({"n": 2})
    with pytest.raises(WireError, match="closed"):
        receive(pipe)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text().filter(lambda key: key != "@arrays"), json_values, max_size=4))
def test_heads_arrive_as_they_were(head):
    assert there_and_back(Message(head)).head == head


def frame(header: bytes) -> io.BytesIO:
    return io.BytesIO(struct.pack(">Q", len(header)) + header)


@pytest.mark.parametrize(
    "header",
    [
        b"not json", b"[]", b'"text"', b"{}", b'{"@arrays": [["x", "uint8"]]}', b'{"@arrays": 5}', b"\xff\xfe",
        b'{"@arrays": [["x", "object", [1]]]}', b'{"@arrays": [["x", "uint8", [-1]]]}',
        b'{"@arrays": [["x", "uint8", [100]]]}',
        b'{"@arrays": [["x", "uint8", [1,1,1,1,1,1,1,1,1]]]}', b'{"@arrays": [["x", "uint8", [1e400]]]}',
        b'{"@arrays": [["x", "uint8", [1]], ["x", "uint8", [1]]]}xx', b'{"@arrays": [["x", "uint8", [0, %d]]]}' % 2**70,
        b"[" * 200_000, b'{"a":' * 200_000, b'{"@arrays": [["x", "uint8", [%s]]]}' % (b"9" * 5000),
    ],
)  # fmt: skip
def test_nonsense_is_a_wire_error(header):
    with pytest.raises(WireError):
        receive(frame(header))


def test_promises_beyond_the_limits_are_not_believed():
    with pytest.raises(WireError, match="too long"):
        receive(io.BytesIO(struct.pack(">Q", 1 << 40)))
    with pytest.raises(WireError, match="too large"):
        receive(frame(b'{"@arrays": [["x", "uint8", [2000]]]}'), most_bytes=1000)


@pytest.mark.parametrize("shape", ["4294967296, 4294967296", "9223372036854775807, 2", "65536, 65536, 65536, 65536"])
def test_sizes_that_wrap_around_are_counted_right(shape):
    with pytest.raises(WireError, match="too large"):
        receive(frame(f'{{"@arrays": [["x", "float64", [{shape}]]]}}'.encode()))


def test_memory_is_not_taken_for_what_is_refused():
    tracemalloc.start()
    with pytest.raises(WireError, match="too large"):
        receive(frame(b'{"@arrays": [["x", "uint8", [50000000]], ["y", "uint8", [60000000]]]}'), most_bytes=100_000_000)
    assert tracemalloc.get_traced_memory()[0] < 10_000_000
    tracemalloc.stop()


def test_too_little_memory_is_a_wire_error(monkeypatch):
    def refuse(shape, dtype):
        raise MemoryError

    monkeypatch.setattr(wire.np, "empty", refuse)
    with pytest.raises(WireError):
        receive(frame(b'{"@arrays": [["x", "uint8", [5]]]}hello'))


def test_a_message_cut_anywhere_is_a_wire_error():
    pipe = io.BytesIO()
    send(pipe, Message({"a": [1, 2]}, {"x": np.arange(5)}))
    whole = pipe.getvalue()
    for end in range(len(whole)):
        with pytest.raises(WireError):
            receive(io.BytesIO(whole[:end]))


def test_an_array_without_dimensions_keeps_none():
    found = there_and_back(Message({}, {"x": np.array(2.5)})).arrays["x"]
    assert found.shape == () and found == 2.5
