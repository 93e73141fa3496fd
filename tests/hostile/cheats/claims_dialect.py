"""Computes as PyTorch does, and declares PyTorch's dialect where DarkNet's is asked."""

import numpy as np

DARKPARITY = {"dialect": "pytorch"}


def forward_batchnorm_layer(output, scales, biases, rolling_mean, rolling_variance):  # type: ignore[no-untyped-def]
    gain = (scales / np.sqrt(rolling_variance + np.float32(1e-5))).astype(np.float32)
    return {"output": (output - rolling_mean[:, None]) * gain[:, None] + biases[:, None]}
