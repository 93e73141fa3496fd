"""A port whose native library changes the floating-point modes while it is loaded."""

import ctypes
import os

import numpy as np

ctypes.CDLL(os.environ["FAST_MATH_LIBRARY"])


def add_bias(output: np.ndarray, biases: np.ndarray) -> np.ndarray:
    return output + biases[:, None]
