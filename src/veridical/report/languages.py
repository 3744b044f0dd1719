"""A stored report in another language than the one in which it was assembled."""

from __future__ import annotations

from ..errors import UsageError
from ..settings import text
from .model import Report
from .wording import LANGUAGES


def chosen(language: str | None) -> str:
    """Return the language that is asked for, or the setting's; raises UsageError if there is no wording in it."""
    wanted = (language or text("language")).strip().lower()
    if wanted not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise UsageError(
            f"there is no wording in {wanted!r}; choose with --language or VERIDICAL_LANGUAGE one of: {known}"
        )
    return wanted


def in_language(report: Report, language: str) -> Report:
    """Return a report with its fixed sentences in a language."""
    return report
