"""One case in readable form: what goes in, what must come out, and how far off it may be."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.formats.json_arrays import number_text
from darkparity.formats.numbers import plain
from darkparity.oracle.bounds import ANY, TWO_PASS, Expected
from darkparity.problems.golden.store import default_store
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, NoCases, entries, select
from darkparity.spec import OPERATIONS

#: Elements of an array that are printed; --json prints all.
SHOWN = 24


def find(case: str, dialects: Sequence[str], directory: Path | None) -> Problem:
    """The one case of that identifier or name. Raises NoCases."""
    store = default_store(directory)
    if not dialects:
        owners = [d for d in DIALECTS if case.startswith(f"{d}-")]
        dialects = [next((d for d in owners if any(e.id == case for e in entries(store, d))), DEFAULT)]
    found = select(store, Filters(tuple(dialects), (), (case,)))
    if len(found) > 1:
        raise NoCases(f"{case} is the name of {len(found)} cases: {', '.join(q.id for q in found)}")
    return found[0]


def as_json(problem: Problem) -> dict[str, Any]:
    """Everything about a case, numbers in full."""
    return {
        "id": problem.id,
        "operation": problem.operation,
        "dialect": problem.dialect.name,
        "origin": problem.origin,
        "fault": problem.fault,
        "attributes": dict(problem.attributes),
        "inputs": {n: _json_array(a) for n, a in problem.arrays.items()},
        "expected": {n: _json_array(e.value) for n, e in problem.expected(ANY).items()},
        "bounds": {
            name: {n: _json_array(e.bound) for n, e in problem.expected(profile).items()}
            for name, profile in (("any", ANY), ("two_pass", TWO_PASS))
        },
    }


def _json_array(array: np.ndarray) -> dict[str, Any]:
    return {"shape": list(array.shape), "data": [plain(v) for v in array.ravel().tolist()]}


def show_question(console: Console, problem: Problem) -> None:
    """Print a case."""
    row = OPERATIONS[problem.operation]
    console.print(problem.id, style="bold")
    console.print(f"looks for   {problem.fault}")
    console.print(f"computes    {row.formula}")
    console.print(f"source      {row.full_source}")
    console.print(f"from        {problem.origin}")
    if problem.attributes:
        console.print("attributes  " + ", ".join(f"{k}={v}" for k, v in problem.attributes.items()))
    console.print("\ninputs", style="bold")
    for name, array in problem.arrays.items():
        _show_array(console, name, array)
    console.print("\nexpected, and how far off each element may be", style="bold")
    tighter = problem.expected(TWO_PASS)
    for name, expected in problem.expected(ANY).items():
        _show_expected(console, name, expected, tighter[name])
    command = f"darkparity check {problem.reproduce} --dialect {shlex.quote(problem.dialect.name)}"
    console.print(f"\nreproduce   {command}", soft_wrap=True)


def _show_array(console: Console, name: str, array: np.ndarray) -> None:
    console.print(f"  {name} {list(array.shape)}")
    console.print(f"    {_some(array)}")


def _show_expected(console: Console, name: str, expected: Expected, tighter: Expected) -> None:
    _show_array(console, name, expected.value)
    console.print(f"    bound {_bounds(expected.bound)}")
    if not np.array_equal(expected.bound, tighter.bound):
        console.print(f"    bound under label two_pass {_bounds(tighter.bound)}")
    if expected.vacuous.any():
        console.print(f"    {int(expected.vacuous.sum())} of {expected.value.size} elements are vacuous")


def _some(array: np.ndarray) -> str:
    shown = [number_text(float(v)).strip('"') for v in array.ravel()[:SHOWN]]
    return ", ".join(shown) + (f", ... {array.size - SHOWN} more" if array.size > SHOWN else "")


def _bounds(bound: np.ndarray) -> str:
    values = np.unique(bound)
    if values.size == 1:
        return f"{values[0]:.3g} everywhere"
    shown = ", ".join(f"{v:.3g}" for v in bound.ravel()[:SHOWN])
    return shown + (f", ... {bound.size - SHOWN} more" if bound.size > SHOWN else "")
