"""What may be said of a dialect in words: every value of a row under a name of its own, read with a clear refusal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import Any, get_args, get_type_hints

from darkparity.errors import UsageError

from .choices import LayerType, chosen
from .constants import Epsilon, float32, shortest
from .dialect import Dialect
from .settings import settings

#: Stands for what a row does not have: no rolling of its own for CONNECTED layers, no layer type with a gradient.
NOTHING = "none"
#: The largest divisor correction: what an int of the C++ row holds.
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Value:
    """One value of a row. part: of a field that is a group, `decay` of `rolling`. read: from what was given."""

    name: str
    field: str
    part: str
    meaning: str
    read: Callable[[str, Any], Any]

    def of(self, row: Dialect) -> Any:
        """What `row` holds; of a group it does not have, None."""
        held = getattr(row, self.field)
        return getattr(held, self.part) if self.part and held is not None else held


def number(name: str, given: Any, least: float = -math.inf, most: float = math.inf) -> float:
    """A float32 from a number or its text. Raises UsageError."""
    try:
        value = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else math.nan
        held = float32(value)
    except (ValueError, OverflowError):
        value = held = math.nan
    if not math.isfinite(held):
        raise UsageError(f"{name} is {given!r}, must be a number that float32 holds, such as 1e-3")
    if not least <= value <= most:
        limits = [f"at least {least:g}"] * math.isfinite(least) + [f"at most {most:g}"] * math.isfinite(most)
        raise UsageError(f"{name} is {given!r}, must be {' and '.join(limits)}")
    if held == 0 != value:
        raise UsageError(f"{name} is {given!r}, which float32 rounds to 0; give 0 if that is meant")
    return value


def count(name: str, given: Any) -> int:
    """A whole number from 0. Raises UsageError."""
    text = str(given).strip()
    if isinstance(given, bool) or not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _LARGEST):
        raise UsageError(f"{name} is {given!r}, must be a whole number from 0 to {_LARGEST}")
    return int(text)


def _yes(name: str, given: Any) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if str(given).lower() not in words:
        raise UsageError(f"{name} is {given!r}, must be true or false")
    return words[str(given).lower()]


def word(kind: type[StrEnum], name: str, given: Any) -> StrEnum:
    """A member of `kind`. Raises UsageError with its words."""
    return chosen(kind, str(given).strip(), name)


def _types(name: str, given: Any) -> frozenset[str]:
    listed = given.split("+") if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    named = [str(kind).strip() for kind in listed]
    return frozenset(chosen(LayerType, kind, name) for kind in named if named != [NOTHING])


def text_of(value: Any) -> str:
    """A value as an expression holds it: what reads back as the same."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, frozenset):
        return "+".join(sorted(value)) or NOTHING
    return NOTHING if value is None else str(value)


def _reader(kind: Any) -> Callable[[str, Any], Any]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return partial(word, kind)
    readers: dict[Any, Callable[[str, Any], Any]] = {bool: _yes, int: count, float: number}
    return readers.get(kind, _types)


@cache
def values() -> Mapping[str, Value]:
    """Every value that a row holds, by name; the parts of a group have the names of the wire's constants."""
    kinds, meanings = get_type_hints(Dialect), settings(Dialect)
    named = {name: meaning for name, meaning in meanings.items() if name != "momentum_convention"}  # of `momentum`
    found = [value for name, meaning in named.items() for value in _values_of(name, kinds[name], meaning)]
    return {value.name: value for value in found}


def _values_of(name: str, kind: Any, meaning: str) -> Iterable[Value]:
    group = next((k for k in get_args(kind) if k is not NoneType), kind)
    if not is_dataclass(group):
        yield Value(name, name, "", meaning, _reader(kind))
        return
    parts = get_type_hints(group)
    for part in fields(group):
        wire = f"{name}_{part.metadata.get('wire', part.name)}"
        positive = group is Epsilon and parts[part.name] is float
        yield Value(wire, name, part.name, meaning, partial(number, least=0) if positive else _reader(parts[part.name]))
