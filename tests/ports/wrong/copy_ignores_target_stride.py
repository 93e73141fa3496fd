"""copy writes the elements one after another into Y and ignores INCY."""

CAUSE = "copy writes the elements one after another into Y and ignores INCY."
RIGHT = (
    r"INCY",
    r"target.*(stride|gap)",
    r"contiguous",
)
SET = "tuning"
DARKPARITY = dict(name="copy-ignores-target-stride", dialect="darknet")


def copy_cpu(N, X, INCX, Y, INCY):
    for i in range(N):
        Y[i] = X[i * INCX]


def scal_cpu(N, ALPHA, X, INCX):
    for i in range(N):
        X[i * INCX] = X[i * INCX] * X.dtype.type(ALPHA)
