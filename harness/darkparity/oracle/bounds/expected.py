"""What is right for one output array: nearest value, tolerance and allowed class, per element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from darkparity.oracle import UNCHANGED, Answer, Variant, evaluate, stacked
from darkparity.spec import FORWARD, TRAINING_RUN, Call

from .affine import folded, widen
from .bounded import Bounded
from .labels import Profile
from .parts import channel_blocks, joined

#: Classes of a float32, as bits: -0.0 counts as 0.0, NaN payloads do not count.
FINITE, PLUS_INF, MINUS_INF, NAN = 1, 2, 4, 8
NON_FINITE = PLUS_INF | MINUS_INF | NAN
ALL = FINITE | NON_FINITE

#: What float64 evaluation may add to a bound: |v - exact| <= 2^-22 e (see bounded.py), with room to spare.
_FLOAT64_SLACK = 1 + 2.0**-20


@dataclass(frozen=True)
class Expected:
    """One output array as it must be, for one arithmetic profile.

    value: float32 nearest to the exact value; where an element is not finite, the class IEEE 754 gives.
    bound: float64, |got - value| must not exceed it; infinite where nothing can be said (vacuous).
    allowed: uint8 bits of the classes an honest evaluation may return.
    """

    value: np.ndarray
    bound: np.ndarray
    allowed: np.ndarray

    @property
    def vacuous(self) -> np.ndarray:
        """Elements that are no evidence, whatever an implementation returns."""
        return (self.allowed & FINITE).astype(bool) & np.isinf(self.bound)

    def strict(self) -> Expected:
        """For `ieee` + `two_pass`: where not finite, the class of `value` and no other."""
        nonfinite = self.allowed == NON_FINITE
        return Expected(self.value, self.bound, np.where(nonfinite, class_of(self.value), self.allowed))


def class_of(array: np.ndarray) -> np.ndarray:
    """The class bit of each element."""
    if np.isfinite(array).all():
        return np.full(array.shape, FINITE, np.uint8)
    infinite = np.where(array > 0, PLUS_INF, MINUS_INF)
    return np.where(np.isfinite(array), FINITE, np.where(np.isnan(array), NAN, infinite)).astype(np.uint8)


@dataclass(frozen=True)
class Interval:
    """One output array of the bound arithmetic, in the specification's shape."""

    v: np.ndarray
    e: np.ndarray
    tainted: np.ndarray


def intervals(call: Call, profile: Profile, variant: Variant = UNCHANGED) -> dict[str, Interval]:
    """Value and error bound of every output, of DarkNet's specification or of a changed one."""
    variant = folded(variant) if profile.affine else variant
    steps = list(evaluate(call, partial(Bounded.lift, profile=profile), variant))
    for step in steps if profile.affine and call.operation in (FORWARD, TRAINING_RUN) else ():
        widen(step)
    return {
        name: Interval(*(
            stacked(call.operation, name, [getattr(step[name], part) for step in steps])
            for part in ("v", "e", "tainted")
        ))
        for name in call.outputs
        if name in steps[0]  # a changed specification may have lost an output
    }  # fmt: skip


def expect(call: Call, profile: Profile, answers: Mapping[str, Answer]) -> dict[str, Expected]:
    """Expected arrays around the exact oracle's `answers` (from `oracle.answer` to the same call)."""
    bounds = intervals(call, profile)
    profile = _classes_certain(profile, call)
    return {name: _around(bound, answers[name], profile) for name, bound in bounds.items()}


#: Finite inputs up to here cannot overflow anywhere in the formulas (squares, 2^23 terms, (1e-5)^(-3/2) = 2^25), so
#: that what NaN and infinity do to a sum does not depend on its order.
_NO_OVERFLOW = 2.0**36


def _classes_certain(profile: Profile, call: Call) -> Profile:
    """`ieee` + `two_pass` fix the class of what is not finite, but not where finite parts may overflow as well, nor
    where the output may be folded, nor where an infinite 1/std is given: (a - b) inf or a inf - b inf."""
    arrays = call.arrays
    with np.errstate(invalid="ignore"):
        large = any(bool((np.isfinite(a) & (np.abs(a) > _NO_OVERFLOW)).any()) for a in arrays.values())
    factors = ("variance", "rolling_variance") if call.dialect.backward == "inverse_std" else ()
    infinite = any(bool(np.isinf(arrays[name]).any()) for name in factors if name in arrays)
    return replace(profile, any_class=True) if large or infinite or profile.affine else profile


def expect_live(call: Call, profile: Profile) -> dict[str, Expected]:
    """Expected arrays by float64 evaluation alone, for inputs too large for the exact oracle."""
    certain = _classes_certain(profile, call)
    blocks = [
        {name: expected_of(interval, certain) for name, interval in intervals(block, certain).items()}
        for block in channel_blocks(call)
    ]
    if len(blocks) == 1:
        return blocks[0]
    return {name: _joined(name, [block[name] for block in blocks]) for name in blocks[0]}


def _joined(name: str, blocks: list[Expected]) -> Expected:
    parts = ([getattr(block, part) for block in blocks] for part in ("value", "bound", "allowed"))
    return Expected(*(joined(name, part) for part in parts))


def expected_of(interval: Interval, profile: Profile) -> Expected:
    """What an answer must be that was computed as `interval` was: of a deviation, in its own bound."""
    return _around(interval, _nearest(interval), profile)


def _nearest(bound: Interval) -> Answer:
    """The float64 value rounded, and what the rounding leaves over."""
    with np.errstate(over="ignore", invalid="ignore"):
        value = bound.v.astype(np.float32)
        return Answer(value, np.abs(bound.v - value.astype(np.float64)))


def _around(bound: Interval, answer: Answer, profile: Profile) -> Expected:
    with np.errstate(over="ignore", invalid="ignore"):
        value = np.where(bound.tainted, bound.v.astype(np.float32), answer.expected)
        total = bound.e * _FLOAT64_SLACK + answer.residual
    nonfinite = bound.tainted & ~np.isfinite(bound.v)
    total = np.where(nonfinite, 0.0, np.where(bound.tainted | ~np.isfinite(value), np.inf, total))
    allowed = np.where(nonfinite, NON_FINITE, np.where(np.isinf(total), ALL, FINITE)).astype(np.uint8)
    expected = Expected(value, total, allowed)
    return expected.strict() if profile.ieee and profile.two_pass and not profile.any_class else expected
