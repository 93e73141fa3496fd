"""Other people's batch norms as implementations, each in its own dialect and each an optional package."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Adapter:
    """module: has a class `Adapter(device)`. needs: the package looked up. devices: for the user."""

    module: str
    needs: str
    install: str
    devices: tuple[str, ...] = ()


_PEERS = "pip install 'darkparity[peers]'"

ADAPTERS = {
    "torch-native": Adapter("torch_native", "torch", "pip install 'darkparity[torch]'", ("cpu", "cuda", "mps")),
    "onnxruntime": Adapter("onnxruntime", "onnxruntime", _PEERS),
    "flax": Adapter("flax", "flax", _PEERS),
    "keras": Adapter("keras", "keras", _PEERS),
    "opencv": Adapter("opencv", "cv2", "pip install 'darkparity[opencv]'"),
}
