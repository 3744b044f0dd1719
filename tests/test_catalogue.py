"""Discovery, and every way a declaration can be wrong."""

from __future__ import annotations

from types import ModuleType

import pytest

from veridical.catalogue import BRANCHES, build, load
from veridical.errors import DeclarationError, UsageError

GOOD = '''"""Is the sky blue?

Method
------
Looks up.

What a high value means
-----------------------
It is not.

What it cannot see
------------------
Night.

Also caused by
--------------
- Rain.

Needs
-----
A window.

References
----------
Tyndall 1869.
"""
from veridical.finding import Measurement
from veridical.media.image import Image
{imports}
BRANCH = "environment"
DETECTS = ("editing",)
DEMO = "lab.sky"

def examine({parameters}) -> Measurement:
    return Measurement(value=0.0, unit="1", observation="seen")
'''
PERCEPT = '''"""What the sky looks like."""
from dataclasses import dataclass
from veridical.media.image import Image
from veridical.media.video import Video
from veridical.percept import During, Watch
{imports}

@dataclass(frozen=True)
class Sky:
    blue: float

def {name}({parameters}) -> {returns}:
    """See."""
'''


def module(name: str, text: str) -> ModuleType:
    import sys

    made = ModuleType(name)
    sys.modules[name] = made
    exec(compile(text, name, "exec"), made.__dict__)
    return made


def examination(
    parameters: str = "image: Image, *, depth: int = 3", *, text: str = GOOD, imports: str = ""
) -> ModuleType:
    return module("sky_examination", text.format(parameters=parameters, imports=imports))


def percept(
    parameters: str = "image: Image", *, name: str = "see_sky", returns: str = "Sky", module_name: str = "sky_percept",
    imports: str = "",
) -> ModuleType:  # fmt: skip
    return module(module_name, PERCEPT.format(name=name, parameters=parameters, returns=returns, imports=imports))


def test_a_module_becomes_an_examination_with_its_needs_and_knobs() -> None:
    sky = percept()
    asking = examination("image: Image, sky: Sky | None, *, depth: int = 3", imports="from sky_percept import Sky")
    catalogue = build([("spatial.sky", asking)], [("sky", sky)])
    one = catalogue.find("spatial.sky")
    assert one.question == "Is the sky blue?" and one.sections["Also caused by"] == "- Rain."
    assert [(need.parameter, need.optional) for need in one.needs] == [("image", False), ("sky", True)]
    assert one.knobs == {"depth": 3}
    assert [p.id for p in catalogue.closure([one])] == ["perception.sky"]


def test_a_former_id_still_finds_it_and_an_unknown_one_says_what_is_near() -> None:
    asking = examination(text=GOOD + '\nFORMERLY = ("spatial.heaven",)\n')
    catalogue = build([("spatial.sky", asking)], [])
    assert catalogue.find("spatial.heaven").id == "spatial.sky"
    with pytest.raises(UsageError, match="did you mean spatial.sky"):
        catalogue.find("sky")
    with pytest.raises(UsageError, match="veridical list"):
        catalogue.find("xyz")


@pytest.mark.parametrize(
    ("asking", "match"),
    [
        (lambda: module("m", '"""No function."""'), "no function 'examine'"),
        (lambda: examination(text=GOOD.replace("-> Measurement", "-> float")), "annotated '-> Measurement'"),
        (lambda: examination(text=GOOD.replace("blue?", "blue.")), "open with a question"),
        (lambda: examination(text=GOOD.replace("Also caused by\n--------------\n", "")), "Also caused by"),
        (lambda: examination(text=GOOD.replace('"environment"', '"weather"')), "BRANCH"),
        (lambda: examination(text=GOOD.replace('("editing",)', '("weather",)')), "DETECTS"),
        (lambda: examination(text=GOOD.replace('"lab.sky"', "None")), "DEMO"),
        (lambda: examination("image"), "no type"),
        (lambda: examination("image: Unheard"), "Unheard"),
        (lambda: examination("image: float"), "nothing provides"),
        (lambda: examination("image: Image, *, depth: object = None"), "plain default"),
        (lambda: examination("image: During[Image]", imports="from veridical.percept import During"), "During"),
    ],
)
def test_a_wrong_examination_is_refused_at_start_up(asking: object, match: str) -> None:
    with pytest.raises(DeclarationError, match=match):
        build([("spatial.sky", asking())], [])  # type: ignore[operator]


def test_two_providers_of_one_type_are_refused() -> None:
    sky = percept()
    sky.__dict__["see_again"] = type(sky.see_sky)(
        sky.see_sky.__code__, sky.__dict__, "see_again", None, sky.see_sky.__closure__
    )
    sky.see_again.__annotations__ = dict(sky.see_sky.__annotations__)
    with pytest.raises(DeclarationError, match="one public function"):
        build([], [("sky", sky)])
    with pytest.raises(DeclarationError, match="both provide Sky"):
        twice = percept()
        build([], [("sky", twice), ("sky_again", twice)])


def test_a_module_without_a_provider_is_refused() -> None:
    with pytest.raises(DeclarationError, match="one public function"):
        build([], [("sky", percept(name="_see"))])


def test_percepts_that_need_each_other_are_refused() -> None:
    one, two = (percept(module_name=name) for name in ("sky_one", "sky_two"))
    one.see_sky.__annotations__["image"] = two.Sky
    two.see_sky.__annotations__["image"] = one.Sky
    with pytest.raises(DeclarationError, match="need each other"):
        build([], [("one", one), ("two", two)])


def test_a_watcher_takes_another_only_while_it_watches() -> None:
    one = percept("video: Video", returns="Watch[Sky]", module_name="sky_one")
    two = percept("video: Video", returns="Watch[Sky]", module_name="sky_two")
    two.see_sky.__annotations__["video"] = one.Sky
    with pytest.raises(DeclarationError, match="only"):
        build([], [("one", one), ("two", two)])


def test_everything_shipped_is_declared_rightly_and_sorted_by_branch() -> None:
    catalogue = load()
    branches = [BRANCHES.index(one.branch) for one in catalogue.examinations.values()]
    assert branches == sorted(branches) and len(branches) >= 1


def test_names_in_explanations_are_marked_as_code_which_reports_show() -> None:
    """A single backquote would stand in the report as it is."""
    for one in load().examinations.values():
        text = "".join(one.sections.values()).replace("``", "")
        assert "`" not in text, one.id
