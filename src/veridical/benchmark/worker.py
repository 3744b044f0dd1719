"""A worker process: ``python -m veridical.benchmark.worker``, from tasks on standard input to answers on standard output.

The first line is the set-up, every further line a task ``{"path", "chain"}``; each is answered by one line. It ends when its
input does, or when its owner is gone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import cv2

from .. import settings
from ..cache import PerceptCache
from ..errors import MediaError, NotApplicable, UsageError
from ..finding import Scalar
from ..media.exhibit import Exhibit
from ..outcome import Raised, attempt
from ..pipeline import Request, Run
from ..report.assemble import describe
from ..report.model import Report
from .chains import NATIVE, apply
from .quality import quality_of

_LOOK_FOR_OWNER_S = 0.5
_REMEDY = "This is a fault of veridical; report it with the lines above and the file, if it can be shared"


class Worker:
    """Examines one file at a time.

    Parameters
    ----------
    request
        What to ask.
    folder
        Where files made by chains lie while they are examined.
    """

    def __init__(self, request: Request, folder: Path) -> None:
        self._folder = folder
        self._run = Run(request, cache=_cache(), look=self._look)
        self._seconds: dict[str, float] = {}
        self._quality: dict[str, Scalar] = {}

    def answer(self, path: Path, chain: str) -> dict[str, Any]:
        """Return findings, conclusion, qualities, hash and seconds of a file under a chain, with the error if there is one."""
        self._seconds, self._quality = {}, {}
        result: dict[str, Any] = {"findings": (), "exhibit": "", "error": None, "state": {}, "conclusion": {}}
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            made = attempt(lambda: self._examine(path, chain, folder))
            result |= _refused(made.error) if isinstance(made, Raised) else made
        except MediaError as error:  # the chain could not read the file
            result["error"] = describe(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return result | {"seconds": self._seconds, "quality": self._quality}

    def _examine(self, path: Path, chain: str, folder: Path) -> dict[str, Any]:
        if chain != NATIVE:
            with self._timed("chain"):
                path = apply(chain, path, folder, key=_sha256(path))
        with self._timed("examine"):
            report = self._run.examine(path)
        self._seconds["examine"] -= self._seconds.get("quality", 0.0)
        return {
            "findings": _findings(report, folder), "exhibit": report.exhibit.sha256, "error": report.error,
            "state": {name: _finite(value) for name, value in report.exhibit.quality.items()},
            "conclusion": _conclusion(report),
        }  # fmt: skip

    def _look(self, exhibit: Exhibit) -> None:
        with self._timed("quality"):
            self._quality = {name: _finite(value) for name, value in quality_of(exhibit).items()}

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[what] = time.perf_counter() - began


def _findings(report: Report, folder: Path) -> tuple[dict[str, Any], ...]:
    """Return the findings; the name of a scratch folder, which is another in every run, is taken out of reasons."""
    return tuple(
        {
            "id": one.id, "value": one.value, "outcome": one.outcome,
            "reason": one.reason.replace(f"{folder}{os.sep}", ""), "seconds": one.seconds,
            "features": None if one.features is None else [float(f"{x:.6g}") for x in one.features.ravel()],
            "log10_lr": one.evidence.log10_lr if one.evidence else None, "unweighed": one.unweighed,
        }
        for one in report.findings
    )  # fmt: skip


def _conclusion(report: Report) -> dict[str, Any]:
    said = report.conclusion
    return {"log10_lr": said.log10_lr, "band": said.band, "category": said.category, "table": said.table}


def _refused(error: Exception) -> dict[str, Any]:
    """Describe what kept a file from being examined; a wrong request ends the run instead."""
    if isinstance(error, UsageError):
        raise error
    if isinstance(error, NotApplicable):
        return {"error": {"type": "NotApplicable", "problem": str(error), "remedy": "Leave the chain or the file out"}}
    traceback.print_exception(error)
    problem = f"{type(error).__name__}: {error}"
    return {"error": {"type": type(error).__name__, "problem": problem, "remedy": _REMEDY}}


def _finite(value: Scalar) -> Scalar:
    return None if isinstance(value, float) and value - value != 0 else value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cache() -> PerceptCache:
    """Return a cache only where the user named one: timings count, and thousands of files would push all others out."""
    return PerceptCache.of_user() if settings.text("cache") else PerceptCache(None, most_bytes=0)


def main() -> None:
    """Serve until the owner goes away."""
    tasks, answers = sys.stdin.buffer, _private_answers()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    cv2.setNumThreads(1)
    setup = json.loads(tasks.readline())
    request = Request(only=tuple(setup["only"]), skip=tuple(setup["skip"]), knobs=setup["knobs"], sound=False)
    worker = Worker(request, Path(setup["folder"]))
    _send(answers, {"ready": True})
    for line in tasks:
        task = json.loads(line)
        try:
            _send(answers, worker.answer(Path(task["path"]), task["chain"]))
        except UsageError as error:
            _send(answers, {"stop": str(error)})


def _send(answers: BinaryIO, value: Mapping[str, Any]) -> None:
    answers.write(json.dumps(value, allow_nan=False).encode() + b"\n")
    answers.flush()


def _private_answers() -> BinaryIO:
    """Take standard output for the answers, so that a library's chatter cannot mix with them."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _end_with(owner: int) -> None:
    """End this process when its owner was killed: nobody would read the answer."""
    while os.getppid() == owner:
        time.sleep(_LOOK_FOR_OWNER_S)
    os._exit(1)


if __name__ == "__main__":
    main()
