"""Names of implementations: the shipped ones, and anybody's module or file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .adapters import ADAPTERS, Adapter
from .finding import UnknownImplementation, found, imported
from .objects import framework_of, wrapped
from .port import Port
from .protocol import Implementation, NotInstalled

_CPP = "darkparity.implementations.shipped.cpp_port"


@dataclass(frozen=True)
class Shipped:
    """A shipped implementation.

    construct: makes it for a device ("" is the default). install: the command that adds what it needs.
    needs: a package looked up, not imported, to tell whether it is installed. devices: for the user.
    """

    construct: Callable[[str], Implementation]
    install: str
    needs: str = ""
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Availability:
    """Whether a shipped implementation can run here; reason is empty if it can."""

    name: str
    installed: bool
    reason: str = ""


def _cpp(_device: str) -> Implementation:
    try:
        return Port(importlib.import_module(_CPP), name="cpp")
    except ImportError as error:
        raise NotInstalled(f"pip install darkparity  (its compiled module is missing: {error})") from error


def _cpp_fused(_device: str) -> Implementation:
    from .shipped import cpp_fused_port

    return Port(cpp_fused_port)


def _numpy(_device: str) -> Implementation:
    from .shipped import numpy_port

    return Port(numpy_port)


def _torch(device: str) -> Implementation:
    from .shipped.torch_port import TorchReference

    return Port(TorchReference(device or "cpu"))


_DARKNET = (
    "apt-get install -y --no-install-recommends darknet, then install darkparity from its source: "
    "pip install -e . in a checkout, or DARKPARITY_PEER=ON pip install ..."
)


def _darknet(_device: str) -> Implementation:
    """The original in a child: built beside the package where Debian's `darknet` was at that time."""
    found = (Path(place) / "darknet_peer" for place in importlib.import_module("darkparity").__path__)
    program = next((path for path in found if path.is_file()), None)
    if program is None:
        raise NotInstalled(_DARKNET)
    from .wire.external import External  # it is asked over the wire

    return External([str(program)])


def _adapted(name: str, device: str, dialect: str | None = None) -> Implementation:
    """A framework's batch norm; judged against `dialect` instead of its own if given."""
    row = ADAPTERS[name]
    try:
        module = importlib.import_module(f"{__package__}.adapters.{row.module}")
        return Port(module.Adapter(device), name=name, dialect=dialect)
    except ImportError as error:
        raise NotInstalled(f"{row.install}  ({error})") from error


def _adapter(name: str, row: Adapter) -> Shipped:
    return Shipped(lambda device: _adapted(name, device), row.install, row.needs, row.devices)


SHIPPED: Mapping[str, Shipped] = {
    "cpp": Shipped(_cpp, "pip install darkparity"),
    "cpp-fused": Shipped(_cpp_fused, "pip install darkparity"),
    "numpy": Shipped(_numpy, "pip install darkparity"),
    "torch": Shipped(_torch, "pip install 'darkparity[torch]'", "torch", ("cpu", "cuda", "mps")),
    "darknet": Shipped(_darknet, _DARKNET),
    **{name: _adapter(name, row) for name, row in ADAPTERS.items()},
}
DEFAULT = ("cpp", "numpy", "torch")


def load(text: str, *, dialect: str | None = None) -> Implementation:
    """The implementation that `text` names.

    text: a shipped name (`torch`, `torch@cuda`), `package.module`, `package.module:Object`,
    `path/to/port.py` or `path/to/port.py:Object`. dialect: what a port without a `dialect` parameter
    is taken to compute. Raises UnknownImplementation, NotInstalled, ImplementationImportError, PortError.
    """
    name, at, device = text.partition("@")
    if name in SHIPPED:
        if at and not any(device == d or device.startswith(f"{d}:") for d in SHIPPED[name].devices):
            known = ", ".join(SHIPPED[name].devices) or "none: it runs on the CPU only"
            raise UnknownImplementation(f"{text}: {name} has no device {device!r}; devices: {known}")
        return _adapted(name, device, dialect) if name in ADAPTERS else SHIPPED[name].construct(device)
    target, default_name = found(text, SHIPPED)
    return adapt(target, default_name, dialect)


def available() -> tuple[Availability, ...]:
    """Every shipped implementation, whether it is installed, and if not, why. Does not import torch."""
    return tuple(_probe(name, entry) for name, entry in SHIPPED.items())


def _probe(name: str, entry: Shipped) -> Availability:
    if entry.needs:
        found = _findable(entry.needs)
        return Availability(name, found, "" if found else entry.install)
    try:
        entry.construct("")
    except NotInstalled as error:
        return Availability(name, False, str(error))
    return Availability(name, True)


def _findable(package: str) -> bool:
    if package in sys.modules:  # None there means: blocked
        return sys.modules[package] is not None
    return importlib.util.find_spec(package) is not None


def adapt(target: Any, name: str | None = None, dialect: str | None = None) -> Implementation:
    """An object as an implementation: one that is one as it is; anything else through Port.

    target: a module, class or instance with functions named like the operations; or a layer of a framework, a class
    of such layers, or a function that makes one. Raises PortError where it is none of these.
    """
    if isinstance(target, type) and framework_of(target) is None:
        with imported(f"{target.__name__}()"):
            name, target = name or target.__name__, target()
    elif not isinstance(target, ModuleType):
        target = wrapped(target) or target
    if not isinstance(target, ModuleType) and isinstance(target, Implementation):
        return target
    return Port(target, name=name, dialect=dialect)
