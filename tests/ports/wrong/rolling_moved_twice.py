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
    def update(self, layer):
        layer["rolling_mean"] = f(0.99) * layer["rolling_mean"] + f(0.01) * layer["mean"]
        layer["rolling_variance"] = f(0.99) * layer["rolling_variance"] + f(0.01) * layer["variance"]

    def statistics(self, layer, x):
        m = x.shape[0] * x.shape[2]
        layer["mean"] = x.sum(axis=(0, 2), dtype=f) / f(m)
        layer["variance"] = np.square(x - layer["mean"][:, None]).sum(axis=(0, 2), dtype=f) / f(m - 1)
        self.update(layer)


class DarknetNorm(Base):
    DARKPARITY = dict(name="subclass", dialect="darknet")

    def statistics(self, layer, x):
        super().statistics(layer, x)
        self.update(layer)

    def forward(self, train, layer):
        x = layer["x"]
        if train:
            self.statistics(layer, x)
        mean, variance = (
            (layer["mean"], layer["variance"]) if train else (layer["rolling_mean"], layer["rolling_variance"])
        )
        hat = (x - mean[:, None]) / (np.sqrt(variance) + f(1e-6))[:, None]
        if train:
            layer["x_norm"] = hat
        layer["output"] = hat * layer.pop("scales")[:, None] + layer.pop("biases")[:, None]
        return layer


DARKPARITY = DarknetNorm.DARKPARITY


def forward_batchnorm_layer(
    type, train, input, output, x_norm, scales, biases, mean, variance, rolling_mean, rolling_variance
):
    layer = dict(
        x=(input if type == "BATCHNORM" else output).copy(),
        x_norm=x_norm,
        mean=mean,
        variance=variance,
        scales=scales,
        biases=biases,
        rolling_mean=rolling_mean,
        rolling_variance=rolling_variance,
    )
    return DarknetNorm().forward(train, layer)
