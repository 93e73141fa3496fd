"""How many threads implementations may use: set for each library in its own way, put back afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Read by libraries when they are loaded: set before implementations are. NPROC: XLA's pool.
VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "DARKPARITY_THREADS",
    "NPROC",
)


@contextmanager
def thread_environment(threads: int) -> Iterator[None]:
    """Libraries loaded in here start with `threads`."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, str(threads)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Libraries that are loaded use `threads`, for as long as this lasts."""
    changed = list(_applied(threads))
    try:
        yield
    finally:
        for set_threads, before in changed:
            set_threads(before)


def _applied(threads: int) -> Iterator[tuple[Callable[[int], None], int]]:
    """Set every loaded library; yield how to set it and what it had. The environment counts only at loading."""
    for name, get, put in (
        ("torch", "get_num_threads", "set_num_threads"),
        ("darkparity._core", "threads", "set_threads"),
    ):
        library = sys.modules.get(name)
        if hasattr(library, put):  # _core has none where the compiler cannot build cpp-fused
            set_threads, before = getattr(library, put), getattr(library, get)()
            set_threads(threads)
            yield set_threads, before
