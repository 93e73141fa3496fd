"""OpenCV's importer of DarkNet's files: a network of one convolutional layer that changes nothing."""

import struct

import cv2
import numpy as np

DARKPARITY = dict(name="ten-lines-opencv", dialect="opencv")
CFG = """[net]
width={w}
height={h}
channels={c}
[convolutional]
batch_normalize=1
filters={c}
groups={c}
size=1
activation=linear
"""


def forward_batchnorm_layer(type, train, out_h, out_w, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    batch, channels, spatial = x.shape
    ones = np.ones(channels, np.float32)
    weights = struct.pack("<iiiq", 0, 2, 0, 0) + b"".join(
        a.tobytes() for a in (biases, scales, rolling_mean, rolling_variance, ones)
    )
    cfg = CFG.format(w=out_w, h=out_h, c=channels).encode()
    net = cv2.dnn.readNetFromDarknet(np.frombuffer(cfg, np.uint8), np.frombuffer(weights, np.uint8))
    net.setInput(x.reshape(batch, channels, out_h, out_w))
    return dict(output=net.forward().reshape(batch, channels, spatial))
