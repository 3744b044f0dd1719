"""A short film as a figure, played in the page."""

from __future__ import annotations

from ..finding import Clip
from .colours import data_uri
from .markup import Html, element
from .pictures import HIGHEST, WIDEST, seconds
from .wording import Words

LARGEST = 3
"""Small films are shown at up to this many times their size."""


def clip_figure(clip: Clip, words: Words) -> Html:
    """Build the figure of one film; a page that is printed, or a browser without the codec, names it."""
    scale = min(WIDEST / clip.width, HIGHEST / clip.height, LARGEST)
    length = words("clip.length", start=seconds(clip.starts_s), end=seconds(clip.starts_s + clip.seconds))
    film = element(
        "video", words("clip.none"), src=data_uri(clip.mp4, "video/mp4"), width=round(clip.width * scale),
        height=round(clip.height * scale), controls=True, loop=True, muted=True, playsinline=True, preload="metadata",
        aria_label=f"{clip.name}. {length}",
    )  # fmt: skip
    caption = element("p", element("strong", clip.name), f". {clip.caption}" if clip.caption else None)
    return element("figure", film, element("figcaption", caption, element("p", length, class_="note")), class_="film")
