"""Adapts plain functions named like the operations (module, class, instance) into an Implementation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from darkparity.dialects import DEFAULT, listed
from darkparity.dialects import dialect as meant
from darkparity.errors import ImplementationFailure, ProtocolError, UsageError
from darkparity.spec import OPERATIONS, Call, ContractError, check_call

from .binding import Function, PortError, askable
from .handing import HandOver
from .layout import LAYOUTS
from .protocol import EVERY, LABELS, Description, NotOffered

__all__ = ["EnvironmentChanged", "Port", "PortError", "ProtocolError", "askable"]

#: What a port may restrict itself to: `DARKPARITY = dict(modes=("inference",))`.
MODES = ("training", "inference")
#: A function with its arguments bound, and what reads its results.
Bound = tuple[Callable[[], Any], Callable[[Any], dict[str, np.ndarray]]]

SETTINGS = ("name", "dialect", "labels", "version", "details", "layout", "modes")


class EnvironmentChanged(ImplementationFailure):
    """A port changed something that is not its own: an input array, or the floating-point modes."""

    kind = "environment"


_PROBES = np.array([1e-40, 1.0, 1.0], np.float32), np.array([0.5, 2.0**-26, -(2.0**-26)], np.float32)


def changed_modes() -> str:
    """What is wrong with the floating-point modes of this thread; empty if nothing. Computed at run time."""
    left, right = _PROBES
    if (left[:1] * right[:1])[0] == 0:
        return "subnormal numbers are flushed to zero"
    if not np.all(left[1:] + right[1:] == 1):
        return "rounding is not to nearest"
    return ""


class Port:
    """Functions of a module, class or instance as an Implementation.

    `dialect` replaces the dialect that a port without `dialect` parameters declares or has by default:
    it is then judged as if it claimed to compute that one.
    """

    def __init__(self, target: Any, *, name: str | None = None, dialect: str | None = None) -> None:
        default_name = name or str(getattr(target, "__name__", type(target).__name__)).rpartition(".")[2]
        target = target() if isinstance(target, type) else target
        self._functions = {
            row: Function.of(row, function) for row in OPERATIONS if callable(function := getattr(target, row, None))
        }
        if not self._functions:
            raise PortError(f"{default_name}: none of its functions is named like an operation; "
                            f"operations are {', '.join(OPERATIONS)}")  # fmt: skip
        settings = _settings(default_name, getattr(target, "DARKPARITY", {}))
        self._layout = LAYOUTS[settings.get("layout", "NCS")]
        self._modes = settings.get("modes", MODES)
        self._description = Description(
            name=str(settings.get("name", default_name)),
            version=str(settings.get("version", getattr(target, "__version__", "unversioned"))),
            dialects=self._dialects(settings, dialect, target),
            operations=tuple(self._functions),
            labels=frozenset(settings.get("labels", ())),
            details=str(settings.get("details", "")),
        )

    def _dialects(self, settings: Mapping[str, Any], override: str | None, target: Any) -> tuple[str, ...]:
        takes = any(p.name == "dialect" for f in self._functions.values() for p in f.parameters)
        declared = settings.get("dialect", None if takes else DEFAULT)
        if override is not None and not takes:
            declared = override
        if declared is None and not takes:
            raise PortError("DARKPARITY: dialect None means every dialect, but no function takes `dialect`")
        if declared is None:
            return (EVERY,)
        try:
            return tuple(meant(one, _folder(target)).name for one in listed(declared))
        except UsageError as error:
            raise PortError(f"DARKPARITY dialect: {error}") from None

    def describe(self) -> Description:
        """Name, version, dialects, operations and labels, from the functions and DARKPARITY."""
        return self._description

    def __repr__(self) -> str:
        return f"<port {self._description.name}: {len(self._functions)} operations>"

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Run one operation. Raises ContractError, NotOffered, ProtocolError, EnvironmentChanged."""
        check_call(call)
        _check_wanted(call, outputs)
        function = self._offered(call)
        handing = function.handing(call, outputs, self._layout)
        self._check_modes(f"before {call.operation} was called (loading the implementation may do that)")
        results = handing.collect(function.invoke(handing))
        self._check_modes(f"by {call.operation}")
        if overrun := handing.overrun():
            raise EnvironmentChanged(f"{self}: {call.operation} wrote outside {', '.join(overrun)}")
        if spoilt := handing.spoilt():
            raise EnvironmentChanged(f"{self}: {call.operation} changed {', '.join(spoilt)}, which it may only read")
        return results

    def bound(self, call: Call, outputs: Sequence[str] | None = None) -> Bound:
        """The function alone, to be timed: no checks, no copies; it may overwrite the arrays. And how to read it."""
        check_call(call)
        handing = HandOver(call, outputs, self._layout)
        return self._offered(call).bound(handing), handing.collect

    def _offered(self, call: Call) -> Function:
        name, known = self._description.name, self._description.dialects
        if call.operation not in self._functions:
            raise NotOffered(f"{name} has no function {call.operation}")
        if not self._description.offers(call.dialect.name):
            raise NotOffered(f"{name} computes {', '.join(known)}, not {call.dialect.name}")
        if "train" in call.attributes and (mode := MODES[not call.attributes["train"]]) not in self._modes:
            raise NotOffered(f"{name} offers {' and '.join(self._modes)} only, this is {mode}")
        return self._functions[call.operation]

    def _check_modes(self, when: str) -> None:
        wrong = changed_modes()
        if wrong:
            raise EnvironmentChanged(f"{self}: floating-point modes changed {when}: {wrong}")


def _folder(target: Any) -> Path | None:
    """Where the port's own files lie; None where it comes from no file."""
    try:
        return Path(inspect.getfile(target if isinstance(target, ModuleType) else type(target))).parent
    except (TypeError, OSError):
        return None


def _check_wanted(call: Call, outputs: Sequence[str] | None) -> None:
    unknown = [n for n in outputs or () if n not in OPERATIONS[call.operation].outputs]
    if unknown:
        known = ", ".join(call.outputs)
        raise ContractError(f"{call.operation}: no output {', '.join(unknown)}; has {known}")


def _settings(name: str, declared: Any) -> Mapping[str, Any]:
    if not isinstance(declared, Mapping):
        raise PortError(f"{name}: DARKPARITY is a {type(declared).__name__}, must be a dict")
    unknown = [str(key) for key in declared if key not in SETTINGS]
    if unknown:
        raise PortError(f"{name}: DARKPARITY has unknown {', '.join(unknown)}; knows {', '.join(SETTINGS)}")
    labels = declared.get("labels", ())
    if isinstance(labels, str) or any(label not in LABELS for label in labels):
        known = ", ".join(LABELS)
        raise PortError(f"{name}: DARKPARITY labels must be a tuple out of {known}, got {labels!r}")
    _check_choice(name, "layout", (declared.get("layout", "NCS"),), tuple(LAYOUTS))
    _check_choice(name, "modes", declared.get("modes", MODES), MODES)
    return declared


def _check_choice(name: str, setting: str, given: Any, known: Sequence[str]) -> None:
    if isinstance(given, str) or not given or any(word not in known for word in given):
        raise PortError(f"{name}: DARKPARITY {setting} must be out of {', '.join(known)}, got {given!r}")
