"""Modules, files and objects by what is typed for them."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from darkparity.ending import contained
from darkparity.errors import UsageError
from darkparity.formats.text import said

from .construction import constructed, is_construction, parsed
from .objects import framework_of
from .objects.keras_backend import choose_backend
from .protocol import NotInstalled


class UnknownImplementation(UsageError):
    """No implementation of that name, and no module, file or object either."""


class ImplementationImportError(UsageError):
    """A module or file was found but raised while it was imported; its own error is the cause."""


def found(text: str, known: Iterable[str]) -> tuple[Any, str | None]:
    """What `text` names, and its name in reports (None: its own).

    text: `package.module` or `path/to/file.py`, both with `:Object`, `:Object.part` or `:Object(eps=1e-3)`.
    known: other names, to be told in errors. Raises UnknownImplementation, ImplementationImportError, UsageError.
    """
    location, path = _split(text)
    in_file = location.endswith(".py")
    module = _file(Path(location)) if in_file else _module(location, tuple(known))
    if not path:
        return module, Path(location).stem if in_file else None
    return _object(module, path, text), path.partition("(")[0].rpartition(".")[2] if in_file else None


def _split(text: str) -> tuple[str, str]:
    """Location and object; a drive letter's colon is no separator, nor is one inside parentheses."""
    named, bracket, arguments = text.partition("(")
    if ".py:" in named:
        location, _, path = named.rpartition(".py:")
        return f"{location}.py", path + bracket + arguments
    if text.endswith(".py"):
        return text, ""
    location, _, path = named.partition(":")
    return location, path + bracket + arguments


def _object(module: ModuleType, path: str, text: str) -> Any:
    if not is_construction(path):
        return _part(module, path, text)
    name, positional, named = parsed(path)
    target = _part(module, name, text)
    with imported(text):
        return constructed(target, positional, named)


def _part(module: ModuleType, path: str, text: str) -> Any:
    """An attribute's attribute; of a framework's class, the part of an instance: `Net.bn1`."""
    target: Any = module
    for part in path.split("."):
        if not hasattr(target, part) and isinstance(target, type) and framework_of(target) is not None:
            with imported(f"{target.__name__}()"):
                target = target()
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
    with _importable(path.resolve().parent), imported(str(path)):
        spec.loader.exec_module(module)
    return module


def _module(name: str, known: Sequence[str]) -> ModuleType:
    if name.partition(".")[0] == "keras":
        choose_backend()
    with _importable(Path.cwd()):
        if not _exists(name):
            raise UnknownImplementation(
                f"no implementation and no module {name!r}{_hint(name, known)}; known: {', '.join(known)}; or give "
                "package.module, package.module:Object, path/to/port.py"
            )
        with imported(name):
            return importlib.import_module(name)


def _exists(name: str) -> bool:
    """Whether a module can be found; imports its parents only."""
    parent, _, last = name.rpartition(".")
    if not last.isidentifier() or (parent and not _exists(parent)):
        return False
    with imported(parent):
        if parent and not hasattr(importlib.import_module(parent), "__path__"):
            return False
        return importlib.util.find_spec(name) is not None


@contextlib.contextmanager
def imported(what: str) -> Iterator[None]:
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
