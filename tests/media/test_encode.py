"""Films written into memory: what was put in comes out, the index in front, the same bytes twice."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from veridical.media.encode import to_mp4


def frames(n: int = 12, *, height: int = 32, width: int = 48) -> list[np.ndarray]:
    across = np.linspace(20, 220, width, dtype=np.float32)
    made = [np.repeat(np.roll(across, 4 * i)[None], height, 0) for i in range(n)]
    return [np.repeat(one[..., None], 3, 2).astype(np.uint8) for one in made]


def test_what_was_put_in_comes_out_at_its_rate() -> None:
    given = frames()
    with av.open(io.BytesIO(to_mp4(given, 25.0, quality=12))) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert float(stream.average_rate) == pytest.approx(25)
        seen = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(seen) == len(given)
    errors = [np.abs(a.astype(float) - b).mean() for a, b in zip(seen, given, strict=True)]
    assert max(errors) < 4


def test_an_odd_rate_is_kept() -> None:
    with av.open(io.BytesIO(to_mp4(frames(), 30000 / 1001))) as film:
        assert float(film.streams.video[0].average_rate) == pytest.approx(30000 / 1001, rel=1e-5)


def test_the_index_stands_in_front_and_the_bytes_are_the_same_twice() -> None:
    film = to_mp4(frames(), 25.0)
    assert film.index(b"moov") < film.index(b"mdat")
    assert film == to_mp4(iter(frames()), 25.0)


@pytest.mark.parametrize("given", [[], frames(height=31), [*frames(2), *frames(1, height=40)]])
def test_no_frames_or_odd_or_changing_sides_are_refused(given: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="frame"):
        to_mp4(given, 25.0)
