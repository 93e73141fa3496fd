"""A fixture read back from its text, anybody's: whatever does not fit together is refused before it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkparity.cases import case_named
from darkparity.dialects import check_name
from darkparity.formats.json_arrays import parse_array
from darkparity.formats.names import check_version
from darkparity.formats.records import FormatError, from_json
from darkparity.formats.strict_json import CodecError, parse_json
from darkparity.oracle.bounds import ALL, FINITE, Expected, class_of
from darkparity.spec import OPERATIONS, ContractError, check_call

from .fixture import CLASSES, Fixture, Recipe
from .text import SCHEMA_VERSION

Array = Any  # read by `parse_array`


@dataclass(frozen=True)
class _Classes:
    """Flat indices of elements that need not, or must not, be finite."""

    non_finite: tuple[int, ...] = ()
    all: tuple[int, ...] = ()
    plus_inf: tuple[int, ...] = ()
    minus_inf: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Provenance:
    generator: str
    oracle: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class _Bounds:
    any: Mapping[str, Array]
    two_pass: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _File:
    """The keys of docs/golden-format.md."""

    schema_version: int
    id: str
    case: str
    operation: str
    dialect: str
    fault: str
    formula: str
    source: str
    attributes: Mapping[str, int | float | str | bool]
    classes: Mapping[str, _Classes]
    provenance: _Provenance
    inputs: Mapping[str, Array] | None = None
    recipe: Mapping[str, Recipe] | None = None
    expected: Mapping[str, Array]
    bounds: _Bounds

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(f"{self.operation!r} is not one of {', '.join(OPERATIONS)}")
        check_name(self.dialect)
        if not re.fullmatch("[a-z][a-z0-9_]*", self.case):
            raise ValueError(f"case {self.case!r} is not a name in snake_case")
        if (self.inputs is None) == (self.recipe is None):
            raise ValueError("needs either inputs or recipe")


def parse(content: str, where: str) -> Fixture:
    """Read one file's text. where: names it in messages. Raises FormatError."""
    try:
        data = parse_json(content)
        check_version(data, "schema_version", SCHEMA_VERSION, where)
        file = from_json(_File, data, where)
        fixture = _fixture(file)
        _check(fixture, file.id)
    except (CodecError, ContractError, _Unfit) as error:
        raise FormatError(f"{where}: {error}") from None
    return fixture


class _Unfit(ValueError):
    """Parts of a file that do not fit together."""


def _fixture(file: _File) -> Fixture:
    arrays = {n: parse_array(v, f"inputs {n}") for n, v in (file.inputs or {}).items()}
    values = {n: parse_array(v, f"expected {n}") for n, v in file.expected.items()}
    loose = {n: _expected(file, n, v, file.bounds.any.get(n)) for n, v in values.items()}
    tight = {n: _expected(file, n, values[n], bound) for n, bound in file.bounds.two_pass.items() if n in values}
    expected = {"any": loose, "two_pass": {**loose, **tight}}
    return Fixture(file.case, file.operation, file.dialect, file.fault, dict(file.attributes), arrays, expected,
                   file.provenance.inputs, file.recipe)  # fmt: skip


def _expected(file: _File, name: str, value: np.ndarray, stored: Array) -> Expected:
    bound = parse_array(stored, f"bounds {name}", np.float64)
    if bound.shape != value.shape or not np.all(bound >= 0):
        raise _Unfit(f"bounds {name}: needs one bound, at least 0, for each of {value.shape} elements")
    allowed = np.full(value.size, FINITE, np.uint8)
    classes = file.classes.get(name, _Classes())
    for kind, code in CLASSES.items():
        at = getattr(classes, kind)
        if at and not 0 <= min(at) <= max(at) < value.size:
            raise _Unfit(f"classes {name}: an index outside of {value.size} elements")
        allowed[list(at)] = code
    under_any_only = (allowed == ALL) & np.isfinite(bound.ravel())
    allowed[under_any_only] = class_of(value.ravel())[under_any_only]
    return Expected(value, bound, allowed.reshape(value.shape))


def _check(fixture: Fixture, identity: str) -> None:
    """Whether the parts are those of one call."""
    if identity != fixture.id:
        raise _Unfit(f"id {identity!r} is not {fixture.id!r}")
    call, outputs = fixture.call, fixture.call.outputs
    if set(fixture.expected["any"]) != set(outputs):
        raise _Unfit(f"expected has {', '.join(fixture.expected['any'])}; the outputs are {', '.join(outputs)}")
    if fixture.recipe is not None:
        _check_recipe(fixture, fixture.recipe)
        return
    check_call(call)
    for name, expected in fixture.expected["any"].items():
        shape = call.shape_of(name)
        if expected.value.shape != shape:
            raise _Unfit(f"expected {name}: has shape {expected.value.shape}, the inputs need {shape}")


def _check_recipe(fixture: Fixture, recipe: Mapping[str, Recipe]) -> None:
    """The arrays come from the table of cases, so the file must be about the case that is there."""
    case = case_named(fixture.operation, fixture.case)
    if case is None or case.full_attributes != fixture.attributes:
        raise _Unfit(f"a recipe for {fixture.id}, which this version has with other attributes or not at all")
    if set(recipe) - set(case.fills):
        raise _Unfit(f"a recipe for {', '.join(set(recipe) - set(case.fills))}, which the case does not have")
