"""Results come in order and as they would one by one; pieces are not fetched far ahead; faults come where they are due."""

from __future__ import annotations

import threading
import time

import pytest

from veridical.signals import side_by_side as module
from veridical.signals.side_by_side import side_by_side


@pytest.fixture(params=[1, 2, 16])
def cores(request, monkeypatch):
    monkeypatch.setattr(module, "cores", lambda: request.param)
    return request.param


def test_results_come_in_order_whoever_ends_first(cores):
    def work(number):
        time.sleep(0.02 if number % 2 == 0 else 0)
        return number**2

    assert list(side_by_side(work, range(9))) == [number**2 for number in range(9)]
    assert list(side_by_side(work, [])) == []


def test_two_work_at_a_time_where_there_are_two_cores(cores):
    together = threading.Barrier(2, timeout=0.3 if cores == 1 else 10)

    def meet(_):
        try:
            return together.wait() >= 0
        except threading.BrokenBarrierError:
            return False

    assert list(side_by_side(meet, range(2))) == [cores > 1] * 2


def test_pieces_are_fetched_shortly_before_they_are_due(cores):
    fetched = []
    results = side_by_side(lambda number: number, (fetched.append(number) or number for number in range(100)))
    for due in range(50):
        assert next(results) == due
        assert len(fetched) <= due + 3
    results.close()
    assert len(fetched) <= 53


def test_a_fault_comes_where_its_result_is_due(cores):
    results = side_by_side(lambda number: 1 / number, [1, 2, 0, 4])
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_fault_in_the_pieces_is_not_hidden(cores):
    def pieces():
        yield 1
        raise KeyError("pieces")

    with pytest.raises(KeyError, match="pieces"):
        list(side_by_side(lambda number: number, pieces()))
