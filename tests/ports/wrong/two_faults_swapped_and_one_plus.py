"""Functions generated from a table of expressions; its row for the affine part is wrong twice."""

import numpy as np

CAUSE = "scales and biases are swapped, and 1 is added to what serves as scale"
RIGHT = (r"swap.*\b1 is added", r"swap.*(1 \+|\+ 1|plus|one)", r"(1 \+|\+ 1|plus|one).*swap", r"1 \+ bias")
SET = "tuning"
DARKPARITY = dict(name="generated", dialect="darknet")

TABLE = {
    "mean_cpu(x)": "total(x) / count(x)",
    "variance_cpu(x, mean)": "total((x - col(mean)) ** 2) / (count(x) - one)",
    "normalize_cpu(x, mean, variance)": "(x - col(mean)) / (np.sqrt(col(variance)) + F(1e-6))",
    "affine(y, scales, biases)": "y * (one + col(biases)) + col(scales)",
    "roll(old, new)": "F(.99) * old + F(.01) * new",
    "backward_bias(bias_updates, delta)": "bias_updates + total(delta)",
    "backward_scale_cpu(x_norm, delta, scale_updates)": "scale_updates + total(delta * x_norm)",
    "mean_delta_cpu(delta, variance)": "-total(delta) / np.sqrt(variance + F(1e-5))",
}
F = np.float32
names = dict(
    np=np,
    F=F,
    one=F(1),
    col=lambda v: v[:, None],
    count=lambda x: F(x.shape[0] * x.shape[2]),
    total=lambda x: x.sum((0, 2), dtype=F),
)
for head, expression in TABLE.items():
    exec(f"def {head}:\n    return {expression}\n", names)
mean_cpu, variance_cpu, normalize_cpu = names["mean_cpu"], names["variance_cpu"], names["normalize_cpu"]
backward_bias, backward_scale_cpu, mean_delta_cpu = (
    names[n] for n in ("backward_bias", "backward_scale_cpu", "mean_delta_cpu")
)


def forward_batchnorm_layer(
    type, train, input, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    x = (input if type == "BATCHNORM" else output).copy()
    if train:
        mean = mean_cpu(x)
        variance = variance_cpu(x, mean)
        rolling_mean, rolling_variance = names["roll"](rolling_mean, mean), names["roll"](rolling_variance, variance)
        y = x_norm = normalize_cpu(x, mean, variance)
    else:
        y = normalize_cpu(x, rolling_mean, rolling_variance)
    y = names["affine"](y, scales, biases)
    return dict(
        output=y,
        x=x,
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
