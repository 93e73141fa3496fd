"""darkparity: a cross-validated conformance test harness for DarkNet's batch-normalization layer."""

__version__: str

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """The version, looked up when asked for: importlib.metadata costs more than all the rest."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("darkparity")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0.0.0"
