"""The one check of what enters an operation; every implementation refuses the same inputs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkparity.dialects import LayerType

from .call import Arrays, Attributes, Call
from .operations import AXES, LAYER_OPERATIONS, MAKE, MODES, TRAINING_RUN, operation, steps_of


class ContractError(ValueError):
    """An input breaks the specification: says which array or attribute, how, and what is needed."""


_RANKS = {
    "A": (3, "(batch, channels, spatial)"),
    "K": (4, "(steps, batch, channels, spatial)"),
    "c": (1, "(channels,)"),
    "v": (1, "a vector"),
}
_STACKED = ("input", "delta")


def check_call(call: Call) -> None:
    """Check names, dtypes, layout and shapes of one call. Raises ContractError; converts nothing."""
    name, arrays, needed = call.operation, call.arrays, call.inputs
    _check_attributes(name, operation(name).attributes, call.attributes)
    missing = [a for a in needed if a not in arrays]
    unknown = [a for a in arrays if a not in needed]
    if missing:
        raise ContractError(f"{name}: missing array(s) {', '.join(missing)}; needs {', '.join(needed)}")
    if unknown:
        raise ContractError(f"{name}: unexpected array(s) {', '.join(unknown)}; takes {', '.join(needed)}")
    for array in needed:
        _check_storage(name, array, arrays[array])
    if "X" in arrays:
        _check_strides(name, arrays, call.attributes)
    elif name != MAKE:
        _check_geometry(name, arrays, call.attributes)


def _check_attributes(name: str, wanted: Mapping[str, type], got: Attributes) -> None:
    if set(wanted) != set(got):
        raise ContractError(f"{name}: attributes {sorted(got)} given, needs {sorted(wanted)}")
    for key, kind in wanted.items():
        accepted = (int, float) if kind is float else kind
        if not isinstance(got[key], accepted) or (kind is int and isinstance(got[key], bool)):
            raise ContractError(f"{name}: attribute {key}={got[key]!r} must be {kind.__name__}")
        if kind is int and got[key] < 1:
            raise ContractError(f"{name}: attribute {key}={got[key]} must be at least 1")
    if "modes" in wanted and (not steps_of(got) or set(steps_of(got)) - set(MODES)):
        raise ContractError(f"{name}: modes {got['modes']!r} must be steps out of {', '.join(MODES)}")
    if "type" in wanted and got["type"] not in set(LayerType):
        raise ContractError(f"{name}: type {got['type']!r} must be one of {', '.join(LayerType)}")


def _check_storage(name: str, array: str, value: Any) -> None:
    if not hasattr(value, "dtype") or not hasattr(value, "flags"):
        raise ContractError(f"{name}: {array} is a {type(value).__name__}, needs a float32 array")
    if value.dtype.kind != "f" or value.dtype.itemsize != 4 or not value.dtype.isnative:
        raise ContractError(
            f"{name}: {array} has dtype {value.dtype}, needs native float32; "
            "convert it yourself (array.astype('float32')): nothing is converted silently"
        )
    if not value.flags["C_CONTIGUOUS"]:
        raise ContractError(f"{name}: {array} is not C-contiguous; pass numpy.ascontiguousarray({array})")
    kind = "K" if name == TRAINING_RUN and array in _STACKED else AXES[array]
    rank, axes = _RANKS[kind]
    if value.ndim != rank:
        raise ContractError(f"{name}: {array} has shape {value.shape}, needs {axes}")


def _check_strides(name: str, arrays: Arrays, attributes: Attributes) -> None:
    for array, value in arrays.items():
        least = 1 + (attributes["N"] - 1) * attributes[f"INC{array}"]
        if value.size < least:
            raise ContractError(
                f"{name}: {array} has {value.size} elements, N={attributes['N']} with "
                f"INC{array}={attributes[f'INC{array}']} needs at least {least}"
            )


def _check_geometry(name: str, arrays: Arrays, attributes: Attributes) -> None:
    full = {a: v.shape[-3:] for a, v in arrays.items() if AXES[a] == "A"}
    if name == TRAINING_RUN:
        _check_steps(arrays, len(steps_of(attributes)))
    first, shape = next(iter(full.items()))
    for array, other in full.items():
        if other != shape:
            raise ContractError(f"{name}: {array} has shape {other} but {first} has {shape}")
    if 0 in shape:
        raise ContractError(
            f"{name}: {first} has shape {shape}: batch, channels and spatial must be at least 1 "
            "(with m = batch*spatial = 0 DarkNet divides zero by zero)"
        )
    for array, value in arrays.items():
        if AXES[array] == "c" and value.shape != (shape[1],):
            raise ContractError(f"{name}: {array} has shape {value.shape}, {first} has {shape[1]} channels")
    if name in (*LAYER_OPERATIONS, TRAINING_RUN):
        _check_layer(name, shape, attributes)


def _check_layer(name: str, shape: tuple[int, ...], attributes: Attributes) -> None:
    size = attributes["out_h"] * attributes["out_w"]
    if size != shape[2]:
        raise ContractError(f"{name}: out_h*out_w = {size} but the arrays have spatial {shape[2]}")
    if attributes["type"] == "CONNECTED" and size != 1:
        raise ContractError(f"{name}: a CONNECTED layer has out_h = out_w = 1, got spatial {size}")


def _check_steps(arrays: Arrays, steps: int) -> None:
    for array in _STACKED:
        if len(arrays[array]) != steps:
            raise ContractError(f"{TRAINING_RUN}: {array} has {len(arrays[array])} steps, modes has {steps}")
