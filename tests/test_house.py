"""Rules of the house that no other tool checks: light import, exports, layers, fresh docs, one broad except, no odd paths."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import veridical

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
HEAVY = {"numpy", "scipy", "cv2", "av", "PIL", "torch", "matplotlib", "onnxruntime", "ai_edge_litert", "typer", "rich"}


def python(code: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("COV_")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    return done.stdout.strip()


def test_importing_veridical_is_light() -> None:
    loaded = python("import sys, veridical; print(' '.join(sys.modules))").split()
    assert not HEAVY & set(loaded)
    seconds = float(python("import time, veridical; print(time.process_time())"))
    assert seconds < 0.3


def test_exports_are_complete_sorted_and_loadable() -> None:
    assert veridical.__all__ == sorted(veridical.__all__)
    for name in veridical.__all__:
        assert getattr(veridical, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'examin'"):
        _ = veridical.examin  # type: ignore[attr-defined]


def test_layers_point_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_generated_documentation_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_broad_excepts_stand_in_one_place(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not any(isinstance(step, ast.Raise) and step.exc is None for step in ast.walk(node))
    ]
    assert not broad or path.name == "outcome.py"


def test_no_path_of_a_machine_and_no_package_index_stands_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    odd = re.compile(r"(?<![\w.])/(?:home|root|work|mnt|Users)/\w|index[-]url|find[-]links")
    bad = [
        name
        for name in listed
        if name.endswith((".py", ".md", ".toml", ".json", ".html", ".css", ".js", "Makefile"))
        and (ROOT / name).exists()
        and name != "tests/test_house.py"
        and odd.search((ROOT / name).read_text())
    ]
    assert not bad


def test_documents_link_to_files_that_exist() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
