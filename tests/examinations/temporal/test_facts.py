"""Facts of the temporal examinations have keys of one style, which a reader of report.json can rely on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from veridical.examinations import temporal

MODULES = sorted(Path(temporal.__path__[0]).glob("[a-z]*.py"))


def keys(source: str) -> list[str]:
    """Every text that is a key of a dict in the source, or one of the keys that ``dict(zip(...))`` gets."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            found += node.keys
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip" and node.args:
            found += node.args[0].elts if isinstance(node.args[0], ast.Tuple) else []
    return [one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_keys_of_facts_are_words_joined_by_underscores(module: Path) -> None:
    named = keys(module.read_text("utf-8"))
    assert named and [key for key in named if not re.fullmatch("[a-z][a-z0-9_]*", key)] == []
