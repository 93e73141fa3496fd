"""The streaming floor: as many arrays read and written as an operation must, with next to no arithmetic.

In C++ where the build has it: every source is read and every target written once, side by side, and targets of 4 MiB
and more go past the caches, so that no line is read before it is written. Else NumPy, whose plain stores read a line
first: a fast kernel can beat that floor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .traffic import Traffic

Stream = Callable[[list[np.ndarray], list[np.ndarray]], None]
_LINE = 16  # float32 per cache line


def _numpy(sources: list[np.ndarray], targets: list[np.ndarray]) -> None:
    """In blocks of 128 KiB that stay in cache. One thread."""
    first, *others = (source.ravel() for source in sources)
    size = 1 << 15
    for start in range(0, first.size, size):
        block = slice(start, start + size)
        values = first[block]
        for other in others:
            values = values + other[block]
        for target in targets:
            target.ravel()[block] = values


def _best() -> tuple[Stream, str]:
    try:
        from darkparity._core import streaming_floor
    except ImportError:
        return _numpy, "NumPy copies and additions in blocks of 128 KiB, one thread, plain stores"
    return streaming_floor, "C++ sums of the sources, stored past the caches from 4 MiB on"


_STREAM, METHOD = _best()


class Floor:
    """Call it to stream once over `elements` per array, rounded up to whole cache lines.

    Threads: as many as `thread_limit` has set for the C++.
    """

    def __init__(self, traffic: Traffic, elements: int) -> None:
        lines = -(-elements // _LINE)
        self._sources = [_aligned(lines) for _ in range(traffic.reads)]
        self._targets = [_aligned(lines) for _ in range(traffic.writes)]

    def __call__(self) -> None:
        _STREAM(self._sources, self._targets)

    def close(self) -> None:
        """Let the memory go."""
        self._sources.clear()
        self._targets.clear()


def _aligned(lines: int) -> np.ndarray:
    """Ones that begin with a cache line: what is stored past the caches must."""
    raw = np.ones((lines + 1) * _LINE, np.float32)
    begin = -raw.ctypes.data % 64 // 4
    return raw[begin : begin + lines * _LINE].reshape(1, lines, _LINE)
