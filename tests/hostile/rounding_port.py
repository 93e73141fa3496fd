"""A port that prints, and leaves another rounding mode behind in one operation."""

import ctypes
import os

import numpy as np

FE_UPWARD = 0x800


def scale_bias(output: np.ndarray, scales: np.ndarray) -> np.ndarray:
    print("python says hello")
    os.write(1, b"and so does the file descriptor\n")
    return output * scales[:, None]


def add_bias(output: np.ndarray, biases: np.ndarray) -> np.ndarray:
    ctypes.CDLL("libm.so.6").fesetround(FE_UPWARD)
    return output + biases[:, None]
