"""Where a layer function starts to go wrong: its stages replayed on their own, and a look at what is observed.

Teacher-forced: each stage gets the rounded exact arrays of the stage before; the first routine that deviates on
its own is the culprit. Where every routine conforms on its own (the fault is in how they are put together) or
the routines are not offered, the stage is the first one that a deviating array depends on and that no conforming
array vouches for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from darkparity.dialects import Dialect
from darkparity.ending import contained
from darkparity.implementations.protocol import Implementation
from darkparity.oracle import as_array, as_tensor, run_stage
from darkparity.oracle.bounds import Profile
from darkparity.oracle.bounds.compare import Comparison, compare
from darkparity.oracle.bounds.parts import full_array, of_channels
from darkparity.oracle.exact import Exact
from darkparity.oracle.rounding import round_tensor
from darkparity.problems.problem import EXACT_ELEMENTS, Problem, live_expectation
from darkparity.spec import (
    AXES,
    BACKWARD,
    TRAINING_RUN,
    Call,
    Stage,
    inputs_of,
    operations_of,
    stages,
    stages_behind,
    step_attributes,
    steps_of,
)

_ALONE = "(wrong on its own, given exact inputs)"


def first_stage(
    problem: Problem, comparisons: Sequence[Comparison], implementation: Implementation | None, profile: Profile
) -> str:
    """Name the first diverging stage, e.g. `normalize_cpu -> output`; a routine is its own stage."""
    call = problem.call
    if call.operation == TRAINING_RUN:
        return _first_step(problem, comparisons, implementation, profile)
    if not call.stages:
        return call.operation
    small = _small(problem, comparisons)
    forced = teacher_forced(small, implementation, profile) if implementation is not None and small else None
    if forced is not None:
        return f"{forced} {_ALONE}"
    return _observed(call.stages, comparisons)


def _small(problem: Problem, comparisons: Sequence[Comparison]) -> Call | None:
    """A call that the exact oracle can follow: the whole, or channels around the worst element; None if one is too
    large."""
    full = full_array(problem.arrays)
    if problem.elements <= EXACT_ELEMENTS or full is None:
        return problem.call if problem.elements <= EXACT_ELEMENTS else None
    channels = full.shape[-2]
    count = EXACT_ELEMENTS * channels // full.size
    worst = next(c for c in comparisons if not c.conforms)
    at = worst.index[-2] if AXES[worst.array] == "A" else worst.index[-1]
    start = max(0, min(at - count // 2, channels - count))
    return of_channels(problem.call, slice(start, start + count)) if count else None


def teacher_forced(call: Call, implementation: Implementation, profile: Profile) -> Stage | None:
    """The first stage whose routine deviates when given the exact arrays of the stage before."""
    offered = implementation.describe().operations
    exact = {name: Exact.lift(as_tensor(name, array)) for name, array in call.arrays.items()}
    for stage in call.stages:
        asked = stage.replayable and stage.routine in offered and _stands_alone(stage, exact)
        if asked and _deviates(_alone(stage, call.dialect, exact), implementation, profile):
            return stage
        exact[stage.writes] = run_stage(stage, call.dialect, exact, call.attributes)
    return None


def _stands_alone(stage: Stage, exact: Mapping[str, Exact]) -> bool:
    return "ddof" not in stage.attributes and all(array in exact for array in stage.sources)


def _deviates(call: Call, implementation: Implementation, profile: Profile) -> bool:
    expected = live_expectation(call)(profile)
    try:
        with contained():
            got = implementation.run(call, tuple(expected))
    except Exception:
        return False  # that the routine fails on its own is the verdict of its own cases
    return any(not compare(n, got[n], e).conforms for n, e in expected.items() if n in got)


def _alone(stage: Stage, dialect: Dialect, exact: Mapping[str, Exact]) -> Call:
    """The routine's own call: rounded arrays, flattened with N and increments for a BLAS routine."""
    arrays = {}
    for parameter, array in stage.reads.items():
        source = exact[array] if array in exact else exact[stage.reads["X"]]
        rounded, _ = round_tensor(source)
        flat = AXES[parameter] == "v"
        arrays[parameter] = np.ascontiguousarray(rounded.ravel() if flat else as_array(parameter, rounded))
    attributes = dict(stage.attributes)
    if "X" in arrays:
        attributes |= {"N": arrays["X"].size} | {f"INC{name}": 1 for name in arrays}
    return Call(stage.routine, dialect, arrays, attributes)


def _first_step(
    problem: Problem, comparisons: Sequence[Comparison], implementation: Implementation | None, profile: Profile
) -> str:
    """`step 3 (Ib): normalize_cpu -> output`: steps count from 0."""
    step = min(c.first[0] for c in comparisons if c.first is not None)
    mode = steps_of(problem.attributes)[step]
    forced = None if implementation is None else _forced_in_step(problem, step, implementation, profile)
    if forced is not None:
        return f"step {step} ({mode}): {forced} {_ALONE}"
    attributes = step_attributes(problem.attributes, mode)
    layers = [stage for name in operations_of(mode) for stage in stages(name, problem.dialect, attributes)]
    now = [c if c.first and c.first[0] == step else replace(c, deviating=0) for c in comparisons]
    return f"step {step} ({mode}): {_observed(layers, now)}"


def _forced_in_step(problem: Problem, step: int, implementation: Implementation, profile: Profile) -> Stage | None:
    mode = steps_of(problem.attributes)[step]
    calls = (_one_step(problem, operation, step) for operation in operations_of(mode))
    return next((found for call in calls if (found := teacher_forced(call, implementation, profile))), None)


def _one_step(problem: Problem, operation: str, step: int) -> Call:
    """One layer call of a run, from the exact state before it, rounded."""
    attributes = step_attributes(problem.attributes, steps_of(problem.attributes)[step])
    exact = {name: e.value for name, e in problem.expected(Profile()).items()}
    at = step if operation == BACKWARD else step - 1
    state = {n: exact[n][at] if at >= 0 and n in exact else a for n, a in problem.arrays.items()}
    given = {n: problem.arrays[n][step] for n in ("input", "delta")}
    state |= given | {"output": given["input"]}
    inputs = inputs_of(operation, attributes, problem.dialect)
    return Call(operation, problem.dialect, {n: np.ascontiguousarray(state[n]) for n in inputs}, attributes)


def _observed(layers: Sequence[Stage], comparisons: Sequence[Comparison]) -> str:
    """From the arrays alone: what feeds the first deviating array and no conforming one. One stage is named; of several
    the first and the last, and the arrays between them that would tell."""
    reaches = {c.array: stages_behind(c.array, layers) for c in comparisons}
    deviating = [c.array for c in comparisons if not c.conforms]
    for array in (a for a in deviating if not reaches[a]):
        return f"{array} must come back unchanged"
    cleared = {id(stage) for c in comparisons if c.conforms and c.evidence for stage in reaches[c.array]}
    suspects = [[s for s in reaches[a] if id(s) not in cleared] or list(reaches[a]) for a in deviating]
    first = min(suspects, key=lambda some: (layers.index(some[-1]), len(some)))
    computing = [stage for stage in first if not _is_copy(stage)] or first
    if len(computing) == 1:
        return str(computing[0])
    missing = _between(computing, layers, reaches)
    more = f": return {', '.join(missing)} to know more" if missing else ""
    return f"somewhere from {computing[0].routine} to {computing[-1].routine}{more}"


def _is_copy(stage: Stage) -> bool:
    return stage.routine == "copy_cpu"


def _between(suspects: Sequence[Stage], layers: Sequence[Stage], observed: Collection[str]) -> list[str]:
    """Arrays not returned that hold the result of a suspect, as it is or copied, but the last."""
    held = {s.writes for s in suspects[:-1]} - {suspects[-1].writes}
    between = layers[layers.index(suspects[0]) + 1 : layers.index(suspects[-1])]
    copies = {s.writes for s in between if _is_copy(s) and s.reads["X"] == suspects[-1].writes}
    return [name for name in AXES if name in held | copies and name not in observed]
