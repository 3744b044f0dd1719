"""What do the file's Content Credentials (C2PA) say, and do they still hold?

Method
------
The manifest that is bound to the file is read with the C2PA reference library. Each of its checks is shown for itself: is the
signature intact, does the content still match the signed hash, are the signed statements unaltered, is the signer on the
trust list, is the certificate in force, is there an independent time stamp. From them follows one of six states:
absent; present, valid and trusted; present, valid, signer not known; present, not valid; removed (traces are left); not
readable, which is never reported as absent. The value counts the declarations that generative AI or another generator made
or changed the content, in the manifest or in those of its ingredients, and the checks of integrity that failed.

What a high value means
-----------------------
The file itself declares synthesis or AI editing, or was changed after it was signed. The facts tell which of both it is.

What it cannot see
------------------
A file without credentials says nothing: most media never had any, and most platforms remove them. Valid credentials prove
who signed what, not that a scene is real: a camera can photograph a screen. Invisible watermarks are not read.

Also caused by
--------------
- a file that was rightly labelled by honest software after a small retouch with an AI tool
- software that rewrites a signed file (a resave, a new title), which breaks the hash without changing what is seen
- an upload service that changes the metadata but leaves the manifest in place
- an old signing tool whose manifests newer readers reject

Needs
-----
A format in which the reader can look for credentials.

References
----------
- C2PA Technical Specification 2.2 (2025), chapters on validation and on actions
- IPTC NewsCodes, Digital Source Type, https://cv.iptc.org/newscodes/digitalsourcetype/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import NotApplicable
from ...finding import Measurement, Scalar, Table
from ...knowledge.generators import names_generator
from ...knowledge.source_types import SYNTHETIC, synthetic_term
from ...media.credentials import Credentials

BRANCH = "provenance"
DETECTS = ("reenactment", "replacement", "editing", "synthesis")
DEMO = "lab.provenance.declare"

_GOOD_ENDINGS = (".match", ".validated", ".trusted", ".insideValidity", ".accessible", ".notRevoked")
_INFORMATION = ("timeStamp.", "timeOfSigning.", "signingCredential.ocsp.", "algorithm.deprecated")
_INFORMATION_ENDINGS = (".additionalExclusionsPresent", ".unknownProvenance")
# Failures that concern who signed and when, not whether anything was changed.
_SIGNER_CODES = (
    "signingCredential.untrusted", "signingCredential.expired", "signingCredential.invalid",
    "signingCredential.ocsp.revoked", "signingCredential.revoked", "claimSignature.outsideValidity",
)  # fmt: skip
_CONTENT_HASHES = ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash")
_ABSENT_LIMIT = (
    "The absence of Content Credentials says nothing for or against the file: most media never had any, and most platforms "
    "remove them."
)


@dataclass(frozen=True, slots=True)
class _Action:
    """One entry of the list of actions of a manifest; ``says`` is what it declares about synthesis, or empty."""

    manifest: str
    name: str
    agent: str
    source: str
    when: str
    says: str


def examine(credentials: Credentials) -> Measurement:
    """Report the state of the Content Credentials and what they declare."""
    if credentials.presence == "unreadable":
        raise NotApplicable(
            f"state: unreadable; {credentials.reason or 'Content Credentials could not be read'}; "
            "this does not mean that there are none"
        )
    if credentials.presence == "absent":
        return _without(credentials)
    store = credentials.store
    manifests = _mapping(store.get("manifests"))
    active = _mapping(manifests.get(str(store.get("active_manifest", ""))))
    if not active:
        raise NotApplicable("state: unreadable; the manifest store names no active manifest")
    return _with(credentials, manifests, active)


def _without(credentials: Credentials) -> Measurement:
    if not credentials.remnants:
        return Measurement(
            value=0.0, unit="declarations and failures", observation="No Content Credentials were found.",
            facts={"state": "absent"}, limits=(_ABSENT_LIMIT,),
        )  # fmt: skip
    rows = tuple((text,) for text in credentials.remnants)
    return Measurement(
        value=0.0,
        unit="declarations and failures",
        observation=f"The file has no Content Credentials, but traces of removed ones: {'; '.join(credentials.remnants)}",
        exhibits=(Table(name="Traces of removed credentials", columns=("trace",), rows=rows),),
        facts={"state": "stripped-suspected", "traces": len(rows)},
        limits=("Removal by a platform or by an editor is common. " + _ABSENT_LIMIT,),
    )


def _with(credentials: Credentials, manifests: Mapping[str, Any], active: Mapping[str, Any]) -> Measurement:
    codes = {code: text for code, text in credentials.statuses}
    failures = [code for code in codes if _is_failure(code)]
    broken = [code for code in failures if code not in _SIGNER_CODES]
    trusted = "signingCredential.trusted" in codes
    vouched = "trusted" if trusted and not failures else "untrusted"
    state = "present-invalid" if broken else f"present-valid-{vouched}"
    signer = _mapping(active.get("signature_info"))
    actions = tuple(_actions(manifests, active))
    said = [action for action in actions if action.says]
    checks = _checks(codes, signer)
    facts: dict[str, Scalar] = {
        "state": state,
        "summary_of_the_reader": credentials.state,
        **{name: answer for name, answer, _ in checks},
        "signer": str(signer.get("issuer") or ""),
        "certificate_name": str(signer.get("common_name") or ""),
        "time_stated": str(signer.get("time") or ""),
        "claim_generator": _claim_generator(active),
        "manifests": len(manifests),
        "declarations": len(said),
        "failures": "; ".join(broken),
    }
    return Measurement(
        value=float(len(said) + len(broken)),
        unit="declarations and failures",
        observation=_observation(facts, len(said), len(broken)),
        exhibits=tuple(_tables(checks, actions, active)),
        facts=facts,
        declares=_declares(said, facts, bool(broken)),
        limits=_limits(codes, trusted, bool(broken)),
    )


def _is_failure(code: str) -> bool:
    good = code.endswith(_GOOD_ENDINGS) or code.endswith(_INFORMATION_ENDINGS)
    return not good and (not code.startswith(_INFORMATION) or code in _SIGNER_CODES)


def _answer(codes: Mapping[str, str], good: tuple[str, ...], bad: tuple[str, ...]) -> tuple[str, str]:
    """Return "no" with the explanation of the first bad code, "yes" with that of the first good one, or "not checked"."""
    for answer, wanted in (("no", bad), ("yes", good)):
        for code in wanted:
            if code in codes:
                return answer, codes[code] or code
    return "not checked", ""


def _checks(codes: Mapping[str, str], signer: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return (name, yes, no or not checked, explanation) of each separate question."""
    hashes = tuple(f"assertion.{kind}." for kind in _CONTENT_HASHES)
    content = tuple(code for code in codes if code.startswith(hashes) and not code.endswith(_INFORMATION_ENDINGS))
    statements = tuple(
        code for code in codes if code.startswith("assertion.") and not code.startswith(hashes) and _is_failure(code)
    )
    stamp = _answer(codes, ("timeStamp.trusted", "timeStamp.validated"), tuple(
        code for code in codes if code.startswith("timeStamp.") and not code.endswith(_GOOD_ENDINGS)
    ))  # fmt: skip
    if stamp[0] == "not checked" and not signer.get("time"):
        stamp = ("none", "the signature carries no time stamp")
    return (
        ("signature_intact", *_answer(
            codes, ("claimSignature.validated",), ("claimSignature.mismatch", "claimSignature.missing")
        )),
        ("content_hash_intact", *_answer(
            codes, tuple(c for c in content if c.endswith(".match")), tuple(c for c in content if not c.endswith(".match"))
        )),
        ("statements_intact", *_answer(codes, ("assertion.hashedURI.match",), statements)),
        ("signer_on_trust_list", *_answer(
            codes, ("signingCredential.trusted",), ("signingCredential.untrusted", "signingCredential.invalid")
        )),
        ("certificate_in_force", *_answer(
            codes, ("claimSignature.insideValidity",),
            ("claimSignature.outsideValidity", "signingCredential.expired", "signingCredential.revoked",
             "signingCredential.ocsp.revoked"),
        )),
        ("time_stamp", *stamp),
    )  # fmt: skip


def _actions(manifests: Mapping[str, Any], active: Mapping[str, Any]) -> Iterator[_Action]:
    """Yield the actions of the active manifest, then those of the manifests of its ingredients."""
    others = [manifest for manifest in manifests.values() if manifest is not active]
    for place, manifest in (("this file", active), *(("an ingredient", _mapping(other)) for other in others)):
        for assertion in _mappings(manifest.get("assertions")):
            label, data = str(assertion.get("label", "")), _mapping(assertion.get("data"))
            if label.startswith("c2pa.actions"):
                for entry in _mappings(data.get("actions")):
                    yield _action(place, entry)
            elif label.startswith(("stds.iptc", "cawg.metadata", "c2pa.metadata")):
                source = str(data.get("Iptc4xmpExt:DigitalSourceType", ""))
                if source:
                    yield _action(place, {"action": "metadata", "digitalSourceType": source})


def _action(place: str, entry: Mapping[str, Any]) -> _Action:
    agent = _agent(entry.get("softwareAgent"))
    source = str(entry.get("digitalSourceType") or "")
    term, generator = synthetic_term(source), names_generator(agent)
    says = SYNTHETIC[term] if term else "was created or changed by a generator" if generator else ""
    name = str(entry.get("action", ""))
    return _Action(place, name, agent, source.rstrip("/").rsplit("/", 1)[-1], str(entry.get("when") or ""), says)


def _agent(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(value[key]) for key in ("name", "version") if value.get(key))
    return str(value or "")


def _claim_generator(active: Mapping[str, Any]) -> str:
    named = "; ".join(_agent(info) for info in _mappings(active.get("claim_generator_info")))
    return named or str(active.get("claim_generator") or "")


def _observation(facts: Mapping[str, Scalar], said: int, broken: int) -> str:
    return (
        f"Content Credentials are present; signature intact: {facts['signature_intact']}; content as signed: "
        f"{facts['content_hash_intact']}; signer on the trust list: {facts['signer_on_trust_list']}; "
        f"declarations of synthesis: {said}; failed checks of integrity: {broken}."
    )


def _declares(said: list[_Action], facts: Mapping[str, Scalar], broken: bool) -> tuple[str, ...]:
    signer = str(facts["signer"] or "an unnamed signer")
    known = "on the trust list" if facts["signer_on_trust_list"] == "yes" else "not on the trust list"
    doubt = "; the credentials do not match the file as it is now" if broken else ""
    sentences = []
    for action in said:
        by = f" with {action.agent}" if action.agent else ""
        sentences.append(
            f"The Content Credentials, signed by {signer} ({known}), state that {action.manifest} {action.says}{by}{doubt}."
        )
    return tuple(dict.fromkeys(sentences))


def _limits(codes: Mapping[str, str], trusted: bool, broken: bool) -> tuple[str, ...]:
    limits = []
    if not trusted:
        limits.append("A signer that is not on the trust list may be anyone: names in the certificate are unproven.")
    if broken:
        limits.append("The statements of the manifest may belong to another state of the file.")
    if "signingCredential.ocsp.skipped" in codes:
        limits.append("Whether the certificate was revoked was not asked, because veridical works offline.")
    return tuple(limits)


def _tables(
    checks: tuple[tuple[str, str, str], ...], actions: tuple[_Action, ...], active: Mapping[str, Any]
) -> Iterator[Table]:
    rows = tuple((name.replace("_", " "), answer, text) for name, answer, text in checks)
    yield Table(name="Checks", columns=("question", "answer", "explanation"), rows=rows)
    if actions:
        done = tuple((a.manifest, a.name, a.agent, a.source, a.when) for a in actions)
        yield Table(name="Actions", columns=("of", "action", "software", "digital source type", "when"), rows=done)
    ingredients = tuple(_ingredient(one) for one in _mappings(active.get("ingredients")))
    if ingredients:
        columns = ("title", "relationship", "format", "credentials of its own", "failed checks")
        yield Table(name="Ingredients", columns=columns, rows=ingredients)


def _ingredient(one: Mapping[str, Any]) -> tuple[str, ...]:
    checked = _mapping(_mapping(one.get("validation_results")).get("activeManifest"))
    failed = [str(status.get("code", "")) for status in _mappings(checked.get("failure"))]
    failed += [str(status.get("code", "")) for status in _mappings(one.get("validation_status"))]
    return (
        str(one.get("title") or "untitled"), str(one.get("relationship") or ""), str(one.get("format") or ""),
        "yes" if one.get("active_manifest") else "no", "; ".join(dict.fromkeys(failed)),
    )  # fmt: skip


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
