"""darkparity: a cross-validated conformance test harness for DarkNet's batch-normalization layer."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("darkparity")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
