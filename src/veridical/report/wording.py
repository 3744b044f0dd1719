"""Every fixed word of the report, in one catalogue by language.

A second language is one more mapping with the same keys and the same ``{places}``; a test compares them. A text with a
bar is "one|other": which side is taken depends on the number ``n``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from ..errors import UsageError
from ._english import ENGLISH
from ._english_formal import ENGLISH_FORMAL
from ._english_formal_results import ENGLISH_FORMAL_RESULTS
from ._italian import ITALIAN
from ._italian_conclusion import ITALIAN_CONCLUSION
from ._italian_formal import ITALIAN_FORMAL
from ._italian_formal_results import ITALIAN_FORMAL_RESULTS

LANGUAGES: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "en": MappingProxyType({**ENGLISH, **ENGLISH_FORMAL, **ENGLISH_FORMAL_RESULTS}),
    "it": MappingProxyType({**ITALIAN, **ITALIAN_CONCLUSION, **ITALIAN_FORMAL, **ITALIAN_FORMAL_RESULTS}),
})  # fmt: skip


class Words:
    """The texts of one language; call it with a key and the values that the text has places for."""

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise UsageError(f"there is no wording in {language!r}; choose one of: {', '.join(sorted(LANGUAGES))}")
        self.language = language
        self._texts = LANGUAGES[language]

    def __call__(self, key: str, /, **values: object) -> str:
        """Return one text with its places filled."""
        text = self._texts[key]
        if "n" in values and "|" in text:
            one, other = text.split("|")
            text = one if values["n"] == 1 else other
        return text.format(**values)

    def get(self, key: str, otherwise: str) -> str:
        """Return a text without places, or ``otherwise`` if the catalogue has none (names that come from data)."""
        return self._texts.get(key, otherwise)

    def starting(self, prefix: str) -> dict[str, str]:
        """Return the texts whose key starts so, by the rest of their key: handed to the script of the page."""
        return {key.removeprefix(prefix): text for key, text in self._texts.items() if key.startswith(prefix)}


def of_face(label: str, track: int | None, words: Words) -> str:
    """Return what is said of a face with the number of the face behind it, unless it is named in it."""
    if track is None:
        return label
    face = words("face", n=track + 1)
    return label if re.search(rf"\b{re.escape(face)}\b", label, re.IGNORECASE) else f"{label}, {face}"
