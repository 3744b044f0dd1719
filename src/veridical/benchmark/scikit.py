"""scikit-learn, which only the benchmark uses: loaded when needed, asked for when missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import UsageError


def scikit(part: str) -> Any:
    """Return the module ``sklearn.<part>``.

    Raises
    ------
    UsageError
        scikit-learn is not installed.
    """
    try:
        return import_module(f"sklearn.{part}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "sklearn":
            raise
        raise UsageError('the benchmark needs scikit-learn: pip install "veridical[benchmark]"') from error
