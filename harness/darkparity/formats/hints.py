"""A reader for every type hint that a field of a record may have: from JSON to the value, strictly."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from .numbers import NotANumber, number, shown

#: Tells the dataclasses of a union apart: a ClassVar or a Literal field of this name.
TAG = "kind"
_LONGEST = 60  # characters of a key in a path
Read = Callable[[Any], Any]


class Misfit(Exception):
    """A value that does not fit; on the way up each level adds its step to the path."""

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(what)
        self.path = path

    def below(self, step: str) -> Misfit:
        return Misfit(str(self), step, *self.path)


def _needs(what: str, value: Any) -> Misfit:
    return Misfit(f"needs {what}, got {shown(value)}")


def _exactly(kind: type, what: str) -> Read:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise _needs(what, value)
        return value

    return read


def _float(value: Any) -> float:
    try:
        return number(value)
    except NotANumber as error:
        raise Misfit(str(error)) from None


_SIMPLE: Mapping[Any, Read] = {
    int: _exactly(int, "a whole number"),
    str: _exactly(str, "text"),
    bool: _exactly(bool, "true or false"),
    NoneType: _exactly(NoneType, "null"),
    float: _float,
    Any: lambda value: value,
}


@cache
def reader(hint: Any, ignore: bool) -> Read:
    """A function from JSON to `hint`; ignore: keys that are no field are skipped. The function raises Misfit.

    Raises TypeError for a hint that no row here covers."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    compose = _COMPOSED.get(get_origin(hint))
    if compose:
        return compose(get_args(hint), ignore)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return partial(_record, hint, _fields(hint, ignore), _required(hint), constant_tag(hint), ignore)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _one_of({member.value: member for member in hint})
    raise TypeError(f"{hint} cannot be read from JSON")


def _one_of(choices: Mapping[Any, Any]) -> Read:
    typed = {(type(value), value): result for value, result in choices.items()}  # 1 is not true
    what = " or ".join(map(shown, choices))

    def read(value: Any) -> Any:
        try:
            return typed[type(value), value]
        except (KeyError, TypeError):  # TypeError: a list or an object
            raise _needs(what, value) from None

    return read


def _literal(values: tuple[Any, ...], ignore: bool) -> Read:
    return _one_of({value: value for value in values})


def _items(value: Any, reads: Iterable[Read]) -> Iterable[Any]:
    for index, (read, item) in enumerate(zip(reads, value, strict=False)):
        try:
            yield read(item)
        except Misfit as misfit:
            raise misfit.below(f"[{index}]") from None


def _repeated(collect: Callable[[Iterable[Any]], Any], hints: tuple[Any, ...], ignore: bool) -> Read:
    read_item = reader(hints[0], ignore)

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _needs("a list", value)
        return collect(_items(value, (read_item for _ in value)))

    return read


def _tuple(hints: tuple[Any, ...], ignore: bool) -> Read:
    if hints[1:] == (...,):
        return _repeated(tuple, hints, ignore)
    reads = [reader(hint, ignore) for hint in hints]

    def read(value: Any) -> Any:
        if type(value) is not list or len(value) != len(reads):
            raise _needs(f"a list of {len(reads)}", value)
        return tuple(_items(value, reads))

    return read


def _mapping(hints: tuple[Any, ...], ignore: bool) -> Read:
    read_key, read_value = (reader(hint, ignore) for hint in hints)

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _needs("an object", value)
        found = {}
        for key, item in value.items():
            try:
                found[read_key(key)] = read_value(item)
            except Misfit as misfit:
                raise misfit.below(_step(key)) from None
        return found

    return read


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() and len(key) <= _LONGEST else f"[{shown(key)}]"


def _union(hints: tuple[Any, ...], ignore: bool) -> Read:
    classes: list[Any] = [hint for hint in hints if dataclasses.is_dataclass(hint)]
    reads = [reader(hint, ignore) for hint in hints if hint not in classes]
    if len(classes) == 1:
        reads += [reader(classes[0], ignore)]
    elif classes:
        reads += [_tagged(classes, ignore)]
    return reads[0] if len(reads) == 1 else partial(_first_that_fits, reads)


def _first_that_fits(reads: Sequence[Read], value: Any) -> Any:
    misfits = []
    for read in reads:
        try:
            return read(value)
        except Misfit as misfit:
            misfits.append(misfit)
    inside = next((m for m in misfits if m.path), None)  # the right kind, wrong within
    whats = dict.fromkeys(str(m).removeprefix("needs ").partition(", got ")[0] for m in misfits)
    raise inside or _needs(" or ".join(whats), value)


def _tagged(classes: Sequence[Any], ignore: bool) -> Read:
    reads = {tag: reader(cls, ignore) for cls in classes for tag in _tags(cls)}
    which = _one_of({tag: tag for tag in reads})

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _needs("an object", value)
        try:
            tag = which(value.get(TAG))
        except Misfit as misfit:
            raise misfit.below(f".{TAG}") from None
        return reads[tag](value)

    return read


_COMPOSED: Mapping[Any, Callable[[tuple[Any, ...], bool], Read]] = {
    Union: _union,
    UnionType: _union,
    Literal: _literal,
    tuple: _tuple,
    Sequence: partial(_repeated, tuple),
    list: partial(_repeated, list),
    frozenset: partial(_repeated, frozenset),
    Mapping: _mapping,
    dict: _mapping,
}


@cache
def names(cls: Any) -> tuple[str, ...]:
    """The fields of a dataclass that its JSON holds."""
    return tuple(f.name for f in dataclasses.fields(cls) if f.init)


@cache
def constant_tag(cls: Any) -> str:
    """The ClassVar that is the tag; empty where there is none, or where it is a field."""
    return "" if TAG in names(cls) or get_origin(get_type_hints(cls).get(TAG)) is not ClassVar else getattr(cls, TAG)


def _tags(cls: Any) -> tuple[str, ...]:
    tags = (constant_tag(cls),) if constant_tag(cls) else get_args(get_type_hints(cls).get(TAG))
    if not tags:
        raise TypeError(f"{cls.__name__} stands in a union and has no ClassVar or Literal field `{TAG}`")
    return tags


def _fields(cls: Any, ignore: bool) -> Mapping[str, Read]:
    hints = get_type_hints(cls)
    return {name: reader(hints[name], ignore) for name in names(cls)}


def _required(cls: Any) -> tuple[str, ...]:
    missing = dataclasses.MISSING
    return tuple(f.name for f in dataclasses.fields(cls)
                 if f.init and f.default is missing and f.default_factory is missing)  # fmt: skip


def _record(cls: Any, reads: Mapping[str, Read], required: Sequence[str], tag: str, ignore: bool, data: Any) -> Any:
    if type(data) is not dict:
        raise _needs("an object", data)
    if tag and data.get(TAG) != tag:
        raise _needs(shown(tag), data.get(TAG)).below(f".{TAG}")
    values = {}
    for name, value in data.items():
        if name in reads:
            try:
                values[name] = reads[name](value)
            except Misfit as misfit:
                raise misfit.below(f".{name}") from None
        elif not ignore and not (tag and name == TAG):
            raise Misfit(f"{shown(name)} is no field; known: {', '.join(reads)}")
    lacking = next((name for name in required if name not in values), None)
    if lacking:
        raise Misfit(f"lacks {lacking}")
    try:
        return cls(**values)
    except ValueError as error:  # what a __post_init__ found
        raise Misfit(str(error)) from None
