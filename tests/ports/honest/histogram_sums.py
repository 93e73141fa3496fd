"""Channel sums by numpy.bincount with the channel number as the bin."""

import numpy as np

STYLE = "Channel sums by numpy.bincount with the channel number as the bin."
OTHER = "darknet-gpu"
DARKPARITY = dict(name="histogram-sums", dialect="darknet")

f = np.float32


def bins(values):
    channels = values.shape[1]
    channel = np.broadcast_to(np.arange(channels)[None, :, None], values.shape)
    return np.bincount(channel.ravel(), values.ravel(), channels)


def mean_cpu(x, batch, spatial):
    return (bins(x) / (batch * spatial)).astype(f)


def variance_cpu(x, mean, batch, spatial):
    centred = x.astype(np.float64) - mean[None, :, None]
    return (bins(centred * centred) / np.float64(batch * spatial - 1)).astype(f)


def normalize_cpu(x, mean, variance, channels):
    for c in range(channels):
        x[:, c] = (x[:, c] - mean[c]) / (np.sqrt(variance[c]) + f(1e-6))


def backward_bias(bias_updates, delta):
    return (bias_updates + bins(delta)).astype(f)


def mean_delta_cpu(delta, variance):
    return (-bins(delta) / np.sqrt(variance.astype(np.float64) + 1e-5)).astype(f)
