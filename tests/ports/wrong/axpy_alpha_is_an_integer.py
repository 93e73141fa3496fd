"""ALPHA is declared as int in axpy and scal, so the gain .01 and the decay .99 become 0."""

import ctypes

CAUSE = "ALPHA is declared as int in axpy and scal, so the gain .01 and the decay .99 become 0."
RIGHT = (
    r"integer",
    r"\bint\b",
    r"truncat",
    r"ALPHA.*(0|zero|lost|ignored)",
    r"factor.*(0|zero)",
)
SET = "tuning"
DARKPARITY = dict(name="axpy-alpha-is-an-integer", dialect="darknet")


def as_int(alpha):
    return ctypes.c_int(int(alpha)).value


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    a = as_int(ALPHA)
    for i in range(N):
        Y[i * INCY] += a * X[i * INCX]


def scal_cpu(N, ALPHA, X, INCX):
    a = as_int(ALPHA)
    for i in range(N):
        X[i * INCX] *= a
