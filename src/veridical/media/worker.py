"""The decoder process: ``python -m veridical.media.worker FILE MEMORY SECONDS``.

It limits itself, then answers requests about that one file until its input closes. A request is a message
``{"op": name, ...options}``; the answer is one or more messages, the last with ``"done": true``, or one with ``"error"``.
Operations are generator functions of ``veridical.media.decode``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import MediaError
from . import sandbox
from .wire import Message, WireError, receive, send

Operation = Callable[..., Iterator[Message]]
# operation: module of veridical.media.decode; the function in it is called ``read``
OPERATIONS = ("image", "jpeg", "metadata", "container", "credentials", "video", "audio")


def main() -> None:
    """Serve one file until the owner goes away."""
    requests, answers = _private_pipes()
    path = Path(sys.argv[1])
    held = sandbox.limit(memory_bytes=int(sys.argv[2]), seconds=int(sys.argv[3]))
    send(answers, Message({"ready": True, "limits": held}))
    while True:
        try:
            request = receive(requests)
        except WireError:
            return
        _answer(path, request, answers)


def _answer(path: Path, request: Message, answers: BinaryIO) -> None:
    options: dict[str, Any] = dict(request.head)
    name = options.pop("op")
    if name not in OPERATIONS:
        raise ValueError(f"no operation {name!r}")
    operation: Operation = import_module(f"veridical.media.decode.{name}").read
    try:
        for message in operation(path, **options):
            send(answers, message)
    except MediaError as error:
        text = {"error": type(error).__name__, "problem": error.problem, "remedy": error.remedy}
        send(answers, Message(text))
    except MemoryError:
        send(answers, Message({"error": "MemoryError"}))
    else:
        send(answers, Message({"done": True}))


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for the messages, so that a library's chatter cannot mix with them."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


if __name__ == "__main__":
    main()
