"""The cases: every problem the harness asks, as tables by subject."""

from __future__ import annotations

from darkparity.dialects import Dialect

from .backward import BACKWARD_CASES
from .blas import BLAS_CASES
from .case import Case, identifier
from .elementwise import ELEMENTWISE_CASES
from .forward import FORWARD_CASES
from .gradients import GRADIENT_CASES
from .networks import NETWORK_LAYERS, Layer
from .new_layer import MAKE_CASES
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


_BY_NAME = {(case.operation, case.name): case for case in CASES}


def case_named(operation: str, name: str) -> Case | None:
    """The case of that name, if the tables hold one."""
    return _BY_NAME.get((operation, name))


def cases_of(dialect: Dialect) -> tuple[Case, ...]:
    """The cases that make sense in `dialect`."""
    return tuple(case for case in CASES if case.defined_in(dialect))


__all__ = ["CASES", "NETWORK_LAYERS", "Case", "Layer", "case_named", "cases_of", "identifier"]
