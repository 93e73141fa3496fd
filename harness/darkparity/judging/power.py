"""What a problem can tell apart: the catalogued deviations that its observed outputs would show."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from darkparity.oracle.bounds import ANY, Expected
from darkparity.oracle.bounds.parts import full_array
from darkparity.oracle.deviations.power import first_channels, margins, separated
from darkparity.problems.problem import Problem
from darkparity.spec import Call

#: Elements and channels of a live problem that are looked at: with a whole block of every layer, working out what
#: yolov3's 72 layers tell apart took four fifths of a check. Four channels still show axes and channels mixed up.
_LIVE_ELEMENTS, _LIVE_CHANNELS = 1 << 14, 4


def power_of(problem: Problem, observed: Collection[str] | None = None) -> dict[str, float]:
    """Deviations that `problem` tells apart by the outputs in `observed` (None: by all), with margins."""
    outputs = problem.expected(ANY)
    if problem.separates is not None and (observed is None or set(outputs) <= set(observed)):
        return dict(problem.separates)
    key = frozenset(outputs if observed is None else observed)
    if key not in problem._power:
        call, seen = _live_beginning(problem.call, {n: e for n, e in outputs.items() if n in key})
        problem._power[key] = separated(margins(call, seen, problem.separates))
    return problem._power[key]


def _live_beginning(call: Call, expected: Mapping[str, Expected]) -> tuple[Call, Mapping[str, Expected]]:
    """The first channels of a large problem."""
    full = full_array(call.arrays)
    if full is None or full.size <= _LIVE_ELEMENTS:
        return call, expected
    return first_channels(call, expected, max(_LIVE_CHANNELS, _LIVE_ELEMENTS * full.shape[-2] // full.size))
