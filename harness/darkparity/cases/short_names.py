"""Short names for the recipes of `darkparity.cases.fills`, and the maker of routine cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .case import Case
from .fills import Fill, recipe


def normal(mean: float = 0.0, sd: float = 1.0) -> Fill:
    return recipe("normal", mean=mean, sd=sd)


def uniform(low: float, high: float) -> Fill:
    return recipe("uniform", low=low, high=high)


def integers(low: int, high: int, offset: float = 0.0) -> Fill:
    return recipe("integers", low=low, high=high, offset=offset)


def dyadic(exponent: int = 0) -> Fill:
    return recipe("dyadic", exponent=exponent)


def powers(low: int, high: int) -> Fill:
    return recipe("powers", low=low, high=high)


def subnormal(bits: int = 20) -> Fill:
    return recipe("subnormal", bits=bits)


def constant(value: float | str) -> Fill:
    return recipe("constant", value=value)


def signed(value: float) -> Fill:
    return recipe("signed", value=value)


def ramp(start: float = 0.0, step: float = 1.0) -> Fill:
    return recipe("ramp", start=start, step=step)


def cancelling(magnitude: float = 8192.0, rest: float = 1.0) -> Fill:
    return recipe("cancelling", magnitude=magnitude, rest=rest)


def per_channel(*fills: Fill) -> Fill:
    return recipe("per_channel", fills=fills)


def relu(base: Fill) -> Fill:
    return recipe("relu", base=base)


def placed(value: float | str, *at: Sequence[int | str], base: Fill | None = None) -> Fill:
    """`value` at the indices `at`, over `base` (default: normal)."""
    return recipe("placed", base=base or normal(), value=value, at=tuple(tuple(index) for index in at))


def digits(first: int = 0) -> Fill:
    return recipe("digits", first=first)


def photo(width: int, row: int = 0, column: int = 0) -> Fill:
    return recipe("photo", width=width, row=row, column=column)


class Row(Protocol):
    """Makes one case of a fixed operation: name, fault, shape, then the fills that matter here."""

    def __call__(self, name: str, fault: str, shape: tuple[int, ...], **fills: Fill) -> Case: ...


def rows_of(operation: str, ordinary: Mapping[str, Fill]) -> Row:
    """Return the maker of cases of `operation`; arrays that a case does not name get `ordinary` ones."""

    def row(name: str, fault: str, shape: tuple[int, ...], **fills: Fill) -> Case:
        return Case(name, operation, fault, {**ordinary, **fills}, shape)

    return row
