"""One honest variant of the port, and how a changed copy of the NumPy port is made."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from darkparity.implementations import Implementation, Port
from darkparity.implementations.shipped import numpy_port
from darkparity.spec import OPERATIONS

Array = np.ndarray
ONE, TWO = np.float32(1), np.float32(2)
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class HonestVariant:
    """An honest float32 variant: right by every contract, different in its last bits.

    what: how it computes, in words. labels: what it may claim. make: raises NotInstalled where it cannot run.
    """

    name: str
    what: str
    labels: tuple[str, ...]
    make: Callable[[], Implementation]


def fresh() -> ModuleType:
    """A copy of the NumPy port whose functions can be replaced one by one."""
    spec = importlib.util.spec_from_file_location("darkparity_honest_variant", numpy_port.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed(
    name: str, what: str, labels: tuple[str, ...], change: Callable[[ModuleType], Functions | None]
) -> HonestVariant:
    """The NumPy port after `change`, which may return functions that only direct calls get."""
    return HonestVariant(name, what, labels, lambda: _ported(name, labels, change))


def _ported(name: str, labels: tuple[str, ...], change: Callable[[ModuleType], Functions | None]) -> Implementation:
    module = fresh()
    direct = change(module) or {}
    functions = {n: getattr(module, n) for n in OPERATIONS if hasattr(module, n)}
    settings = {"name": name, "dialect": None, "labels": labels, "version": "honest"}
    return Port(SimpleNamespace(DARKPARITY=settings, **{**functions, **direct}))


def rows(values: Array) -> Array:
    """A -> (channels, m), contiguous."""
    return np.ascontiguousarray(values.transpose(1, 0, 2)).reshape(values.shape[1], -1)


def quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Without floating-point warnings: NaN and infinity are legitimate answers."""
    return np.errstate(all="ignore")(function)


def single(values: Any) -> Array:
    """One rounding to float32."""
    return np.asarray(values, np.float32)
