"""Written after the forward formula alone: the running variance takes the biased one, PyTorch the unbiased."""

import numpy as np

CAUSE = "rolling_variance is fed with the biased variance, divided by m instead of m - 1"
RIGHT = (
    r"rolling\w* .*(biased|divi\w+ by m\b(?! - 1)|ddof)",
    r"rolling_ddof",
    r"bessel",
    r"biased .*rolling",
    r"m instead of m - 1",
    r"\b(onnx|paddle)\b",
)
SET = "heldout"
DARKPARITY = dict(name="np-torch", dialect="pytorch")
f = np.float32


def forward_batchnorm_layer(
    type, train, input, output, x, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = x.mean(axis=(0, 2), dtype=f)
        variance = x.var(axis=(0, 2), dtype=f, mean=mean[None, :, None])
        rolling_mean += f(0.1) * (mean - rolling_mean)
        rolling_variance += f(0.1) * (variance - rolling_variance)
        use = mean, variance
    else:
        use = rolling_mean, rolling_variance
    y = (x - use[0][:, None]) / np.sqrt(use[1] + f(1e-5))[:, None]
    return dict(
        output=y * scales[:, None] + biases[:, None],
        x=x,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
