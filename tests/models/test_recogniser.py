"""The recogniser is one for all threads of the process: they take turns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from veridical.models import recogniser


class Decoder:
    """Stands in for PocketSphinx: it hears one utterance at a time and counts who interrupts."""

    def __init__(self) -> None:
        self.busy, self.interrupted, self.heard = False, 0, 0

    def start_utt(self) -> None:
        self.interrupted += self.busy
        self.busy = True

    def process_raw(self, sound: bytes, *, full_utt: bool) -> None:
        sleep(0.002)
        self.heard = int(np.frombuffer(sound, "<i2")[0])

    def end_utt(self) -> None:
        self.busy = False

    def hyp(self) -> object:
        return object()

    def seg(self) -> list[Any]:
        sleep(0.001)
        return [SimpleNamespace(word=f"{self.heard}", start_frame=0, end_frame=9, ascore=0.0)]


@pytest.mark.parametrize("name", ["recognise", "listen"])
def test_threads_take_turns_and_each_gets_what_it_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = Decoder()
    monkeypatch.setattr(recogniser, "_words", lambda: decoder)
    monkeypatch.setattr(recogniser, "_phones", lambda: decoder)

    def ask(level: int) -> str:
        (found,) = getattr(recogniser, name)(np.full(160, level / 32767, np.float32))
        return found if isinstance(found, str) else found.name

    with ThreadPoolExecutor(8) as pool:
        levels = list(range(100, 140))
        answers = [int(answer) for answer in pool.map(ask, levels)]
    assert decoder.interrupted == 0
    assert answers == pytest.approx(levels, abs=1)
