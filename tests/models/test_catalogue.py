"""The entries of the catalogue, and what their cards promise about the networks."""

import re
from pathlib import Path

import pytest

from veridical.models import catalogue, runtime, store
from veridical.models.catalogue import MODELS, Folder, Url, WheelMember

ROOT = Path(__file__).parents[2]
LICENCES = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0"}
each = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_names_files_and_contents_are_unique():
    for attribute in ("name", "file", "sha256"):
        values = [getattr(model, attribute) for model in MODELS]
        assert len(set(values)) == len(values)


@each
def test_entry_is_complete(model):
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+", model.name)
    assert model.file.startswith(model.name + ".")
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert model.bytes > 0
    assert model.licence in LICENCES, "a licence that nobody has weighed yet"
    assert model.licence_read
    assert not model.file.endswith((".pt", ".pth", ".pkl", ".bin", ".npy"))
    for word in ("Input", "Output", "Origin: "):
        assert word in model.card


@each
def test_wheels_that_differ_by_platform_are_pinned_to_one(model):
    if isinstance(model.source, WheelMember):
        assert bool(model.source.platform) == bool(model.source.python) == (model.source.package == "mediapipe")


def test_the_mesh_is_the_copy_whose_points_were_checked_against_mediapipe():
    source = catalogue.get("facemesh.468").source
    assert isinstance(source, WheelMember)
    assert (source.package, source.version) == ("mediapipe", "0.10.21")


@pytest.mark.models
@each
def test_card_tells_the_shapes_of_the_network(model):
    if not store.is_present(model.name):
        pytest.skip(f"not on this machine: veridical models fetch {model.name}")
    net = getattr(runtime, model.engine)(model.name)
    told_inputs, told_outputs = re.split(r"Outputs?: ", model.card.replace("as for blazeface.short", ""))
    for ports, text in ((net.inputs, told_inputs), (net.outputs, told_outputs)):
        told = [[int(n) for n in one.split("×") if n.isdigit()] for one in re.findall(r"\w+(?:×\w+)+", text)]
        for port in ports:
            fixed = [length for length in port.shape if length]
            assert not fixed or any(fixed == one[: len(fixed)] for one in told), (port, told)


def test_documentation_is_up_to_date():
    page = (ROOT / "docs" / "models.md").read_text()
    _, _, rest = page.partition("<!-- generated: models -->\n")
    assert rest.partition("\n<!-- end -->")[0] == catalogue.markdown(), "stale; run: make docs"


def test_sources_are_told_to_a_reader():
    assert str(Url("https://example.org/m")) == "<https://example.org/m>"
    assert str(Folder("ask for it")) == "ask for it"
    assert str(WheelMember("a", "1", "b/c")) == "`b/c` in the wheel `a==1`"
