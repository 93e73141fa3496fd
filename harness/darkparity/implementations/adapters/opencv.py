"""OpenCV's importer of DarkNet files, before OpenCV 5 dropped it: dialect `opencv`, inference only.

The layer is asked as a network of one [convolutional] section that changes nothing before the statistics: one group
and one weight of 1 per channel. OpenCV turns scales, biases and statistics into y = a x + b when it reads the files,
which the dialect allows.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.protocol import NotInstalled, NotOffered

ROW = DIALECTS["opencv"]
_INSTALL = "pip install 'darkparity[opencv]'"
_CFG = """[net]
width={width}
height={height}
channels={channels}
batch=1

[convolutional]
batch_normalize=1
filters={channels}
groups={channels}
size=1
stride=1
pad=0
activation=linear
"""
#: Version 0.2: from there on the count of images seen takes 8 bytes. Source: pjreddie/darknet src/parser.c.
_HEADER = struct.pack("<iiiq", 0, 2, 0, 0)


class Adapter:
    """One generated network a call, read from memory."""

    def __init__(self, _device: str = "") -> None:
        try:
            import cv2
        except ImportError as error:
            raise NotInstalled(_INSTALL) from error
        if not hasattr(cv2.dnn, "readNetFromDarknet"):
            raise NotInstalled(f"{_INSTALL}  (OpenCV {cv2.__version__} has no readNetFromDarknet: below 5)")
        self._dnn = cv2.dnn
        self.DARKPARITY = dict(name="opencv", dialect=ROW.name, version=cv2.__version__,
                               details="cv2.dnn.readNetFromDarknet, CPU")  # fmt: skip

    def forward_batchnorm_layer(self, type: str, train: bool, out_h: int, out_w: int, input: np.ndarray,
                                output: np.ndarray, scales: np.ndarray, biases: np.ndarray,
                                rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """What the network returns; OpenCV keeps no state. Raises NotOffered in training."""
        if train:
            raise NotOffered("OpenCV does not train")
        start = input if type == "BATCHNORM" else output
        batch, channels, spatial = start.shape
        ones = np.ones(channels, np.float32)
        weights = b"".join(a.tobytes() for a in (biases, scales, rolling_mean, rolling_variance, ones))
        cfg = _CFG.format(width=out_w, height=out_h, channels=channels).encode()
        net = self._read(cfg, _HEADER + weights)
        net.setInput(start.reshape(batch, channels, out_h, out_w))
        return {"output": np.ascontiguousarray(net.forward()).reshape(batch, channels, spatial)}

    def _read(self, cfg: bytes, weights: bytes) -> Any:
        net = self._dnn.readNetFromDarknet(np.frombuffer(cfg, np.uint8), np.frombuffer(weights, np.uint8))
        net.setPreferableBackend(self._dnn.DNN_BACKEND_OPENCV)
        net.enableFusion(False)  # with it the layer disappears into the weights before it
        return net
