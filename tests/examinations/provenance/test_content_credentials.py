"""The six states, on files that are signed here with a chain of our own: authority → signer."""

import datetime
import io
import json
import time

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from veridical.errors import NotApplicable
from veridical.examinations.provenance.content_credentials import examine
from veridical.media.credentials import Credentials, read_credentials
from veridical.media.decoder import Decoder

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Chain:
    """A certificate authority and a signer whose certificate is valid for ``seconds`` from now."""

    def __init__(self, seconds=3600.0):
        self.end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
        authority, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        top = self._builder("Test authority", authority, authority, self.end + datetime.timedelta(days=9), True)
        leaf = self._builder("Test signer", signer, authority, self.end, False)
        pem = serialization.Encoding.PEM
        self.anchor = top.public_bytes(pem).decode()
        self.certificates = leaf.public_bytes(pem) + top.public_bytes(pem)
        self.key = signer.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    @staticmethod
    def _name(text):
        parts = ((NameOID.ORGANIZATION_NAME, "Test Press"), (NameOID.COMMON_NAME, text))
        return x509.Name([x509.NameAttribute(*part) for part in parts])

    def _builder(self, name, key, authority, end, top):
        use = x509.KeyUsage(not top, False, False, False, False, top, top, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name(name))
            .issuer_name(self._name("Test authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - datetime.timedelta(days=30))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(top, None), True)
            .add_extension(use, True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if not top:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return builder.sign(authority, hashes.SHA256())

    def sign(self, source, actions=None, edits=False):
        """Return the signed bytes of a JPEG; with ``edits`` the source becomes the parent."""
        assertions = [{"label": "c2pa.actions.v2", "data": {"actions": actions}}] if actions else []
        manifest = {"claim_generator_info": [{"name": "test", "version": "1"}], "assertions": assertions}
        info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, self.certificates, self.key, None)
        out = io.BytesIO()
        with c2pa.Builder(manifest) as builder, c2pa.Signer.from_info(info) as signer:
            if edits:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            builder.sign(signer, "image/jpeg", io.BytesIO(source), out)
        return out.getvalue()


@pytest.fixture(scope="module")
def chain():
    return Chain()


@pytest.fixture(scope="module")
def photo():
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()


def created(term, agent="Some camera"):
    return [
        {"action": "c2pa.created", "digitalSourceType": IPTC + term, "softwareAgent": {"name": agent, "version": "2"}}
    ]


def read(content, anchor=None):
    """Read with the reference library, in this process, so that a trust list can be given."""
    settings = {"verify": {"verify_trust": True}} | ({"trust": {"user_anchors": anchor}} if anchor else {})
    with (
        c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
        c2pa.Reader("image/jpeg", io.BytesIO(content), context=context) as reader,
    ):
        text, results = reader.json(), reader.get_validation_results()["activeManifest"]
        state = reader.get_validation_state()
    statuses = [(one["code"], one.get("explanation", "")) for group in results.values() for one in group]
    return of_store(text, statuses, state)


def of_store(text, statuses, state="Valid"):
    return Credentials(
        presence="present", reason="", state=state, statuses=tuple(statuses), store_json=text, remnants=()
    )  # fmt: skip


def without(presence="absent", reason="", remnants=()):
    return Credentials(presence=presence, reason=reason, state="", statuses=(), store_json="", remnants=remnants)


def table(seen, name):
    return next(figure for figure in seen.exhibits if figure.name == name)


def test_absent_credentials_are_a_measurement_that_says_nothing():
    seen = examine(without())
    assert seen.value == 0
    assert seen.facts["state"] == "absent"
    assert seen.declares == ()
    assert "says nothing" in seen.limits[0]


def test_traces_of_removed_credentials_are_a_state_of_their_own():
    seen = examine(without(remnants=("a link to a manifest in XMP",)))
    assert seen.facts["state"] == "stripped-suspected"
    assert seen.value == 0
    assert "a link to a manifest in XMP" in seen.observation


def test_unreadable_credentials_are_never_called_absent():
    with pytest.raises(NotApplicable, match=r"unreadable; the box is broken; this does not mean that there are none"):
        examine(without("unreadable", "the box is broken"))
    with pytest.raises(NotApplicable, match="no active manifest"):
        examine(of_store('{"manifests": {}}', ()))


def test_a_photograph_by_a_trusted_signer(chain, photo):
    seen = examine(read(chain.sign(photo, created("digitalCapture")), chain.anchor))
    assert seen.facts["state"] == "present-valid-trusted"
    assert seen.value == 0
    assert seen.declares == ()
    asked = ("signature_intact", "content_hash_intact", "statements_intact", "signer_on_trust_list")
    assert [seen.facts[name] for name in asked] == ["yes"] * 4
    assert seen.facts["certificate_in_force"] == "yes"
    assert seen.facts["time_stamp"] == "none"
    assert seen.facts["signer"] == "Test Press"
    assert seen.facts["claim_generator"] == "test 1"


def test_a_signer_that_is_not_on_the_list_is_told_apart_from_a_broken_signature(chain, photo):
    seen = examine(read(chain.sign(photo, created("digitalCapture"))))
    assert seen.facts["state"] == "present-valid-untrusted"
    assert seen.facts["signature_intact"] == "yes"
    assert seen.facts["signer_on_trust_list"] == "no"
    assert seen.value == 0
    assert any("may be anyone" in limit for limit in seen.limits)


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("trainedAlgorithmicMedia", "created using generative AI"),
        ("compositeWithTrainedAlgorithmicMedia", "edited using generative AI"),
        ("algorithmicMedia", "created by an algorithm"),
    ],
)
def test_a_declaration_of_synthesis_is_repeated_in_words(chain, photo, term, said):
    seen = examine(read(chain.sign(photo, created(term, "Painter")), chain.anchor))
    assert seen.value == 1
    (sentence,) = seen.declares
    assert said in sentence
    assert "with Painter 2" in sentence
    assert "Test Press (on the trust list)" in sentence
    assert table(seen, "Actions").rows == (("this file", "c2pa.created", "Painter 2", term, ""),)


def test_a_known_generator_as_agent_is_a_declaration_too(chain, photo):
    actions = [
        {"action": "c2pa.created", "digitalSourceType": IPTC + "digitalCreation", "softwareAgent": "Adobe Firefly"}
    ]
    seen = examine(read(chain.sign(photo, actions)))
    assert seen.value == 1
    assert "Adobe Firefly" in seen.declares[0]


def test_changed_pixels_break_the_content_hash_and_nothing_else(chain, photo):
    content = bytearray(chain.sign(photo, created("digitalCapture")))
    content[-300] ^= 255
    seen = examine(read(bytes(content), chain.anchor))
    assert seen.facts["state"] == "present-invalid"
    assert seen.facts["content_hash_intact"] == "no"
    assert seen.facts["signature_intact"] == "yes"
    assert seen.facts["statements_intact"] == "yes"
    assert seen.value == 1


def test_a_changed_statement_is_told_and_its_declaration_carries_the_doubt(chain, photo):
    content = chain.sign(photo, created("trainedAlgorithmicMedia", "Painter")).replace(b"Painter", b"Printer")
    seen = examine(read(content, chain.anchor))
    assert seen.facts["statements_intact"] == "no"
    assert seen.facts["content_hash_intact"] == "yes"
    assert seen.value == 2  # one declaration, one failure
    assert "do not match the file" in seen.declares[0]


def test_a_certificate_that_ran_out_after_signing_without_time_stamp_is_not_a_change_of_the_content(photo):
    short = Chain(seconds=1)
    content = short.sign(photo, created("digitalCapture"))
    while datetime.datetime.now(datetime.UTC) <= short.end + datetime.timedelta(seconds=1):
        time.sleep(0.1)
    seen = examine(read(content, short.anchor))
    assert seen.facts["certificate_in_force"] == "no"
    assert seen.facts["state"] == "present-valid-untrusted"
    assert seen.facts["content_hash_intact"] == "yes"
    assert seen.value == 0


def test_the_history_of_an_edit_reaches_the_parents_declaration(chain, photo):
    parent = chain.sign(photo, created("trainedAlgorithmicMedia", "Painter"))
    seen = examine(
        read(chain.sign(parent, [{"action": "c2pa.edited", "softwareAgent": "Retouch"}], edits=True), chain.anchor)
    )
    assert seen.facts["manifests"] == 2
    assert seen.value == 1
    assert "an ingredient was created using generative AI" in seen.declares[0]
    ((_, relationship, _, own, failed),) = table(seen, "Ingredients").rows
    # Whoever signed the edit had no trust list: that, and nothing else, is what was noted of the parent.
    assert (relationship, own, failed) == ("parentOf", "yes", "signingCredential.untrusted")


def test_a_parent_that_was_changed_before_signing_shows_its_failed_check(chain, photo):
    parent = bytearray(chain.sign(photo, created("digitalCapture")))
    parent[-300] ^= 255
    seen = examine(read(chain.sign(bytes(parent), [{"action": "c2pa.edited"}], edits=True), chain.anchor))
    ((*_, failed),) = table(seen, "Ingredients").rows
    assert "assertion.dataHash.mismatch" in failed


def store_of(assertions, **more):
    return json.dumps({"active_manifest": "a", "manifests": {"a": {"assertions": assertions, **more}}})


def test_iptc_metadata_in_the_manifest_is_read_and_odd_shapes_are_survived():
    odd = [
        {"label": "stds.iptc", "data": {"Iptc4xmpExt:DigitalSourceType": IPTC + "trainedAlgorithmicMedia"}},
        {"label": "c2pa.actions", "data": {"actions": [3, {"action": None}, {"softwareAgent": ["x"]}]}},
        {"label": "c2pa.actions", "data": None},
        "text",
    ]
    seen = examine(of_store(store_of(odd, ingredients=[7, {}], claim_generator="old/1"), ()))
    assert seen.value == 1
    assert seen.facts["claim_generator"] == "old/1"
    assert seen.facts["signature_intact"] == "not checked"


@pytest.mark.parametrize(
    ("code", "fails"),
    [
        ("assertion.bmffHash.mismatch", True),
        ("claimSignature.mismatch", True),
        ("some.code.of.tomorrow", True),
        ("timeStamp.mismatch", False),
        ("ingredient.unknownProvenance", False),
        ("signingCredential.ocsp.revoked", False),
        ("assertion.dataHash.additionalExclusionsPresent", False),
    ],
)
def test_codes_count_as_failures_of_integrity_only_where_something_was_changed(code, fails):
    seen = examine(of_store(store_of([]), ((code, ""), ("claimSignature.validated", ""))))
    assert seen.value == float(fails)
    assert (seen.facts["state"] == "present-invalid") == fails


def test_a_time_stamp_is_reported():
    stamped = store_of([], signature_info={"issuer": "X", "time": "2025-01-01T00:00:00+00:00"})
    seen = examine(of_store(stamped, (("timeStamp.validated", "seen by a clock"),)))
    assert seen.facts["time_stamp"] == "yes"
    assert seen.facts["time_stated"] == "2025-01-01T00:00:00+00:00"


def test_the_decoder_process_and_the_examination_understand_each_other(chain, photo, tmp_path):
    path = tmp_path / "signed.jpg"
    path.write_bytes(chain.sign(photo, created("trainedAlgorithmicMedia")))
    decoder = Decoder(path)
    try:
        seen = examine(read_credentials(decoder))
        path.write_bytes(photo)
        assert examine(read_credentials(decoder)).facts["state"] == "absent"
    finally:
        decoder.close()
    assert seen.facts["state"] == "present-valid-untrusted"
    assert len(seen.declares) == 1
