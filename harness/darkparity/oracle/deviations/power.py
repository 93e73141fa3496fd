"""How far each catalogued deviation lies from the right answer, in bounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from darkparity.oracle.bounds import Expected
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.bounds.parts import at_channels, channel_blocks, full_array, of_channels
from darkparity.spec import TRAINING_RUN, Arrays, Call, steps_of

from .answers import affects
from .catalogue import catalogue
from .replay import Replay

#: A separation that counts: the wrong answer is at least this many bounds away. A float32 evaluation of
#: the deviation lies up to about one bound from its exact answer, so 2 are needed; 4 leaves a factor of 2.
SEPARATES = 4.0
#: Steps of a training run that are looked at: what differs within them differs in the whole run.
_STEPS = 12


def margin(expected: Mapping[str, Expected], other: Arrays) -> float:
    """Largest |other - expected| / bound over all observed elements; inf for a class conflict or zero bound.

    other: float32 arrays by name, e.g. the answers of another dialect or of a deviation.
    """
    return max(
        (
            float(ratios(other[name], e).max(initial=0.0))
            for name, e in expected.items()
            if name in other and other[name].shape == e.value.shape
        ),
        default=0.0,
    )


def margins(call: Call, expected: Mapping[str, Expected], names: Collection[str] | None = None) -> dict[str, float]:
    """Margin of every deviation that affects the call (of those in `names`, if given).

    expected: by label `any`. Of many steps the first few, of many elements the first channels are looked at:
    the margins are then lower bounds.
    """
    call, expected = _beginning(call, expected)
    replay = Replay(call)
    return {
        name: margin(expected, replay.values(deviation))
        for name, deviation in catalogue(call.dialect).items()
        if (names is None or name in names) and affects(deviation, call)
    }


def separated(found: Mapping[str, float]) -> dict[str, float]:
    """The margins that count, largest first."""
    kept = {name: value for name, value in found.items() if value >= SEPARATES}
    return dict(sorted(kept.items(), key=lambda row: (-row[1], row[0])))


def _beginning(call: Call, expected: Mapping[str, Expected]) -> tuple[Call, Mapping[str, Expected]]:
    if call.operation == TRAINING_RUN and len(steps_of(call.attributes)) > _STEPS:
        return _first_steps(call, expected)
    block = channel_blocks(call)[0]
    full = full_array(block.arrays)
    return (call, expected) if block is call or full is None else first_channels(call, expected, full.shape[-2])


def first_channels(call: Call, expected: Mapping[str, Expected], count: int) -> tuple[Call, Mapping[str, Expected]]:
    """The first `count` channels of every array, given and expected."""
    channels = slice(count)
    return of_channels(call, channels), {n: _part(e, at_channels(n, channels)) for n, e in expected.items()}


def _first_steps(call: Call, expected: Mapping[str, Expected]) -> tuple[Call, Mapping[str, Expected]]:
    modes = " ".join(steps_of(call.attributes)[:_STEPS])
    stacked = {n: a[:_STEPS] if n in ("input", "delta") else a for n, a in call.arrays.items()}
    shorter = replace(call, arrays=stacked, attributes={**call.attributes, "modes": modes})
    return shorter, {n: _part(e, np.s_[:_STEPS]) for n, e in expected.items()}


def _part(expected: Expected, at: Any) -> Expected:
    return Expected(expected.value[at], expected.bound[at], expected.allowed[at])
