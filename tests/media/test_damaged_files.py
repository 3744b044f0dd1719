"""A small share of bench/damaged_files.py: every outcome is clear, quick and small."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCH)
        yield importlib.import_module("damaged_files")


@pytest.fixture(scope="module")
def media(bench: ModuleType) -> ModuleType:
    return importlib.import_module("spoiled_media")


def test_damaged_files_end_in_a_clear_error_or_a_decode(bench: ModuleType, media: ModuleType, tmp_path: Path):
    outcomes = [bench.examine(path) for path in media.make(tmp_path, 30)]
    assert len(outcomes) == 30
    assert [(one.name, one.text) for one in outcomes if not one.clear] == []
    assert {"decoded", "DamagedMedia", "NotMedia"} <= {one.result for one in outcomes}
    assert max(one.seconds for one in outcomes) < 20
    assert max(one.decoder_mib for one in outcomes) < 1500


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("bomb_30000.png", "MediaTooLarge"), ("ten_hours.mp4", "MediaTooLarge"), ("encrypted_encv.mp4", "EncryptedMedia"),
        ("encrypted_enca.mp4", "EncryptedMedia"), ("without_moov.mp4", "DamagedMedia"), ("claims_4gb.wav", "DamagedMedia"),
        ("nested.mp4", "DamagedMedia"), ("without_stsd.mp4", "DamagedMedia"), ("archive.wav", "NotMedia"),
        ("zero.jpg", "NotMedia"),
    ],
)  # fmt: skip
def test_known_bombs_get_the_error_that_fits(
    bench: ModuleType, media: ModuleType, tmp_path: Path, name: str, result: str
):
    made = media.seeds()
    files = dict([*media.foreign(), *media.bombs(made)])
    path = tmp_path / name
    path.write_bytes(files[name])
    outcome = bench.examine(path)
    assert outcome.result == result
    assert outcome.seconds < 10 and outcome.decoder_mib < 200


def test_the_files_are_the_same_every_time(media: ModuleType):
    made = media.seeds()
    assert made == media.seeds()
    assert [pair for pair, _ in zip(media.spoiled(made), range(30), strict=False)] == [
        pair for pair, _ in zip(media.spoiled(made), range(30), strict=False)
    ]
