"""Running mean and variance by Welford's and Chan's updates, an image at a time; forward only."""

import numpy as np

STYLE = "Running mean and variance by Welford's and Chan's updates, an image at a time; forward only."
OTHER = "pytorch"
DARKPARITY = dict(name="welford-layer", dialect="darknet")

f = np.float32


def combine(count, mean, squares, image):
    """Chan's update of (count, mean, sum of squared deviations) by one image (channels, spatial)."""
    n = image.shape[1]
    new_mean = image.sum(1) / f(n)
    new_squares = ((image - new_mean[:, None]) ** 2).sum(1)
    total, gap = count + n, new_mean - mean
    return total, mean + gap * f(n / total), squares + new_squares + gap * gap * f(count * n / total)


def moments(x):
    mean = x[0].sum(1) / f(x.shape[2])
    state = x.shape[2], mean, ((x[0] - mean[:, None]) ** 2).sum(1)
    for image in x[1:]:
        state = combine(*state, image)
    count, mean, squares = state
    return mean, squares / f(count - 1)


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = (input if type == "BATCHNORM" else output).copy()
    mean, variance, got = rolling_mean, rolling_variance, dict(x=x)
    if train:
        mean, variance = moments(x)
        got |= dict(
            mean=mean,
            variance=variance,
            rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
            rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
        )
    normal = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    if train:
        got["x_norm"] = normal
    return got | dict(output=normal * scales[:, None] + biases[:, None])
