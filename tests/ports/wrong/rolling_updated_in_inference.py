"""The update of the rolling statistics stands behind the if, not inside."""

import numpy as np

CAUSE = "the rolling statistics are updated in inference too"
RIGHT = (
    r"rolling .*(updated|changed|moved?|move) .*inference",
    r"inference .*(updates|changes|moves|writes) .*rolling",
    r"inference .*rolling .*(update|change|move)",
)
SET = "tuning"
DARKPARITY = dict(name="outdented", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    m = x.shape[0] * x.shape[2]
    use_mean, use_variance = rolling_mean, rolling_variance
    batch_mean = x.sum(axis=(0, 2), dtype=f) / f(m)
    batch_variance = np.square(x - batch_mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
    if train:
        use_mean = mean = batch_mean
        use_variance = variance = batch_variance
    rolling_mean = f(0.99) * rolling_mean + f(0.01) * batch_mean
    rolling_variance = f(0.99) * rolling_variance + f(0.01) * batch_variance
    y = (x - use_mean[:, None]) / (np.sqrt(use_variance) + f(1e-6))[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
