"""One call of a plain function: its arguments bound by name, its results read back.

Arguments are arrays, attributes, sizes and `dialect`. A function may return its output array, a tuple
in specification order, a dict by name, or None after writing into its arguments.
A function with a parameter `outputs` is told which arrays are wanted, is lent the caller's arrays (read-only,
where others get private copies) and returns fresh ones, which are not copied again.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.errors import ProtocolError, UsageError
from darkparity.spec import AXES, LAYER_OPERATIONS, MAKE, OPERATIONS, outputs_of

from .protocol import Arrays

_ROUTINE_SIZES = ("batch", "channels", "filters", "n", "c", "spatial", "size")
_LAYER_SIZES = (*_ROUTINE_SIZES, "out_h", "out_w", "h", "w")
#: A NaN that no arithmetic produces, so that an array nobody wrote to can be told from a NaN result.
_UNWRITTEN = np.uint32(0x7FC0D5A1)
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
                raise PortError(
                    f"{operation}: unknown parameter {parameter.name!r}; it may ask for {', '.join(known)}"
                )
        return cls(operation, function, parameters)

    def invoke(self, call: Call) -> Any:
        """Bind every parameter by name and call."""
        with np.errstate(all="ignore"):  # NaN and infinity are legitimate answers
            return self.bound(call)()

    def bound(self, call: Call) -> Callable[[], Any]:
        """The function with every parameter bound by name."""
        call.lent = any(p.name == "outputs" for p in self.parameters)
        positional, named = [], {}
        for parameter in self.parameters:
            if parameter.kind is parameter.VAR_KEYWORD:
                rest = [n for n in (*call.arrays, *call.attributes) if n not in named]
                named.update({name: call.value(name, None) for name in rest})
            elif parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(call.value(parameter.name, parameter.default))
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                named[parameter.name] = call.value(parameter.name, parameter.default)
        return functools.partial(self.function, *positional, **named)


@dataclass
class Call:
    """One call: what may be asked for, and what was handed over (private copies, unless not `private`).

    wanted: the outputs to return (None: all). lent: read-only views are handed over instead of copies.
    """

    operation: str
    dialect: Dialect
    arrays: Arrays
    attributes: Mapping[str, Any]
    handed: dict[str, np.ndarray] = field(default_factory=dict)
    private: bool = True
    wanted: tuple[str, ...] | None = None
    lent: bool = False

    def __post_init__(self) -> None:
        self.outputs = outputs_of(self.operation, self.attributes, self.dialect)
        self.sizes = self._sizes()

    def _sizes(self) -> dict[str, int]:
        names = _size_names(self.operation)
        if not names:
            return {}
        got = self.attributes
        if self.operation == MAKE:
            batch, channels, spatial = got["batch"], got["c"], got["h"] * got["w"]
        else:
            batch, channels, spatial = next(v.shape for k, v in self.arrays.items() if AXES[k] == "A")
        height, width = (got.get("out_h", got.get("h", 0)), got.get("out_w", got.get("w", 0)))
        values = (batch, *[channels] * 4, spatial, spatial, height, width, height, width)
        return dict(zip(names, values, strict=False))

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of any array of the operation, given or not."""
        if AXES[name] == "v":
            return self.arrays[name].shape
        channels = self.sizes["channels"]
        return (self.sizes["batch"], channels, self.sizes["spatial"]) if AXES[name] == "A" else (channels,)

    def value(self, name: str, default: Any) -> Any:
        """What a parameter `name` receives."""
        if name in ("dialect", "outputs"):
            return self.dialect if name == "dialect" else self.wanted
        for table in (self.attributes, self.sizes):
            if name in table:
                return table[name]
        absent = name not in self.arrays and name not in self.outputs
        # An array this call does not have (`input` of a CONVOLUTIONAL layer) is scratch, if wanted at all.
        if name not in askable(self.operation) or (absent and default is not inspect.Parameter.empty):
            return default
        self.handed[name] = self._given(name) if name in self.arrays else self._blank(name)
        return self.handed[name]

    def _given(self, name: str) -> np.ndarray:
        array = self.arrays[name]
        if not self.private:
            return array
        if not self.lent:
            return array.copy()
        view = array.view()
        view.flags.writeable = False
        return view

    def _blank(self, name: str) -> np.ndarray:
        return np.full(self.shape(name), _UNWRITTEN, np.uint32).view(np.float32)

    def changed(self, name: str) -> bool:
        """Whether the private array differs in any bit from what was handed over."""
        before = self.arrays[name].view(np.uint32) if name in self.arrays else _UNWRITTEN
        return not bool(np.all(self.handed[name].view(np.uint32) == before))

    def results(self, returned: Any) -> dict[str, np.ndarray]:
        """Output arrays by name, from what the function returned and what it wrote into its arguments."""
        written = {n: self.handed[n] for n in self.outputs if n in self.handed}
        if returned is None:
            if not written:
                raise ProtocolError(f"{self.operation} returned None and takes none of its output arrays "
                                    f"({', '.join(self.outputs)}) as a parameter")  # fmt: skip
            return {n: v for n, v in written.items() if n in self._returned()}
        given, asked = self._named(returned), self._returned()
        named = {name: self._checked(name, value) for name, value in given.items() if name in asked}
        also = {n: v for n, v in written.items() if not self.lent and n not in named and self.changed(n)}
        return {n: (named | also)[n] for n in asked if n in named or n in also}

    def _returned(self) -> tuple[str, ...]:
        """Outputs that are read back: the others would only be copied and thrown away."""
        return tuple(n for n in self.outputs if self.wanted is None or n in self.wanted)

    def spoilt(self) -> list[str]:
        """Arrays that the operation only reads and the function wrote to."""
        if self.lent:  # read-only
            return []
        read = set(self.arrays) - set(OPERATIONS[self.operation].outputs)
        return [n for n in self.handed if n in read and self.changed(n)]

    def _named(self, returned: Any) -> dict[str, Any]:
        """What was returned, by name. One array for several outputs is the first of them."""
        if isinstance(returned, Mapping):
            return self._from_mapping(returned)
        if not isinstance(returned, tuple | list):
            return {self.outputs[0]: returned}
        if len(returned) != len(self.outputs):
            raise ProtocolError(f"{self.operation} returned {len(returned)} values, "
                                f"expected {len(self.outputs)}: {', '.join(self.outputs)}")  # fmt: skip
        return {n: value for n, value in zip(self.outputs, returned, strict=True) if value is not None}

    def _from_mapping(self, returned: Mapping[str, Any]) -> dict[str, Any]:
        unknown = [str(n) for n in returned if n not in OPERATIONS[self.operation].outputs]
        if unknown:
            raise ProtocolError(f"{self.operation} returned unknown array(s) {', '.join(unknown)}; "
                                f"its outputs are {', '.join(self.outputs)}")  # fmt: skip
        return {n: returned[n] for n in self.outputs if returned.get(n) is not None}

    def _checked(self, name: str, value: Any) -> np.ndarray:
        """A copy of `value`: a port may reuse its buffers in the next call (unless it was lent its inputs)."""
        where, shape = f"{self.operation}: {name}", self.shape(name)
        array = _as_numpy(where, value)
        if array.dtype != np.float32:
            raise ProtocolError(f"{where}: expected float32, got {array.dtype}; convert it in the port")
        if array.shape != shape:
            raise ProtocolError(f"{where}: expected shape {shape}, got {array.shape}")
        if self.lent and array.flags.c_contiguous and array.flags.writeable:
            return array
        return np.array(array, order="C", copy=True)


def _as_numpy(where: str, value: Any) -> np.ndarray:
    """Arrays of other libraries (CPU tensors) come through their own conversion, never lists or numbers."""
    if isinstance(value, np.ndarray):
        return value
    if not hasattr(value, "__array__"):
        raise ProtocolError(f"{where}: expected a float32 array, got {type(value).__name__}")
    try:
        return np.asarray(value.detach() if hasattr(value, "detach") else value)
    except Exception as error:
        raise ProtocolError(f"{where}: {type(value).__name__} cannot be read as an array: {error}") from error
