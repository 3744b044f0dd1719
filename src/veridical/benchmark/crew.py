"""Worker processes that share a list of tasks; one that dies loses nothing but its time."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from ..errors import UsageError

Task = Mapping[str, str]
Answer = Mapping[str, Any]
MOST_DEATHS = 2
_DYING_S = 5.0
_ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VERIDICAL_THREADS",
)  # fmt: skip


@dataclass
class _Hand:
    """One worker: its process, what it has in hand, and the part of its answer that has come."""

    process: subprocess.Popen[bytes]
    task: int | None = None
    ready: bool = False
    part: bytearray = field(default_factory=bytearray)


class Crew:
    """Some worker processes; use it in a ``with`` statement, which ends them.

    Parameters
    ----------
    count
        How many.
    setup
        Their first line; see ``worker``.
    log
        Where their standard error goes.
    command
        What to start; by default ``veridical.benchmark.worker``.
    """

    def __init__(self, count: int, setup: Mapping[str, Any], *, log: Path, command: Sequence[str] = ()) -> None:
        self._count, self._log = count, log
        self._setup = json.dumps(setup).encode() + b"\n"
        self._command = command or (sys.executable, "-m", "veridical.benchmark.worker")
        self._selector = selectors.DefaultSelector()
        self._hands: list[_Hand] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for hand in [*self._hands]:
            self._dismiss(hand)
        self._selector.close()

    def work(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer]]:
        """Yield the place of each task with its answer, as they come.

        A task whose worker dies is given to another; when that one dies too, its answer is an error.

        Raises
        ------
        UsageError
            If a task shows the request to be wrong, or workers cannot start.
        """
        waiting, deaths, left = deque(range(len(tasks))), Counter[int](), len(tasks)
        while left:
            while len(self._hands) < min(self._count, left):
                self._hire()
            for hand, heard in self._hear():
                place = hand.task
                answer = self._bury(hand, waiting, deaths) if heard is None else heard
                if answer and "stop" in answer:
                    raise UsageError(answer["stop"])
                if answer:
                    hand.ready, hand.task = True, None  # not before: it would be given a task within this batch
                self._give_idle(waiting, tasks)
                if answer and place is not None:
                    left -= 1
                    yield place, answer

    def _hire(self) -> None:
        environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment,
                start_new_session=True,
            )  # fmt: skip
        hand = _Hand(process)
        self._hands.append(hand)
        self._selector.register(cast(BinaryIO, process.stdout), selectors.EVENT_READ, hand)
        self._tell(hand, self._setup)

    def _hear(self) -> list[tuple[_Hand, Answer | None]]:
        """Wait for whole answers; None stands for the end of a worker."""
        heard: list[tuple[_Hand, Answer | None]] = []
        for key, _ in self._selector.select():
            hand: _Hand = key.data
            data = os.read(key.fd, 1 << 16)
            if not data:
                heard.append((hand, None))
                continue
            hand.part += data
            if hand.part.endswith(b"\n"):  # one question, one line: nothing follows it
                answer = json.loads(hand.part)
                hand.part.clear()
                heard.append((hand, answer))
        return heard

    def _give_idle(self, waiting: deque[int], tasks: Sequence[Task]) -> None:
        for hand in self._hands:
            if waiting and hand.ready and hand.task is None:
                hand.task = waiting.popleft()
                self._tell(hand, json.dumps(tasks[hand.task]).encode() + b"\n")

    def _tell(self, hand: _Hand, line: bytes) -> None:
        with suppress(BrokenPipeError):  # its end is heard next
            pipe = cast(BinaryIO, hand.process.stdin)
            pipe.write(line)
            pipe.flush()

    def _bury(self, hand: _Hand, waiting: deque[int], deaths: Counter[int]) -> Answer | None:
        """Put back the task of a dead worker; return an answer instead if others died of it too."""
        with suppress(subprocess.TimeoutExpired):
            hand.process.wait(_DYING_S)
        self._dismiss(hand)
        if not hand.ready:
            raise UsageError(f"a worker process could not start; see the end of {self._log}")
        if hand.task is None:
            return None
        deaths[hand.task] += 1
        if deaths[hand.task] >= MOST_DEATHS:
            return _died(hand.process.returncode)
        waiting.appendleft(hand.task)
        return None

    def _dismiss(self, hand: _Hand) -> None:
        self._hands.remove(hand)
        self._selector.unregister(cast(BinaryIO, hand.process.stdout))
        hand.process.poll()
        if hand.process.returncode is None:
            hand.process.kill()
        for pipe in (hand.process.stdin, hand.process.stdout):
            with suppress(BrokenPipeError):
                cast(BinaryIO, pipe).close()
        hand.process.wait()


def _died(code: int) -> Answer:
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    problem = f"the process that examined it {how}, {MOST_DEATHS} times"
    remedy = "Look for want of memory, and examine the file alone with: veridical examine"
    error = {"type": "WorkerDied", "problem": problem, "remedy": remedy}
    return {"findings": (), "exhibit": "", "quality": {}, "seconds": {}, "error": error}
