"""max(variance, epsilon) in place of variance + epsilon."""

import numpy as np

CAUSE = "the variance is clamped to at least epsilon instead of epsilon being added"
RIGHT = (r"clamp", r"at least", r"max\w*\(? ?\(?variance", r"(floor|lower bound|minimum)", r"instead of (being )?add")
SET = "heldout"
DARKPARITY = dict(name="clamped", dialect="pytorch")
f = np.float32
EPS = f(1e-5)


def forward_batchnorm_layer(type, train, input, output, scales, biases, mean, variance, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mu, var = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mu = mean = x.mean((0, 2), dtype=f)
        var = variance = np.square(x - mean[:, None]).mean((0, 2), dtype=f)
        unbiased = variance * (f(m) / f(m - 1)) if m > 1 else np.full_like(variance, np.nan)
        rolling_mean = f(0.9) * rolling_mean + f(0.1) * mean
        rolling_variance = f(0.9) * rolling_variance + f(0.1) * unbiased
    inv = f(1) / np.sqrt(np.maximum(var, EPS))
    y = (x - mu[:, None]) * inv[:, None] * scales[:, None] + biases[:, None]
    return dict(output=y, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance)
