"""Limits that the decoder process puts on itself before it opens hostile bytes.

Memory, processor time, file writes, open files and core dumps through ``setrlimit``; no network through a seccomp filter
that refuses every socket. Where the system offers no seccomp (not Linux, or another processor) the filter is left out and
the answer says so; the run record keeps it.
"""

from __future__ import annotations

import ctypes
import platform
import resource
import struct

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_EPERM = 0x00050000 | 1
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
# processor: (audit architecture, numbers of socket and io_uring_setup; a ring could open sockets too)
_CALLS = {"x86_64": (0xC000003E, (41, 425)), "aarch64": (0xC00000B7, (198, 425))}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit(*, memory_bytes: int, seconds: int) -> list[str]:
    """Apply all limits to this process and return the names of those that hold.

    Parameters
    ----------
    memory_bytes
        Address space; an allocation beyond it fails with MemoryError.
    seconds
        Processor time; the system kills the process after it.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    held = ["memory", "processor time", "no file writes", "no core dumps", "open files"]
    if _forbid_sockets():
        held.append("no network")
    return held


def _forbid_sockets() -> bool:
    known = _CALLS.get(platform.machine()) if platform.system() == "Linux" else None
    if known is None:
        return False
    architecture, numbers = known
    steps = [(_LOAD, 0, 0, 4), (_JUMP_IF_EQUAL, 0, len(numbers) + 1, architecture), (_LOAD, 0, 0, 0)]
    steps += [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    # Another architecture's calls (x32, compat) land on the last step too: refused.
    steps[1] = (_JUMP_IF_EQUAL, 0, len(steps) - 3, architecture)
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(steps), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
