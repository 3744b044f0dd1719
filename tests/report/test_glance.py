from dataclasses import replace

import numpy as np
import pytest

from veridical.report.glance import is_unusual
from veridical.report.model import Population, Report
from veridical.report.to_html import to_html

HELD = Population(
    quantiles=tuple(np.linspace(0, 1, 101).tolist()), files=412, sources=6, condition="files of any quality"
)


def compared(photo: Report, *values: float) -> Report:
    findings = [replace(photo.findings[0], id=f"spatial.t{i}", value=v, population=HELD) for i, v in enumerate(values)]
    return replace(photo, findings=tuple(findings))


@pytest.mark.parametrize(
    ("value", "said"), [(0.42, "about 42 in 100"), (2.0, "above all of them"), (-1.0, "below all of them")]
)
def test_the_page_says_where_a_value_lies_among_pristine_files(photo: Report, value: float, said: str) -> None:
    page = to_html(compared(photo, value))
    assert page.count(said) == 2  # at a glance, and on the card
    assert "412 pristine files from 6 collections (files of any quality)" in page
    assert "nine in ten lie between 0.05 and 0.95" in page


def test_unusual_is_above_95_in_100() -> None:
    for value, unusual in ((0.5, False), (0.95, False), (0.97, True), (3.0, True)):
        one = replace_value(value)
        assert is_unusual(one) is unusual, value


def replace_value(value: float) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(population=HELD, value=value)


def test_the_glance_counts_what_is_unusual_and_what_chance_alone_gives(photo: Report) -> None:
    page = to_html(compared(photo, 0.5, 0.99, *[0.2] * 18))
    assert "1 of 20 values are above 95 in 100" in page
    assert "about 1 would be, by chance" in page
    assert page.count('class="badge unusual"') == 1


def test_there_is_no_glance_without_populations(photo: Report) -> None:
    assert 'id="glance"' not in to_html(photo)
