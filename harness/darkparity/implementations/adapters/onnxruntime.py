"""ONNX Runtime's BatchNormalization on the CPU, training_mode 0 and 1: dialect `onnx`, forward only."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.protocol import NotInstalled

ROW = DIALECTS["onnx"]
_OPSET = 15
_INPUTS = ("input", "scales", "biases", "rolling_mean", "rolling_variance")
_STATISTICS = ("rolling_mean_out", "rolling_variance_out")


class Adapter:
    """A model of one node, asked with each layer's arrays."""

    def __init__(self, _device: str = "") -> None:
        try:
            import onnx  # noqa: F401
            import onnxruntime
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[peers]'") from error
        self.DARKPARITY = dict(name="onnxruntime", dialect=ROW.name, labels=("affine",),
                               version=str(onnxruntime.__version__),
                               details=f"BatchNormalization {_OPSET}, CPUExecutionProvider")  # fmt: skip

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """What the node returns; the batch's mean and variance it keeps to itself: they are not observed."""
        start = input if type == "BATCHNORM" else output
        given = (start, scales, biases, rolling_mean, rolling_variance)
        model = _session(train, ROW.normalize.value, ROW.rolling.decay)
        got = model.run(None, dict(zip(_INPUTS, given, strict=True)))
        if train:
            return dict(zip(("output", "rolling_mean", "rolling_variance"), got, strict=True)) | {"x": start}
        return {"output": got[0], "x": start, "x_norm": x_norm, "mean": mean, "variance": variance,
                "rolling_mean": rolling_mean, "rolling_variance": rolling_variance}  # fmt: skip


@cache
def _session(train: bool, epsilon: float, momentum: float) -> Any:
    """A session that holds the node for one mode."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    model = _model(train, epsilon, momentum)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _model(train: bool, epsilon: float, momentum: float) -> bytes:
    from onnx import TensorProto, helper

    outputs = ("output", *(_STATISTICS if train else ()))
    node = helper.make_node("BatchNormalization", _INPUTS, outputs, epsilon=epsilon, momentum=momentum,
                            training_mode=int(train))  # fmt: skip
    shapes = {"input": ["batch", "channels", "spatial"], "output": ["batch", "channels", "spatial"]}
    typed = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes.get(name, ["channels"]))
             for name in (*_INPUTS, *outputs)}  # fmt: skip
    graph = helper.make_graph([node], "batchnorm", [typed[n] for n in _INPUTS], [typed[n] for n in outputs])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized
