"""The usual formula, sqrt(variance + epsilon), with DarkNet's epsilon."""

import numpy as np

CAUSE = "epsilon 1e-6 stands inside the root instead of outside"
RIGHT = (r"epsilon .*inside", r"inside the root", r"sqrt\(variance \+", r"1e-0?6,? inside")
SET = "heldout"


def normalize_cpu(x, mean, variance):
    inv = np.float32(1) / np.sqrt(variance + np.float32(1e-6))
    return (x - mean[:, None]) * inv[:, None]
