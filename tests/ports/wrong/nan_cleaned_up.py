"""nan_to_num on the way out, so that the demo never shows black frames; takes the constants of any dialect."""

import numpy as np

CAUSE = "NaN and infinity are replaced in the output"
RIGHT = (
    r"NaN.*(replac|clean|set|turned|becomes?|swallow|removed|hidden)",
    r"(replac|clean|clear|hid|clip|remov)\w* .*NaN",
    r"nan_to_num",
    r"(infinit\w+|inf) .*(replac|clip|clean|finite)",
)
SET = "tuning"
DIALECT = "flax"
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, scales, biases, mean, variance, rolling_mean, rolling_variance, dialect
):
    x = (input if type == "BATCHNORM" else output).copy()
    mu, var = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mu = mean = x.sum((0, 2), dtype=f) / f(m)
        squares = np.square(x - mean[:, None]).sum((0, 2), dtype=f)
        var = variance = squares / f(m - dialect.variance_ddof)
        weights = dialect.rolling_of(type)
        rolling_mean = f(weights.decay) * rolling_mean + f(weights.gain) * mean
        rolling_variance = f(weights.decay) * rolling_variance + f(weights.gain) * (
            squares / f(m - dialect.rolling_ddof)
        )
    epsilon = f(dialect.normalize.value)
    root = np.sqrt(var + epsilon) if dialect.normalize.inside else np.sqrt(var) + epsilon
    y = (x - mu[:, None]) / root[:, None]
    y = np.nan_to_num(y * scales[:, None] + biases[:, None])
    return dict(
        output=y, x=x, mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance
    )
