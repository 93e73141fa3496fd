"""(x_norm + bias) * scale: the two last lines stand in the wrong order."""

import numpy as np

CAUSE = "the bias is added before scaling, so it is scaled too"
RIGHT = (
    r"bias\w* .*(before|then|first)",
    r"before .*scal",
    r"bias\w* .*(is|are) (also )?(scaled|multiplied)",
    r"\(x_norm \+ bias\w*\)",
    r"order .*(scale|bias)",
    r"scale\w* and .*bias\w* .*(order|exchanged)",
)
SET = "heldout"
DARKPARITY = dict(name="reordered", dialect="darknet")
f = np.float32


def col(v):
    return v.reshape(1, v.size, 1)


def forward_batchnorm_layer(
    type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    np.copyto(x, input if type == "BATCHNORM" else output)
    m = x.shape[0] * x.shape[2]
    if train:
        np.divide(x.sum((0, 2), dtype=f), f(m), out=mean)
        np.divide(np.square(x - col(mean)).sum((0, 2), dtype=f), f(m - 1), out=variance)
        rolling_mean *= f(0.99)
        rolling_mean += f(0.01) * mean
        rolling_variance *= f(0.99)
        rolling_variance += f(0.01) * variance
        x_norm[...] = (x - col(mean)) / (np.sqrt(col(variance)) + f(1e-6))
        output[...] = x_norm
    else:
        output[...] = (x - col(rolling_mean)) / (np.sqrt(col(rolling_variance)) + f(1e-6))
    output += col(biases)
    output *= col(scales)
    return dict(
        output=output,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
