"""Words that set several values of a dialect at once, as people know them: `epsilon`, `momentum`, `ddof`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from darkparity.errors import UsageError

from .choices import Backward, Momentum, Place
from .constants import Rolling, shortest
from .dialect import Dialect
from .values import count, number, word

_BACKWARD = ("mean_delta", "variance_delta", "normalize_delta")


@dataclass(frozen=True)
class Word:
    """sets: the values that a word gives one and the same value, in a dialect with that backward."""

    name: str
    metavar: str
    meaning: str
    sets: Callable[[Backward], tuple[str, ...]]
    read: Callable[[str, Any], Any]


def _layer(part: str) -> Callable[[Backward], tuple[str, ...]]:
    forward, backward = (f"normalize_{part}",), tuple(f"{term}_{part}" for term in _BACKWARD)
    return lambda kind: forward + backward if kind is Backward.INVERSE_STD else forward


def _backward(part: str) -> Callable[[Backward], tuple[str, ...]]:
    return lambda _: tuple(f"{term}_{part}" for term in _BACKWARD)


_EPSILON = "epsilon of the forward pass; where `backward` is `inverse_std`, of the whole layer"
_EPSILONS = "epsilon of all three terms of the backward pass"

#: In this order: a later, more particular word wins.
WORDS = (
    Word("epsilon", "E", _EPSILON, _layer("epsilon"), partial(number, least=0)),
    Word("epsilon_place", "inside|outside", f"where it stands: {_EPSILON}", _layer("place"), partial(word, Place)),
    Word("backward_epsilon", "E", _EPSILONS, _backward("epsilon"), partial(number, least=0)),
    Word("backward_epsilon_place", "inside|outside", f"where it stands: {_EPSILONS}", _backward("place"),
         partial(word, Place)),
    Word("ddof", "N", "`variance_ddof` and `rolling_ddof`", lambda _: ("variance_ddof", "rolling_ddof"), count),
)  # fmt: skip
MOMENTUM, CONVENTION = "momentum", "momentum_convention"
_CONVENTIONS = (Momentum.PYTORCH, Momentum.DARKNET)
SHORT = (*(w.name for w in WORDS), MOMENTUM, CONVENTION)
MOMENTUM_MEANING = (
    "sets `rolling` for all layer types; what it weighs is the base's `momentum_convention` "
    "unless that is given, and must be given where the base has none"
)


def spelt_out(base: Dialect, given: Mapping[str, Any]) -> dict[str, Any]:
    """Words replaced by the values that they set. Raises UsageError."""
    backward = word(Backward, "backward", given.get("backward", base.backward))
    wanted = [row for row in WORDS if row.name in given]
    found = {name: row.read(row.name, given[row.name]) for row in wanted for name in row.sets(Backward(backward))}
    rest = {name: value for name, value in given.items() if name not in SHORT}
    return found | _momentum(base, given) | rest


def _momentum(base: Dialect, given: Mapping[str, Any]) -> dict[str, Any]:
    convention = given.get(CONVENTION, base.momentum_convention)
    if CONVENTION in given and convention not in _CONVENTIONS:
        raise UsageError(f"{CONVENTION} is {convention!r}, must be {' or '.join(_CONVENTIONS)} (as in Keras)")
    if MOMENTUM not in given:
        if CONVENTION in given:
            raise UsageError(f"{CONVENTION} {convention} says what {MOMENTUM} weighs: give {MOMENTUM}, too")
        return {}
    momentum = number(MOMENTUM, given[MOMENTUM], 0, 1)
    if base.rolling_weight:
        raise UsageError(f"{MOMENTUM}: the sums of {base.base} are divided by their weight; give rolling_decay")
    if convention == Momentum.NONE:
        raise UsageError(f"{MOMENTUM}: {base.base} has no number of that name; say which weight is meant, {CONVENTION} "
                         "pytorch (of the new value) or darknet (of the old one, as in Keras)")  # fmt: skip
    made = _rolling(base, convention, momentum)
    return {"rolling_decay": made.decay, "rolling_gain": made.gain, "rolling_connected": None}


def _rolling(base: Dialect, convention: str, momentum: float) -> Rolling:
    rolling = base.rolling
    return rolling.with_new_weight(momentum) if convention == Momentum.PYTORCH else rolling.with_old_weight(momentum)


def shortened(root: Dialect, row: Dialect, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Changed values of `row`, with words in place of those that they set; `spelt_out` gives the same values back."""
    short, left = {}, dict(changed)
    for w in WORDS:
        names = w.sets(row.backward)
        if all(name in left for name in names) and len({left[name] for name in names}) == 1:
            short[w.name] = left[names[0]]
            left = {name: value for name, value in left.items() if name not in names}
    momentum = _as_momentum(root, row)
    if momentum is not None and {"rolling_decay", "rolling_gain"} & left.keys():
        short[MOMENTUM] = momentum
        left = {name: value for name, value in left.items() if name not in ("rolling_decay", "rolling_gain")}
    return short | left


def _as_momentum(root: Dialect, row: Dialect) -> float | None:
    """The momentum that makes the rolling of `row` out of that of `root`; None where none does."""
    convention = root.momentum_convention
    if convention == Momentum.NONE or (root.rolling_connected, row.rolling_connected) != (None, None):
        return None
    momentum = float(shortest(row.rolling.gain if convention == Momentum.PYTORCH else row.rolling.decay))
    return momentum if _rolling(root, convention, momentum) == row.rolling else None
