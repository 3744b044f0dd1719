"""Dates as EXIF, XMP, GPS and containers write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DATE = re.compile(
    r"\s*(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?\s*$"
)
_OFFSET = re.compile(r"\s*([+-])(\d\d):?(\d\d)\s*$")
_EARLIEST_YEAR = 1980  # what is older is the zero of some clock


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with time: ``local`` is what a clock on the wall showed, ``offset`` its distance from UTC if stated."""

    local: datetime
    offset: timedelta | None

    @property
    def utc(self) -> datetime | None:
        """The moment in UTC, without a time zone mark, if the offset is known."""
        return None if self.offset is None else self.local - self.offset


def read_moment(text: str | None, offset: str | None = None) -> Moment | None:
    """Read a date with time of day; None if there is none. ``offset`` is that of a separate field, such as "+02:00"."""
    found = _DATE.match(text or "")
    if not found:
        return None
    try:
        local = datetime(*(int(part or 0) for part in found.groups()[:6]))  # type: ignore[arg-type]
    except ValueError:
        return None
    if local.year < _EARLIEST_YEAR:
        return None
    return Moment(local, _read_offset(found[7] or offset or ""))


def _read_offset(text: str) -> timedelta | None:
    if text in ("Z", "UTC"):
        return timedelta()
    found = _OFFSET.match(text)
    if not found:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size
