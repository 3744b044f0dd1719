"""The report as JSON text and back, without loss."""

from __future__ import annotations

import json
import re

from .. import codec
from ..errors import UsageError
from .model import Report
from .upgrades import upgrade

_UNPAIRED = re.compile("[\ud800-\udfff]")


def to_json(report: Report, *, indent: int | None = 1) -> str:
    """Write a report as JSON: arrays as deflated bytes in base64 with dtype and shape, everything else readable.

    With ``indent`` None it is a single line. The text can be encoded as UTF-8 whatever the exhibit's name and metadata hold.
    """
    plain = codec.encode(report, Report, codec.array_to_text)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=indent)
    return _UNPAIRED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def from_json(text: str) -> Report:
    """Read a report, of this schema version or an older one.

    Raises
    ------
    UsageError
        If the text is no report, or one of a newer schema version.
    """
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise UsageError(f"this is not JSON ({error}); give a file written by: veridical examine FILE --json") from None
    try:
        return codec.decode(upgrade(plain), Report, codec.array_from_text)  # type: ignore[no-any-return]
    except codec.CodecError as error:
        raise UsageError(f"this is JSON, but no report of veridical, or a damaged one: {error}") from error
