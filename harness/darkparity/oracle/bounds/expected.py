"""What is right for one output array: nearest value, tolerance and allowed class, per element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from darkparity.oracle import UNCHANGED, Answer, Environment, Variant, evaluate, stacked
from darkparity.oracle.evaluate import Lift
from darkparity.spec import FORWARD, TRAINING_RUN, Call

from .affine import folded, widen
from .bounded import Bounded
from .classes import ALL, FINITE, NON_FINITE, class_of, sure_classes
from .labels import Profile
from .parts import channel_blocks, joined
from .ranges import Ranged

#: What float64 evaluation may add to a bound: |v - exact| <= 2^-22 e (see bounded.py), with room to spare.
_FLOAT64_SLACK = 1 + 2.0**-20


@dataclass(frozen=True)
class Expected:
    """One output array as it must be, for one arithmetic profile.

    value: float32 nearest to the exact value; where an element is not finite, the class IEEE 754 gives.
    bound: float64, |got - value| must not exceed it; infinite where nothing but the class can be said (vacuous).
    allowed: uint8 bits of the classes an honest evaluation may return.
    """

    value: np.ndarray
    bound: np.ndarray
    allowed: np.ndarray

    @property
    def vacuous(self) -> np.ndarray:
        """Elements that are no evidence: any finite number will do there."""
        return (self.allowed & FINITE).astype(bool) & np.isinf(self.bound)

    def strict(self) -> Expected:
        """For `ieee` + `two_pass`: where not finite, the class of `value` and no other."""
        nonfinite = self.allowed == NON_FINITE
        return Expected(self.value, self.bound, np.where(nonfinite, class_of(self.value), self.allowed))


@dataclass(frozen=True)
class Interval:
    """One output array of the bound arithmetic, in the specification's shape.

    sure: uint8, the one class that every honest evaluation gives where `e` is infinite, 0 where it is not known;
    None where nothing had to be looked at.
    """

    v: np.ndarray
    e: np.ndarray
    tainted: np.ndarray
    sure: np.ndarray | None = None

    @property
    def unknown(self) -> np.ndarray:
        """Elements of whose number nothing is known."""
        return np.isinf(self.e) & ~self.tainted


def intervals(call: Call, profile: Profile, variant: Variant = UNCHANGED) -> dict[str, Interval]:
    """Value and error bound of every output, of DarkNet's specification or of a changed one."""
    profile = profile.within(call.dialect)
    changed = folded(variant) if profile.affine else variant
    steps = _steps(call, partial(Bounded.lift, profile=profile), changed)
    found = {
        name: Interval(*(
            stacked(call.operation, name, [getattr(step[name], part) for step in steps])
            for part in ("v", "e", "tainted")
        ))
        for name in call.outputs
        if name in steps[0]  # a changed specification may have lost an output
    }  # fmt: skip
    if variant is not UNCHANGED or not any(i.unknown.any() for i in found.values()):
        return found
    sure = sure_classes(call.operation, _steps(call, partial(Ranged.lift, profile=profile), changed), found)
    return {name: replace(interval, sure=sure[name]) for name, interval in found.items()}


def _steps(call: Call, lift: Lift, variant: Variant) -> list[Environment]:
    steps = list(evaluate(call, lift, variant))
    for step in steps if call.operation in (FORWARD, TRAINING_RUN) else ():
        widen(step)
    return steps


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
    arrays, profile = call.arrays, profile.within(call.dialect)
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
    if bound.sure is not None:
        known = np.isinf(total) & ~bound.tainted & (bound.sure > 0)
        allowed = np.where(known, bound.sure, allowed)
        total = np.where(known & (bound.sure != FINITE), 0.0, total)
    expected = Expected(value, total, allowed)
    return expected.strict() if profile.ieee and profile.two_pass and not profile.any_class else expected
