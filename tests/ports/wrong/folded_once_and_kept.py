"""Inference folds the parameters into a * x + b once per number of channels and keeps them."""

import numpy as np

CAUSE = "folded parameters are kept from an earlier call"
RIGHT = (
    r"earlier calls?",
    r"call to call",
    r"between calls",
    r"cache",
    r"(kept|remembered|stale|old|previous|first) .*(call|parameter)",
    r"state",
)
SET = "heldout"
DARKPARITY = dict(name="folded", dialect="pytorch", labels=("affine",))
_folded = {}


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        mean, variance = x.mean((0, 2)), x.var((0, 2))
        a = scales / np.sqrt(variance + np.float32(1e-5))
        return {"output": (x - mean[:, None]) * a[:, None] + biases[:, None]}
    key = len(scales)
    if key not in _folded:
        a = scales / np.sqrt(rolling_variance + np.float32(1e-5))
        _folded[key] = a, biases - a * rolling_mean
    a, b = _folded[key]
    return {"output": x * a[:, None] + b[:, None]}
