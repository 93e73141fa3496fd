"""nan_to_num on the way out, so that the demo never shows black frames."""

import numpy as np

CAUSE = "NaN and infinity are replaced in the output"
RIGHT = (
    r"NaN.*(replac|clean|set|turned|becomes?|swallow|removed|hidden)",
    r"(replac|clean|clear|hid|clip|remov)\w* .*NaN",
    r"nan_to_num",
    r"(infinit\w+|inf) .*(replac|clip|clean|finite)",
)
SET = "tuning"
DARKPARITY = dict(name="no-black-frames", dialect="darknet")
f = np.float32


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = rolling_mean, rolling_variance
    if train:
        m = x.shape[0] * x.shape[2]
        mean = x.sum((0, 2), dtype=f) / f(m)
        variance = np.square(x - mean[:, None]).sum((0, 2), dtype=f) / f(m - 1)
    y = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
    return dict(output=np.nan_to_num(y * scales[:, None] + biases[:, None]))
