"""Why an examination without a table has none."""

import json

import pytest

from veridical.errors import DeclarationError
from veridical.evidence import unfit


def test_says_why_what_was_tried_has_no_table_and_nothing_of_what_was_not(tmp_path):
    listed = {"format": 1, "examinations": {"spatial.tried": {"why": "Cllr 1.02 (0.98 to 1.05; half) bits"}}}
    (tmp_path / "unfit.json").write_text(json.dumps(listed))
    assert unfit.why("spatial.tried", tmp_path) == "Cllr 1.02 (0.98 to 1.05; half) bits"
    assert unfit.why("spatial.never_tried", tmp_path) == ""


def test_without_a_list_nothing_is_said(tmp_path):
    assert unfit.why("spatial.tried", tmp_path) == ""


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"format": 2, "examinations": {}}', '{"format": 1}'])
def test_a_broken_list_is_a_fault_of_the_program(tmp_path, text):
    (tmp_path / "unfit.json").write_text(text)
    with pytest.raises(DeclarationError, match="unfit.json"):
        unfit.why("spatial.tried", tmp_path)
