"""x_norm is computed but not kept, and inference moves the rolling mean."""

import numpy as np

CAUSE = "x_norm is not saved in training, and inference updates the rolling mean"
RIGHT = (
    r"x_norm.*(not|never|without).*rolling",
    r"rolling.*x_norm.*(not|never)",
    r"inference.*(updat|mov|chang).*x_norm",
)
SET = "heldout"
DARKPARITY = dict(name="lean", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x[:] = input if type == "BATCHNORM" else output
    m = f(x.shape[0] * x.shape[2])
    batch_mean = np.einsum("bcs->c", x) / m
    if train:
        mean = batch_mean
        variance = np.einsum("bcs->c", np.square(x - mean[:, None])) / (m - f(1))
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    else:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    rolling_mean = f(0.99) * rolling_mean + f(0.01) * batch_mean
    output = y * scales[:, None] + biases[:, None]
    return dict(
        output=output,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
