"""ReLU6 was folded into the normalization and stayed there."""

import numpy as np

CAUSE = "the output is clipped to 0..6: an activation is left in the layer"
RIGHT = (
    r"clip",
    r"clamp",
    r"relu",
    r"activation",
    r"(between|from) 0 (and|to) 6",
    r"negative .*(0|zero)",
    r"at least 0|below 0",
)
SET = "heldout"
DARKPARITY = dict(name="fused-relu6", dialect="keras")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    if train:
        mean = x.mean(axis=(0, 2))
        variance = np.square(x - mean[:, None]).mean(axis=(0, 2))
    else:
        mean, variance = rolling_mean, rolling_variance
    gamma = (scales / np.sqrt(variance + np.float32(0.001)))[:, None]
    return {"output": np.clip((x - mean[:, None]) * gamma + biases[:, None], 0, 6)}
