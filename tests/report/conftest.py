"""Reports of every kind as fixtures."""

from __future__ import annotations

import pytest

from veridical.report.model import Report

from .browsing import browser, show  # noqa: F401 (fixtures)
from .odd_reports import make_hostile, make_unsuitable
from .parts import HOSTILE
from .reports import EXPLAIN, MAKERS, make_clip, make_photo, make_recording


@pytest.fixture
def photo() -> Report:
    return make_photo()


@pytest.fixture
def clip() -> Report:
    return make_clip()


@pytest.fixture(params=list(MAKERS))
def report(request: pytest.FixtureRequest) -> Report:
    return MAKERS[request.param]()


@pytest.fixture
def unsuitable() -> Report:
    return make_unsuitable()


@pytest.fixture
def recording() -> Report:
    return make_recording()


@pytest.fixture
def hostile() -> Report:
    return make_hostile()


@pytest.fixture
def explain() -> dict[str, dict[str, str]]:
    return EXPLAIN


@pytest.fixture
def hostile_text() -> str:
    return HOSTILE
