"""A torch.nn.Module as it is: state by PyTorch's names, settings read from it, gradients by autograd."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS, Dialect
from darkparity.implementations.binding import PortError
from darkparity.implementations.protocol import NotOffered

from .layer import STATE, DifferentiableLayer, FrameworkLayer, Parameters
from .making import Made

#: DarkNet's names -> names that PyTorch code gives the same tensors, most usual first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "scales": ("weight", "gamma", "scale", "scales"),
    "biases": ("bias", "beta", "offset", "biases", "shift"),
    "rolling_mean": ("running_mean", "moving_mean", "rolling_mean", "mean"),
    "rolling_variance": ("running_var", "moving_var", "running_variance", "moving_variance", "rolling_variance", "var"),
}
_EPSILON, _MOMENTUM = ("eps", "epsilon"), ("momentum",)
#: Axes behind (batch, channels) that are tried, in this order: BatchNorm2d, 1d, 3d.
_RANKS = (2, 1, 3)


def wrap(made: Made) -> FrameworkLayer:
    """The module's layer functions. Raises PortError where it is no batch norm, with the batch norms inside it."""
    found = tensors_of(made.example)
    missing = [name for name in STATE if name not in found]
    if missing:
        raise PortError(_no_batch_norm(made, missing))
    return TorchModule(made)


def tensors_of(module: Any) -> dict[str, str]:
    """DarkNet's name -> the module's own, of the tensors that it has."""
    held = {**module._parameters, **module._buffers}
    return {
        name: own for name, owns in NAMES.items() if (own := next((n for n in owns if held.get(n) is not None), None))
    }


def batch_norms(module: Any) -> Iterator[str]:
    """Paths of the batch norms inside a module."""
    return (path for path, inner in module.named_modules() if path and len(tensors_of(inner)) == len(STATE))


def _no_batch_norm(made: Made, missing: list[str]) -> str:
    inside = list(batch_norms(made.example))
    if inside:
        return f"{made.name} holds {len(inside)} batch norms; name one: {made.name}.{inside[0]}"
    wanted = ", ".join(f"{NAMES[name][0]} ({name})" for name in missing)
    return f"{made.name} is no batch norm: it has no tensor {wanted}"


def _setting(module: Any, names: tuple[str, ...]) -> Any:
    return next((getattr(module, name) for name in names if hasattr(module, name)), None)


def _stated(made: Made) -> tuple[Dialect, str]:
    """What the module says of its batch norm, and what it does not say."""
    said = {"epsilon": _setting(made.example, _EPSILON), "momentum": _setting(made.example, _MOMENTUM)}
    words = {name: value for name, value in said.items() if value is not None}
    row = Dialect.based_on("pytorch", **words) if words else DIALECTS["pytorch"]
    silent = [name for name in said if name not in words]
    return row, f"; states no {' and no '.join(silent)}" if silent else ""


class TorchModule(DifferentiableLayer):
    """One module, filled anew for every call; its constants are those that it states."""

    def __init__(self, made: Made) -> None:
        import torch

        self._torch, self._made, self._names = torch, made, tensors_of(made.example)
        row, silent = _stated(made)
        super().__init__(made.name, row, str(torch.__version__), f"{_kind(made.example)} as {row}{silent}")

    def forward(self, train: bool, x: np.ndarray, given: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The module in training or evaluation mode."""
        if train and getattr(self._made.example, "momentum", "") is None:
            raise NotOffered("momentum None: its rolling statistics are the mean of all batches so far")
        module = self._filled(given, x.shape[1]).train(train)
        with self._torch.no_grad():
            out = self._apply(module, self._moved(x))
        rolling_mean, rolling_variance = (of_channels(self._held(module, name)) for name in STATE[2:])
        return back(out), rolling_mean, rolling_variance

    def backward(
        self, train: bool, x: np.ndarray, delta: np.ndarray, given: Parameters
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By autograd."""
        module = self._filled(given, x.shape[1]).train(train)
        start = self._moved(x).requires_grad_()
        weights = [self._held(module, name) for name in STATE[:2]]
        if not all(weight.requires_grad for weight in weights):
            raise NotOffered("its weight and bias are no parameters, so they have no gradient")
        out = self._apply(module, start)
        found = self._torch.autograd.grad(out, [start, *weights], self._moved(delta).reshape(out.shape))
        return back(found[0]), of_channels(found[1]), of_channels(found[2])

    def _filled(self, given: Parameters, channels: int) -> Any:
        """A module that holds the given state; a buffer or parameter of another size is replaced."""
        module = self._made.fresh(channels) if self._made.sized else copy.deepcopy(self._made.example)
        if getattr(module, "num_features", channels) != channels:
            module.num_features = channels
        for name, own in self._names.items():
            value = self._moved(getattr(given, name)).reshape(self._shape(own, channels))
            parameter = own in module._parameters
            held = self._torch.nn.Parameter(value, module._parameters[own].requires_grad) if parameter else value
            (module._parameters if parameter else module._buffers)[own] = held
        return module

    def _shape(self, own: str, channels: int) -> tuple[int, ...]:
        """Of a tensor of so many channels: (1, C, 1, 1) where the module has it so."""
        held = getattr(self._made.example, own)
        return tuple(channels if size == held.numel() and size > 1 else size for size in held.shape) or (channels,)

    def _held(self, module: Any, name: str) -> Any:
        return getattr(module, self._names[name])

    def _apply(self, module: Any, x: Any) -> Any:
        return module(x.reshape(*x.shape[:2], *[1] * (self._rank - 1), x.shape[2])).reshape(x.shape)

    @cached_property
    def _rank(self) -> int:
        """How many axes the module takes behind (batch, channels)."""
        channels = int(getattr(self._made.example, self._names["scales"]).numel())
        module = copy.deepcopy(self._made.example).eval()
        for rank in _RANKS:
            try:
                with self._torch.no_grad():
                    module(self._moved(np.zeros((2, channels, *[2] * rank), np.float32)))
                return rank
            except Exception:  # another shape is wanted
                continue
        raise PortError(
            f"{self._made.name} takes neither (N, C, H, W) nor (N, C, L) nor (N, C, D, H, W), C = {channels}"
        )

    def _moved(self, array: np.ndarray) -> Any:
        device = getattr(self._made.example, self._names["scales"]).device
        return self._torch.from_numpy(np.array(array, copy=True)).to(device)


def _kind(module: Any) -> str:
    """Its class, with the module that it comes from."""
    return f"{type(module).__module__}.{type(module).__qualname__}"


def back(tensor: Any) -> np.ndarray:
    """float32, in the processor's memory, a copy."""
    return np.array(tensor.detach().cpu().numpy(), np.float32)


def of_channels(tensor: Any) -> np.ndarray:
    """Shape (channels,), however the module shapes it."""
    return back(tensor).reshape(-1)
