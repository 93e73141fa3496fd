"""axpy returns early when ALPHA is 0, as the reference BLAS does, so 0 times infinity never becomes NaN."""

import numpy as np

CAUSE = "axpy returns early when ALPHA is 0, as the reference BLAS does, so 0 times infinity never becomes NaN."
RIGHT = (
    r"ALPHA.*(0|zero)",
    r"(0|zero).*ALPHA",
    r"short ?cut",
    r"early",
    r"0 (\*|times) inf",
    r"zero (\*|times) inf",
    r"factor of (0|zero)",
)
SET = "heldout"
DARKPARITY = dict(name="axpy-returns-early-on-zero", dialect="darknet")


class Blas:
    """Level 1 routines in the manner of the reference BLAS."""

    def axpy_cpu(self, N, ALPHA, X, INCX, Y, INCY):
        if N <= 0 or ALPHA == 0.0:
            return Y
        y = np.arange(N) * INCY
        Y[y] = Y[y] + np.float32(ALPHA) * X[np.arange(N) * INCX]
        return Y

    def copy_cpu(self, N, X, INCX, Y, INCY):
        Y[np.arange(N) * INCY] = X[np.arange(N) * INCX]
        return Y


blas = Blas()
axpy_cpu, copy_cpu = blas.axpy_cpu, blas.copy_cpu
