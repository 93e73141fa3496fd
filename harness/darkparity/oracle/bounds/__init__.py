"""Per-element tolerances, derived from the same formulas as the expected values and from the actual data."""

from .bounded import Bounded
from .classes import ALL, FINITE, MINUS_INF, NAN, NON_FINITE, PLUS_INF, class_of
from .expected import (
    Expected,
    Interval,
    expect,
    expect_live,
    expected_of,
    intervals,
)
from .labels import ANY, TWO_PASS, Profile

__all__ = [
    "ALL",
    "ANY",
    "FINITE",
    "MINUS_INF",
    "NAN",
    "NON_FINITE",
    "PLUS_INF",
    "TWO_PASS",
    "Bounded",
    "Expected",
    "Interval",
    "Profile",
    "class_of",
    "expect",
    "expect_live",
    "expected_of",
    "intervals",
]
