"""Layers of real networks: their channels, heights and widths, too large to store, judged live.

Geometries: pjreddie/darknet@f6afaabc cfg/yolov3-tiny.cfg (416 x 416) and cfg/darknet53.cfg (256 x 256), every
batch-normalized layer whose geometry no earlier layer has. Layers count from 0 as DarkNet prints them.
"""

from __future__ import annotations

from dataclasses import dataclass

from darkparity.spec import BACKWARD, FORWARD

from .case import Case
from .fills import constant, normal, per_channel, relu, uniform
from .make import layer_fills

#: network -> batch, then layer -> (channels, height, width).
LAYERS: dict[str, tuple[int, dict[int, tuple[int, int, int]]]] = {
    "yolov3_tiny": (1, {
        0: (16, 416, 416), 2: (32, 208, 208), 4: (64, 104, 104), 6: (128, 52, 52), 8: (256, 26, 26),
        10: (512, 13, 13), 12: (1024, 13, 13), 13: (256, 13, 13), 18: (128, 13, 13),
    }),
    "darknet53": (2, {
        0: (32, 256, 256), 1: (64, 128, 128), 2: (32, 128, 128), 5: (128, 64, 64), 6: (64, 64, 64),
        12: (256, 32, 32), 13: (128, 32, 32), 37: (512, 16, 16), 38: (256, 16, 16), 62: (1024, 8, 8),
        63: (512, 8, 8),
    }),
}  # fmt: skip
#: Asked without being named: few channels of many pixels, and many of few. 0.4 million elements.
QUICK = (("yolov3_tiny", 8), ("yolov3_tiny", 13), ("darknet53", 62))

#: Outputs of a convolution: every channel has a centre and a width of its own.
_DATA = per_channel(normal(0.0, 1.0), normal(0.5, 2.0), normal(-3.0, 0.5), relu(normal(0.0, 4.0)), normal(0.1, 0.01))
_PARAMETERS = {
    "scales": uniform(0.5, 1.5),
    "mean": normal(0.5, 0.5),
    "variance": uniform(0.5, 4.0),
    "rolling_mean": normal(0.0, 0.5),
    "rolling_variance": uniform(0.25, 4.0),
}
_FORWARD = {**_PARAMETERS, "output": _DATA, "x": constant(77.0), "x_norm": constant(-77.0)}
_BACKWARD = {
    **_PARAMETERS,
    "delta": normal(0.01, 0.1),
    "x": normal(0.5, 1.5),
    "bias_updates": normal(0.0, 0.1),
    "scale_updates": normal(0.0, 0.1),
}
#: suffix of the name -> operation, training, fills, what a port gets wrong here.
_ASKED = {
    "": (FORWARD, True, _FORWARD, "A layer of real size: right on small arrays only"),
    "_inference": (FORWARD, False, _FORWARD, "Inference of a layer of real size: right on small arrays only"),
    "_backward": (BACKWARD, True, _BACKWARD, "Gradients of a layer of real size: right on small arrays only"),
}


@dataclass(frozen=True)
class Layer:
    """A layer of a network and the cases made of it; quick: asked without being named."""

    network: str
    index: int
    quick: bool
    cases: tuple[Case, ...]


def _layer(network: str, batch: int, index: int, geometry: tuple[int, int, int]) -> Layer:
    sizes, kind = " x ".join(map(str, geometry)), "CONVOLUTIONAL"
    cases = tuple(
        Case(f"{network}_layer_{index}{suffix}", operation, f"{fault} ({sizes}).",
             layer_fills(operation, kind, fills), (batch, *geometry), {"type": kind, "train": train})
        for suffix, (operation, train, fills, fault) in _ASKED.items()
    )  # fmt: skip
    return Layer(network, index, (network, index) in QUICK, cases)


NETWORK_LAYERS = tuple(
    _layer(network, batch, index, geometry)
    for network, (batch, layers) in LAYERS.items()
    for index, geometry in layers.items()
)
