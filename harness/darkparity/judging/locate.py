"""Where a layer function starts to go wrong: its stages replayed on their own, and a look at what is observed.

Teacher-forced: each stage gets the rounded exact arrays of the stage before; the first routine that deviates on
its own is the culprit. Where every routine conforms on its own (the fault is in how they are put together) or
the routines are not offered, the stage is the first one that a deviating array depends on and that no conforming
array vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from darkparity.ending import contained
from darkparity.implementations.protocol import Implementation
from darkparity.oracle import as_array, as_tensor, run_stage
from darkparity.oracle.bounds import Profile
from darkparity.oracle.bounds.compare import Comparison, compare
from darkparity.oracle.exact import Exact
from darkparity.oracle.rounding import round_tensor
from darkparity.problems.problem import EXACT_ELEMENTS, Problem, live_expectation
from darkparity.spec import AXES, BACKWARD, FORWARD, TRAINING_RUN, Stage, inputs_of, stages, step_attributes, steps_of


def first_stage(
    problem: Problem, comparisons: Sequence[Comparison], implementation: Implementation | None, profile: Profile
) -> str:
    """Name the first diverging stage, e.g. `normalize_cpu -> output`; a routine is its own stage."""
    if problem.operation == TRAINING_RUN:
        return _first_step(problem, comparisons, implementation, profile)
    calls = stages(problem.operation, problem.dialect, problem.attributes)
    if not calls:
        return problem.operation
    if implementation is not None and problem.elements <= EXACT_ELEMENTS:
        forced = teacher_forced(problem, calls, implementation, profile)
        if forced is not None:
            return f"{forced} (wrong on its own, given exact inputs)"
    return _observed(calls, comparisons)


def teacher_forced(
    problem: Problem, calls: Sequence[Stage], implementation: Implementation, profile: Profile
) -> Stage | None:
    """The first stage whose routine deviates when given the exact arrays of the stage before."""
    described = implementation.describe()
    exact = {name: Exact.lift(as_tensor(name, value)) for name, value in problem.arrays.items()}
    for call in calls:
        offered = call.replayable and call.routine in described.operations and _stands_alone(call, exact)
        if offered and _deviates(call, problem, exact, implementation, profile):
            return call
        exact[call.writes] = run_stage(call, problem.dialect, exact, problem.attributes)
    return None


def _stands_alone(call: Stage, exact: Mapping[str, Exact]) -> bool:
    return "ddof" not in call.attributes and all(a in exact or p == "Y" for p, a in call.reads.items())


def _deviates(
    call: Stage, problem: Problem, exact: Mapping[str, Exact], implementation: Implementation, profile: Profile
) -> bool:
    arrays, attributes = _call_alone(call, exact)
    expected = live_expectation(call.routine, problem.dialect, arrays, attributes)(profile)
    try:
        with contained():
            got = implementation.run(call.routine, problem.dialect, arrays, attributes, tuple(expected))
    except Exception:
        return False  # that the routine fails on its own is the verdict of its own cases
    return any(not compare(n, got[n], e).conforms for n, e in expected.items() if n in got)


def _call_alone(call: Stage, exact: Mapping[str, Exact]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The routine's own inputs: rounded arrays, flattened with N and increments for a BLAS routine."""
    arrays = {}
    for parameter, array in call.reads.items():
        source = exact[array] if array in exact else exact[call.reads["X"]]
        rounded, _ = round_tensor(source)
        flat = AXES[parameter] == "v"
        arrays[parameter] = np.ascontiguousarray(rounded.ravel() if flat else as_array(parameter, rounded))
    attributes = dict(call.attributes)
    if "X" in arrays:
        attributes |= {"N": arrays["X"].size} | {f"INC{name}": 1 for name in arrays}
    return arrays, attributes


def _first_step(
    problem: Problem, comparisons: Sequence[Comparison], implementation: Implementation | None, profile: Profile
) -> str:
    """`step 3 (Ib): normalize_cpu -> output`: steps count from 0."""
    step = min(c.first[0] for c in comparisons if c.first is not None)
    mode = steps_of(problem.attributes)[step]
    attributes = step_attributes(problem.attributes, mode)
    calls: list[Stage] = []
    for name in (FORWARD, BACKWARD) if mode.endswith("b") else (FORWARD,):
        mine = stages(name, problem.dialect, attributes)
        forced = implementation and teacher_forced(
            _one_step(problem, name, step, attributes), mine, implementation, profile
        )
        if forced:
            return f"step {step} ({mode}): {forced} (wrong on its own, given exact inputs)"
        calls += mine
    now = [c if c.first and c.first[0] == step else replace(c, deviating=0) for c in comparisons]
    return f"step {step} ({mode}): {_observed(calls, now)}"


def _one_step(problem: Problem, operation: str, step: int, attributes: Mapping[str, Any]) -> Problem:
    """One layer call of a run as a problem of its own, from the exact state before it, rounded."""
    exact = {name: e.value for name, e in problem.expected(Profile()).items()}
    at = step if operation == BACKWARD else step - 1
    state = {n: exact[n][at] if at >= 0 and n in exact else a for n, a in problem.arrays.items()}
    given = {n: problem.arrays[n][step] for n in ("input", "delta")}
    state |= given | {"output": given["input"]}
    arrays = {n: np.ascontiguousarray(state[n]) for n in inputs_of(operation, attributes, problem.dialect)}
    return replace(problem, operation=operation, attributes=attributes, arrays=arrays)


def _observed(calls: Sequence[Stage], comparisons: Sequence[Comparison]) -> str:
    """From the arrays alone: the first stage that feeds a deviating array and no conforming one."""
    wrong = {c.array for c in comparisons if not c.conforms}
    right = {c.array for c in comparisons if c.conforms and c.evidence}
    feeds = _dependencies(calls)
    written = set(feeds)
    for array in (c.array for c in comparisons if c.array in wrong and c.array not in written):
        return f"{array} must come back unchanged"
    cleared = set().union(*(feeds.get(array, set()) for array in right)) if right else set()
    suspects = set().union(*(feeds[array] for array in wrong))
    first = min(suspects - cleared or suspects)
    return str(calls[first])


def _dependencies(calls: Sequence[Stage]) -> dict[str, set[int]]:
    """Array -> indices of the stages whose results its final content depends on."""
    feeds: dict[str, set[int]] = {}
    for index, call in enumerate(calls):
        sources = (a for p, a in call.reads.items() if (call.routine, p) != ("copy_cpu", "Y"))
        read = set().union(*(feeds.get(array, set()) for array in sources))
        feeds[call.writes] = read | {index}
    return feeds
