"""delta is never multiplied by scales, and net_delta is copied before the statistics are gone through."""

import numpy as np

CAUSE = "delta is never multiplied by scales, and net_delta is copied before the statistics are gone through."
RIGHT = (
    r"(never|not|no|without|forgets?|missing|lacks).{0,30}scal",
    r"unscaled",
    r"net_delta",
    r"too early",
)
SET = "tuning"
DARKPARITY = dict(name="two-net-delta-and-scales", dialect="darknet")

f = np.float32


class BatchNorm:
    """DarkNet's layer; buffers of the last shape are reused."""

    epsilon, gradient_epsilon, decay, gain = f(1e-6), f(1e-5), f(0.99), f(0.01)

    def __init__(self):
        self.centred = np.empty(0, f)

    def centre(self, x, mean):
        if self.centred.shape != x.shape:
            self.centred = np.empty_like(x)
        np.subtract(x, mean[:, None], out=self.centred)
        return self.centred

    def normalize(self, x, mean, variance):
        return self.centre(x, mean) / (np.sqrt(variance) + self.epsilon)[:, None]

    def forward(
        self, type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
    ):
        x[...] = input if type == "BATCHNORM" else output
        if train:
            self.measure(x, mean, variance)
            for rolling, new in ((rolling_mean, mean), (rolling_variance, variance)):
                rolling *= self.decay
                rolling += self.gain * new
            x_norm[...] = self.normalize(x, mean, variance)
            output[...] = x_norm
        else:
            output[...] = self.normalize(x, rolling_mean, rolling_variance)
        output *= scales[:, None]
        output += biases[:, None]

    def measure(self, x, mean, variance):
        m = x.shape[0] * x.shape[2]
        mean[...] = x.sum((0, 2)) / f(m)
        variance[...] = np.square(self.centre(x, mean)).sum((0, 2)) / f(m - 1)

    def backward(
        self,
        type,
        train,
        delta,
        x,
        x_norm,
        scales,
        mean,
        variance,
        rolling_mean,
        rolling_variance,
        bias_updates,
        scale_updates,
        mean_delta,
        variance_delta,
        net_delta,
    ):
        mean, variance = (mean, variance) if train else (rolling_mean, rolling_variance)
        bias_updates += delta.sum((0, 2))
        scale_updates += (delta * x_norm).sum((0, 2))
        if type == "BATCHNORM":
            net_delta[...] = delta
        self.through(delta, x, mean, variance, mean_delta, variance_delta)

    def through(self, delta, x, mean, variance, mean_delta, variance_delta):
        root, m = np.sqrt(variance + self.gradient_epsilon), f(x.shape[0] * x.shape[2])
        mean_delta[...] = -delta.sum((0, 2)) / root
        variance_delta[...] = (delta * self.centre(x, mean)).sum((0, 2)) * f(-0.5) / root / root / root
        delta /= root[:, None]
        delta += self.centred * (variance_delta * f(2) / m)[:, None]
        delta += (mean_delta / m)[:, None]


layer = BatchNorm()
forward_batchnorm_layer, backward_batchnorm_layer = layer.forward, layer.backward
