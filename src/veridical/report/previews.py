"""Small pictures of the exhibit for the report: the photograph, or frames of the clip that were kept while it was decoded."""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import MediaError
from ..media.image import Image
from ..media.video import Video
from ..perception.filmstrip import Filmstrip
from ..perception.tracks import FaceTracks
from ..resolver import Resolver
from .model import PersonSeen, Preview
from .outlines import faces_at, people_of
from .pictures import ORIENTATION_OF_ROTATION

LONG_SIDE = 1280
QUALITY = 88


def make(resolver: Resolver) -> tuple[Preview, ...]:
    """Return the previews of an exhibit; none for sound."""
    exhibit = resolver.exhibit
    if exhibit.kind == "image":
        image = exhibit.stream(Image)
        return (_preview(image.display, orientation=image.orientation),)
    if exhibit.kind == "video":
        strip, video = resolver.at_hand(Filmstrip), exhibit.stream(Video)
        turned = ORIENTATION_OF_ROTATION[video.rotation]
        if not strip or not len(strip.times):
            return _first_frame(video, turned)
        return _strip(strip, turned, resolver.at_hand(FaceTracks))
    return ()


def people(resolver: Resolver) -> tuple[tuple[PersonSeen, ...], tuple[float, ...]]:
    """Return who is seen when, and the times of cuts, seconds; nothing where no faces were followed."""
    tracks = resolver.at_hand(FaceTracks) if resolver.exhibit.kind == "video" else None
    return (people_of(tracks), tuple(tracks.cuts.tolist())) if tracks else ((), ())


def _strip(strip: Filmstrip, turned: int, tracks: FaceTracks | None) -> tuple[Preview, ...]:
    times = strip.times.tolist()
    faces = faces_at(tracks, times) if tracks else [()] * len(times)
    return tuple(
        Preview(jpeg=jpeg, width=strip.width, height=strip.height, orientation=turned, time_s=time, faces=seen)
        for jpeg, time, seen in zip(strip.jpegs, times, faces, strict=True)
    )


def _first_frame(video: Video, turned: int) -> tuple[Preview, ...]:
    frames = video.frames(why="preview")
    try:
        frame = next(frames, None)
    except MediaError:  # already the reason why nothing could be examined
        return ()
    finally:
        frames.close()  # type: ignore[attr-defined]
    return (_preview(frame.display, orientation=turned, time_s=frame.time_s),) if frame else ()


def _preview(pixels: np.ndarray, *, orientation: int = 1, time_s: float | None = None) -> Preview:
    height, width = pixels.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    done, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"a picture of {size[0]}x{size[1]} pixels could not be encoded")
    return Preview(jpeg=data.tobytes(), width=size[0], height=size[1], orientation=orientation, time_s=time_s)
