"""Limits that the decoder process puts on itself before it opens hostile bytes.

Memory, processor time, file sizes, open files and core dumps through ``setrlimit``; network, files and other processes
through a seccomp filter. Where the system offers no seccomp (not Linux, or another processor) the filter is left out and
the answer says so; the run record keeps it.
"""

from __future__ import annotations

import resource

from . import seccomp


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
    held = ["memory", "processor time", "no core dumps", "open files"]
    # without the filter a file can still be emptied, removed or made; only nothing can be put into it
    return held + (["no file writes", "no network", "no new processes"] if seccomp.install() else ["no growing files"])
