"""The update runs at the end of the function, when `output` is no longer the input."""

import numpy as np

CAUSE = "the rolling statistics are fed from the values after normalizing"
RIGHT = (
    r"rolling .*(after|of the) (normaliz|output|scal)",
    r"(statistics|mean|variance) of (the )?(normalized|output|x_norm)",
    r"normalized values",
    r"after normaliz",
    r"from the output|of the output",
)
SET = "tuning"
DARKPARITY = dict(name="late-update", dialect="darknet")
f = np.float32


def stats(a):
    m = a.shape[0] * a.shape[2]
    mean = a.sum(axis=(0, 2), dtype=f) / f(m)
    return mean, np.square(a - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    out = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean, variance = stats(out)
        out = (out - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    else:
        out = (out - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    if train:
        late_mean, late_variance = stats(out)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * late_mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * late_variance
    return dict(
        output=out * scales[:, None] + biases[:, None],
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
