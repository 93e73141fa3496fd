"""How far each catalogued deviation lies from the right answer, in bounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from darkparity.dialects import DEFAULT, Dialect
from darkparity.oracle.bounds import Expected, channel_blocks
from darkparity.oracle.bounds.compare import ratios
from darkparity.spec import AXES, TRAINING_RUN, steps_of

from . import DEVIATIONS, DIALECT_DEVIATIONS, Deviation
from .answers import affects, values

#: A separation that counts: the wrong answer is at least this many bounds away. A float32 evaluation of
#: the deviation lies up to about one bound from its exact answer, so 2 are needed; 4 leaves a factor of 2.
SEPARATES = 4.0
#: Steps of a training run that are looked at: what differs within them differs in the whole run.
_STEPS = 12

Arrays = Mapping[str, np.ndarray]
Attributes = Mapping[str, Any]


def margin(expected: Mapping[str, Expected], other: Arrays) -> float:
    """Largest |other - expected| / bound over all observed elements; inf for a class conflict or zero bound.

    other: float32 arrays by name, e.g. the answers of another dialect or of a deviation.
    """
    return max(
        (
            float(ratios(other[name], right).max(initial=0.0))
            for name, right in expected.items()
            if name in other and other[name].shape == right.value.shape
        ),
        default=0.0,
    )


def catalogue(dialect: Dialect) -> dict[str, Deviation]:
    """The deviations of `dialect`: the whole catalogue for the default one, and every other dialect."""
    rows = DEVIATIONS if dialect.name == DEFAULT else {}
    return {name: row for name, row in {**rows, **DIALECT_DEVIATIONS}.items() if name != f"dialect:{dialect.name}"}


def margins(
    operation: str,
    dialect: Dialect,
    arrays: Arrays,
    attributes: Attributes,
    expected: Mapping[str, Expected],
    names: Collection[str] | None = None,
) -> dict[str, float]:
    """Margin of every deviation that affects the operation (of those in `names`, if given).

    expected: by label `any`. Of many steps the first few, of many elements the first channels are looked at:
    the margins are then lower bounds.
    """
    arrays, attributes, expected = _beginning(operation, arrays, attributes, expected)
    return {
        name: margin(expected, values(row, operation, dialect, arrays, attributes))
        for name, row in catalogue(dialect).items()
        if (names is None or name in names) and affects(row, operation, dialect, attributes)
    }


def separated(found: Mapping[str, float]) -> dict[str, float]:
    """The margins that count, largest first."""
    kept = {name: value for name, value in found.items() if value >= SEPARATES}
    return dict(sorted(kept.items(), key=lambda row: (-row[1], row[0])))


def _beginning(
    operation: str, arrays: Arrays, attributes: Attributes, expected: Mapping[str, Expected]
) -> tuple[Arrays, Attributes, Mapping[str, Expected]]:
    if operation == TRAINING_RUN and len(steps_of(attributes)) > _STEPS:
        return _first_steps(arrays, attributes, expected)
    block = channel_blocks(arrays)[0]
    if block is arrays:
        return arrays, attributes, expected
    channels = next(a.shape[-2] for n, a in block.items() if AXES[n] == "A")
    return first_channels(arrays, channels), attributes, first_parts(expected, channels)


def _at(name: str, channels: int) -> Any:
    return np.s_[..., :channels, :] if AXES[name] == "A" else np.s_[:channels]


def first_channels(arrays: Arrays, count: int) -> Arrays:
    """The first `count` channels of every array."""
    return {name: array[_at(name, count)] for name, array in arrays.items()}


def first_parts(expected: Mapping[str, Expected], count: int) -> Mapping[str, Expected]:
    """The first `count` channels of what is expected."""
    return {name: _part(right, _at(name, count)) for name, right in expected.items()}


def _first_steps(
    arrays: Arrays, attributes: Attributes, expected: Mapping[str, Expected]
) -> tuple[Arrays, Attributes, Mapping[str, Expected]]:
    modes = " ".join(steps_of(attributes)[:_STEPS])
    stacked = {n: a[:_STEPS] if n in ("input", "delta") else a for n, a in arrays.items()}
    return stacked, {**attributes, "modes": modes}, {n: _part(e, np.s_[:_STEPS]) for n, e in expected.items()}


def _part(expected: Expected, at: Any) -> Expected:
    return Expected(expected.value[at], expected.bound[at], expected.allowed[at])
