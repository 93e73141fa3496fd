"""What a function or a program returned, as output arrays by name; every complaint names operation and array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from darkparity.errors import ProtocolError
from darkparity.spec import OPERATIONS, Call

from .layout import LAYOUTS, NCS, Layout, applies, shape_in


def outputs_in(call: Call, returned: Any) -> dict[str, np.ndarray]:
    """All outputs in what was returned: float32, in their shapes, not copied. Raises ProtocolError."""
    return {name: as_output(call, name, value) for name, value in by_name(call, returned).items()}


def by_name(call: Call, returned: Any) -> dict[str, Any]:
    """What was returned, by name and not looked at: a mapping, a tuple in specification order, or one array, which
    is the first output. Raises ProtocolError."""
    if isinstance(returned, Mapping):
        return _from_mapping(call, returned)
    if not isinstance(returned, tuple | list):
        return {call.outputs[0]: returned}
    if len(returned) != len(call.outputs):
        raise ProtocolError(f"{call.operation} returned {len(returned)} values, "
                            f"expected {len(call.outputs)}: {', '.join(call.outputs)}")  # fmt: skip
    return {name: value for name, value in zip(call.outputs, returned, strict=True) if value is not None}


def _from_mapping(call: Call, returned: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [str(name) for name in returned if name not in OPERATIONS[call.operation].outputs]
    if unknown:
        raise ProtocolError(f"{call.operation} returned unknown array(s) {', '.join(unknown)}; "
                            f"its outputs are {', '.join(call.outputs)}")  # fmt: skip
    return {name: returned[name] for name in call.outputs if returned.get(name) is not None}


def as_output(call: Call, name: str, value: Any, layout: Layout = NCS) -> np.ndarray:
    """One returned value as the output `name`, float32 in the specification's shape, not copied. Raises ProtocolError.

    Taken are also (batch, channels, height, width), and (batch, channels) where spatial is 1: the same numbers.
    """
    where, shape = f"{call.operation}: {name}", shape_in(call, name, layout)
    array = _as_numpy(where, value)
    if array.dtype != np.float32:
        raise ProtocolError(f"{where}: expected float32, got {array.dtype}; convert it in the port")
    if array.shape != shape and layout is NCS and _same_numbers(call, name, array.shape):
        array = array.reshape(shape)
    if array.shape != shape:
        raise ProtocolError(f"{where}: expected shape {shape}, got {array.shape}{_hint(call, name, array.shape)}")
    return layout.take(array) if applies(call, name) else array


def _same_numbers(call: Call, name: str, shape: tuple[int, ...]) -> bool:
    return applies(call, name) and shape in (
        shape_in(call, name, LAYOUTS["NCHW"]),
        call.shape_of(name)[:2] if call.geometry.spatial == 1 else (),
    )


def _hint(call: Call, name: str, shape: tuple[int, ...]) -> str:
    """The layout that the shape is of, if there is one."""
    found = [key for key, row in LAYOUTS.items() if applies(call, name) and shape == shape_in(call, name, row)]
    return f'; {LAYOUTS[found[0]].axes}? declare layout="{found[0]}"' if found else ""


def _as_numpy(where: str, value: Any) -> np.ndarray:
    """Arrays of other libraries (CPU tensors) come through their own conversion, never lists or numbers."""
    if isinstance(value, np.ndarray):
        return value
    if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
        return _from_dlpack(where, value)
    if not hasattr(value, "__array__"):
        raise ProtocolError(f"{where}: expected a float32 array, got {type(value).__name__}")
    try:
        return np.asarray(value.detach() if hasattr(value, "detach") else value)
    except Exception as error:
        raise ProtocolError(f"{where}: {type(value).__name__} cannot be read as an array: {error}") from error


def _from_dlpack(where: str, value: Any) -> np.ndarray:
    """An array of a library that speaks DLPack only; NumPy takes what lies in the CPU's memory."""
    try:
        return np.from_dlpack(value)
    except Exception as error:
        raise ProtocolError(f"{where}: {type(value).__name__} is no array in CPU memory: {error}") from error
