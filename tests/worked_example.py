"""One training step of one channel, worked out for every dialect apart from this code; asked of the oracle and of
every implementation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

X = np.array([[[1, 2, 3, 4]], [[5, 6, 7, 9]]], np.float32)
DELTA = np.array([[[0.1, -0.2, 0.3, 0.4]], [[-0.5, 0.6, 0.7, -0.8]]], np.float32)


class Worked(NamedTuple):
    """First element of the output, rolling variance after the step, first element of delta after backward."""

    output: float
    rolling_variance: float
    delta: float


#: X and DELTA through a new layer: scale 1, bias 0.
#: Source: float64 models of each source; darknet, alexeyab and pytorch also run as the libraries themselves.
WORKED = {
    "darknet": Worked(-1.3580489, 0.0712500, -0.03292420),
    "darknet-gpu": Worked(-1.3580485, 0.0712500, -0.03292420),
    "darknet-cudnn": Worked(-1.4518147, 0.0712500, -0.04165600),
    "alexeyab": Worked(-1.3580485, 0.7125000, -0.03292431),
    "alexeyab-gpu": Worked(-1.4518147, 0.0623438, -0.04165611),
    "alexeyab-cudnn": Worked(-1.4518147, 0.0712500, -0.04165600),
    "pytorch": Worked(-1.4518148, 1.6125000, -0.04165599),
    "keras": Worked(-1.4516995, 1.0523437, -0.04164449),
    "tensorflow-fused": Worked(-1.4516995, 1.0612500, -0.04164449),
    "flax": Worked(-1.4518147, 1.0523437, -0.04165600),
    "onnx": Worked(-1.4518147, 1.5234376, -0.04165600),
    "paddle": Worked(-1.4518147, 1.5234376, -0.04165600),
    "caffe": Worked(-1.4518147, 7.1250000, -0.04165600),
    "mxnet": Worked(-1.4518147, 1.5234376, -0.04165600),
}
