"""Terms of the IPTC vocabulary "digital source type" by which a file declares that machines made or changed it.

Vocabulary: https://cv.iptc.org/newscodes/digitalsourcetype/ (terms of 2024-10-23), and C2PA's own addition
https://c2pa.org/digitalsourcetype/ (specification 2.2). Terms for cameras, film, scans and human editing are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SYNTHETIC: Mapping[str, str] = {
    "trainedAlgorithmicMedia": "was created using generative AI",
    "compositeWithTrainedAlgorithmicMedia": "was edited using generative AI",
    "compositeSynthetic": "is a composite that includes generative AI elements",
    "trainedAlgorithmicData": "is data created using generative AI",
    "virtualRecording": "is a recording of a virtual event, from captured or generated elements",
    "algorithmicMedia": "was created by an algorithm alone, without a model trained on captured media",
    "dataDrivenMedia": "was produced from data by software",
}
"""Term → what it says of the file, to be read after "this file"."""

_TERM = re.compile(r"(?:^|digitalsourcetype/|digsrctype:)([A-Za-z]+)/?$", re.IGNORECASE)
_BY_FOLDED = {term.lower(): term for term in SYNTHETIC}


def synthetic_term(text: str) -> str | None:
    """Return the term that a URI, QCode or bare term names, if it is one of ``SYNTHETIC``."""
    found = _TERM.search(text.strip())
    return _BY_FOLDED.get(found[1].lower()) if found else None
