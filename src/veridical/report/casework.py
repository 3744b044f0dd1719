"""What an examiner's report says of the case: facts that no program can measure, given by people. All are optional.

What is not given is named as open in the report itself.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import UsageError

TRANSFERS = "transfers"
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One handing over of the file, with the SHA-256 that was computed anew afterwards."""

    when: str = ""
    giver: str = ""
    receiver: str = ""
    sha256: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The facts of a case, as text; "" where nobody gave them.

    Parameters
    ----------
    case, exhibit, laboratory
        Number of the case, mark of the exhibit in it, who examines.
    requester, question, authority
        Who asked, what exactly, and with what right (order, warrant, consent).
    examiner, competence, run_by
        Who examined, with what training, and who ran the program if it was somebody else.
    date, time_zone
        Date of this report, and the time zone of the dates that people gave.
    obtained_how, obtained_when, obtained_from, obtained_by
        Collection: tool or manner, moment, address or device, person.
    original
        Whether the file is an original or a derivative, and of what.
    transfers
        Each handing over since, with a new hash.
    second_hash
        A hash of another kind, such as "SHA-512 …".
    untouched, working_copy, hashes_match
        The copy that was set aside, the one that was worked on, and the comparison of their hashes.
    log, storage
        The log of the custody, and where the copies are kept.
    kept_unaltered, available, persistent, renderable, understandable
        What keeps the copy unaltered, at hand, for good, playable, and in its context.
    agreed, background, would_change
        Whether the propositions were agreed before the examination, what background information was relied on, and what
        would change them.
    hardware, deviations, standing, not_used
        The machine, departures from the validated procedure, standing of the methods among peers, and methods that were
        considered and not used, with the reason.
    technical_review, administrative_review, blind_reexamination
        Who reviewed it, when, with what result.
    disclosure, context_management
        What the other side gets, and how the examiner was kept from what could bias.
    assistance, legal_basis, synthetic_examples, marker_service
        Help by artificial intelligence in writing, legal basis for biometric data, synthetic examples in this report, and
        vendor and free version of a marker detector, if one was read.
    declaration, place
        Declaration of the examiner, if other words are wanted, and the place of signing.
    """

    case: str = ""
    exhibit: str = ""
    laboratory: str = ""
    requester: str = ""
    question: str = ""
    authority: str = ""
    examiner: str = ""
    competence: str = ""
    run_by: str = ""
    date: str = ""
    time_zone: str = ""
    obtained_how: str = ""
    obtained_when: str = ""
    obtained_from: str = ""
    obtained_by: str = ""
    original: str = ""
    transfers: tuple[Transfer, ...] = ()
    second_hash: str = ""
    untouched: str = ""
    working_copy: str = ""
    hashes_match: str = ""
    log: str = ""
    storage: str = ""
    kept_unaltered: str = ""
    available: str = ""
    persistent: str = ""
    renderable: str = ""
    understandable: str = ""
    agreed: str = ""
    background: str = ""
    would_change: str = ""
    hardware: str = ""
    deviations: str = ""
    standing: str = ""
    not_used: str = ""
    technical_review: str = ""
    administrative_review: str = ""
    blind_reexamination: str = ""
    disclosure: str = ""
    context_management: str = ""
    assistance: str = ""
    legal_basis: str = ""
    synthetic_examples: str = ""
    marker_service: str = ""
    declaration: str = ""
    place: str = ""


def from_toml(text: str) -> CaseFacts:
    """Read the facts of a case from TOML: one key a fact, and a table ``[[transfers]]`` for each handing over.

    Raises
    ------
    UsageError
        If it is no TOML, or holds a key that is no fact, or a fact that is no text.
    """
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f'the facts of the case are not TOML ({error}); a line reads: requester = "…"') from None
    handed = plain.pop(TRANSFERS, [])
    if not isinstance(handed, list) or not all(isinstance(one, dict) for one in handed):
        raise UsageError("transfers are tables: begin each with a line [[transfers]]")
    known = [field.name for field in fields(CaseFacts) if field.name != TRANSFERS]
    moves = [field.name for field in fields(Transfer)]
    return CaseFacts(**_texts(plain, known), transfers=tuple(Transfer(**_texts(one, moves)) for one in handed))


def _texts(plain: Mapping[str, Any], known: list[str]) -> dict[str, str]:
    texts = {}
    for name, value in plain.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the facts are: {', '.join(known)}"
            raise UsageError(f"{name!r} is no fact of a case; {hint}")
        if isinstance(value, dict | list) or len(str(value)) > _LONGEST:
            raise UsageError(f"{name} must be a text of at most {_LONGEST} characters, not a table or a list")
        texts[name] = str(value).strip()
    return texts
