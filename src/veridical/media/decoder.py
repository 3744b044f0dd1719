"""The owner's side of the decoder process: start it, ask it, and turn its death into an error of the exhibit."""

from __future__ import annotations

import fcntl
import io
import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from .. import errors, settings
from .wire import Message, WireError, receive, send

_PIPE_BYTES = 1 << 20
_SMALLER = "Convert or shorten the file, or raise the limit named above"


class Decoder:
    """Answers questions about one file from a process of its own under limits of memory, time and network.

    The process starts with the first question and is started again if a question is asked after it died. A question
    asked while another one is still being answered gets a process of its own. Not thread-safe.
    """

    program: tuple[str, ...] = ("-m", "veridical.media.worker")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.limits: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: deque[bytes] = deque(maxlen=16)
        self._answering = False

    def ask(self, operation: str, *, patience: float | None = None, **options: Any) -> Message:
        """Ask a question that has one answer; see ``stream``."""
        answers = list(self.stream(operation, patience=patience, **options))
        if len(answers) != 1:
            raise errors.DecoderFailed(self.path, f"the decoder gave {len(answers)} answers to {operation}", _REPORT)
        return answers[0]

    def stream(self, operation: str, *, patience: float | None = None, **options: Any) -> Iterator[Message]:
        """Ask a question with many answers, which come as they are made.

        ``patience`` is the longest wait for each of them, in seconds, if it is to be shorter than the setting.

        Raises
        ------
        MediaError
            What the decoder found wrong with the file, or DecoderFailed if it crashed or went beyond a limit.
        """
        if self._answering:
            with closing(Decoder(self.path)) as other:
                other.program = self.program
                yield from other.stream(operation, patience=patience, **options)
            return
        process = self._running()
        self._answering, done = True, False
        try:
            send(cast(BinaryIO, process.stdin), Message({"op": operation, **options}))
            while True:
                message = self._next(process, patience)
                if message.head.get("done"):
                    done = True
                    return
                if "error" in message.head:
                    done = True
                    raise self._error(message)
                yield message
        except (WireError, BrokenPipeError):
            done = True
            raise self._death(process) from None
        finally:
            self._answering = False
            if not done:  # the asker lost interest in mid-answer: what is in the pipe belongs to nobody
                self.close()

    def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        memory = int(settings.number("decode_gib") * 2**30)
        seconds = int(settings.number("max_hours") * 3600)
        # -P: without it Python would run modules that lie beside the file, under names such as json.py
        command = [sys.executable, "-P", *self.program, str(self.path.resolve()), str(memory), str(seconds)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        with suppress(OSError):  # a wider pipe means fewer turns for each frame; a system that refuses is only slower
            fcntl.fcntl(cast(BinaryIO, self._process.stdout), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._log.clear()
        try:
            self.limits = tuple(self._next(self._process).head["limits"])
        except WireError:
            raise self._death(self._process) from None
        return self._process

    def _next(self, process: subprocess.Popen[bytes], patience: float | None = None) -> Message:
        most = settings.number("decode_seconds")
        limit = most if patience is None else min(patience, most)
        answers = _Answers(process, self._log, time.monotonic() + limit)
        try:
            return receive(answers, most_bytes=int(settings.number("decode_gib") * 2**30))
        except TimeoutError:
            self.close()
            named = " (limit VERIDICAL_DECODE_SECONDS)" if limit == most else ""
            raise errors.DecoderFailed(
                self.path, f"decoding gave no result for {limit:g} s{named}", _SMALLER if named else _REPORT
            ) from None

    def _death(self, process: subprocess.Popen[bytes]) -> errors.MediaError:
        alive = False
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            alive = True
            process.kill()
            process.wait()
        if process.stderr is not None:
            self._log.append(process.stderr.read() or b"")
        said = b"".join(self._log).decode(errors="replace").strip().splitlines()
        self.close()
        code = process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        if "MemoryError" in "".join(said[-3:]):
            return self._out_of_memory()
        if alive:
            return errors.DecoderFailed(self.path, "the decoder process gave an answer that is none", _REPORT)
        last = f"; its last words: {said[-1]}" if said else ""
        return errors.DecoderFailed(self.path, f"the decoder process died ({how}){last}", _REPORT)

    def _error(self, message: Message) -> errors.MediaError:
        name = message.head["error"]
        if name == "MemoryError":
            return self._out_of_memory()
        kind = getattr(errors, str(name), errors.DamagedMedia)
        if not (isinstance(kind, type) and issubclass(kind, errors.MediaError)):
            kind = errors.DamagedMedia
        return kind(self.path, str(message.head.get("problem", name)), str(message.head.get("remedy", _REPORT)))

    def _out_of_memory(self) -> errors.DecoderFailed:
        size = settings.number("decode_gib")
        return errors.DecoderFailed(
            self.path, f"decoding needs more than {size:g} GiB of memory (limit VERIDICAL_DECODE_GIB)", _SMALLER
        )


class _Answers:
    """The pipe on which answers come, read until a deadline; chatter is read meanwhile, so that it cannot block."""

    def __init__(self, process: subprocess.Popen[bytes], log: deque[bytes], end: float) -> None:
        self._out, self._err = cast(io.FileIO, process.stdout), cast(io.FileIO, process.stderr)
        self._watched = [self._out, self._err]
        self._log, self._end = log, end

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill some of the buffer; raises TimeoutError at the deadline, even if bytes come one by one."""
        while (left := self._end - time.monotonic()) > 0:
            ready, _, _ = select.select(self._watched, [], [], left)
            if self._err in ready:
                text = os.read(self._err.fileno(), 65536)
                self._log.append(text)
                if not text:
                    self._watched.remove(self._err)
            if self._out in ready:
                return self._out.readinto(buffer)
        raise TimeoutError


def _environment() -> dict[str, str]:
    """Return the surroundings of the decoder: no proxies, one thread, no compiled modules, no relative folders."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    kept |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    kept |= {"PYTHONFAULTHANDLER": "", "PYTHONDONTWRITEBYTECODE": "1"}
    if "PYTHONPATH" in kept:
        folders = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(os.path.abspath(folder) for folder in folders if folder)
    return kept


_REPORT = "The file is damaged or built to break decoders; nothing of it was examined. Try a fresh copy from its source"
