"""How many threads implementations may use: said to each library in its own way, put back afterwards."""

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
def limited(threads: int) -> Iterator[None]:
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
def told(threads: int) -> Iterator[None]:
    """Libraries that are loaded use `threads`, for as long as this lasts."""
    said = list(_told(threads))
    try:
        yield
    finally:
        for setting, before in said:
            setting(before)


def _told(threads: int) -> Iterator[tuple[Callable[[int], None], int]]:
    """Who listens, and what to tell it afterwards. The environment counts only while a library is loaded."""
    for name, get, tell in (
        ("torch", "get_num_threads", "set_num_threads"),
        ("darkparity._core", "threads", "set_threads"),
    ):
        library = sys.modules.get(name)
        if hasattr(library, tell):  # _core has none where the compiler cannot build cpp-fused
            setting, before = getattr(library, tell), getattr(library, get)()
            setting(threads)
            yield setting, before
