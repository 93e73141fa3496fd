"""The cases: every problem the harness asks, as tables by subject."""

from __future__ import annotations

from fnmatch import fnmatchcase

from darkparity.dialects import DIALECTS, Dialect

from .backward import BACKWARD_CASES
from .blas import BLAS_CASES
from .case import Case, identifier
from .elementwise import ELEMENTWISE_CASES
from .forward import FORWARD_CASES
from .gradients import GRADIENT_CASES
from .make import MAKE_CASES
from .networks import NETWORK_LAYERS, Layer
from .statistics import STATISTICS_CASES
from .training_runs import RUN_CASES

#: Every case that a store may hold, in the order of the specification's operations.
CASES: tuple[Case, ...] = (
    *BLAS_CASES,
    *STATISTICS_CASES,
    *ELEMENTWISE_CASES,
    *GRADIENT_CASES,
    *MAKE_CASES,
    *FORWARD_CASES,
    *BACKWARD_CASES,
    *RUN_CASES,
)


def cases_of(dialect: Dialect) -> tuple[Case, ...]:
    """The cases that make sense in `dialect`."""
    return tuple(case for case in CASES if case.defined_in(dialect))


def find(pattern: str) -> tuple[tuple[Case, Dialect], ...]:
    """The (case, dialect) pairs whose identifier matches the shell-style `pattern`, in table order."""
    pairs = ((case, dialect) for dialect in DIALECTS.values() for case in cases_of(dialect))
    return tuple((case, d) for case, d in pairs if fnmatchcase(identifier(case, d.name), pattern))


__all__ = ["CASES", "NETWORK_LAYERS", "Case", "Layer", "cases_of", "find", "identifier"]
