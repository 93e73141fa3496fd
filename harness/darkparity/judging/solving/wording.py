"""What a solved constant is called: a sentence with its interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from darkparity.dialects import Dialect

from .change import MOMENTUM, Change
from .constant import DECAY, GAIN, Interval
from .search import Explained

#: Divisors in words.
_DDOF = {"variance_ddof": "the normalizing variance", "rolling_ddof": "the variance that enters rolling_variance"}


@dataclass(frozen=True)
class Found:
    """One change. name: of the field. says: what it is, how sure, and what the row has."""

    name: str
    says: str


def found_in(change: Change, one: Explained, own: Dialect) -> Iterator[Found]:
    """What a change amounts to in the solved row."""
    if change is MOMENTUM:
        yield _momentum(one, own)
    elif change.constants:
        yield _epsilon(change, one, own)
    elif change.fields == ("initial_rolling_variance",):
        new, old = one.row.initial_rolling_variance, own.initial_rolling_variance
        yield Found(change.name, f"rolling_variance starts at {new:g}, not {old:g}")
    else:
        yield from (
            _divisor(name, one.row, own) for name in change.fields if getattr(one.row, name) != getattr(own, name)
        )


def _epsilon(change: Change, one: Explained, own: Dialect) -> Found:
    (constant,), field = change.constants, change.fields[0]
    new, old, interval = getattr(one.row, field), getattr(own, field), one.confined[constant.name]
    says = f"{constant.name} is {new.value:.6g} {new.place} the root ({_between(interval)})"
    if new.value == 0:
        says = f"there is no {constant.name}, or one below {interval.high:.2g}"
    says += f"; {own.name} has {old.value:.6g} {old.place}"
    return Found(change.name, says)


def _between(interval: Interval) -> str:
    low, high = (f"{end:.6g}" for end in (interval.low, interval.high))
    return f"between {low} and {high}" if low != high else f"{low} to 6 digits"


def _momentum(one: Explained, own: Dialect) -> Found:
    new, old = one.row.rolling, own.rolling
    ends = ", ".join(f"{c.name} {_between(one.confined[c.name])}" for c in (DECAY, GAIN))
    says = (f"rolling statistics decay by {new.decay:.6g} and gain {new.gain:.6g} of the batch's ({ends}), "
            f"not {old.decay:.6g} and {old.gain:.6g}")  # fmt: skip
    return Found("rolling", says)


def _divisor(name: str, row: Dialect, own: Dialect) -> Found:
    new, old = getattr(row, name), getattr(own, name)
    return Found(name, f"{_DDOF[name]} is divided by {_less(new)}, not {_less(old)}")


def _less(ddof: int) -> str:
    return f"m - {ddof}" if ddof > 0 else f"m + {-ddof}" if ddof else "m"
