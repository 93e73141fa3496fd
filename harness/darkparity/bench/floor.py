"""The streaming floor: as many arrays read and written as an operation must, with next to no arithmetic.

One NumPy call where that reads and writes every array once; else blocks that stay in cache, so that each source comes
from memory once however many targets it has. Plain stores read a line before they write it: a kernel with non-temporal
stores can be faster than this floor.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .traffic import Traffic

#: float32 per block: 128 KiB.
BLOCK = 1 << 15
METHOD = "NumPy copies and additions, in blocks of 128 KiB beyond two sources or one target"
Step = Callable[[slice], None]


class Floor:
    """Call it to stream once over `elements` per array; `threads` share the blocks."""

    def __init__(self, traffic: Traffic, elements: int, threads: int) -> None:
        self._sources = [np.ones(elements, np.float32) for _ in range(traffic.reads)]
        self._targets = [np.ones(elements, np.float32) for _ in range(traffic.writes)]
        once = traffic.reads <= 2 and traffic.writes == 1
        size = -(-elements // threads) if once else BLOCK
        blocks = [slice(start, min(start + size, elements)) for start in range(0, elements, size)]
        self._shares = [share for i in range(threads) if (share := blocks[i::threads])]
        self._pool = ThreadPoolExecutor(len(self._shares)) if len(self._shares) > 1 else None

    def __call__(self) -> None:
        if self._pool is None:
            self._stream(self._shares[0])
        else:
            list(self._pool.map(self._stream, self._shares))

    def close(self) -> None:
        """Let threads and memory go."""
        if self._pool is not None:
            self._pool.shutdown()
        self._sources.clear()
        self._targets.clear()

    def _stream(self, blocks: list[slice]) -> None:
        first, *others = self._sources
        if len(others) == 1 and len(self._targets) == 1:
            for block in blocks:
                np.add(first[block], others[0][block], out=self._targets[0][block])
            return
        scratch = np.empty(BLOCK, np.float32)
        for block in blocks:
            values = first[block]
            for other in others:
                values = np.add(values, other[block], out=scratch[: values.size])
            for target in self._targets:
                np.copyto(target[block], values)
