"""The one check of what enters an operation; every implementation refuses the same inputs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .operations import AXES, LAYER_OPERATIONS, LAYER_TYPES, MAKE, inputs_of, operation


class ContractError(ValueError):
    """An input breaks the specification: says which array or attribute, how, and what is needed."""


def check_arrays(name: str, arrays: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Check names, dtypes, layout and shapes of one call. Raises ContractError; converts nothing."""
    row = operation(name)
    _check_attributes(name, row.attributes, attributes)
    needed = inputs_of(name, attributes)
    missing = [a for a in needed if a not in arrays]
    unknown = [a for a in arrays if a not in needed]
    if missing:
        raise ContractError(f"{name}: missing array(s) {', '.join(missing)}; needs {', '.join(needed)}")
    if unknown:
        raise ContractError(f"{name}: unexpected array(s) {', '.join(unknown)}; takes {', '.join(needed)}")
    for array in needed:
        _check_storage(name, array, arrays[array])
    if "X" in arrays:
        _check_strides(name, arrays, attributes)
    elif name != MAKE:
        _check_geometry(name, arrays, attributes)


def _check_attributes(name: str, wanted: Mapping[str, type], got: Mapping[str, Any]) -> None:
    if set(wanted) != set(got):
        raise ContractError(f"{name}: attributes {sorted(got)} given, needs {sorted(wanted)}")
    for key, kind in wanted.items():
        accepted = (int, float) if kind is float else kind
        if not isinstance(got[key], accepted) or (kind is int and isinstance(got[key], bool)):
            raise ContractError(f"{name}: attribute {key}={got[key]!r} must be {kind.__name__}")
        if kind is int and got[key] < 1:
            raise ContractError(f"{name}: attribute {key}={got[key]} must be at least 1")
    if "type" in wanted and got["type"] not in LAYER_TYPES:
        raise ContractError(f"{name}: type {got['type']!r} must be one of {', '.join(LAYER_TYPES)}")


def _check_storage(name: str, array: str, value: Any) -> None:
    if not hasattr(value, "dtype") or not hasattr(value, "flags"):
        raise ContractError(f"{name}: {array} is a {type(value).__name__}, needs a float32 array")
    if value.dtype.str not in ("<f4", "=f4"):
        raise ContractError(
            f"{name}: {array} has dtype {value.dtype}, needs native float32; "
            "convert it yourself (array.astype('float32')): nothing is converted silently"
        )
    if not value.flags["C_CONTIGUOUS"]:
        raise ContractError(f"{name}: {array} is not C-contiguous; pass numpy.ascontiguousarray({array})")
    rank = {"A": 3, "c": 1, "v": 1}[AXES[array]]
    if value.ndim != rank:
        axes = {"A": "(batch, channels, spatial)", "c": "(channels,)", "v": "a vector"}[AXES[array]]
        raise ContractError(f"{name}: {array} has shape {value.shape}, needs {axes}")


def _check_strides(name: str, arrays: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    for array, value in arrays.items():
        least = 1 + (attributes["N"] - 1) * attributes[f"INC{array}"]
        if value.size < least:
            raise ContractError(
                f"{name}: {array} has {value.size} elements, N={attributes['N']} with "
                f"INC{array}={attributes[f'INC{array}']} needs at least {least}"
            )


def _check_geometry(name: str, arrays: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    full = {a: v.shape for a, v in arrays.items() if AXES[a] == "A"}
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
    if name in LAYER_OPERATIONS:
        _check_layer(name, shape, attributes)


def _check_layer(name: str, shape: tuple[int, ...], attributes: Mapping[str, Any]) -> None:
    size = attributes["out_h"] * attributes["out_w"]
    if size != shape[2]:
        raise ContractError(f"{name}: out_h*out_w = {size} but the arrays have spatial {shape[2]}")
    if attributes["type"] == "CONNECTED" and size != 1:
        raise ContractError(f"{name}: a CONNECTED layer has out_h = out_w = 1, got spatial {size}")



