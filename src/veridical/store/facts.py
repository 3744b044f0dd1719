"""What the log knows of the boxes of an examiner's report: who asked, where an exhibit came from, who had it, its hashes."""

from __future__ import annotations

import json
from dataclasses import fields

from ..report.casework import TRANSFERS, CaseFacts, Transfer
from .case import Case
from .ledger import Exhibit, Note, Propositions

_TIMES = "the log: UTC; times given by people: as written, with their zone"


def facts_of(case: Case, exhibit: Exhibit) -> CaseFacts:
    """Return the facts for the report of one exhibit; what was never written down stays empty, and so is named as open."""
    who, origin = case.particulars, exhibit.origins[0]
    hashed = f"read once and hashed when it was added (entry {exhibit.added[0]}); the original is not opened again"
    return CaseFacts(
        case=who.name, exhibit=f"{exhibit.number} ({exhibit.name})", laboratory=who.laboratory, requester=who.requester,
        question=who.question, authority=who.authority, examiner=who.examiner, competence=who.competence,
        background=who.background, time_zone=_TIMES, obtained_how=origin.how, obtained_when=origin.time,
        obtained_from=origin.source, obtained_by=origin.by, original=origin.nature, transfers=_transfers(case, exhibit),
        second_hash=f"SHA-512 {exhibit.sha512}", untouched=hashed, working_copy=f"{exhibit.copy}, read-only",
        hashes_match="SHA-256 and SHA-512 of the working copy, read back, are those of the original",
        log=f"append-only, hash-chained: {case.head.count} entries, head {case.head.sha256}",
        storage=str(case.folder.resolve()), agreed=_agreed(case, exhibit), technical_review=_reviews(case, exhibit),
    )  # fmt: skip


def to_toml(facts: CaseFacts) -> str:
    """Write facts as ``veridical report --facts`` reads them."""
    texts = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != TRANSFERS}
    lines = [f"{name} = {_quoted(text)}" for name, text in texts.items() if text]
    for moved in facts.transfers:
        lines += ["", f"[[{TRANSFERS}]]"]
        lines += [
            f"{one.name} = {_quoted(getattr(moved, one.name))}" for one in fields(moved) if getattr(moved, one.name)
        ]
    return "\n".join(lines) + "\n"


def _transfers(case: Case, exhibit: Exhibit) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(when=note.time, note=f"{note.text} (written down by {note.actor})", sha256=_found(note, exhibit))
        for note in case.ledger.notes
        if note.kind == "transferred" and note.exhibit in (None, exhibit.number) and _found(note, exhibit)
    )


def _found(note: Note, exhibit: Exhibit) -> str:
    return next((str(one["sha256"]) for one in note.details["hashes"] if one["exhibit"] == exhibit.number), "")


def _agreed(case: Case, exhibit: Exhibit) -> str:
    said = [_one(case, one) for one in case.ledger.propositions if one.exhibit in (None, exhibit.number)]
    return " ".join(said)


def _one(case: Case, agreed: Propositions) -> str:
    when = "after" if agreed.after_examination else "before"
    with_ = f" with {agreed.agreed_with}" if agreed.agreed_with else ""
    at = f" at {agreed.agreed_at}" if agreed.agreed_at else ""
    written = case.entries()[agreed.entry - 1].time
    return f"Agreed{with_}{at}, written down at {written}, {when} the first examination: (1) {agreed.first} (2) {agreed.second}"


def _reviews(case: Case, exhibit: Exhibit) -> str:
    notes = [one for one in case.ledger.notes if one.kind == "review" and one.exhibit in (None, exhibit.number)]
    return " ".join(f"{one.time} {one.actor}: {one.text}" for one in notes)


def _quoted(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")
