"""A real face to look at (scikit-image's astronaut, NASA, public domain), and videos made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import cv2
import numpy as np
import pytest

from veridical.media.image import Image
from veridical.media.video import Frame, Video
from veridical.models import store
from veridical.perception import faces


@pytest.fixture(scope="session")
def models() -> None:
    """Skip where the face models have not been fetched."""
    missing = [name for name in faces.MODELS if not store.is_present(name)]
    if missing:
        pytest.skip(f"models not fetched: {', '.join(missing)} (veridical models fetch)")


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """A woman's face of about 105 px in a picture of 512 px."""
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut())


@pytest.fixture
def still() -> Callable[..., Image]:
    """Make an Image of pixels."""

    def make(pixels: np.ndarray, orientation: int = 1) -> Image:
        return Image(
            pixels=np.ascontiguousarray(pixels), format="png", mode="RGB", bits=8, orientation=orientation, frames=1,
            thumbnail=None, jpeg=None,
        )  # fmt: skip

    return make


@pytest.fixture
def video() -> Callable[..., Video]:
    """Make the description of a video that has no file."""

    def make(width: int = 480, height: int = 360, rotation: int = 0) -> Video:
        return Video(
            width=width, height=height, codec="h264", pixel_format="yuv420p", rotation=rotation, claimed_fps=25.0,
            claimed_duration_s=0.0, claimed_frames=0, bit_rate=0, _decoder=None,  # type: ignore[arg-type]
        )  # fmt: skip

    return make


@pytest.fixture
def play() -> Callable[..., tuple[object, list[object]]]:
    """Send pictures to a watcher; return its percept and what it yielded for each frame."""

    def run(watcher, pictures: Iterable[np.ndarray], *, fps: float = 25.0, rotation: int = 0):
        next(watcher)
        views = []
        for index, pixels in enumerate(pictures):
            views.append(watcher.send(Frame(index, index / fps, index == 0, "?", pixels, rotation)))
        with pytest.raises(StopIteration) as ended:
            watcher.send(None)
        return ended.value.value, views

    return run


@pytest.fixture
def scene(astronaut: np.ndarray) -> Callable[..., np.ndarray]:
    """Paint heads on a plain backdrop: each is (x, y of the middle of the head, scale, mirrored)."""
    head = astronaut[0:260, 90:350]
    fade = np.zeros(head.shape[:2], np.float32)
    cv2.ellipse(fade, (130, 125), (95, 118), 0, 0, 360, 1.0, -1)
    fade = cv2.GaussianBlur(fade, (0, 0), 6)

    def paint(*heads: tuple[float, float, float, bool], size=(480, 360), backdrop: int = 120) -> np.ndarray:
        rows = np.linspace(-20, 20, size[1])[:, None, None]
        picture = np.broadcast_to(backdrop + rows, (size[1], size[0], 3)).astype(np.float32)
        for x, y, scale, mirrored in heads:
            side = -scale if mirrored else scale
            matrix = np.array([[side, 0, x - side * 130], [0, scale, y - scale * 125]])
            layer, alpha = (cv2.warpAffine(one, matrix, size, flags=cv2.INTER_LINEAR) for one in (head, fade))
            picture = picture + alpha[..., None] * (layer - picture)
        return np.rint(picture).astype(np.uint8)

    return paint
