"""Builds a case from choices: numbers below a limit, where 0 is the simplest, so that shrinking leads to simple cases.

The same code draws cases at random (`random_case`, needs no extra) and through hypothesis (`darkparity.fuzz.search`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from darkparity.cases import Case
from darkparity.cases.fills import (
    cancelling,
    constant,
    dyadic,
    integers,
    normal,
    per_channel,
    placed,
    powers,
    relu,
    signed,
    subnormal,
    uniform,
)
from darkparity.cases.recipe import Fill
from darkparity.dialects import Dialect
from darkparity.dialects.constants import float32
from darkparity.spec import AXES, BACKWARD, FORWARD, LAYER_OPERATIONS, MAKE, MODES, OPERATIONS, TRAINING_RUN

Choose = Callable[[int], int]
Item = TypeVar("Item")

#: Data of full arrays and of vectors, simplest first.
DATA: tuple[Fill, ...] = (
    integers(-2, 2), constant(1.0), constant(0.0), dyadic(), normal(), normal(0.5, 2.0), normal(0.0, 1e-4),
    constant(0.1), integers(-8, 8, 4096.0), normal(1e4, 1.0), powers(-15, 15), cancelling(8192.0, 1.0),
    relu(normal()), normal(1e-3, 1e-6), powers(-100, 100), normal(0.0, 1e-25), subnormal(), signed(1e20),
    constant(3e38), constant("inf"), constant("nan"),
)  # fmt: skip
#: Data of a variance, simplest first.
VARIANCES: tuple[Fill, ...] = (
    constant(1.0), uniform(0.5, 2.0), constant(0.0), uniform(5e-9, 2e-8), uniform(1e-6, 2e-6), uniform(1e-12, 1e-11),
    uniform(1e4, 1e6), integers(1, 9), constant(1e-30), subnormal(), constant(-1.0), constant(1e30), constant("inf"),
    constant("nan"),
)  # fmt: skip
#: Data of parameters and accumulators, simplest first.
PARAMETERS: tuple[Fill, ...] = (
    integers(-2, 2), constant(1.0), constant(0.0), uniform(0.5, 1.5), normal(0.0, 2.0), constant(-0.5),
    normal(1e3, 10.0), powers(-15, 15), constant("nan"),
)  # fmt: skip
_TYPES = ("CONVOLUTIONAL", "BATCHNORM", "CONNECTED")
_SPECIAL: tuple[float | str, ...] = ("inf", "-inf", "nan", 3e38)
_FACTORS = (0.75, 1.0, -1.5, 0.0, 0.99, 1e-6, 1e20)
#: Routines once, layer functions and training runs more often, because most faults are there.
OPERATION_CHOICES = (
    *(n for n in OPERATIONS if n not in (*LAYER_OPERATIONS, TRAINING_RUN, MAKE)),
    *LAYER_OPERATIONS * 5, *(TRAINING_RUN,) * 2, MAKE,
)  # fmt: skip
#: One case in this many has a shape of _LARGE, which exposes faults in SIMD tails and fixed-size buffers.
_LARGE_ONE_IN = 24
_LARGE = ((1, 1, 1, 33), (3, 2, 5, 7), (2, 33, 1, 5), (16, 1, 17, 17))
_STREAMS = 2**16


def drawn_case(choose: Choose, dialect: Dialect, operations: Sequence[str] = ()) -> Case:
    """One case for `dialect`.

    choose: given a limit, returns a number from 0 to limit - 1; called as often as needed.
    operations: names to draw from; empty stands for all that the dialect has.
    """
    operation = _pick(choose, [n for n in operations or OPERATION_CHOICES if _defined(n, dialect)])
    stream = choose(_STREAMS)
    name = f"fuzz_{stream}"
    if "N" in OPERATIONS[operation].attributes:
        return _vectors(choose, operation, name)
    attributes = _attributes(choose, operation, dialect)
    shape = _shape(choose, attributes.get("type") == "CONNECTED")
    if operation == MAKE:
        sizes = dict(zip(("batch", "c", "h", "w"), shape, strict=True))
        return Case(name, operation, "Found by fuzzing.", {}, (), sizes)
    every = (a for a in OPERATIONS[operation].inputs if dialect.rolling_weight or a != "rolling_weight")
    fills = {array: _fill(choose, operation, array) for array in every}
    return Case(name, operation, "Found by fuzzing.", fills, shape, attributes)


def random_case(seed: int, dialect: Dialect, operations: Sequence[str] = ()) -> Case:
    """The case of a seed, the same on every machine and Python."""
    return drawn_case(random.Random(seed).randrange, dialect, operations)


def _defined(operation: str, dialect: Dialect) -> bool:
    if dialect.inference_only:
        return operation == FORWARD
    return dialect.routines or operation in (FORWARD, BACKWARD, TRAINING_RUN, MAKE)


def _pick(choose: Choose, items: Sequence[Item]) -> Item:
    return items[choose(len(items))]


def _shape(choose: Choose, connected: bool) -> tuple[int, int, int, int]:
    if choose(_LARGE_ONE_IN) == _LARGE_ONE_IN - 1:
        batch, channels, height, width = _pick(choose, _LARGE)
        return (batch * height * width, channels, 1, 1) if connected else (batch, channels, height, width)
    if connected:
        return choose(20) + 1, choose(4) + 1, 1, 1
    return choose(5) + 1, choose(4) + 1, choose(4) + 1, choose(5) + 1


def _vectors(choose: Choose, operation: str, name: str) -> Case:
    possible: Mapping[str, Callable[[], Any]] = {
        "N": lambda: choose(12) + 1,
        "ALPHA": lambda: float32(_pick(choose, _FACTORS)),
        "INCX": lambda: choose(3) + 1,
        "INCY": lambda: choose(3) + 1,
    }
    row = OPERATIONS[operation]
    attributes = {key: possible[key]() for key in row.attributes}
    fills = {array: _pick(choose, DATA) for array in row.inputs}
    return Case(name, operation, "Found by fuzzing.", fills, (), attributes, tail=choose(3))


def _attributes(choose: Choose, operation: str, dialect: Dialect) -> dict[str, Any]:
    if operation not in (*LAYER_OPERATIONS, TRAINING_RUN):
        return {}
    kind = _pick(choose, _TYPES)
    if operation != TRAINING_RUN:
        return {"type": kind, "train": choose(3) < 2 and not dialect.inference_only}
    steps = choose(5) + 1
    return {"type": kind, "modes": " ".join(_pick(choose, MODES) for _ in range(steps))}


def _fill(choose: Choose, operation: str, array: str) -> Fill:
    """Half are one of the first five fills; one in eight differs per channel, one in eight has a special value."""
    stacked = operation == TRAINING_RUN and array in ("input", "delta")
    fills = VARIANCES if array in ("variance", "rolling_variance") else DATA if AXES[array] == "A" else PARAMETERS
    fills = tuple(f for f in fills if not (stacked and f.kind == "cancelling"))
    form = choose(8)
    base = fills[choose(5)] if form < 4 else _pick(choose, fills)
    if form == 6:
        return per_channel(base, _pick(choose, fills), normal(0.5, 2.0))
    if form == 7:
        rank = 4 if stacked else 3 if AXES[array] == "A" else 1
        return placed(base, _pick(choose, _SPECIAL), (0,) * rank)
    return base
