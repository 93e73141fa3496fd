"""Numbers in JSON: NaN and infinities, which it lacks, are the strings "NaN", "Infinity", "-Infinity"."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .text import printable

SPECIAL: Mapping[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LONGEST = 60  # characters of a wrong value in a message


class NotANumber(ValueError):
    """A value of JSON that stands for no float; says what is there."""


def plain(value: float) -> float | str:
    """`value` as JSON can hold it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def number(value: object) -> float:
    """The float that a value of JSON stands for: the inverse of `plain`. Raises NotANumber."""
    if isinstance(value, float):
        return value
    if isinstance(value, str) and value in SPECIAL:
        return SPECIAL[value]
    if type(value) is int:  # not bool
        try:
            return float(value)
        except OverflowError:
            pass
    raise NotANumber(f"needs a number, got {shown(value)}")


def shown(value: object) -> str:
    """A wrong value of JSON for a message: short, on one line."""
    if isinstance(value, Mapping | list):
        return "an object" if isinstance(value, Mapping) else "a list"
    if isinstance(value, str):
        return f"'{printable(value, _LONGEST)}'"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and value.bit_length() > 3 * _LONGEST:  # repr() refuses 4,300 digits
        return f"a whole number of {value.bit_length()} bits"
    return repr(value)
