"""Nothing is saved in inference, since "no gradient will be asked"."""

import numpy as np

CAUSE = "x is not saved in inference"
RIGHT = (
    r"\bx\b.*training only",
    r"x .*(not|never) (saved|written|stored|copied)",
    r"\bx\b.* inference",
    r"inference .*\bx\b",
    r"x .*only .*training",
    r"saves_x",
)
SET = "heldout"
DARKPARITY = dict(name="no-grad", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    values = input if type == "BATCHNORM" else output
    if not train:
        y = (values - rolling_mean[:, None]) / (np.sqrt(rolling_variance) + f(1e-6))[:, None]
        return dict(
            output=y * scales[:, None] + biases[:, None],
            x=x,
            x_norm=x_norm,
            mean=mean,
            variance=variance,
            rolling_mean=rolling_mean,
            rolling_variance=rolling_variance,
        )
    m = values.shape[0] * values.shape[2]
    mean = values.sum(axis=(0, 2), dtype=f) / f(m)
    variance = ((values - mean[:, None]) ** 2).sum(axis=(0, 2), dtype=f) / f(m - 1)
    x_norm = (values - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    return dict(
        output=x_norm * scales[:, None] + biases[:, None],
        x=values.copy(),
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=f(0.99) * rolling_mean + f(0.01) * mean,
        rolling_variance=f(0.99) * rolling_variance + f(0.01) * variance,
    )
