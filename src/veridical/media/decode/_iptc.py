"""A reader of IPTC-IIM datasets and of the Photoshop resource blocks that hold them."""

from __future__ import annotations

from collections.abc import Iterator

from ._text import clean, guess

_IIM = 0x0404
_NAMES = {
    3: "Object Type Reference", 4: "Object Attribute Reference", 5: "Object Name", 7: "Edit Status", 10: "Urgency",
    12: "Subject Reference", 15: "Category", 20: "Supplemental Category", 22: "Fixture Identifier", 25: "Keywords",
    26: "Content Location Code", 27: "Content Location Name", 30: "Release Date", 35: "Release Time",
    37: "Expiration Date", 38: "Expiration Time", 40: "Special Instructions", 45: "Reference Service",
    47: "Reference Date", 50: "Reference Number", 55: "Date Created", 60: "Time Created",
    62: "Digital Creation Date", 63: "Digital Creation Time", 65: "Originating Program", 70: "Program Version",
    75: "Object Cycle", 80: "By-line", 85: "By-line Title", 90: "City", 92: "Sub-location", 95: "Province/State",
    100: "Country Code", 101: "Country Name", 103: "Original Transmission Reference", 105: "Headline", 110: "Credit",
    115: "Source", 116: "Copyright Notice", 118: "Contact", 120: "Caption/Abstract", 122: "Writer/Editor",
    130: "Image Type", 131: "Image Orientation", 135: "Language Identifier",
}  # fmt: skip
_BINARY = frozenset({0, 125, 200, 201, 202})  # record version, rasterised caption, preview


def resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each Photoshop resource block ("8BIM"); raises ValueError where the list is broken."""
    at = 0
    while at + 12 <= len(data):
        if data[at : at + 4] not in (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"):
            if not data[at:].strip(b"\0"):
                return
            raise ValueError("the Photoshop resources break off")
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        name = data[at + 6] + 1
        at += 6 + name + name % 2
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + size > len(data):
            raise ValueError("a Photoshop resource is longer than the file says")
        yield number, data[at + 4 : at + 4 + size]
        at += 4 + size + size % 2


def in_resources(data: bytes) -> bytes:
    """Return the IIM block of a list of Photoshop resources; b"" if there is none."""
    return b"".join(content for number, content in resources(data) if number == _IIM)


def parse(data: bytes) -> dict[str, str]:
    """Return the datasets of records 1 to 3 by name; repeated ones are joined by "; ". Raises ValueError on damage."""
    values: dict[str, list[str]] = {}
    utf8 = False
    for record, dataset, content in _datasets(data):
        if (record, dataset) == (1, 90):
            utf8 = content == b"\x1b%G"
        elif record == 2 and dataset not in _BINARY:
            text = content.decode(errors="replace") if utf8 else guess(content)
            values.setdefault(_NAMES.get(dataset, f"2:{dataset:03d}"), []).append(clean(text))
    return {name: "; ".join(texts) for name, texts in values.items()}


def _datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, dataset, size = data[at + 1], data[at + 2], int.from_bytes(data[at + 3 : at + 5], "big")
        at += 5
        if size & 0x8000:
            wide = size & 0x7FFF
            size = int.from_bytes(data[at : at + wide], "big")
            at += wide
        if at + size > len(data):
            raise ValueError("an IPTC dataset is longer than its block")
        yield record, dataset, data[at : at + size]
        at += size
    if data[at:].strip(b"\0"):
        raise ValueError("the IPTC block holds something that is no dataset")
