"""A network of three batch-normalized layers, one of each kind, as files of DarkNet's."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from darkparity.problems.network.asking import OwnNetwork, open_network

CFG = """
[net]
height=12
width=9
channels=3
[convolutional]
batch_normalize=1
filters=5
size=3
pad=1
[batchnorm]
[connected]
batch_normalize=1
output=6
"""
FILES = ["--cfg", "net.cfg", "--weights", "net.weights"]
#: The arrays of CFG in file order.
WEIGHTS = [("biases", 5), ("scales", 5), ("mean", 5), ("variance", 5), ("kernels", 135),
           ("scales", 5), ("mean", 5), ("variance", 5),
           ("biases", 6), ("kernels", 3240), ("scales", 6), ("mean", 6), ("variance", 6)]  # fmt: skip


def saved_network(directory: Path) -> OwnNetwork:
    """Written and read: as after some training; one channel's variance is so small in every layer that
    epsilons show."""
    random = np.random.default_rng(5)
    drawn = {"variance": (random.uniform, 0.1, 2), "scales": (random.uniform, -2, 2)}
    numbers = []
    for name, size in WEIGHTS:
        draw, *limits = drawn.get(name, (random.normal, 0, 0.5))
        numbers.append(draw(*limits, size))
        if name == "variance":
            numbers[-1][0] = 2e-4
    (directory / "net.cfg").write_text(CFG)
    data = np.concatenate(numbers).astype("<f4").tobytes()
    (directory / "net.weights").write_bytes(struct.pack("<3iQ", 0, 2, 5, 64) + data)
    return open_network(directory / "net.cfg", directory / "net.weights")
