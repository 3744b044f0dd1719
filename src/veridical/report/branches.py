"""The order in which findings are shown."""

from __future__ import annotations

from collections.abc import Iterable

from ..catalogue import BRANCHES
from .model import ReportedFinding

_RANK = {"measured": 0, "failed": 1, "not_applicable": 2}


def by_branch(findings: Iterable[ReportedFinding]) -> dict[str, list[ReportedFinding]]:
    """Group findings in the order of branches; measured ones first within each."""
    groups: dict[str, list[ReportedFinding]] = {branch: [] for branch in BRANCHES}
    for finding in findings:
        groups.setdefault(finding.branch, []).append(finding)
    return {branch: sorted(group, key=lambda f: _RANK[f.outcome]) for branch, group in groups.items() if group}
