"""What may differ from a row: words to try and constants to solve for, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from darkparity.dialects import Dialect, Epsilon, Place

from .constant import (
    BACKWARD,
    BACKWARD_EPSILON,
    DECAY,
    EPSILON,
    GAIN,
    MEAN_DELTA,
    NORMALIZE_DELTA,
    VARIANCE_DELTA,
    Constant,
)

#: Divisors m - ddof that are tried: Bessel's and its misreadings (m + 1, m - 2), a few of each side.
DDOFS = range(-2, 5)


@dataclass(frozen=True)
class Change:
    """One way in which a row may be another.

    name: for sentences. fields: of the row, which two changes made together do not share. rows: the row with every
    word that the change can have. constants: what has no words and is solved for.
    """

    name: str
    fields: tuple[str, ...]
    rows: Callable[[Dialect], Iterator[Dialect]]
    constants: tuple[Constant, ...] = ()

    def visible(self, row: Dialect) -> Iterator[Dialect]:
        """Rows that show where it matters."""
        for other in self.rows(row):
            yield other
            for constant in self.constants:
                yield constant.put(other, constant.high)


def words(field: str, values: Sequence[object]) -> Change:
    """A field that has one of a few values."""
    return Change(field, (field,), lambda row: (replace(row, **{field: v}) for v in values if v != getattr(row, field)))  # type: ignore[arg-type]


def _same_ddof(row: Dialect) -> Iterator[Dialect]:
    if row.variance_ddof == row.rolling_ddof:
        yield from (replace(row, variance_ddof=n, rolling_ddof=n) for n in DDOFS if n != row.variance_ddof)


def _places(*fields: str) -> Callable[[Dialect], Iterator[Dialect]]:
    """As the row has it, then everywhere the other way."""

    def rows(row: Dialect) -> Iterator[Dialect]:
        own = getattr(row, fields[0]).place
        for place in (own, *(p for p in Place if p is not own)):
            yield replace(row, **{f: Epsilon(getattr(row, f).value, place) for f in fields})  # type: ignore[arg-type]

    return rows


def epsilon(constant: Constant, *fields: str) -> Change:
    """An epsilon in one or several fields: its value and its place."""
    return Change(constant.name, fields, _places(*fields), (constant,))


MOMENTUM = Change("momentum", ("rolling",), lambda row: iter((row,)), (DECAY, GAIN))
#: The two words in use: DarkNet's calloc and everybody else's ones.
INITIAL = (0.0, 1.0)
CHANGES = (
    words("initial_rolling_variance", INITIAL),
    epsilon(EPSILON, "normalize"),
    Change("ddof", ("variance_ddof", "rolling_ddof"), _same_ddof),
    words("variance_ddof", DDOFS),
    words("rolling_ddof", DDOFS),
    MOMENTUM,
    epsilon(BACKWARD_EPSILON, *BACKWARD),
    epsilon(MEAN_DELTA, "mean_delta"),
    epsilon(VARIANCE_DELTA, "variance_delta"),
    epsilon(NORMALIZE_DELTA, "normalize_delta"),
)
