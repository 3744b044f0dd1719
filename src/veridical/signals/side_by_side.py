"""Independent pieces of work on two cores, with the results in order: for stretches of sound that need nothing of each other.

Threads are enough, because transforms and networks let go of Python's lock. Each piece is worked on exactly as it would be
alone, so that results do not depend on the number of cores.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST = 2


def side_by_side(work: Callable[[T], R], pieces: Iterable[T]) -> Iterator[R]:
    """Yield ``work(piece)`` for each piece, in order, up to two at a time.

    Pieces are fetched by the caller's thread, no more than two ahead of the result that is due, so that memory does not grow
    with their number. What ``work`` raises is raised where its result is due.
    """
    threads = min(_MOST, cores())
    if threads == 1:
        yield from map(work, pieces)
        return
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for piece in pieces:
                waiting.append(pool.submit(work, piece))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # also where the caller stops early
            for one in waiting:
                one.cancel()


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
