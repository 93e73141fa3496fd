"""What was given for a layer -> layers with as many channels as a case has."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from darkparity.implementations.binding import PortError

#: Channels of the layer that is looked at, of one that takes any number.
_EXAMPLE = 4


@dataclass(frozen=True)
class Made:
    """example: a layer to read settings from. fresh: makes one like it; of that many channels, if `sized`."""

    name: str
    example: Any
    fresh: Callable[[int], Any]
    sized: bool


def ready(target: Any) -> Made:
    """An instance is copied; a class or function is called, with the number of channels where it needs one argument.

    Raises PortError with what the call raised.
    """
    name = name_of(target)
    if not makes(target):
        return Made(name, target, lambda channels: copy.deepcopy(target), sized=False)
    needed = _needed(target)
    if len(needed) > 1:
        raise PortError(f"{name} needs {', '.join(needed)}: give them, {name}({needed[0]}=...), or a function that "
                        "takes the number of channels alone")  # fmt: skip
    make = (lambda channels: target(channels)) if needed else (lambda channels: target())
    return Made(name, _called(name, make), make, sized=bool(needed))


def name_of(target: Any) -> str:
    """What it goes by in messages and reports."""
    made = target.func if isinstance(target, functools.partial) else target
    return str(getattr(made, "__name__", type(made).__name__))


def makes(target: Any) -> bool:
    """Whether it is called to get a layer."""
    return isinstance(target, type | functools.partial) or inspect.isfunction(target)


def _needed(target: Any) -> list[str]:
    """Parameters without a default."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return []
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p.name for p in parameters if p.default is p.empty and p.kind in named]


def _called(name: str, make: Callable[[int], Any]) -> Any:
    try:
        return make(_EXAMPLE)
    except Exception as error:
        raise PortError(f"{name} cannot be made: {type(error).__name__}: {error}") from error
