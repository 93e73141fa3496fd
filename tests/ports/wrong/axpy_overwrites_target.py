"""axpy assigns ALPHA * X to Y instead of adding it to what Y holds."""

import numpy as np

CAUSE = "axpy assigns ALPHA * X to Y instead of adding it to what Y holds."
RIGHT = (
    r"overw",
    r"assign",
    r"(not|never|no longer) add",
    r"instead of add",
    r"(old|content|Y).*(lost|dropped|ignored|forgotten)",
)
SET = "tuning"
DARKPARITY = dict(name="axpy-overwrites-target", dialect="darknet")


def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    for i in range(N):
        Y[i * INCY] = np.float32(ALPHA) * X[i * INCX]
