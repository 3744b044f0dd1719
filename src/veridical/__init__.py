"""veridical: what speaks for and against an image, a video or a voice recording being a deepfake.

>>> import veridical
>>> report = veridical.examine("photo.jpg")  # doctest: +SKIP
>>> report.conclusion.statement  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import catalogue
    from .media.exhibit import open_exhibit
    from .pipeline import examine
    from .report.model import Report

__version__ = "0.1.0"
__all__ = ["Report", "__version__", "catalogue", "examine", "open_exhibit"]

_HOMES = {"Report": "report.model", "examine": "pipeline", "open_exhibit": "media.exhibit", "catalogue": "catalogue"}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Load what is public when it is first used: importing veridical stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'veridical' has no attribute {name!r}")
    module = import_module(f".{home}", __name__)
    return module if name == "catalogue" else getattr(module, name)
