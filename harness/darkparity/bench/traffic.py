"""Full-size arrays that an operation must read and write, counted from the specification's stages.

What is per channel is not counted; nor is a second pass over an array, which a fast layer makes in cache.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from darkparity.problems.problem import Problem
from darkparity.spec import AXES


@dataclass(frozen=True)
class Traffic:
    """Arrays read and written, each once."""

    reads: int
    writes: int

    def bytes(self, elements: int) -> int:
        """Of float32 arrays of `elements`."""
        return 4 * elements * (self.reads + self.writes)

    def __str__(self) -> str:
        return f"{self.reads} read + {self.writes} written"


def traffic(problem: Problem, outputs: Collection[str]) -> Traffic:
    """Of one call of which `outputs` are wanted and delivered."""
    read: set[str] = set()
    written: set[str] = set()
    for stage in problem.call.stages:
        read |= {a for a in stage.sources if AXES.get(a) == "A" and a not in written}
        written.add(stage.writes)
    return Traffic(len(read), sum(AXES.get(name) == "A" for name in written & set(outputs)))
