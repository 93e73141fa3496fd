"""copy and axpy are unrolled by four and the last N mod 4 elements are never reached."""

import numpy as np

CAUSE = "copy and axpy are unrolled by four and the last N mod 4 elements are never reached."
RIGHT = (
    r"tail",
    r"remainder",
    r"multiple of",
    r"unroll",
    r"left over",
    r"mod 4",
    r"last (three|few|elements)",
)
SET = "heldout"
DIALECT = "alexeyab"
DARKPARITY = dict(name="copy-unrolled-without-tail", dialect="alexeyab")

WIDTH = 4


def lanes(N, INC):
    """Indices of each group of four."""
    for i in range(0, N - WIDTH + 1, WIDTH):
        yield np.arange(i, i + WIDTH) * INC


def copy_cpu(N, X, INCX, Y, INCY):
    for source, target in zip(lanes(N, INCX), lanes(N, INCY), strict=True):
        Y[target] = X[source]


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    for source, target in zip(lanes(N, INCX), lanes(N, INCY), strict=True):
        Y[target] += np.float32(ALPHA) * X[source]
