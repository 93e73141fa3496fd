"""A row added to a table must be complete: formula, functions, cases, sources."""

from __future__ import annotations

import dataclasses
import re
from types import ModuleType

import pytest

from darkparity.cases import CASES
from darkparity.dialects import DEFAULT, DIALECTS, Dialect, alexeyab, darknet, frameworks
from darkparity.implementations import Implementation
from darkparity.oracle.formulas import FORMULAS
from darkparity.spec import AXES, LAYER_OPERATIONS, MAKE, OPERATIONS, ROUTINES, stages
from darkparity.spec.operations import _ROWS

#: Composed by the runner from forward and backward; an implementation need not have it.
COMPOSED = OPERATIONS.keys() - {*ROUTINES, *LAYER_OPERATIONS, MAKE}


@pytest.mark.parametrize("routine", ROUTINES)
def test_every_routine_has_a_formula(routine: str) -> None:
    assert routine in FORMULAS


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("operation", LAYER_OPERATIONS)
def test_every_stage_of_a_layer_has_one(operation: str, dialect: str) -> None:
    for kind in ("BATCHNORM", "CONVOLUTIONAL", "CONNECTED"):
        for train in (True, False):
            calls = stages(operation, DIALECTS[dialect], {"type": kind, "train": train})
            assert calls
            assert {c.routine for c in calls} <= FORMULAS.keys()
            assert {c.routine for c in calls if c.replayable} <= set(ROUTINES)


def test_no_formula_is_idle() -> None:
    used = {
        call.routine
        for dialect in DIALECTS.values()
        for operation in LAYER_OPERATIONS
        for kind in ("BATCHNORM", "CONNECTED")
        for train in (True, False)
        for call in stages(operation, dialect, {"type": kind, "train": train})
    }
    assert FORMULAS.keys() - used - set(ROUTINES) <= {"affine_output"}  # of the label `affine`


def test_every_shipped_implementation_offers_everything(implementation: Implementation) -> None:
    described = implementation.describe()
    assert set(described.operations) >= OPERATIONS.keys() - COMPOSED
    assert all(map(described.offers, DIALECTS))
    assert {"two_pass", "ieee"} <= described.labels


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_asked_often_enough(operation: str) -> None:
    asked = [c for c in CASES if c.operation == operation and c.defined_in(DIALECTS[DEFAULT])]
    assert len(asked) >= (20 if operation in LAYER_OPERATIONS else 4)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda o: o.name)
def test_every_operation_says_what_it_computes_and_where_that_stands(operation: object) -> None:
    assert isinstance(operation, type(OPERATIONS[MAKE]))
    assert len(operation.formula) >= 10
    if operation.name not in COMPOSED:
        assert re.search(r"src/\w+\.c:\d+-\d+", operation.source)
    assert set(operation.inputs) | set(operation.outputs) <= AXES.keys()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=str)
def test_every_dialect_names_its_sources(dialect: Dialect) -> None:
    fields = {f.name for f in dataclasses.fields(dialect)}
    assert "*" in dialect.sources
    assert dialect.sources.keys() - {"*"} <= fields
    assert all(len(text) > 20 for text in dialect.sources.values())
    assert re.search(r"\w+/[\w.-]+@[0-9a-f]{8}", dialect.sources["*"])
    assert dialect.summary


@pytest.mark.parametrize("module", [darknet, alexeyab, frameworks], ids=lambda m: m.__name__.rpartition(".")[2])
def test_every_dialect_of_a_module_is_in_the_table(module: ModuleType) -> None:
    """One that shares its name with another, or is left out of its module's rows, would be lost silently."""
    rows = [row for row in vars(module).values() if isinstance(row, Dialect)]
    assert rows
    assert [row.name for row in rows if DIALECTS.get(row.name) is not row] == []


def test_no_operation_shares_its_name() -> None:
    assert len(OPERATIONS) == len(_ROWS)
