"""The order in which findings are shown, and which of them are about the sound."""

from __future__ import annotations

from collections.abc import Iterable

from ..catalogue import BRANCHES
from ..finding import Finding
from .model import ReportedFinding

_RANK = {"measured": 0, "failed": 1, "not_applicable": 2}
_VOICE = "voice"
_CLASSIFIERS = "learned.voice_"  # of the branch of classification, but about the sound, too


def is_of_sound(finding: Finding | ReportedFinding) -> bool:
    """Return whether a finding is about the sound: it is shown under the spectrogram, and its stretches can be played."""
    return finding.branch == _VOICE or finding.id.startswith(_CLASSIFIERS)


def by_branch(findings: Iterable[ReportedFinding]) -> dict[str, list[ReportedFinding]]:
    """Group findings in the order of branches; measured ones first within each."""
    groups: dict[str, list[ReportedFinding]] = {branch: [] for branch in BRANCHES}
    for finding in findings:
        groups.setdefault(finding.branch, []).append(finding)
    return {branch: sorted(group, key=lambda f: _RANK[f.outcome]) for branch, group in groups.items() if group}
