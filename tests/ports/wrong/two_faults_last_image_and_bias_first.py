"""Images run in pairs without a rest, and the bias is added before the scale."""

import numpy as np

CAUSE = "in an odd batch the last image is not normalized, and the bias is added before scaling"
RIGHT = (r"(last image|odd batch|pair).*bias", r"bias.*(last image|odd batch|pair)")
SET = "heldout"
DARKPARITY = dict(name="dual-issue", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance, batch):
    x = (input if type == "BATCHNORM" else output).copy()
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    std = np.sqrt(variance) + f(1e-6)
    for b in range(batch // 2):
        for image in (x[2 * b], x[2 * b + 1]):
            image -= mean[:, None]
            image /= std[:, None]
    x += biases[:, None]
    x *= scales[:, None]
    return dict(output=x)
