"""Chains are named, joined and refused as documented, and give the same bits whatever a file is called."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from veridical.benchmark import chains
from veridical.errors import MediaError, NotApplicable, UsageError
from veridical.reencode import _coding, _step

IMAGES = [
    "common", "common_small", "jpeg_50", "jpeg_75", "jpeg_90", "webp_80", "resize_50", "resize_75", "resize_150", "resize_200",
    "blur_1", "blur_2", "noise_2", "noise_5", "gamma_07", "gamma_14", "crop_80", "screenshot", "messenger",
]  # fmt: skip
SOUNDS = ["common", "mp3_64", "mp3_128", "opus_16", "opus_32", "aac_64", "telephone", "noise_20db", "reverb"]
VIDEOS = ["common", "h264_18", "h264_23", "h264_28", "h264_33", "h264_40", "hevc_28", "fps_15", "resize_50"]


def test_every_chain_is_offered_for_the_kinds_where_it_has_a_meaning() -> None:
    for kind, expected in (("image", IMAGES), ("audio", SOUNDS), ("video", VIDEOS)):
        assert {name for name, chain in chains.CHAINS.items() if kind in chain.kinds} == {"native", *expected}
    assert chains.CHAINS["resize_50"].kinds == ("image", "video")
    assert all(chain.description and name == chain.name for name, chain in chains.CHAINS.items())
    assert chains.kinds("common+h264_28") == ("video",)


def test_an_unknown_name_is_an_error_that_names_what_is_near() -> None:
    with pytest.raises(UsageError, match="did you mean common_small"):
        chains.names("jpeg_50+comon_small")
    with pytest.raises(UsageError, match="there are: native, common"):
        chains.names("")


def test_steps_for_different_kinds_do_not_join(picture: Path, put: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="no kind of file: blur_1 is for image files, mp3_64 is for audio files"):
        put("blur_1+mp3_64", picture)


def test_a_chain_for_another_kind_does_not_apply(picture: Path, put: Callable[..., Path]) -> None:
    with pytest.raises(NotApplicable, match="mp3_64 is for audio files; this one is of the kind image"):
        put("mp3_64", picture)


def test_native_is_the_file_itself(picture: Path, put: Callable[..., Path], tmp_path: Path) -> None:
    assert put("native", picture) == picture
    assert not (tmp_path / "out").exists()
    assert put("native+jpeg_90", picture).read_bytes() == put("jpeg_90", picture, "other").read_bytes()


def test_a_missing_encoder_is_named() -> None:
    with pytest.raises(UsageError, match="no encoder libnone; install PyAV"):
        _coding.encoder("libnone")


def test_a_damaged_file_leaves_nothing_behind(put: Callable[..., Path], tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 and no more")
    with pytest.raises(MediaError):
        put("common", path)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("chain", "source"),
    [(chain, source) for source, all in (("picture", IMAGES), ("recording", SOUNDS), ("clip", VIDEOS)) for chain in all]
    + [("common+jpeg_50", "picture"), ("opus_16+common", "recording"), ("common+hevc_28", "clip")],
)  # fmt: skip
def test_name_and_label_do_not_matter(
    chain: str, source: str, put: Callable[..., Path], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(source)
    other = tmp_path / "fake" / f"deepfake{path.suffix}"
    other.parent.mkdir()
    shutil.copy(path, other)
    one, two = put(chain, path, "one"), put(chain, other, "two")
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()
    assert [p.name for p in one.parent.iterdir()] == [one.name]


def test_draws_are_uniform_over_keys_and_independent_between_names() -> None:
    keys = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(3600)]
    drawn = {name: np.array([_step.draw(name, key, 36) for key in keys]) for name in ("common", "common_small")}
    for values in drawn.values():
        counts = np.bincount(values, minlength=36)
        assert len(counts) == 36
        assert stats.chisquare(counts).pvalue > 0.001
    assert abs(np.corrcoef(*drawn.values())[0, 1]) < 0.05
