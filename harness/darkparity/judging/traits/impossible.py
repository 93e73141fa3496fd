"""Values that no sum of squares has: a negative variance, and what its root makes of an output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from darkparity.judging.evidence import Evidence
from darkparity.oracle import as_tensor

_CAUSE = "E[x^2] - E[x]^2 gets negative where it cancels: sum (x - mean)^2, or clip it at 0"


def impossible(evidence: Sequence[Evidence]) -> Iterator[str]:
    """What is said of the first such answer, if there is one."""
    deviating = [piece for piece in evidence if piece.deviates]
    if any(_negative(piece) for piece in deviating):
        yield f"variance is negative, which a sum of squares never is: {_CAUSE}"
    elif any(_whole_channels(piece) for piece in deviating):
        yield f"output is NaN in whole channels of finite input, as the root of a negative variance is: {_CAUSE}"


def _negative(piece: Evidence) -> bool:
    """A variance below zero although the right one is not."""
    if "variance" not in piece.got:
        return False
    right = piece.problem.expected(piece.profile)["variance"].value
    return bool(((piece.got["variance"] < 0) & (right >= 0)).any())


def _whole_channels(piece: Evidence) -> bool:
    """In training, channels that are NaN throughout while others are not, and none of it expected."""
    if "output" not in piece.got or not piece.problem.attributes.get("train"):
        return False
    right = piece.problem.expected(piece.profile)["output"].value
    got = as_tensor("output", piece.got["output"])
    wrong = np.isnan(got) & np.isfinite(right)
    of_channel = wrong.mean(axis=(0, 2))
    return bool((of_channel == 1).any() and set(np.unique(of_channel)) <= {0.0, 1.0} and not wrong.all())
