"""The catalogue of one dialect: every row that computes something else there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from darkparity.dialects import DIALECTS, Dialect, LayerType
from darkparity.oracle import UNCHANGED
from darkparity.spec import FORWARD, LAYER_OPERATIONS, MAKE, ROUTINES, Attributes, stages

from .answers import differs
from .constants import CONSTANT_DEVIATIONS
from .deviation import Deviation, Row, as_dialect, in_dialect
from .equivalents import EQUIVALENT_DEVIATIONS
from .gradients import GRADIENT_DEVIATIONS
from .indexing import INDEXING_DEVIATIONS
from .layers import BACKWARD_DEVIATIONS, BUFFER_DEVIATIONS, FORWARD_DEVIATIONS
from .layouts import LAYOUT_DEVIATIONS
from .low_precision import LOW_PRECISION_DEVIATIONS
from .mixups import MIXUP_DEVIATIONS
from .precision import PRECISION_DEVIATIONS
from .recomputed_gradients import RECOMPUTED_GRADIENT_DEVIATIONS
from .statistics import STATISTICS_DEVIATIONS
from .subsets import SUBSET_DEVIATIONS
from .sums import SUM_DEVIATIONS
from .vectors import VECTOR_DEVIATIONS

ROWS: tuple[Row, ...] = (
    *CONSTANT_DEVIATIONS,
    *STATISTICS_DEVIATIONS,
    *SUBSET_DEVIATIONS,
    *SUM_DEVIATIONS,
    *FORWARD_DEVIATIONS,
    *MIXUP_DEVIATIONS,
    *GRADIENT_DEVIATIONS,
    *RECOMPUTED_GRADIENT_DEVIATIONS,
    *BACKWARD_DEVIATIONS,
    *INDEXING_DEVIATIONS,
    *LAYOUT_DEVIATIONS,
    *PRECISION_DEVIATIONS,
    *LOW_PRECISION_DEVIATIONS,
    *VECTOR_DEVIATIONS,
    *BUFFER_DEVIATIONS,
    *EQUIVALENT_DEVIATIONS,
)


@cache
def deviations(dialect: Dialect) -> Mapping[str, Deviation]:
    """The deviations of `dialect` but for other dialects. Of rows that come to the same dialect the first counts."""
    found: dict[str, Deviation] = {}
    seen: set[Dialect] = set()
    for row in _in(dialect):
        own = row.variant.dialect(dialect)
        if own == dialect or own not in seen:
            found[row.name] = row
            seen.add(own)
    return found


def _in(dialect: Dialect) -> Iterator[Deviation]:
    made = (in_dialect(row, dialect) for row in ROWS)
    yield from (row for row in made if row is not None and _changes(row, dialect))


@cache
def catalogue(dialect: Dialect) -> Mapping[str, Deviation]:
    """The deviations of `dialect`, and every other dialect as one: `dialect:alexeyab`."""
    others = (as_dialect(row) for row in DIALECTS.values() if row.name != dialect.name)
    return {**deviations(dialect), **{row.name: row for row in others if _changes(row, dialect)}}


def _changes(row: Deviation, dialect: Dialect) -> bool:
    """Whether it computes anything otherwise in a call that the dialect has."""
    if (
        row.variant.rewrite is UNCHANGED.rewrite
        and row.variant.dialect is UNCHANGED.dialect
        and not row.variant.buffers
    ):
        return not _routines(dialect).isdisjoint(row.variant.formulas)
    return any(differs(row.variant, dialect, operation, at) for operation, at in _calls(dialect))


@cache
def _routines(dialect: Dialect) -> frozenset[str]:
    """Every routine that is called, by itself or as a stage."""
    return frozenset(routine for operation, at in _calls(dialect)
                     for routine in (operation, *(s.routine for s in stages(operation, dialect, at))))  # fmt: skip


@cache
def _calls(dialect: Dialect) -> tuple[tuple[str, Attributes], ...]:
    """The operations of the dialect, layer functions in every mode; what is likeliest to tell first."""
    modes = [False] if dialect.inference_only else [True, False]
    layers = [FORWARD] if dialect.inference_only else [*LAYER_OPERATIONS]
    kinds = (LayerType.BATCHNORM, LayerType.CONNECTED, LayerType.CONVOLUTIONAL)
    calls = [(name, {"type": kind, "train": train}) for kind in kinds for train in modes for name in layers]
    others = [] if dialect.inference_only else [MAKE, *(ROUTINES if dialect.routines else ())]
    return (*calls, *((name, {}) for name in others))
