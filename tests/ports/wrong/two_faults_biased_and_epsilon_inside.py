"""PyTorch's layer under DarkNet's names: biased variance, and 1e-5 inside the root."""

import numpy as np

CAUSE = "divides by m instead of m - 1, and epsilon is 1e-5 inside the root: PyTorch's formula"
RIGHT = (
    r"\b(pytorch|cudnn|paddle|flax|onnx)\b",
    r"(divi\w+ by m\b|biased|m instead of m - 1).*epsilon.*(inside|1e-0?5)",
    r"epsilon.*(inside|1e-0?5).*(by m\b|biased|m instead of m - 1|ddof)",
)
SET = "heldout"
DARKPARITY = dict(name="torch-in-disguise", dialect="darknet")


def variance_cpu(x, mean):
    return np.square(x - mean[:, None]).mean(axis=(0, 2), dtype=np.float32)


def normalize_cpu(x, mean, variance):
    return (x - mean[:, None]) / np.sqrt(variance + np.float32(1e-5))[:, None]
