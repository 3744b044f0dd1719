"""What a file says about itself: EXIF, XMP, IPTC, PNG text and container tags, as text, unjudged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .decoder import Decoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """All metadata of an exhibit as name → text.

    Parameters
    ----------
    exif
        Tag names as ExifRead prints them ("Image Make", "EXIF DateTimeOriginal", "GPS GPSLatitude", …).
    xmp
        Properties as "prefix:Name" with the usual prefixes ("xmp:CreatorTool", "Iptc4xmpExt:DigitalSourceType", …).
    iptc
        IPTC-IIM datasets by name ("By-line", "Caption/Abstract", …).
    png_text
        tEXt, zTXt and iTXt chunks by keyword.
    tags
        Tags of the container and of its streams ("encoder", "creation_time", "stream0.handler_name", …).
    comments
        JPEG COM segments, GIF comments.
    unreadable
        Blocks that are there but could not be parsed, with the reason.
    """

    exif: Mapping[str, str]
    xmp: Mapping[str, str]
    iptc: Mapping[str, str]
    png_text: Mapping[str, str]
    tags: Mapping[str, str]
    comments: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """True if the file says nothing at all about itself."""
        return not (self.exif or self.xmp or self.iptc or self.png_text or self.tags or self.comments)


def read_metadata(decoder: Decoder) -> Metadata:
    """Read all metadata of an exhibit; raises MediaError only if the decoder dies."""
    head = decoder.ask("metadata").head
    maps = {name: dict(head[name]) for name in ("exif", "xmp", "iptc", "png_text", "tags")}
    return Metadata(**maps, comments=tuple(head["comments"]), unreadable=tuple(head["unreadable"]))
