"""A plain function as it is called: its parameters, which are bound by name.

Parameters are arrays, attributes, sizes and `dialect`. A function may return its output array, a tuple
in specification order, a dict by name, or None after writing into its arguments.
A function with a parameter `outputs` is told which arrays are wanted, is lent the caller's arrays (read-only,
where others get private copies) and returns fresh ones, which are not copied again.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from darkparity.errors import UsageError
from darkparity.spec import LAYER_OPERATIONS, MAKE, OPERATIONS, Call

from .handing import HandCopies, LendReadOnly
from .layout import Layout

_ROUTINE_SIZES = ("batch", "channels", "filters", "n", "c", "spatial", "size")
_LAYER_SIZES = (*_ROUTINE_SIZES, "out_h", "out_w", "h", "w")
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class PortError(UsageError):
    """A port cannot be used as it is written: says which function or setting, and what is needed."""


def _size_names(operation: str) -> tuple[str, ...]:
    if "N" in OPERATIONS[operation].attributes:  # BLAS routines work on vectors of any length
        return ()
    return _LAYER_SIZES if operation in (*LAYER_OPERATIONS, MAKE) else _ROUTINE_SIZES


def askable(operation: str) -> tuple[str, ...]:
    """Every parameter name that a function for `operation` may have."""
    row = OPERATIONS[operation]
    names = (*row.inputs, *row.outputs, *row.attributes, *_size_names(operation), "dialect", "outputs")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Function:
    """One function of a port and its parameters, checked when the port is loaded."""

    operation: str
    function: Callable[..., Any]
    parameters: tuple[inspect.Parameter, ...]

    @classmethod
    def of(cls, operation: str, function: Callable[..., Any]) -> Function:
        """Read and check its parameters. Raises PortError."""
        try:
            parameters = tuple(inspect.signature(function).parameters.values())
        except (ValueError, TypeError) as error:
            raise PortError(f"{operation}: parameters unreadable; wrap it in a Python function") from error
        known = askable(operation)
        required = (p for p in parameters if p.default is p.empty and p.kind not in _VARIADIC)
        for parameter in required:
            if parameter.name not in known:
                raise PortError(f"{operation}: unknown parameter {parameter.name!r}; it may ask for {', '.join(known)}")
        return cls(operation, function, parameters)

    def handing(self, call: Call, outputs: Sequence[str] | None, layout: Layout) -> HandCopies:
        """How this function is handed its arrays, and its answer read."""
        lends = any(p.name == "outputs" for p in self.parameters)
        return (LendReadOnly if lends else HandCopies)(call, outputs, layout)

    def invoke(self, handing: HandCopies) -> Any:
        """Bind every parameter by name and call."""
        with np.errstate(all="ignore"):  # NaN and infinity are legitimate answers
            return self.bound(handing)()

    def bound(self, handing: HandCopies) -> Callable[[], Any]:
        """The function with every parameter bound by name."""
        call, value = handing.call, _Values(handing).of
        positional, named = [], {}
        for parameter in self.parameters:
            if parameter.kind is parameter.VAR_KEYWORD:
                rest = [n for n in (*call.arrays, *call.attributes) if n not in named]
                named.update({name: value(name, None) for name in rest})
            elif parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value(parameter.name, parameter.default))
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                named[parameter.name] = value(parameter.name, parameter.default)
        return functools.partial(self.function, *positional, **named)


class _Values:
    """What the parameters of one call receive."""

    def __init__(self, handing: HandCopies) -> None:
        call = handing.call
        self._handing, self._call = handing, call
        self._plain = {**_sizes(call), **call.attributes, "dialect": call.dialect, "outputs": handing.outputs}

    def of(self, name: str, default: Any) -> Any:
        if name in self._plain:
            return self._plain[name]
        absent = name not in self._call.arrays and name not in self._call.outputs
        # An array this call does not have (`input` of a CONVOLUTIONAL layer) is scratch, if wanted at all.
        if name not in askable(self._call.operation) or (absent and default is not inspect.Parameter.empty):
            return default
        return self._handing.give(name)


def _sizes(call: Call) -> dict[str, int]:
    """Every name that a size goes by, in this operation."""
    names = _size_names(call.operation)
    if not names:
        return {}
    layer, given = call.geometry, call.attributes
    height, width = given.get("out_h", given.get("h", 0)), given.get("out_w", given.get("w", 0))
    values = (layer.batch, *[layer.channels] * 4, *[layer.spatial] * 2, height, width, height, width)
    return dict(zip(names, values, strict=False))
