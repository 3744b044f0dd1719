"""JSON: nothing is lost, the published schema is fresh and every report fits it, other versions are refused clearly."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.report.json_schema import schema, schema_of, schema_text
from veridical.report.model import Report
from veridical.report.to_json import from_json, to_json
from veridical.report.upgrades import upgrade

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def same(a: object, b: object) -> bool:
    """Equality that goes into dataclasses and compares arrays by dtype, shape and bits."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
            and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
        )  # fmt: skip
    if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool):
        return a == b or (a != a and b != b)  # 250 may come back as 250.0 where a float belongs
    if type(a) is not type(b):
        return False
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))  # type: ignore[arg-type]
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)  # type: ignore[call-overload,index]
    return a == b


def test_round_trip_is_exact(report: Report) -> None:
    assert same(report, from_json(to_json(report)))


def test_comparison_of_this_test_sees_a_single_changed_bit(photo: Report) -> None:
    other = from_json(to_json(photo))
    values = other.findings[0].exhibits[0].values.copy()
    values[5, 50] = np.nextafter(values[5, 50], np.float32(99))
    figure = dataclasses.replace(other.findings[0].exhibits[0], values=values)
    changed = dataclasses.replace(other.findings[0], exhibits=(figure, *other.findings[0].exhibits[1:]))
    assert not same(photo, dataclasses.replace(other, findings=(changed, *other.findings[1:])))


def test_text_is_strict_json_and_utf8(report: Report) -> None:
    text = to_json(report)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    json.loads(text.encode("utf-8"), parse_constant=refuse)


def test_without_indent_it_is_one_line(report: Report) -> None:
    line = to_json(report, indent=None)
    assert "\n" not in line
    assert json.loads(line) == json.loads(to_json(report))


def test_fields_are_the_stable_ones(photo: Report) -> None:
    plain = json.loads(to_json(photo))
    stable = ["schema_version", "exhibit", "findings", "not_examined", "conclusion", "record", "error", "observations"]
    assert list(plain) == stable
    assert {"path", "sha256", "kind", "bytes", "streams"} <= set(plain["exhibit"])
    wanted = {
        "id",
        "branch",
        "outcome",
        "value",
        "unit",
        "reason",
        "where",
        "exhibits",
        "settings",
        "seconds",
        "evidence",
    }
    assert wanted <= set(plain["findings"][0])
    assert {"log10_lr", "interval", "bound", "condition", "table"} <= set(plain["findings"][1]["evidence"])
    assert [figure["type"] for figure in plain["findings"][1]["exhibits"]] == ["chart", "map", "table"]
    assert {place["type"] for place in plain["findings"][0]["where"]} == {"region"}


def test_published_schema_is_fresh() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), "run: make docs"


def test_every_report_fits_the_schema(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(json.loads(to_json(report)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain.pop("record"),
        lambda plain: plain.update(extra=1),
        lambda plain: plain["findings"][0].update(outcome="guessed"),
        lambda plain: plain["findings"][0]["where"][0].update(type="span"),
        lambda plain: plain["findings"][1]["evidence"]["interval"].append(3),
        lambda plain: plain["exhibit"].update(bytes="many"),
    ],
)
def test_schema_and_reader_refuse_what_does_not_fit(photo: Report, spoil: object) -> None:
    plain = json.loads(to_json(photo))
    spoil(plain)  # type: ignore[operator]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(plain)


def test_schema_of_an_unknown_annotation_is_refused() -> None:
    of = dataclasses.make_dataclass("Odd", [("x", set[int])])
    with pytest.raises(TypeError, match="cannot hold"):
        schema_of(of, id="urn:odd", title="odd")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "no schema_version"),
        ('{"schema_version": 1}', "no schema_version"),
        ('{"schema_version": "99.0"}', "Install a newer veridical"),
        ('{"schema_version": "10.0"}', "Install a newer veridical"),
        ('{"schema_version": "0.9"}', "no way is known"),
        ('{"schema_version": "one"}', "no schema version"),
        ('{"schema_version": "1.1"}', "damaged"),
        ('{"schema_version": "1.0"}', "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_json(text)


def test_upgrades_are_chained() -> None:
    steps = {
        "0.1": ("0.2", lambda plain: {**plain, "b": plain["a"] + 1}),
        "0.2": ("1.0", lambda plain: {**plain, "c": plain["b"] * 10}),
    }
    assert upgrade({"schema_version": "0.1", "a": 1}, steps, "1.0") == {
        "schema_version": "1.0",
        "a": 1,
        "b": 2,
        "c": 20,
    }


def test_a_report_of_version_1_0_is_read(photo: Report) -> None:
    plain = json.loads(to_json(photo))
    plain["schema_version"] = "1.0"
    del plain["observations"], plain["exhibit"]["sound"]
    for one in plain["findings"]:
        for added in ("aid", "population", "checklist", "features"):
            del one[added]
    assert json.loads(to_json(from_json(json.dumps(plain)))) == json.loads(to_json(photo))


def test_a_report_of_version_1_1_is_read(photo: Report, clip: Report) -> None:
    faceless = tuple(replace(one, faces=()) for one in clip.exhibit.previews)
    bare = replace(clip, exhibit=replace(clip.exhibit, previews=faceless, people=(), cuts=(), sound=None))
    bare = replace(bare, conclusion=replace(bare.conclusion, stability=None))
    for report in (photo, bare):
        plain = json.loads(to_json(report))
        plain["schema_version"] = "1.1"
        del plain["exhibit"]["people"], plain["exhibit"]["cuts"], plain["exhibit"]["sound"]
        pictures = [*plain["exhibit"]["previews"]]
        for one in plain["findings"]:
            pictures += [picture for check in one["checklist"] for picture in check["pictures"]]
            for figure in one["exhibits"]:
                if figure["type"] == "map":
                    assert (figure.pop("x_name"), figure.pop("y_name")) == ("", "")
        for picture in pictures:
            assert picture.pop("faces") == []
        assert json.loads(to_json(from_json(json.dumps(plain)))) == json.loads(to_json(report))


def test_a_report_of_version_1_2_is_read_and_has_no_sound(recording: Report) -> None:
    plain = json.loads(to_json(recording))
    plain["schema_version"] = "1.2"
    del plain["exhibit"]["sound"]
    silent = replace(recording, exhibit=replace(recording.exhibit, sound=None))
    assert same(from_json(json.dumps(plain)), silent)


def test_a_report_before_stability_was_data_keeps_its_sentence(photo: Report) -> None:
    plain = json.loads(to_json(photo))
    plain["schema_version"] = "1.3"
    plain["conclusion"] = {
        "stability": "0.7 to 1.1",
        **{k: v for k, v in plain["conclusion"].items() if k != "stability"},
    }
    plain["conclusion"] = {
        k: v for k, v in plain["conclusion"].items() if k not in ("groups", "caps", "scale", "bound")
    }
    del plain["exhibit"]["quality"], plain["exhibit"]["condition"]
    for key in ("group", "lowest", "fakes", "reals", "cllr"):
        del plain["findings"][1]["evidence"][key]
    read = from_json(json.dumps(plain))
    assert read.conclusion.stability is not None
    assert read.conclusion.stability.statement == "0.7 to 1.1"
    assert read.findings[1].evidence is not None
    assert read.findings[1].evidence.lowest is None
