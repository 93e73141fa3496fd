"""Returns the caller's own array, whatever it holds."""

import numpy as np


def mean_cpu(x: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return mean
