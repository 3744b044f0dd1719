"""Every box that an examiner's report must fill or name as open, by section.

Drawn from ENFSI-BPM-DI-03 and the ENFSI guideline for evaluative reporting, SWGDE 23-V-001, ISO/IEC 27037 and 27042, the OSAC
image standards, FRE 702 and the Berkeley Protocol. A box is ``section.name``; the wording is under ``formal.section.name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BOXES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    # A identification and custody
    "A1": ("case", "exhibit", "requester", "question", "authority", "laboratory", "examiner", "competence", "examined",
           "date", "time_zone"),
    "A2": ("obtained_how", "obtained_when", "obtained_from", "obtained_by", "original", "transfers"),
    "A3": ("sha256", "second_hash", "size", "path", "format", "extent", "untouched", "working_copy", "hashes_match"),
    "A4": ("log", "storage", "kept_unaltered", "available", "identity", "persistent", "renderable", "understandable"),
    # B propositions and scope
    "B1": ("propositions", "agreed", "background", "would_change"),
    "B2": ("excluded", "editing"),
    # C method
    "C1": ("tools", "models", "tables", "licences", "parameters", "seed", "hardware", "order", "run_by", "command"),
    "C2": ("validation", "unvalidated", "failure_modes", "coverage", "standing", "deviations"),
    "C3": ("applicability", "not_used"),
    # D findings
    "D1": ("file", "metadata", "provenance", "compression", "global", "local", "sensor", "physical", "audio", "sync",
           "temporal", "semantic"),
    "D2": ("original", "overlays", "scale", "coordinates", "command"),
    "D3": ("quality", "laundering", "stability", "disagreement"),
    "D4": ("negative", "inapplicable", "unasked"),
    # E evaluation and conclusion
    "E1": ("conclusion", "ratio", "scale", "range", "groups", "missing", "caps", "changes", "limits", "meaning"),
    "E2": ("categories", "attack"),
    "E3": ("calibration", "corroboration"),
    # F quality assurance and disclosure
    "F1": ("technical_review", "administrative_review", "blind_reexamination", "disclosure", "context_management"),
    "F2": ("assistance", "legal_basis", "synthetic_examples", "marker_service"),
    "F3": ("reexamination",),
    "F4": ("summary", "glossary", "declaration", "signature"),
})  # fmt: skip
ALL: frozenset[str] = frozenset(f"{section}.{name}" for section, names in BOXES.items() for name in names)
