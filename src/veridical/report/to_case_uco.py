"""Reports as CASE/UCO: a JSON-LD graph that other case-management systems read.

Terms are those of CASE 1.5.0 and UCO 1.5.0 (ontology.caseontology.org, ontology.unifiedcyberontology.org); what they have no
term for, numbers of evidence above all, has one of our own under ``veridical:``. A likelihood ratio is never written as
``uco-analysis:classificationConfidence``: it is no probability that a classification is right. The same reports give the same
identifiers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid5

from .model import Record, Report, ReportedFinding
from .solve_it import Technique, techniques_of

Node = dict[str, Any]
CASE_VERSION = "1.5.0"
CONTEXT: Mapping[str, str] = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-analysis": "https://ontology.unifiedcyberontology.org/uco/analysis/",
    "uco-configuration": "https://ontology.unifiedcyberontology.org/uco/configuration/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "veridical": "urn:veridical:terms:",
    "kb": "urn:veridical:kb:",
}
_SPACE = UUID("5b0a7b0c-3c55-5d0e-9d53-8a6f2f6a51c1")
_MIME = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif", "heic": "image/heic",
    "tiff": "image/tiff", "gif": "image/gif", "mp4": "video/mp4", "mov": "video/quicktime", "mkv": "video/x-matroska",
    "webm": "video/webm", "avi": "video/x-msvideo", "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg",
    "ogg": "audio/ogg", "m4a": "audio/mp4",
}  # fmt: skip


def to_case_uco(reports: Iterable[Report], *, name: str = "Examination with veridical") -> str:
    """Write reports as one JSON-LD text: exhibits, hashes, the tool as it was set, the actions, findings and conclusions.

    Parameters
    ----------
    name
        Name of the investigation that holds everything.
    """
    graph: dict[str, Node] = {}
    for report in reports:
        for node in _Export(report).nodes():
            graph.setdefault(node["@id"], node)
    held = [_ref(id) for id in graph]
    whole: Node = {
        "@id": _id("investigation", name, *graph), "@type": "case-investigation:Investigation", "uco-core:name": name,
        "uco-core:specVersion": CASE_VERSION, "uco-core:object": held,
    }  # fmt: skip
    plain = {"@context": dict(CONTEXT), "@graph": [whole, *graph.values()]}
    return json.dumps(_clean(plain), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


class _Export:
    """The nodes of one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        exhibit = report.exhibit
        # two reports of one file differ in when and how they were made
        self._run = (exhibit.sha256 or exhibit.path, report.record.started, report.record.command)
        self._file = _id("file", exhibit.sha256, exhibit.path)
        self._tool, self._action = self._own("tool"), self._own("action")

    def nodes(self) -> Iterator[Node]:
        results = [*map(self._finding, self.report.findings), self._conclusion()]
        ids = [result["@id"] for result in results]
        yield self._exhibit()
        yield self._program()
        yield self._examination(ids)
        yield from results
        yield {
            "@id": self._own("provenance-record"), "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": ["What the examination of the exhibit resulted in."],
            "uco-core:object": [_ref(id) for id in (self._file, *ids)],
        }  # fmt: skip

    def _own(self, what: str, *more: str) -> str:
        return _id(what, *self._run, *more)

    def _exhibit(self) -> Node:
        of = self.report.exhibit
        path = PurePath(of.path)
        file: Node = {
            "@id": _id("file-facet", of.sha256, of.path), "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": path.name, "uco-observable:filePath": of.path,
            "uco-observable:sizeInBytes": _typed("integer", of.bytes),
        }  # fmt: skip
        content: Node = {
            "@id": _id("content-facet", of.sha256, of.path), "@type": "uco-observable:ContentDataFacet",
            "uco-observable:sizeInBytes": _typed("integer", of.bytes),
        }  # fmt: skip
        if of.format in _MIME:
            content["uco-observable:mimeType"] = _MIME[of.format]
        if _SHA256.fullmatch(of.sha256):
            content["uco-observable:hash"] = [{
                "@id": _id("hash", of.sha256, of.path), "@type": "uco-types:Hash", "uco-types:hashMethod": "SHA256",
                "uco-types:hashValue": _typed("hexBinary", of.sha256),
            }]  # fmt: skip
        # the ontology has a class for pictures in files, but for sound and films in files there is only the file
        kind = "uco-observable:RasterPicture" if of.kind == "image" else "uco-observable:File"
        described = {"uco-core:description": [of.condition]} if of.condition else {}
        return {"@id": self._file, "@type": kind, **described, "uco-core:hasFacet": [file, content]}

    def _program(self) -> Node:
        record = self.report.record
        entries = {
            **{f"{id}.{knob}": value for id, knobs in record.settings.items() for knob, value in knobs.items()},
            **{f"{id}.{knob}": value for id, knobs in record.percepts.items() for knob, value in knobs.items()},
            **{f"model {name}, SHA-256": value for name, value in record.models.items()},
            **{f"environment {name}": value for name, value in record.environment.items()},
            **({"command": record.command} if record.command else {}),
            **({"commit": record.commit} if record.commit else {}),
        }
        set_to: Node = {
            "@id": self._own("configuration"), "@type": "uco-configuration:Configuration",
            "uco-configuration:configurationEntry": [
                {
                    "@id": self._own("entry", name), "@type": "uco-configuration:ConfigurationEntry",
                    "uco-configuration:itemName": name, "uco-configuration:itemValue": str(value),
                }
                for name, value in entries.items()
            ],
        }  # fmt: skip
        return {
            "@id": self._tool, "@type": ["uco-tool:AnalyticTool", "uco-tool:ConfiguredTool"], "uco-core:name": "veridical",
            "uco-tool:toolType": "examination of images, videos and voice recordings for synthesis and alteration",
            "uco-tool:version": record.version, "uco-configuration:usesConfiguration": set_to,
        }  # fmt: skip

    def _examination(self, results: list[str]) -> Node:
        record = self.report.record
        return {
            "@id": self._action, "@type": ["case-investigation:InvestigativeAction", "uco-analysis:Analysis"],
            "uco-core:name": f"Examination of {PurePath(self.report.exhibit.path).name}", **_times(record),
            "uco-action:instrument": [_ref(self._tool)], "uco-action:object": [_ref(self._file)],
            "uco-action:result": [_ref(id) for id in (*results, self._own("provenance-record"))],
        }  # fmt: skip

    def _finding(self, of: ReportedFinding) -> Node:
        said = {"measured": of.observation, "not_applicable": f"Could not be examined: {of.reason}"}
        statements = [said.get(of.outcome, f"Failed: {of.reason}"), *of.limits]
        if of.outcome == "measured" and of.unweighed:
            statements.append(f"Not weighed: {of.unweighed}")
        node = self._result(("finding", of.id), of.id, of.question, statements)
        node["veridical:outcome"] = of.outcome
        if of.value is not None:
            node |= _numbers(value=of.value) | {"veridical:unit": of.unit}
        if of.evidence is not None:
            weight = of.evidence
            lowest = -weight.bound if weight.lowest is None else weight.lowest
            node |= _numbers(
                log10LikelihoodRatio=weight.log10_lr, log10LikelihoodRatioFrom=weight.interval[0],
                log10LikelihoodRatioTo=weight.interval[1], log10UpperBound=weight.bound, log10LowerBound=lowest,
            )  # fmt: skip
            node |= {"veridical:condition": weight.condition, "veridical:calibrationTable": weight.table}
        if shared := techniques_of(of.id, self.report.exhibit.kind):
            node["uco-core:externalReference"] = [self._technique(one, of.id) for one in shared]
        return node

    def _technique(self, technique: Technique, finding: str) -> Node:
        return {
            "@id": self._own("reference", technique.id, finding), "@type": "uco-core:ExternalReference",
            "uco-core:definingContext": "SOLVE-IT", "uco-core:externalIdentifier": technique.id,
            "uco-core:referenceURL": _typed("anyURI", technique.url),
        }  # fmt: skip

    def _conclusion(self) -> Node:
        what = self.report.conclusion
        first, second = what.propositions
        statements = [
            f"Conclusion: {what.band}", what.statement, *what.caps, *what.limits, f"First proposition: {first}",
            f"Second proposition: {second}", *(f"The file itself states: {text}" for text in what.declarations),
            *([f"Attack category: {what.category}"] if what.category else []),
        ]  # fmt: skip
        node = self._result(("conclusion",), "Conclusion", "What all findings say together", statements)
        node["veridical:band"] = what.band
        low, high = what.interval or (None, None)
        return node | _numbers(
            log10LikelihoodRatio=what.log10_lr, log10LikelihoodRatioFrom=low, log10LikelihoodRatioTo=high,
            log10UpperBound=what.bound, log10LowerBound=what.lowest,
        )  # fmt: skip

    def _result(self, key: tuple[str, ...], name: str, description: str, statements: Iterable[str]) -> Node:
        return {
            "@id": self._own(*key), "@type": "uco-analysis:AnalyticResult", "uco-core:name": name,
            "uco-core:description": [description],
            "uco-core:statement": [text for text in dict.fromkeys(statements) if text],
            "uco-analysis:originatingAnalysis": _ref(self._action),
        }  # fmt: skip


def _id(what: str, *key: str) -> str:
    return f"kb:{what}-{uuid5(_SPACE, json.dumps([what, *key]))}"


def _ref(id: str) -> Node:
    return {"@id": id}


def _typed(kind: str, value: object) -> Node:
    return {"@type": f"xsd:{kind}", "@value": str(value)}


def _times(record: Record) -> Node:
    """Return beginning and end of a run; nothing where a report does not say when it was."""
    try:
        began = datetime.fromisoformat(record.started)
        ended = began + timedelta(seconds=record.seconds)
    except (ValueError, OverflowError):
        return {}
    return {
        f"uco-action:{name}": _typed("dateTime", moment.isoformat(timespec="milliseconds"))
        for name, moment in (("startTime", began), ("endTime", ended))
    }


def _numbers(**values: float | None) -> Node:
    return {
        f"veridical:{name}": _typed("double", repr(float(value)))
        for name, value in values.items() if value is not None and math.isfinite(value)
    }  # fmt: skip


_UNPAIRED = re.compile("[\ud800-\udfff]")
_SHA256 = re.compile("[0-9a-f]{64}")


def _clean(node: Any) -> Any:
    """Write out halves of characters, which no UTF-8 text can hold, wherever they stand."""
    if isinstance(node, str):
        return _UNPAIRED.sub(lambda found: f"\\u{ord(found[0]):04x}", node)
    if isinstance(node, list):
        return [_clean(one) for one in node]
    return {key: _clean(value) for key, value in node.items()} if isinstance(node, dict) else node
