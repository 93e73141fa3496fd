"""What a problem can tell apart: the catalogued deviations that its observed outputs would show."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from darkparity.oracle.bounds import ANY, Expected
from darkparity.oracle.deviations.power import Arrays, first_channels, first_parts, margins, separated
from darkparity.problems.problem import Problem
from darkparity.spec import AXES

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
        arrays, seen = _live_beginning(problem.arrays, {n: e for n, e in outputs.items() if n in key})
        call = (problem.operation, problem.dialect, arrays, problem.attributes)
        problem._power[key] = separated(margins(*call, seen, problem.separates))
    return problem._power[key]


def _live_beginning(arrays: Arrays, expected: Mapping[str, Expected]) -> tuple[Arrays, Mapping[str, Expected]]:
    """The first channels of a large problem."""
    full = next((a for n, a in arrays.items() if AXES[n] == "A"), None)
    if full is None or full.size <= _LIVE_ELEMENTS:
        return arrays, expected
    channels = max(_LIVE_CHANNELS, _LIVE_ELEMENTS * full.shape[-2] // full.size)
    return first_channels(arrays, channels), first_parts(expected, channels)
