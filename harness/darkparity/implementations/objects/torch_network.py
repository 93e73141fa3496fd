"""The batch norms of a PyTorch network, each asked alone with the state that it holds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from darkparity.implementations.binding import PortError

from . import framework_of
from .layer import STATE
from .torch_module import NAMES, batch_norms


@dataclass(frozen=True)
class TorchBatchNorm:
    """name: its path in the network. module: itself; never changed."""

    name: str
    module: Any

    @cached_property
    def _own(self) -> dict[str, str]:
        return {name: next(n for n in NAMES[name] if getattr(self.module, n, None) is not None) for name in STATE}

    @cached_property
    def state(self) -> Mapping[str, np.ndarray]:
        """scales, biases and rolling statistics by DarkNet's names, (channels,)."""
        return {name: _back(getattr(self.module, own)).reshape(-1) for name, own in self._own.items()}

    def forward(self, x: np.ndarray, shape: tuple[int, int, int, int], train: bool) -> dict[str, np.ndarray]:
        """`output`, and in training the rolling statistics afterwards. x: (batch, channels, spatial)."""
        import torch

        module = copy.deepcopy(self.module).train(train)
        device = getattr(module, self._own["scales"]).device
        with torch.no_grad():
            out = _back(module(torch.from_numpy(x.reshape(shape).copy()).to(device))).reshape(x.shape)
        moved = {n: _back(getattr(module, self._own[n])).reshape(-1) for n in STATE[2:]} if train else {}
        return {"output": out, **moved}


def batch_norms_of(target: Any, name: str) -> list[TorchBatchNorm]:
    """Those of a module, or of what a function without arguments makes, in order of definition. Raises PortError."""
    network = target
    if framework_of(target) is None or isinstance(target, type):
        if not callable(target):
            raise PortError(
                f"{name} is a {type(target).__name__}, needs a torch.nn.Module or a function that makes one"
            )
        try:
            network = target()
        except Exception as error:
            raise PortError(f"{name}() raised {type(error).__name__}: {error}") from error
    if framework_of(network) is None:
        raise PortError(f"{name}() made a {type(network).__name__}, needs a torch.nn.Module")
    return [TorchBatchNorm(path, network.get_submodule(path)) for path in batch_norms(network)]


def _back(tensor: Any) -> np.ndarray:
    return np.array(tensor.detach().cpu().numpy(), np.float32)
