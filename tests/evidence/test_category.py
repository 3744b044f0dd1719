"""Attack categories: named only with support for a fake, only if learned, by the regression as worked out by hand."""

from __future__ import annotations

import math
from typing import Any

from veridical.evidence.category import NONE, named
from veridical.evidence.fusion import FusionTable, from_plain

from .test_fusion import LENGTH, NET, member, plain

KNOWN: dict[str, Any] = {
    "learned": ["replacement", "synthesis"], "members": [member(NET), member("learned.face_net", 1.0, 2.0)],
    "offsets": [0.1, 0.0], "slopes": [[-1.0, 2.0], [1.0, -2.0]],
    "confusion": {"synthesis": {"synthesis": 6, "replacement": 1, NONE: 3}, "real": {NONE: 9, "synthesis": 1}},
    "never": {"editing": "there were media of one source only", "reenactment": "there were no media of it"},
}  # fmt: skip


def table(**changes: Any) -> FusionTable:
    return from_plain(plain(category=KNOWN | changes))


def test_the_likeliest_learned_category_is_named() -> None:
    z = 3 * math.tanh(1 / 3)
    # replacement: 0.1 - z(net) + 2 z(face), synthesis: z(net) - 2 z(face); at net 1 and face 3 both z are alike
    assert 0.1 - z + 2 * z > z - 2 * z
    assert (found := named({NET: 1.0, "learned.face_net": 3.0}, True, table())) and found.category == "replacement"
    assert (found := named({NET: 1.0, "learned.face_net": 1.0}, True, table())) and found.category == "synthesis"
    # a missing one adds nothing: with none at hand the offsets decide
    assert (found := named({LENGTH: 9.0}, True, table())) and found.category == "replacement"


def test_without_support_for_a_fake_it_is_none_of_these() -> None:
    assert (found := named({NET: 9.0}, False, table())) and found.category == NONE


def test_what_was_not_learned_is_never_named() -> None:
    only = table(learned=["synthesis"], offsets=[0.0], slopes=[[0.0, 0.0]])
    for value in (-9.0, 0.0, 9.0):
        assert (found := named({NET: value}, True, only)) and found.category == "synthesis"
    nothing = table(learned=[], offsets=[], slopes=[])
    assert (found := named({NET: 9.0}, True, nothing)) and found.category == NONE
    assert named({NET: 9.0}, True, from_plain(plain())) is None


def test_the_confusion_table_is_counted() -> None:
    found = named({NET: 1.0}, True, table())
    assert found is not None
    assert found.counted("synthesis", "synthesis") == (6, 10) and found.counted("real", "synthesis") == (1, 10)
    assert found.counted("editing", "editing") == (0, 0)
    assert "editing" in found.never
