"""Previews of a photograph and of a clip that is stored on its side, against what a viewer shows."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

import veridical
from veridical.cache import PerceptCache
from veridical.report.model import Preview, Report

NOTHING = PerceptCache(None, most_bytes=0)


def pixels(preview: Preview) -> np.ndarray:
    decoded = cv2.imdecode(np.frombuffer(preview.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert decoded.shape == (preview.height, preview.width, 3)
    return np.asarray(decoded, int)


def test_a_large_photograph_is_shown_upright_and_small(tmp_path: Path) -> None:
    stored = np.zeros((600, 1600, 3), np.uint8)
    stored[:, :800] = (250, 0, 0)  # left, as stored
    exif = Pillow.Exif()
    exif[0x0112] = 6  # a viewer turns it clockwise: the stored left comes to the top
    Pillow.fromarray(stored).save(tmp_path / "a.jpg", exif=exif, quality=95)
    (preview,) = veridical.examine(tmp_path / "a.jpg", only=["provenance"], cache=NOTHING).exhibit.previews
    shown = pixels(preview)
    assert (preview.width, preview.height, preview.orientation) == (480, 1280, 6)
    assert shown[:600, :, 0].min() > 200 and shown[680:, :, 0].max() < 60


@pytest.fixture(scope="module")
def sideways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 2 s whose frames are red on the stored left, to be turned by 90° for display."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    frame = np.zeros((64, 128, 3), np.uint8)
    frame[:, :64] = (250, 0, 0)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p"
        for _ in range(50):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode())
    data = bytearray(path.read_bytes())
    identity = b"\0\1\0\0" + b"\0" * 12 + b"\0\1\0\0" + b"\0" * 12 + b"\x40\0\0\0"
    turned = b"\0" * 4 + b"\0\1\0\0" + b"\0" * 4 + b"\xff\xff\0\0" + b"\0" * 16 + b"\x40\0\0\0"
    place = data.index(identity, data.index(b"tkhd"))
    data[place : place + 36] = turned
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize(("only", "several"), [(["provenance"], False), (["temporal.flicker", "provenance"], True)])
def test_a_clip_on_its_side_is_shown_upright(sideways: Path, only: list[str], several: bool) -> None:
    report: Report = veridical.examine(sideways, only=only, cache=NOTHING)
    previews = report.exhibit.previews
    assert (len(previews) > 1) == several and previews[0].time_s == 0
    assert (previews[0].width, previews[0].height) == (64, 128)
    shown = pixels(previews[0])
    # clockwise on display: the stored left, red, is at the top; orientation 6 says just that
    assert shown[:50, :, 0].min() > 150 and shown[78:, :, 0].max() < 100
    assert previews[0].orientation == 6
