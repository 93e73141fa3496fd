"""Which fixtures a store holds: the full set for the default dialect, elsewhere what tells dialects apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from darkparity.cases import CASES, Case
from darkparity.dialects import DEFAULT, DIALECTS, Dialect
from darkparity.dialects.frameworks import FRAMEWORK_ROWS
from darkparity.spec import BACKWARD, FORWARD, MAKE, TRAINING_RUN

from .fixture import Fixture, build

#: (what, done, total)
Progress = Callable[[str, int, int], None]

#: Outside the default dialect: cases of the layer functions that tell every pair of dialects apart (margins:
#: tests/unit/dialects/test_dialects.py), beside all short training runs and the cases made for one dialect.
SEPARATING = frozenset((
    (FORWARD, "tiny_variance"), (FORWARD, "first_training_step"), (FORWARD, "one_element_per_channel"),
    (FORWARD, "connected_rolling"), (FORWARD, "inference_batchnorm_layer"), (FORWARD, "inference_before_training"),
    (FORWARD, "inference_tiny_rolling_variance"), (FORWARD, "channels_of_different_size"),
    (BACKWARD, "tiny_variance"), (BACKWARD, "accumulators_not_zero"), (BACKWARD, "connected"),
    (BACKWARD, "inference_before_training"), (BACKWARD, "inference_stale_x_norm"),
    (BACKWARD, "inference_tiny_rolling_variance"), (BACKWARD, "channels_of_different_size"),
))  # fmt: skip
#: All that frameworks beside PyTorch get: what shows epsilon, variance, decay and backward. The rest is asked live.
FEW = frozenset((
    (FORWARD, "tiny_variance"), (FORWARD, "first_training_step"), (FORWARD, "inference_tiny_rolling_variance"),
    (BACKWARD, "tiny_variance"),
))  # fmt: skip
#: The training run whose power is stated in every dialect: both modes, with and without backward.
_RUN = "modes_switching"
_BRIEF = frozenset(row.name for row in FRAMEWORK_ROWS if row.name != "pytorch")


def plan() -> list[tuple[Case, Dialect]]:
    """Every fixture to write, in order."""
    return [
        (case, dialect)
        for dialect in DIALECTS.values()
        for case in CASES
        if case.defined_in(dialect) and wanted(case, dialect)
    ]


def unstored() -> list[tuple[Case, Dialect]]:
    """Cases that are asked live, and of which a store says what they separate. Of training runs one: each takes as
    long as ten other cases, and what they show beside the state that one carries, those show."""
    return [
        (case, dialect)
        for dialect in DIALECTS.values()
        for case in CASES
        if case.defined_in(dialect)
        and not wanted(case, dialect)
        and (case.operation != TRAINING_RUN or case.name == _RUN)
    ]


def wanted(case: Case, dialect: Dialect) -> bool:
    """Whether the store holds the case in that dialect."""
    if dialect.name in _BRIEF:
        return (case.operation, case.name) in FEW
    run = case.operation == TRAINING_RUN and case.name != "hundred_steps"
    separates = (case.operation, case.name) in SEPARATING
    return dialect.name == DEFAULT or bool(case.dialects) or run or separates or case.operation == MAKE


def fixtures(progress: Progress | None = None) -> Iterator[Fixture]:
    """Every fixture of the plan, worked out by the oracle."""
    rows = plan()
    for done, (case, dialect) in enumerate(rows):
        if progress:
            progress(f"{dialect.name}/{case.operation}/{case.name}", done, len(rows))
        yield build(case, dialect)
