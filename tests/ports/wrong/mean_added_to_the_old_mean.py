"""mean is not set to 0 before the sums are added to it, as the C loop does with its first line."""

import numpy as np

CAUSE = "the mean starts from what the array held before instead of 0"
RIGHT = (
    r"not (cleared|reset|zeroed|set to (0|zero))",
    r"(previous|old|last|earlier) (content|mean|values?|statistic)",
    r"starts? from",
    r"(adds?|added|accumulat\w+) .*(old|previous|into|mean)",
    r"\+=",
)
SET = "tuning"
DARKPARITY = dict(name="accumulating", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(
    type,
    train,
    input,
    output,
    x,
    x_norm,
    scales,
    biases,
    mean,
    variance,
    rolling_mean,
    rolling_variance,
    batch,
    filters,
    spatial,
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        for b in range(batch):
            mean += x[b].sum(axis=1, dtype=f) / f(batch * spatial)
        variance[:] = 0
        for b in range(batch):
            variance += np.square(x[b] - mean[:, None]).sum(axis=1, dtype=f)
        variance /= f(batch * spatial - 1)
        rolling_mean = f(0.99) * rolling_mean + f(0.01) * mean
        rolling_variance = f(0.99) * rolling_variance + f(0.01) * variance
        y = x_norm = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    else:
        y = (x - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
    y = y * scales[:, None] + biases[:, None]
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
