"""The run record: what it says of the streams of a file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PIL import Image as Pillow

from veridical.media.credentials import Credentials
from veridical.media.exhibit import Exhibit, open_exhibit
from veridical.media.image import Image
from veridical.report import record


class Known:
    """Stands for an exhibit of which one stream was decoded."""

    def __init__(self, stream: object) -> None:
        self.stream = stream

    def known(self, kind: type) -> object | None:
        return self.stream if isinstance(self.stream, kind) else None


def described(stream: object) -> dict[str, object]:
    (only,) = record.streams(cast(Exhibit, Known(stream))).values()
    return dict(only)


def test_rows_without_a_value_and_whole_documents_are_left_out() -> None:
    absent = Credentials(presence="absent", reason="", state="", statuses=(), store_json="", remnants=())
    assert described(absent) == {"presence": "absent", "remnants": 0}
    there = Credentials(
        presence="present", reason="", state="Valid", statuses=(("a", "b"),), store_json='{"a": 1}', remnants=()
    )
    assert described(there) == {"presence": "present", "state": "Valid", "remnants": 0}


@pytest.mark.parametrize(("mode", "bits"), [("CMYK", 8), ("I;16", 16)])
def test_a_picture_is_described_as_it_is_stored(tmp_path: Path, mode: str, bits: int) -> None:
    Pillow.new(mode, (64, 48)).save(tmp_path / "a.tif")
    exhibit = open_exhibit(tmp_path / "a.tif")
    stream = described(exhibit.stream(Image))
    exhibit.close()
    assert (stream["mode"], stream["bits"], stream["width"], stream["height"]) == (mode, bits, 64, 48)
