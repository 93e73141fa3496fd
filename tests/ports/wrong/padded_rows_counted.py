"""Rows are padded with zeros to a multiple of four floats, and the padding enters the statistics."""

import numpy as np

CAUSE = "rows are padded with zeros to a multiple of 4, and the padding is counted in mean and variance"
RIGHT = (
    r"pad",
    r"zeros? .*(counted|enter|included)",
    r"multiple of (4|four)",
    r"(m|count|divisor) .*(rounded|multiple|too large)",
)
SET = "tuning"
DARKPARITY = dict(name="aligned", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance, out_h, out_w):
    x = input if type == "BATCHNORM" else output
    batch, channels, _ = x.shape
    stride = (out_w + 3) // 4 * 4
    rows = np.zeros((batch, channels, out_h, stride), np.float32)
    rows[..., :out_w] = x.reshape(batch, channels, out_h, out_w)
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = batch * out_h * stride
        mean = rows.sum(axis=(0, 2, 3), dtype=f) / f(m)
        variance = np.square(rows - mean[:, None, None]).sum(axis=(0, 2, 3), dtype=f) / f(m - 1)
    a = scales / (np.sqrt(variance) + f(1e-6))
    y = (rows[..., :out_w] - mean[:, None, None]) * a[:, None, None] + biases[:, None, None]
    return {"output": y.reshape(x.shape)}
