"""The base class updates the running statistics, and so does the subclass."""

import numpy as np

CAUSE = "the rolling statistics are updated twice per call"
RIGHT = (
    r"twice",
    r"two (updates|times|steps)",
    r"(updated|moved|done) (again|double)",
    r"decay.{0,25}\.980|gain.{0,25}\.0199",
    r"double",
)
SET = "heldout"
f = np.float32


class Base:
    def mean_cpu(self, x):
        return x.sum(axis=(0, 2), dtype=f) / f(x.shape[0] * x.shape[2])

    def variance_cpu(self, x, mean):
        return np.square(x - mean[:, None]).sum(axis=(0, 2), dtype=f) / f(x.shape[0] * x.shape[2] - 1)

    def normalize_cpu(self, x, mean, variance):
        return (x - mean[:, None]) / np.sqrt(variance + f(1e-5))[:, None]

    def scale_bias(self, output, scales):
        return output * scales[:, None]

    def add_bias(self, output, biases):
        return output + biases[:, None]

    def update(self, layer):
        layer["rolling_mean"] = f(0.99) * layer["rolling_mean"] + f(0.01) * layer["mean"]
        layer["rolling_variance"] = f(0.99) * layer["rolling_variance"] + f(0.01) * layer["variance"]

    def statistics(self, layer, x):
        layer["mean"] = self.mean_cpu(x)
        layer["variance"] = self.variance_cpu(x, layer["mean"])
        self.update(layer)


class Gradients:
    def backward_bias(self, bias_updates, delta):
        return bias_updates + delta.sum((0, 2), dtype=f)

    def backward_scale_cpu(self, x_norm, delta, scale_updates):
        return scale_updates + (x_norm * delta).sum((0, 2), dtype=f)

    def mean_delta_cpu(self, delta, variance):
        return -delta.sum((0, 2), dtype=f) / np.sqrt(variance + f(1e-5))

    def variance_delta_cpu(self, x, delta, mean, variance):
        root = np.sqrt(variance + f(1e-5))
        return f(-0.5) * (delta * (x - mean[:, None])).sum((0, 2), dtype=f) / root / root / root

    def normalize_delta_cpu(self, x, mean, variance, mean_delta, variance_delta, delta, batch, spatial):
        m = f(batch * spatial)
        through = f(2) * variance_delta[:, None] * (x - mean[:, None]) / m
        return delta / np.sqrt(variance + f(1e-5))[:, None] + through + mean_delta[:, None] / m


class DarknetNorm(Base, Gradients):
    DARKPARITY = dict(name="subclass", dialect="darknet-gpu")

    def statistics(self, layer, x):
        super().statistics(layer, x)
        self.update(layer)

    def forward_batchnorm_layer(
        self, type, train, input, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
    ):
        layer = dict(
            mean=mean, variance=variance, rolling_mean=rolling_mean, rolling_variance=rolling_variance, x_norm=x_norm
        )
        layer["x"] = x = (input if type == "BATCHNORM" else output).copy()
        if train:
            self.statistics(layer, x)
            hat = layer["x_norm"] = self.normalize_cpu(x, layer["mean"], layer["variance"])
        else:
            hat = self.normalize_cpu(x, rolling_mean, rolling_variance)
        return {**layer, "output": self.add_bias(self.scale_bias(hat, scales), biases)}


_norm = DarknetNorm()
DARKPARITY = DarknetNorm.DARKPARITY
for _name in dir(_norm):
    if _name.endswith(("_cpu", "_bias", "_layer")):
        globals()[_name] = getattr(_norm, _name)
