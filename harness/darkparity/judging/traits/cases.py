"""Which cases are wrong: a mode, a size, a kind of input that all failing cases have and the others have not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from darkparity.problems.problem import Problem
from darkparity.spec import AXES

#: Conforming cases of a kind that refute "only there": some cases of a kind cannot show what is wrong.
_CONFORMING = 0.25
#: Cases of other kinds that have to conform before "only" means something.
_OTHERS = 3
#: A mean this many spreads from 0: E[x^2] - E[x]^2 loses three of seven digits.
_FAR = 30


@dataclass(frozen=True)
class Kind:
    """text: the cases in words."""

    text: str
    has: Callable[[Problem], bool]


def _sizes(problem: Problem) -> tuple[int, int, int] | None:
    """batch, channels, spatial; None where there are none."""
    full = next((a for n, a in problem.arrays.items() if AXES[n] == "A"), None)
    return None if full is None else tuple(full.shape[-3:])


def _sized(rule: Callable[[int, int, int], bool], problem: Problem) -> bool:
    sizes = _sizes(problem)
    return sizes is not None and rule(*sizes)


def _by_size(text: str, rule: Callable[[int, int, int], bool]) -> Kind:
    """By batch, channels, spatial."""
    return Kind(text, partial(_sized, rule))


def _attribute(name: str, value: object) -> Callable[[Problem], bool]:
    return lambda problem: problem.attributes.get(name) == value


def _values(problem: Problem) -> list[np.ndarray]:
    return [a for n, a in problem.arrays.items() if n in ("input", "output", "x", "delta") and a.ndim >= 3]


def _constant_channel(problem: Problem) -> bool:
    return any((a.min(axis=(-3, -1)) == a.max(axis=(-3, -1))).any() for a in _values(problem) if a.any())


def _not_finite(problem: Problem) -> bool:
    return any(not np.isfinite(a).all() for a in problem.arrays.values())


def _subnormal(problem: Problem) -> bool:
    return any(((np.abs(a) < np.finfo(np.float32).tiny) & (a != 0)).any() for a in problem.arrays.values())


def _far_from_zero(problem: Problem) -> bool:
    """Where a sum of squares loses what is left of it."""
    return any((abs(a.mean(axis=(-3, -1))) > _FAR * a.std(axis=(-3, -1))).any() for a in _values(problem) if a.size > 1)


def _width_is_no_multiple(n: int, problem: Problem) -> bool:
    return int(problem.attributes.get("out_w", n)) % n > 0


#: The most particular first.
KINDS = (
    _by_size("m = 1", lambda b, c, s: b * s == 1),
    _by_size("m of 256 or more", lambda b, c, s: b * s >= 256),
    Kind("an input that is not finite", _not_finite),
    Kind("a subnormal input", _subnormal),
    Kind("a channel whose values are all equal", _constant_channel),
    Kind("a mean far larger than the spread", _far_from_zero),
    _by_size("a batch of 1", lambda b, c, s: b == 1),
    _by_size("spatial = 1", lambda b, c, s: s == 1),
    _by_size("a single channel", lambda b, c, s: c == 1),
    *(_by_size(f"more than {n} channels", lambda b, c, s, n=n: c > n) for n in (512, 256, 128, 64, 32, 16, 8)),  # type: ignore[misc]
    _by_size("an odd batch", lambda b, c, s: b % 2 == 1),
    _by_size("an even batch", lambda b, c, s: b % 2 == 0),
    *(_by_size(f"a spatial size that is no multiple of {n}", lambda b, c, s, n=n: s % n > 0) for n in (4, 8, 16)),  # type: ignore[misc]
    *(Kind(f"a width that is no multiple of {n}", partial(_width_is_no_multiple, n)) for n in (4, 8, 16)),
    *(Kind(f"type {kind}", _attribute("type", kind)) for kind in ("CONNECTED", "BATCHNORM", "CONVOLUTIONAL")),
    Kind("inference", _attribute("train", False)),
    Kind("training", _attribute("train", True)),
    _by_size("a batch of more than 1", lambda b, c, s: b > 1),
    _by_size("more than one channel", lambda b, c, s: c > 1),
    _by_size("spatial > 1", lambda b, c, s: s > 1),
)  # fmt: skip


def kinds(failing: Sequence[Problem], conforming: Sequence[Problem]) -> Iterator[str]:
    """For each operation that fails, the kind of case that alone does."""
    said: dict[str, list[str]] = {}
    for operation in dict.fromkeys(q.operation for q in failing):
        bad, good = ([q for q in problems if q.operation == operation] for problems in (failing, conforming))
        if text := next((k.text for k in KINDS if _alone(k, bad, good)), ""):
            said.setdefault(text, []).append(operation)
    for text, operations in said.items():
        yield f"{', '.join(operations)}: only with {text}"


def _alone(kind: Kind, failing: Sequence[Problem], conforming: Sequence[Problem]) -> bool:
    if not all(kind.has(q) for q in failing):
        return False
    same = sum(kind.has(q) for q in conforming)
    return len(conforming) - same >= _OTHERS and same <= _CONFORMING * (same + len(failing))
