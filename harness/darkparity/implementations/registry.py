"""Names of implementations: the shipped ones, and anybody's module or file."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from darkparity.ending import contained
from darkparity.errors import UsageError
from darkparity.formats.text import said

from .adapters import ADAPTERS, Adapter
from .port import Port
from .protocol import Implementation, NotInstalled

_CPP = "darkparity.implementations.shipped.cpp_port"


class UnknownImplementation(UsageError):
    """No implementation of that name, and no module, file or object either."""


class ImplementationImportError(UsageError):
    """A module or file was found but raised while it was imported; its own error is the cause."""


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
    location, attribute = _split(text)
    module = _file(Path(location)) if location.endswith(".py") else _module(location)
    target = _attribute(module, attribute, text) if attribute else module
    default_name = attribute.rpartition(".")[2] or Path(location).stem if location.endswith(".py") else None
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


def _split(text: str) -> tuple[str, str]:
    """Location and object; a drive letter's colon is no separator."""
    if ".py:" in text:
        location, _, attribute = text.rpartition(".py:")
        return f"{location}.py", attribute
    if text.endswith(".py"):
        return text, ""
    location, _, attribute = text.partition(":")
    return location, attribute


def adapt(target: Any, name: str | None = None, dialect: str | None = None) -> Implementation:
    """An object as an implementation: one that is one as it is; a module, class or instance through Port.

    Raises PortError where none of its functions is named like an operation.
    """
    if isinstance(target, type):
        with _said(f"{target.__name__}()"):
            name, target = name or target.__name__, target()
    if not isinstance(target, ModuleType) and isinstance(target, Implementation):
        return target
    return Port(target, name=name, dialect=dialect)


def _attribute(module: ModuleType, path: str, text: str) -> Any:
    target: Any = module
    for part in path.split("."):
        if not hasattr(target, part):
            raise UnknownImplementation(f"{text}: no {part!r} there{_hint(part, dir(target))}")
        target = getattr(target, part)
    return target


def _hint(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""


class _FreshLoader(SourceFileLoader):
    """Always compiles the source: a cached .pyc is stale when a file changes twice within a second."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UnknownImplementation(f"no file {path} (looked in {Path.cwd()})")
    name = f"darkparity_port_{path.stem}_{zlib.crc32(os.fsencode(path.resolve())):08x}"
    spec = importlib.util.spec_from_loader(name, _FreshLoader(name, str(path.resolve())))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look modules up there
    with _importable(path.resolve().parent), _said(str(path)):
        spec.loader.exec_module(module)
    return module


def _module(name: str) -> ModuleType:
    with _importable(Path.cwd()):
        if not _exists(name):
            known = ", ".join(SHIPPED)
            raise UnknownImplementation(
                f"no implementation and no module {name!r}{_hint(name, SHIPPED)}; known: {known}; or give "
                "package.module, package.module:Object, path/to/port.py"
            )
        with _said(name):
            return importlib.import_module(name)


def _exists(name: str) -> bool:
    """Whether a module can be found; imports its parents only."""
    parent, _, last = name.rpartition(".")
    if not last.isidentifier() or (parent and not _exists(parent)):
        return False
    with _said(parent):
        if parent and not hasattr(importlib.import_module(parent), "__path__"):
            return False
        return importlib.util.find_spec(name) is not None


@contextlib.contextmanager
def _said(what: str) -> Iterator[None]:
    """Errors of foreign code, told apart from ours: which file, what, and the cause kept.

    NumPy's error handling is ours again afterwards: `np.seterr(all="raise")` in a module would stop the judge.
    """
    try:
        with contained(), np.errstate():
            yield
    except NotInstalled:
        raise
    except Exception as error:
        raise ImplementationImportError(f"importing {what} failed: {said(error)}") from error


@contextlib.contextmanager
def _importable(directory: Path) -> Iterator[None]:
    """Let a port import its neighbours, as a script can, for as long as it is being imported."""
    sys.path.insert(0, str(directory))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(directory))
