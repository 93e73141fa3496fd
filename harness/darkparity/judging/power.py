"""What a problem can tell apart: the catalogued deviations that its observed outputs would show."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from darkparity.dialects import DIALECTS
from darkparity.oracle import UNCHANGED
from darkparity.oracle.bounds import ANY, Expected
from darkparity.oracle.bounds.parts import full_array
from darkparity.oracle.deviations import catalogue
from darkparity.oracle.deviations.power import SEPARATES, first_channels, margins, separated
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
        shared = _shared(problem) if set(outputs) <= key else {}
        asked = problem.separates if problem.separates is not None else catalogue(call.dialect).keys() - shared.keys()
        told = {name: shared[name] for name in shared if shared[name] >= SEPARATES}
        problem._power[key] = separated({**told, **margins(call, seen, asked)})
    return problem._power[key]


def _shared(problem: Problem) -> dict[str, float]:
    """Margins, 0 if too small, of what a dialect of one's own has from the one that it was changed from: deviations
    that change no constant. Working all of them out for every case takes three times as long as a check."""
    base = DIALECTS.get(problem.dialect.name.partition("(")[0])
    if problem.of_base is None or base is None:
        return {}
    rows, there = catalogue(problem.dialect), catalogue(base)
    kept = (name for name, row in rows.items() if name in there and row.variant.dialect is UNCHANGED.dialect)
    return {name: problem.of_base.get(name, 0.0) for name in kept}


def _live_beginning(call: Call, expected: Mapping[str, Expected]) -> tuple[Call, Mapping[str, Expected]]:
    """The first channels of a large problem."""
    full = full_array(call.arrays)
    if full is None or full.size <= _LIVE_ELEMENTS:
        return call, expected
    return first_channels(call, expected, max(_LIVE_CHANNELS, _LIVE_ELEMENTS * full.shape[-2] // full.size))
