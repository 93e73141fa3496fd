"""darkparity: a cross-validated conformance test harness for DarkNet's batch-normalization layer.

>>> import darkparity
>>> run = darkparity.check("numpy", cases="*tiny*")
>>> run.conforms
True
>>> darkparity.assert_conforms("numpy", operations="mean_cpu")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import assert_conforms, check
    from .conformance import conformance_tests
    from .dialects import Dialect
    from .identification import identify
    from .implementations import load
    from .report.run import Run

    __version__: str

__all__ = ["Dialect", "Run", "__version__", "assert_conforms", "check", "conformance_tests", "identify", "load"]

#: Public name -> its module, imported when asked for: `import darkparity` alone takes no NumPy.
_WHERE = {
    "Dialect": "dialects",
    "Run": "report.run",
    "assert_conforms": "checking",
    "check": "checking",
    "conformance_tests": "conformance",
    "identify": "identification",
    "load": "implementations",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    """Looked up when asked for: importlib.metadata costs more than all the rest."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("darkparity")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0.0.0"
