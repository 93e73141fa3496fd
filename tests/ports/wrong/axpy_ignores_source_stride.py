"""axpy walks through X without its stride: a vectorized slice was written for INCX = 1."""

import numpy as np

CAUSE = "axpy walks through X without its stride: a vectorized slice was written for INCX = 1."
RIGHT = (
    r"INCX",
    r"source.*stride",
    r"without its stride",
)
SET = "heldout"
DARKPARITY = dict(name="axpy-ignores-source-stride", dialect="darknet")


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    target = Y[: (N - 1) * INCY + 1 : INCY]
    target += np.float32(ALPHA) * X[:N]
    return Y


def copy_cpu(N, X, INCX, Y, INCY):
    Y[: (N - 1) * INCY + 1 : INCY] = X[: (N - 1) * INCX + 1 : INCX]
    return Y
