"""How many threads implementations may use: said to each library in its own way, put back afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
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
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else threads
    if torch:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        if torch:
            torch.set_num_threads(before)
