"""mean and variance are set to the rolling ones in inference, to share the code behind."""

import numpy as np

CAUSE = "inference overwrites mean and variance with the rolling statistics"
RIGHT = (
    r"inference .*overwrit",
    r"overwrit\w+ .*(mean|variance)",
    r"mean and variance .*(overwritten|replaced|set|written|copied)",
    r"rolling .*(copied|written) .*mean",
)
SET = "heldout"
DARKPARITY = dict(name="shared-tail", dialect="darknet-gpu")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance, batch, spatial
):
    x = input if type == "BATCHNORM" else output
    if train:
        mean[:] = x.sum(axis=(0, 2), dtype=f) / f(batch * spatial)
        variance[:] = np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(batch * spatial - 1)
        rolling_mean[:] = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance[:] = f(0.99) * rolling_variance + f(0.01) * variance
    else:
        mean[:], variance[:] = rolling_mean, rolling_variance
    y = (x - mean[:, None]) / np.sqrt(variance + f(1e-5))[:, None]
    output = y * scales[:, None] + biases[:, None]
    return dict(
        output=output, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance
    )
