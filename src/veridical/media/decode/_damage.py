"""What parsers raise on hostile bytes."""

from __future__ import annotations

import struct
import zlib

# Pure-Python parsers fall over broken input in all these ways. MemoryError is not among them: a limit is no damage.
BROKEN = (
    OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError, RuntimeError,
    AssertionError, struct.error, zlib.error,
)  # fmt: skip


def reason(error: BaseException) -> str:
    """Say in one line what a parser complained about."""
    if isinstance(error, KeyError):  # its text is the key alone
        return "something that it refers to is missing"
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
