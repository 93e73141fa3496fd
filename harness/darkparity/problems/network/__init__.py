"""DarkNet's own files: .cfg and .weights of a network, and its batch-normalized layers as they really are."""

from __future__ import annotations

from .cfg import Network, read_cfg
from .section import Layer, Part
from .weights import Weights, read_weights

__all__ = ["Layer", "Network", "Part", "Weights", "read_cfg", "read_weights"]
