"""Which of the twelve topics of an examination each finding belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import ReportedFinding
from .boxes import BOXES

TOPICS = BOXES["D1"]
_BY_ID = {
    "provenance.content_credentials": "provenance", "provenance.generator_marks": "provenance",
    "provenance.metadata_consistency": "metadata", "provenance.container_structure": "file",
    "provenance.compression_history": "compression", "provenance.laundering": "compression",
    "spatial.error_level": "compression", "spatial.jpeg_ghosts": "compression", "spatial.double_jpeg": "compression",
    "spatial.grid_alignment": "compression", "spatial.prnu": "sensor", "spatial.noise_mismatch": "sensor",
    "spatial.lighting": "physical", "spatial.corneal_highlights": "physical", "spatial.pupils": "physical",
    "spatial.background": "physical", "spatial.symmetry": "physical", "spatial.copy_move": "local",
    "spatial.resampling": "local", "spatial.generator_attribution": "global", "spatial.alignment_prior": "global",
    "temporal.lip_sync": "sync", "temporal.bilabials": "sync", "temporal.emotion_agreement": "sync",
    "temporal.mannerisms": "semantic", "spatial.context_identity": "semantic", "audio.speaker_match": "semantic",
    "learned.face_net": "local", "learned.locality_autoencoder": "local", "learned.voice_net": "audio",
}  # fmt: skip
_BY_BRANCH = {
    "blending": "local", "environment": "local", "forensics": "global", "artefacts": "physical", "behaviour": "temporal",
    "physiology": "temporal", "synchronisation": "sync", "continuity": "temporal", "voice": "audio",
    "provenance": "provenance", "classification": "global", "anomaly": "global",
}  # fmt: skip


def topic_of(finding: ReportedFinding) -> str:
    """Return the topic of a finding: by its id, else by its branch; added examinations come under "global" or "audio"."""
    return _BY_ID.get(finding.id) or _BY_BRANCH.get(finding.branch) or "global"


def by_topic(findings: Iterable[ReportedFinding]) -> dict[str, list[ReportedFinding]]:
    """Group findings in the order of topics."""
    groups: dict[str, list[ReportedFinding]] = {topic: [] for topic in TOPICS}
    for finding in findings:
        groups[topic_of(finding)].append(finding)
    return groups
