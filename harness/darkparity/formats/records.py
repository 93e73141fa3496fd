"""Dataclasses to JSON and back, strictly, by their type hints.

Written here because msgspec reads no union of dataclasses and no "NaN" for a number, and cattrs takes 1 for
"1" and "7" for 7 unless every type is given a hook of its own.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

from darkparity.errors import UsageError

from .hints import TAG, Misfit, constant_tag, names, reader
from .numbers import plain
from .text import printable

T = TypeVar("T")

#: Most values of a run file are names: asked about first, for they are tens of thousands.
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


class FormatError(UsageError):
    """Data that does not fit its record; names the place, what it needs and what is there, fit to be shown."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


def to_json(value: Any) -> Any:
    """`value` as JSON holds it: dataclasses as objects, a tag first, numbers by `plain`, sets sorted."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, str | int):
        return value
    if dataclasses.is_dataclass(value):
        cls: Any = type(value)
        found = {name: to_json(getattr(value, name)) for name in names(cls)}
        tag = constant_tag(cls)
        return {TAG: tag, **found} if tag else found
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(v) for key, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(to_json(v) for v in value)
    if isinstance(value, Iterable):
        return [to_json(v) for v in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")


@overload
def from_json(cls: type[T], data: Any, where: str = "", *, ignore_unknown: bool = False) -> T: ...
@overload
def from_json(cls: Any, data: Any, where: str = "", *, ignore_unknown: bool = False) -> Any: ...
def from_json(cls: Any, data: Any, where: str = "", *, ignore_unknown: bool = False) -> Any:
    """The inverse of `to_json` for a dataclass, a union of them, or any other hint that a field may have.

    where: the file, for messages. ignore_unknown: keys that are no field are skipped, not refused: for
    files of newer versions. Raises FormatError.
    """
    try:
        return reader(cls, ignore_unknown)(data)
    except Misfit as misfit:
        path = "".join(misfit.path).removeprefix(".")
        raise FormatError(": ".join(filter(None, (where, path, str(misfit))))) from None
