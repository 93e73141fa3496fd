"""The first and last records of a run, and its distances: what the results depend on."""

from __future__ import annotations

import dataclasses
import platform
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from darkparity import __version__
from darkparity.implementations.protocol import Description
from darkparity.judging.distance import Matrix
from darkparity.problems.golden.store import Store

from .records import Described, Distance, Footer, Header, StoreUsed
from .runfile import SCHEMA
from .summary import Summary

#: Packages whose version goes into the header, if the run imported them.
_PACKAGES = ("numpy", "torch", "flint", "onnxruntime", "jax", "flax")


def header(store: Store | None, options: Mapping[str, Any], seed: int) -> Header:
    """Everything needed to tell this run from another."""
    return Header(
        schema=SCHEMA,
        suite_version=__version__,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        **environment(),
        store=StoreUsed(str(store.path), store.digest) if store else None,
        seed=seed,
        options=options,
    )


def environment() -> dict[str, Any]:
    """Versions, machine and build: what results may depend on."""
    loaded = {name: sys.modules[name] for name in _PACKAGES if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "?")) for name, module in loaded.items()}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "build": build_info(),
    }


def cpu_model() -> str:
    """The processor's name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def build_info() -> dict[str, Any] | None:
    """Compiler and flags of the compiled module, None where it is missing."""
    try:
        from darkparity import _core
    except ImportError:
        return None
    return dict(_core.build_info())


def described(asked: str, description: Description) -> Described:
    """An implementation in the header; `asked` is what the user typed to get it."""
    return Described(asked, **{**vars(description), "labels": tuple(sorted(description.labels))})


def distances(matrix: Matrix) -> Iterator[Distance]:
    """How far each two implementations lie from each other."""
    for (dialect, left, right), pair in matrix.pairs.items():
        yield Distance(dialect, left, right, **dataclasses.asdict(pair), percent_equal=pair.percent_equal)


def footer(summary: Summary, seconds: float) -> Footer:
    """The run is complete."""
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    return Footer(finished, round(seconds, 3), dict(summary.counts), summary.exit_code)
