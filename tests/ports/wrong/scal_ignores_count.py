"""scal multiplies every INCX-th element to the end of the buffer and ignores N."""

import numpy as np

CAUSE = "scal multiplies every INCX-th element to the end of the buffer and ignores N."
RIGHT = (
    r"(ignores|beyond|past|more than).{0,12}\bN\b",
    r"count",
    r"whole (vector|buffer|array)",
    r"too many",
)
SET = "tuning"
DARKPARITY = dict(name="scal-ignores-count", dialect="darknet")


def scal_cpu(N, ALPHA, X, INCX):
    X[::INCX] *= np.float32(ALPHA)
    return X
