"""What veridical can ask and see: examinations and percepts, discovered from the modules and checked when loaded.

Nothing is registered by hand. A module of ``veridical.examinations`` is an examination, a public module of
``veridical.perception`` provides a percept. Other packages add examinations through the entry-point group
``veridical.examinations``: name = id, value = module. Adapters of published detectors (``models/adapters.py``) are added as
``learned.NAME``.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from . import examinations, perception
from .errors import DeclarationError, UsageError, VeridicalWarning
from .examinations import _adapted
from .finding import Measurement, Scalar
from .media.exhibit import STREAMS
from .models import adapters
from .percept import During, Watch

SECTIONS = ("Method", "What a high value means", "What it cannot see", "Also caused by", "Needs", "References")
BRANCHES = (
    "blending", "environment", "forensics", "artefacts", "behaviour", "physiology", "synchronisation", "continuity",
    "voice", "provenance", "classification", "anomaly",
)  # fmt: skip
CATEGORIES = ("reenactment", "replacement", "editing", "synthesis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A parameter that names a stream or a percept by its type."""

    parameter: str
    kind: type
    optional: bool
    during: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What an examination and a percept have in common: id, function, needs, and knobs with their defaults."""

    id: str
    function: Callable[..., Any]
    needs: tuple[Need, ...]
    knobs: Mapping[str, Scalar]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Percept(Declared):
    """A percept and its provider; ``watched`` if it is gathered while a video is decoded."""

    kind: type
    models: tuple[str, ...]
    watched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination(Declared):
    """One question; ``sections`` are those of its docstring, by heading.

    ``aid`` is True for an examiner's aid: a person looks where it points, and its value is never weighed.
    """

    branch: str
    detects: tuple[str, ...]
    demo: str
    question: str
    sections: Mapping[str, str]
    formerly: tuple[str, ...]
    aid: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All examinations by id, in the order of branches, and all percepts by type."""

    examinations: Mapping[str, Examination]
    percepts: Mapping[type, Percept]

    def find(self, id: str) -> Examination:
        """Return the examination of an id, a former id, or raise UsageError with the nearest ones."""
        for one in self.examinations.values():
            if id == one.id or id in one.formerly:
                return one
        if (adapter := adapters.find(id)) is not None:
            raise UsageError(f"{adapter.id} is not on this machine; run: veridical models fetch {adapter.name}")
        near = [known for known in self.examinations if id in known or known.rpartition(".")[2] in id]
        hint = f"did you mean {', '.join(near)}?" if near else "see: veridical list"
        raise UsageError(f"there is no examination {id!r}; {hint}")

    def closure(self, wanted: Iterator[Declared] | list[Declared]) -> tuple[Percept, ...]:
        """Return every percept that these need, directly or not, each after those that it needs itself."""
        order: dict[type, Percept] = {}

        def visit(one: Declared) -> None:
            for need in one.needs:
                if need.kind in self.percepts and need.kind not in order:
                    visit(self.percepts[need.kind])
                    order[need.kind] = self.percepts[need.kind]

        for one in wanted:
            visit(one)
        return tuple(order.values())


@cache
def load() -> Catalogue:
    """Discover and check everything; raises DeclarationError if something is declared wrongly.

    Adapters are among the examinations: those that this user has added, and published ones whose files have been fetched.
    """
    plain = [*_modules_of(examinations), *_outside()]
    return build([*plain, *_usable(_adapted.modules(), _taken(plain))], list(_modules_of(perception)))


def own() -> Catalogue:
    """Return the catalogue without adapters: the same on every machine."""
    return build([*_modules_of(examinations), *_outside()], list(_modules_of(perception)))


def with_adapter(adapter: adapters.Adapter) -> Catalogue:
    """Return a catalogue of one adapter alone, whether its files are there or not."""
    return build([(adapter.id, _adapted.module_of(adapter))], list(_modules_of(perception)))


def demand_usable(adapter: adapters.Adapter) -> None:
    """Raise UsageError if an adapter cannot be an examination beside those of the program."""
    taken = _taken([*_modules_of(examinations), *_outside()])
    try:
        _demand_declared(adapter.id, _adapted.module_of(adapter), taken)
    except DeclarationError as error:
        raise UsageError(str(error)) from None


def build(examining: list[tuple[str, ModuleType]], perceiving: list[tuple[str, ModuleType]]) -> Catalogue:
    """Build a catalogue from modules, given as (id, module)."""
    percepts: dict[type, Percept] = {}
    for id, module in perceiving:
        percept = _percept(f"perception.{id}", module)
        if percept.kind in percepts:
            raise DeclarationError(f"{percept.id} and {percepts[percept.kind].id} both provide {percept.kind.__name__}")
        percepts[percept.kind] = percept
    found = [_examination(id, module) for id, module in examining]
    names = [name for one in found for name in (one.id, *one.formerly)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DeclarationError(f"two examinations answer to {', '.join(twice)}")
    found.sort(key=lambda one: (BRANCHES.index(one.branch), one.id))
    for declared in (*percepts.values(), *found):
        _check_needs(declared, percepts)
    for percept in percepts.values():
        _check_acyclic(percept, percepts, ())
    return Catalogue({one.id: one for one in found}, percepts)


def _modules_of(package: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    prefix = package.__name__ + "."
    for info in pkgutil.walk_packages(package.__path__, prefix):
        if not info.ispkg and not info.name.rpartition(".")[2].startswith("_"):
            yield info.name.removeprefix(prefix), import_module(info.name)


def _outside() -> Iterator[tuple[str, ModuleType]]:
    for point in entry_points(group="veridical.examinations"):
        try:
            yield point.name, import_module(point.value)
        except ImportError as error:
            raise DeclarationError(
                f"{point.value}, named as examination {point.name}, cannot be loaded: {error}"
            ) from error


def _taken(modules: list[tuple[str, ModuleType]]) -> set[str]:
    return {name for id, module in modules for name in (id, *getattr(module, "FORMERLY", ()))}


def _usable(adapted: Iterator[tuple[str, ModuleType]], taken: set[str]) -> Iterator[tuple[str, ModuleType]]:
    """Yield the adapters that can be examinations; of each other a warning is given."""
    for id, module in adapted:
        try:
            _demand_declared(id, module, taken)
        except DeclarationError as error:
            warnings.warn(f"an adapter is left out: {error}", VeridicalWarning, stacklevel=2)
        else:
            yield id, module


def _demand_declared(id: str, module: ModuleType, taken: set[str]) -> None:
    if id in taken:
        raise DeclarationError(f"the adapter of {id} has the name of an examination of the program; choose another one")
    if not set(module.DETECTS) <= set(CATEGORIES):
        raise DeclarationError(f"the adapter of {id}: detects must be among {', '.join(CATEGORIES)}")
    _examination(id, module)


def _examination(id: str, module: ModuleType) -> Examination:
    function = getattr(module, "examine", None)
    if not inspect.isfunction(function):
        raise DeclarationError(f"{module.__name__} has no function 'examine'")
    hints = _hints(module, function)
    if hints.get("return") is not Measurement:
        raise DeclarationError(f"{module.__name__}.examine must be annotated '-> Measurement'")
    text = inspect.getdoc(module) or ""
    question, sections = _sections(text)
    missing = [heading for heading in SECTIONS if not sections.get(heading)]
    if not question.endswith("?") or missing:
        raise DeclarationError(f"the docstring of {module.__name__} must open with a question and have {missing}")
    branch, detects, demo = (getattr(module, name, None) for name in ("BRANCH", "DETECTS", "DEMO"))
    if branch not in BRANCHES or not detects or not set(detects) <= set(CATEGORIES) or not isinstance(demo, str):
        raise DeclarationError(f"{module.__name__} needs BRANCH, DETECTS and DEMO as CONTRIBUTING describes")
    needs, knobs = _parameters(module, function, hints)
    return Examination(
        id=id, function=function, needs=needs, knobs=knobs, text=text, branch=branch, detects=tuple(detects), demo=demo,
        question=question, sections=sections, formerly=tuple(getattr(module, "FORMERLY", ())),
        aid=getattr(module, "AID", False) is True,
    )  # fmt: skip


def _percept(id: str, module: ModuleType) -> Percept:
    provided = []
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__ or name.startswith("_"):
            continue
        returned = _hints(module, function).get("return")
        watched = get_origin(returned) is get_origin(Watch)
        kind = get_args(returned)[2] if watched else returned
        if is_dataclass(kind) and isinstance(kind, type) and kind.__module__ == module.__name__:
            provided.append((function, kind, watched))
    if len(provided) != 1:
        names = [function.__name__ for function, _, _ in provided]
        raise DeclarationError(
            f"{module.__name__} must have one public function that provides its percept, not {names}"
        )
    function, kind, watched = provided[0]
    needs, knobs = _parameters(module, function, _hints(module, function))
    return Percept(
        id=id, function=function, needs=needs, knobs=knobs, text=inspect.getdoc(module) or "", kind=kind,
        models=tuple(getattr(module, "MODELS", ())), watched=watched,
    )  # fmt: skip


def _hints(module: ModuleType, function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except NameError as error:
        raise DeclarationError(f"{module.__name__}.{function.__name__}: {error}") from error


def _parameters(
    module: ModuleType, function: Callable[..., Any], hints: Mapping[str, Any]
) -> tuple[tuple[Need, ...], dict[str, Scalar]]:
    needs: list[Need] = []
    knobs: dict[str, Scalar] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            if not isinstance(parameter.default, bool | int | float | str):
                raise DeclarationError(f"{module.__name__}: the knob {name} needs a plain default")
            knobs[name] = parameter.default
        elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name in hints:
            needs.append(_need(name, hints[name]))
        else:
            raise DeclarationError(f"{module.__name__}: the parameter {name} has no type")
    return tuple(needs), knobs


def _need(name: str, hint: Any) -> Need:
    optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
    kind = next(arg for arg in get_args(hint) if arg is not NoneType) if optional else hint
    during = get_origin(kind) is During
    return Need(parameter=name, kind=get_args(kind)[0] if during else kind, optional=optional, during=during)


def _check_needs(one: Declared, percepts: Mapping[type, Percept]) -> None:
    watched = isinstance(one, Percept) and one.watched
    for need in one.needs:
        percept = percepts.get(need.kind)
        if percept is None and need.kind not in STREAMS:
            raise DeclarationError(f"{one.id}: nothing provides {need.kind!r} (parameter {need.parameter})")
        if need.during and not (watched and percept is not None and percept.watched):
            raise DeclarationError(f"{one.id}: During needs a watcher on both sides (parameter {need.parameter})")
        if watched and not need.during and percept is not None and percept.watched:
            raise DeclarationError(f"{one.id}: a watcher takes another watcher's percept as During[…] only")


def _check_acyclic(one: Percept, percepts: Mapping[type, Percept], above: tuple[str, ...]) -> None:
    if one.id in above:
        raise DeclarationError("percepts need each other: " + " → ".join((*above, one.id)))
    for need in one.needs:
        if need.kind in percepts:
            _check_acyclic(percepts[need.kind], percepts, (*above, one.id))


def _sections(text: str) -> tuple[str, dict[str, str]]:
    parts = re.split(r"^(.+)\n-{3,}$", text, flags=re.MULTILINE)
    question = parts[0].strip().split("\n\n")[0].replace("\n", " ")
    return question, {heading.strip(): body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}
