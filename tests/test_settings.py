"""Settings come from the environment, and a wrong one says which and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from veridical import settings
from veridical.errors import UsageError


def test_defaults_hold_without_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERIDICAL_MAX_HOURS", raising=False)
    assert settings.number("max_hours") == 4


def test_the_environment_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERIDICAL_MAX_HOURS", "0.5")
    assert settings.number("max_hours") == 0.5


@pytest.mark.parametrize("wrong", ["many", "0", "-1", "nan", "inf"])
def test_a_wrong_number_names_its_variable(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("VERIDICAL_MAX_HOURS", wrong)
    with pytest.raises(UsageError, match="VERIDICAL_MAX_HOURS must be a number above zero"):
        settings.number("max_hours")


def test_everything_is_kept_under_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert settings.user_cache() == tmp_path / "veridical"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert settings.user_cache() == Path.home() / ".cache" / "veridical"
