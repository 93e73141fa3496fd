"""What an implementation is: something that says what it runs, and runs it.

An implementation is handed inputs and names, never an expected value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from darkparity.spec import Call

#: Labels an implementation may declare and is then held to; meaning: docs/bounds.md.
LABELS = ("two_pass", "ieee", "pairwise", "float64", "affine")


#: The dialect of who computes whatever its row or its constants say.
EVERY = "*"


class NotOffered(Exception):
    """The implementation does not offer this operation, dialect or attribute; the message says why."""


class NotInstalled(Exception):
    """The implementation needs a package that is missing; the message is the command that installs it."""


@dataclass(frozen=True)
class Description:
    """What an implementation declares of itself.

    dialects, operations: names it runs; EVERY stands for any dialect, somebody's own among them.
    labels: claims about its arithmetic, a subset of LABELS.
    """

    name: str
    version: str
    dialects: tuple[str, ...]
    operations: tuple[str, ...]
    labels: frozenset[str] = frozenset()
    details: str = ""

    def offers(self, dialect: str) -> bool:
        """Whether it runs the dialect of that name."""
        return dialect in self.dialects or EVERY in self.dialects


@runtime_checkable
class Implementation(Protocol):
    """The contract: two methods."""

    def describe(self) -> Description:
        """Return what this implementation declares of itself."""
        ...

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Run one operation; return its output arrays by the specification's names.

        call: operation, dialect, arrays and attributes; nothing in it may be written to.
        outputs: the wanted ones (None: all); more may come back, fewer are "not observed".
        Raises ContractError on bad input, NotOffered where not offered.
        """
        ...
